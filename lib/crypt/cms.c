/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "crypt/cms.h"

#include "base/file.h"
#include "base/secret.h"
#include "crypt/certificate_internal.h"
#include "crypt/cms_read.h"
#include "crypt/der.h"
#include "crypt/digest.h"
#include "crypt/external_key.h"

#include <gnutls/abstract.h>
#include <gnutls/pkcs7.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define OID_SIGNING_TIME "1.2.840.113549.1.9.5"                 /* RFC 5652 11.3 */
#define OID_SIGNING_CERTIFICATE_V2 "1.2.840.113549.1.9.16.2.47" /* RFC 5035 3 */
#define KEY_FILE_MAX 16384
#define ATTRIBUTES_MAX 4096
#define SIGNER_MAX 16384 /* a signer with the certificate */
#define YEAR_LAST 9999   /* what GeneralizedTime can write */

struct cms_key {
    gnutls_privkey_t handle;
};

result cms_key_from_file(const char *path, cms_key **out) {
    buffer content = BUFFER_SECRET(KEY_FILE_MAX);
    *out = NULL;
    result code = file_read_secret(path, &content);
    gnutls_datum_t in = {content.data, (unsigned)content.length};
    cms_key *key = code == RESULT_OK ? calloc(1, sizeof *key) : NULL;
    if (code == RESULT_OK && (key == NULL || gnutls_privkey_init(&key->handle) != 0))
        code = RESULT_NO_MEMORY;
    if (code == RESULT_OK && gnutls_privkey_import_x509_raw(key->handle, &in, GNUTLS_X509_FMT_PEM, NULL, 0) != 0)
        code = RESULT_INVALID;
    buffer_wipe(&content);
    if (code != RESULT_OK)
        cms_key_free(&key);
    *out = key;
    return code;
}

void cms_key_free(cms_key **key) {
    if (*key == NULL)
        return;
    if ((*key)->handle != NULL)
        gnutls_privkey_deinit((*key)->handle);
    free(*key);
    *key = NULL;
}

static result sign_with_file_key(void *context, bytes message, buffer *signature) {
    gnutls_datum_t in = {(unsigned char *)(uintptr_t)message.data, (unsigned)message.length}, out = {NULL, 0};
    if (gnutls_privkey_sign_data2(((cms_key *)context)->handle, GNUTLS_SIGN_RSA_SHA256, 0, &in, &out) != 0)
        return RESULT_INTERNAL;
    result code = buffer_append(signature, bytes_of(out.data, out.size));
    gnutls_free(out.data);
    return code;
}

result cms_key_sign(cms_key *key, bytes data, buffer *signature) {
    return sign_with_file_key(key, data, signature);
}

cms_signer cms_key_signer(cms_key *key, const certificate *c) {
    return (cms_signer){c, sign_with_file_key, key};
}

/* SigningCertificateV2 with one ESSCertIDv2, whose hashAlgorithm is SHA-256 by default (RFC 5035 4). */
static result add_signing_certificate(gnutls_pkcs7_attrs_t *attributes, const certificate *c) {
    uint8_t der[40] = {0x30, 0x26, 0x30, 0x24, 0x30, 0x22, 0x04, 0x20};
    gnutls_datum_t value = {der, sizeof der};
    memcpy(der + 8, certificate_fingerprint(c), CRYPT_SHA256_LENGTH);
    return gnutls_pkcs7_add_attr(attributes, OID_SIGNING_CERTIFICATE_V2, &value, 0) == 0 ? RESULT_OK : RESULT_INTERNAL;
}

/* UTCTime until 2049, from 2050 on GeneralizedTime (RFC 5652 11.3). */
static result add_signing_time(gnutls_pkcs7_attrs_t *attributes, int64_t at) {
    char full[16]; /* YYYYMMDDhhmmssZ; UTCTime is the same without the century */
    uint8_t der[2 + 15];
    time_t seconds = (time_t)at;
    struct tm parts;
    if (gmtime_r(&seconds, &parts) == NULL || parts.tm_year < 70 || parts.tm_year > YEAR_LAST - 1900 ||
        strftime(full, sizeof full, "%Y%m%d%H%M%SZ", &parts) != 15)
        return RESULT_INVALID;
    const bool utc = parts.tm_year < 150;
    const size_t length = utc ? 13 : 15;
    der[0] = utc ? DER_UTC_TIME : DER_GENERALIZED_TIME;
    der[1] = (uint8_t)length;
    memcpy(der + 2, full + 15 - length, length);
    gnutls_datum_t value = {der, (unsigned)(2 + length)};
    return gnutls_pkcs7_add_attr(attributes, OID_SIGNING_TIME, &value, 0) == 0 ? RESULT_OK : RESULT_INTERNAL;
}

/* With a placeholder for the signature. */
static result add_signer(gnutls_pkcs7_t message, bytes content, bool detached, const cms_signer *signer, int64_t at,
                         external_key *foreign) {
    gnutls_pkcs7_attrs_t attributes = NULL;
    gnutls_privkey_t key;
    gnutls_datum_t data = {(unsigned char *)(uintptr_t)content.data, (unsigned)content.length};
    unsigned flags = GNUTLS_PKCS7_INCLUDE_CERT | (detached ? 0 : GNUTLS_PKCS7_EMBED_DATA);
    *foreign = (external_key){.sign = signer->sign, .context = signer->context, .public_key = signer->certificate->key};
    if (gnutls_privkey_init(&key) != 0)
        return RESULT_NO_MEMORY;
    result code = external_key_import(key, foreign);
    if (code == RESULT_OK)
        code = add_signing_certificate(&attributes, signer->certificate);
    if (code == RESULT_OK)
        code = add_signing_time(&attributes, at);
    if (code == RESULT_OK && gnutls_pkcs7_sign(message, signer->certificate->handle, key, &data, attributes, NULL,
                                               GNUTLS_DIG_SHA256, flags) != 0)
        code = RESULT_INTERNAL;
    gnutls_pkcs7_attrs_deinit(attributes);
    gnutls_privkey_deinit(key);
    return code;
}

/* The placeholder identifies the signer whose attributes are to be signed. */
static result sign_for_good(const external_key *foreign, buffer *der) {
    cms_signed_data data;
    buffer attributes = BUFFER_INIT(ATTRIBUTES_MAX);
    result code = cms_read(buffer_bytes(der), &data);
    for (size_t i = 0; code == RESULT_OK && i < data.signer_count; i++)
        if (bytes_equal(data.signers[i].signature, BYTES(foreign->placeholder)))
            code = cms_attributes_as_signed(&data.signers[i], &attributes);
    if (code == RESULT_OK)
        code = external_key_sign(foreign, buffer_bytes(&attributes), der);
    buffer_wipe(&attributes);
    return code;
}

result cms_sign(bytes content, bool detached, const cms_signer *signers, size_t count, int64_t at, buffer *der) {
    external_key keys[CMS_SIGNERS_MAX];
    gnutls_pkcs7_t message;
    gnutls_datum_t out = {NULL, 0};
    buffer made = BUFFER_INIT(content.length + count * SIGNER_MAX);
    if (count == 0 || count > CMS_SIGNERS_MAX || content.length == 0)
        return RESULT_INVALID;
    if (gnutls_pkcs7_init(&message) != 0)
        return RESULT_NO_MEMORY;
    result code = RESULT_OK;
    for (size_t i = 0; i < count && code == RESULT_OK; i++)
        code = add_signer(message, content, detached, &signers[i], at, &keys[i]);
    if (code == RESULT_OK && gnutls_pkcs7_export2(message, GNUTLS_X509_FMT_DER, &out) != 0)
        code = RESULT_INTERNAL;
    if (code == RESULT_OK)
        code = buffer_append(&made, bytes_of(out.data, out.size));
    for (size_t i = 0; i < count && code == RESULT_OK; i++)
        code = sign_for_good(&keys[i], &made);
    if (code == RESULT_OK)
        code = buffer_append(der, buffer_bytes(&made));
    gnutls_free(out.data);
    buffer_wipe(&made);
    gnutls_pkcs7_deinit(message);
    return code;
}
