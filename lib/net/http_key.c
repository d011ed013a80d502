/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "net/http_key.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/urls.h>
#include <stdbool.h>
#include <string.h>

#define CERTIFICATE_MAX 16384
#define SIGNATURE_MAX 1024 /* RSA-8192 */

static const http_key *offered;
static _Thread_local result outcome;

void http_key_begin(void) {
    outcome = RESULT_OK;
}

result http_key_outcome(void) {
    return outcome;
}

/* gnutls_privkey_sign_hash_func */
static int sign(gnutls_privkey_t unused, gnutls_sign_algorithm_t algorithm, void *context, unsigned flags,
                const gnutls_datum_t *digest, gnutls_datum_t *signature) {
    (void)unused, (void)context, (void)flags;
    if (offered == NULL || algorithm != GNUTLS_SIGN_RSA_PSS_RSAE_SHA256 || digest->size != HTTP_KEY_DIGEST_LENGTH)
        return GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
    buffer made = BUFFER_INIT(SIGNATURE_MAX);
    outcome = offered->sign(offered->context, digest->data, &made);
    int status = outcome == RESULT_OK ? 0 : GNUTLS_E_PK_SIGN_FAILED;
    signature->data = status == 0 ? gnutls_malloc(made.length) : NULL;
    if (status == 0 && signature->data == NULL)
        status = GNUTLS_E_MEMORY_ERROR;
    if (status == 0) {
        memcpy(signature->data, made.data, made.length);
        signature->size = (unsigned)made.length;
    }
    buffer_wipe(&made);
    return status;
}

/* gnutls_privkey_info_func */
static int describe(gnutls_privkey_t unused, unsigned flags, void *context) {
    (void)unused, (void)context;
    if (flags & GNUTLS_PRIVKEY_INFO_PK_ALGO)
        return GNUTLS_PK_RSA;
    if (flags & GNUTLS_PRIVKEY_INFO_PK_ALGO_BITS)
        return offered != NULL ? (int)offered->bits : 0;
    /* Only this algorithm: otherwise GnuTLS makes one more signature to check that key and certificate fit. */
    if (flags & GNUTLS_PRIVKEY_INFO_HAVE_SIGN_ALGO)
        return GNUTLS_FLAGS_TO_SIGN_ALGO(flags) == GNUTLS_SIGN_RSA_PSS_RSAE_SHA256;
    return -1;
}

static int import_key(gnutls_privkey_t key, const char *url, unsigned flags) {
    (void)url, (void)flags;
    return offered == NULL ? GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE
                           : gnutls_privkey_import_ext4(key, NULL, NULL, sign, NULL, NULL, describe, 0);
}

static int import_certificate(gnutls_x509_crt_t certificate, const char *url, unsigned flags) {
    (void)url, (void)flags;
    if (offered == NULL)
        return GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
    buffer der = BUFFER_INIT(CERTIFICATE_MAX);
    outcome = offered->certificate(offered->context, &der);
    const gnutls_datum_t datum = {der.data, (unsigned)der.length};
    const int status = outcome == RESULT_OK ? gnutls_x509_crt_import(certificate, &datum, GNUTLS_X509_FMT_DER)
                                            : GNUTLS_E_FILE_ERROR;
    buffer_wipe(&der);
    return status;
}

/* GnuTLS keeps the pointer, and a URL cannot be unregistered. */
static const gnutls_custom_url_st scheme = {
    .name = HTTP_KEY_OF_CALLER,
    .name_size = sizeof HTTP_KEY_OF_CALLER - 1,
    .import_key = import_key,
    .import_crt = import_certificate,
};

result http_key_offer(const http_key *key) {
    static bool known;
    if (key != NULL && !known && gnutls_register_custom_url(&scheme) < 0)
        return RESULT_INTERNAL;
    known = known || key != NULL;
    offered = key;
    return RESULT_OK;
}
