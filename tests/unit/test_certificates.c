/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test_certificates.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#define MUST(call)                                                                                                     \
    do {                                                                                                               \
        int code_ = (call);                                                                                            \
        if (code_ < 0) {                                                                                               \
            fprintf(stderr, "%s: %s\n", #call, gnutls_strerror(code_));                                                \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

char *test_path(const char *folder, const char *name) {
    static char path[4][160];
    static int turn;
    char *p = path[turn++ % 4];
    snprintf(p, sizeof path[0], "%s/%s", folder, name);
    return p;
}

void test_identity_make(test_identity *out, const test_profile *profile, const test_identity *issuer,
                        gnutls_x509_privkey_t key) {
    uint8_t serial[] = {(uint8_t)(profile->serial >> 24), (uint8_t)(profile->serial >> 16),
                        (uint8_t)(profile->serial >> 8), (uint8_t)profile->serial};
    const char *error;
    out->key = key;
    if (key == NULL) {
        MUST(gnutls_x509_privkey_init(&out->key));
        MUST(gnutls_x509_privkey_generate(out->key, GNUTLS_PK_RSA, 2048, 0));
    }
    MUST(gnutls_x509_crt_init(&out->certificate));
    MUST(gnutls_x509_crt_set_version(out->certificate, 3));
    MUST(gnutls_x509_crt_set_dn(out->certificate, profile->dn, &error));
    MUST(gnutls_x509_crt_set_serial(out->certificate, serial, sizeof serial));
    MUST(gnutls_x509_crt_set_activation_time(out->certificate, profile->not_before));
    MUST(gnutls_x509_crt_set_expiration_time(out->certificate, profile->not_after));
    MUST(gnutls_x509_crt_set_key(out->certificate, out->key));
    const bool authority = issuer == NULL || (profile->usage & GNUTLS_KEY_KEY_CERT_SIGN) != 0;
    MUST(gnutls_x509_crt_set_basic_constraints(out->certificate, authority, -1));
    MUST(gnutls_x509_crt_set_key_usage(out->certificate, profile->usage));
    if (profile->purpose != NULL)
        MUST(gnutls_x509_crt_set_key_purpose_oid(out->certificate, profile->purpose, 0));
    const test_identity *by = issuer != NULL ? issuer : out;
    MUST(gnutls_x509_crt_sign2(out->certificate, by->certificate, by->key, GNUTLS_DIG_SHA256, 0));
    MUST(gnutls_x509_crt_export2(out->certificate, GNUTLS_X509_FMT_DER, &out->der));
}

void test_identity_free(test_identity *identity) {
    gnutls_x509_crt_deinit(identity->certificate);
    gnutls_x509_privkey_deinit(identity->key);
    gnutls_free(identity->der.data);
}

static void write_datum(const char *path, gnutls_datum_t *data) {
    FILE *file = fopen(path, "w");
    assert(file != NULL);
    assert(fwrite(data->data, 1, data->size, file) == data->size);
    fclose(file);
    gnutls_free(data->data);
}

void test_identity_write(const test_identity *identity, const char *certificate_path, const char *key_path) {
    gnutls_datum_t out = {NULL, 0};
    MUST(gnutls_x509_crt_export2(identity->certificate, GNUTLS_X509_FMT_PEM, &out));
    write_datum(certificate_path, &out);
    if (key_path == NULL)
        return;
    MUST(gnutls_x509_privkey_export2_pkcs8(identity->key, GNUTLS_X509_FMT_PEM, NULL, 0, &out));
    write_datum(key_path, &out);
    MUST(chmod(key_path, 0600));
}

void test_revocation_write(const test_identity *issuer, const test_identity *revoked, const char *path) {
    gnutls_x509_crl_t list;
    gnutls_datum_t out = {NULL, 0};
    uint8_t number = 1;
    MUST(gnutls_x509_crl_init(&list));
    MUST(gnutls_x509_crl_set_version(list, 2));
    MUST(gnutls_x509_crl_set_this_update(list, time(NULL) - 3600));
    MUST(gnutls_x509_crl_set_next_update(list, time(NULL) + 86400));
    MUST(gnutls_x509_crl_set_number(list, &number, 1));
    MUST(gnutls_x509_crl_set_crt(list, revoked->certificate, time(NULL) - 60));
    MUST(gnutls_x509_crl_sign2(list, issuer->certificate, issuer->key, GNUTLS_DIG_SHA256, 0));
    MUST(gnutls_x509_crl_export2(list, GNUTLS_X509_FMT_PEM, &out));
    write_datum(path, &out);
    gnutls_x509_crl_deinit(list);
}
