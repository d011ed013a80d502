/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "crypt/request.h"

#include "crypt/der.h"
#include "crypt/external_key.h"
#include "crypt/key_rule.h"

#include <gnutls/x509.h>
#include <string.h>

#define REQUEST_MAX 4096

static gnutls_datum_t datum(bytes b) {
    return (gnutls_datum_t){(unsigned char *)(uintptr_t)b.data, (unsigned)b.length};
}

/* CertificationRequest (RFC 2986 4.2): its first part is signed. */
static result sign_for_good(const external_key *foreign, buffer *der) {
    result failed;
    der_reader outside = der_over(buffer_bytes(der), &failed), request = der_enter(&outside, DER_SEQUENCE);
    const bytes information = der_take_whole(&request, DER_SEQUENCE);
    return failed == RESULT_OK ? external_key_sign(foreign, information, der) : RESULT_INTERNAL;
}

static result sign(gnutls_x509_crq_t request, const request_key *key, gnutls_pubkey_t public_key, buffer *der) {
    external_key foreign = {.sign = key->sign, .context = key->context, .public_key = public_key};
    gnutls_privkey_t private_key;
    gnutls_datum_t out = {NULL, 0};
    if (gnutls_privkey_init(&private_key) != 0)
        return RESULT_NO_MEMORY;
    result code = external_key_import(private_key, &foreign);
    if (code == RESULT_OK && (gnutls_x509_crq_privkey_sign(request, private_key, GNUTLS_DIG_SHA256, 0) != 0 ||
                              gnutls_x509_crq_export2(request, GNUTLS_X509_FMT_DER, &out) != 0))
        code = RESULT_INTERNAL;
    if (code == RESULT_OK)
        code = buffer_append(der, bytes_of(out.data, out.size));
    if (code == RESULT_OK)
        code = sign_for_good(&foreign, der);
    gnutls_free(out.data);
    gnutls_privkey_deinit(private_key);
    return code;
}

static result fill_and_sign(gnutls_x509_crq_t request, const request_key *key, const char *common_name,
                            gnutls_pubkey_t public_key, buffer *der) {
    const gnutls_datum_t modulus = datum(key->modulus), exponent = datum(key->exponent);
    const unsigned length = (unsigned)strlen(common_name);
    const result fit = key_rule_check_rsa(key->modulus, key->exponent);
    if (fit != RESULT_OK)
        return fit;
    if (gnutls_pubkey_import_rsa_raw(public_key, &modulus, &exponent) != 0 ||
        gnutls_x509_crq_set_pubkey(request, public_key) != 0 ||
        gnutls_x509_crq_set_version(request, 1) != 0 || /* RFC 2986 4.1: version 1, which is written as 0 */
        gnutls_x509_crq_set_dn_by_oid(request, GNUTLS_OID_X520_COMMON_NAME, 0, common_name, length) != 0)
        return RESULT_INVALID;
    return sign(request, key, public_key, der);
}

result request_make(const request_key *key, const char *common_name, buffer *pem) {
    gnutls_x509_crq_t request;
    gnutls_pubkey_t public_key;
    gnutls_datum_t out = {NULL, 0};
    buffer der = BUFFER_INIT(REQUEST_MAX);
    if (gnutls_x509_crq_init(&request) != 0)
        return RESULT_NO_MEMORY;
    if (gnutls_pubkey_init(&public_key) != 0) {
        gnutls_x509_crq_deinit(request);
        return RESULT_NO_MEMORY;
    }
    result code = fill_and_sign(request, key, common_name, public_key, &der);
    const gnutls_datum_t raw = datum(buffer_bytes(&der));
    if (code == RESULT_OK && gnutls_pem_base64_encode2("NEW CERTIFICATE REQUEST", &raw, &out) != 0)
        code = RESULT_INTERNAL;
    if (code == RESULT_OK)
        code = buffer_append(pem, bytes_of(out.data, out.size));
    gnutls_free(out.data);
    buffer_wipe(&der);
    gnutls_pubkey_deinit(public_key);
    gnutls_x509_crq_deinit(request);
    return code;
}
