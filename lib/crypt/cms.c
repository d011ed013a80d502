#include "crypt/cms.h"

#include "base/file.h"
#include "base/secret.h"
#include "crypt/certificate_handle.h"
#include "crypt/digest.h"
#include "crypt/foreign_key.h"

#include <gnutls/abstract.h>
#include <gnutls/pkcs7.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define OID_SIGNING_TIME "1.2.840.113549.1.9.5"               /* RFC 5652 11.3 */
#define OID_SIGNING_CERTIFICATE_V2 "1.2.840.113549.1.9.16.2.47" /* RFC 5035 3 */
#define KEY_FILE_MOST 16384
#define CERTIFICATES_MOST 16

struct cms_key {
    gnutls_privkey_t handle;
};

result cms_key_from_file(const char *path, cms_key **out) {
    buffer content = BUFFER_INIT(KEY_FILE_MOST);
    *out = NULL;
    result code = file_read(path, &content);
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

static result sign_digest_with_file_key(void *context, const uint8_t digest[CRYPT_SHA256_LENGTH], buffer *signature) {
    gnutls_datum_t in = {(unsigned char *)(uintptr_t)digest, CRYPT_SHA256_LENGTH}, out = {NULL, 0};
    if (gnutls_privkey_sign_hash2(((cms_key *)context)->handle, GNUTLS_SIGN_RSA_SHA256, 0, &in, &out) != 0)
        return RESULT_INTERNAL;
    result code = buffer_append(signature, bytes_of(out.data, out.size));
    gnutls_free(out.data);
    return code;
}

result cms_key_sign(cms_key *key, bytes data, buffer *signature) {
    uint8_t digest[CRYPT_SHA256_LENGTH];
    result code = crypt_sha256(data, digest);
    return code == RESULT_OK ? sign_digest_with_file_key(key, digest, signature) : code;
}

cms_signer cms_key_signer(cms_key *key, const certificate *c) {
    return (cms_signer){c, sign_digest_with_file_key, key};
}

/* --- signing -------------------------------------------------------------------------------------------------------- */

/* SigningCertificateV2 with one ESSCertIDv2, whose hashAlgorithm is SHA-256 by default (RFC 5035 4). */
static result add_signing_certificate(gnutls_pkcs7_attrs_t *attributes, const certificate *c) {
    uint8_t der[40] = {0x30, 0x26, 0x30, 0x24, 0x30, 0x22, 0x04, 0x20};
    result code = crypt_sha256(certificate_der(c), der + 8);
    gnutls_datum_t value = {der, sizeof der};
    if (code == RESULT_OK && gnutls_pkcs7_add_attr(attributes, OID_SIGNING_CERTIFICATE_V2, &value, 0) != 0)
        code = RESULT_INTERNAL;
    return code;
}

/* UTCTime, as RFC 5652 11.3 wants it until 2049. */
static result add_signing_time(gnutls_pkcs7_attrs_t *attributes, int64_t at) {
    char full[16]; /* YYYYMMDDhhmmssZ; UTCTime is the same without the century */
    uint8_t der[2 + 13] = {0x17, 13};
    time_t seconds = (time_t)at;
    struct tm parts;
    if (gmtime_r(&seconds, &parts) == NULL || parts.tm_year < 70 || parts.tm_year >= 150 ||
        strftime(full, sizeof full, "%Y%m%d%H%M%SZ", &parts) != 15)
        return RESULT_INVALID;
    memcpy(der + 2, full + 2, 13);
    gnutls_datum_t value = {der, sizeof der};
    return gnutls_pkcs7_add_attr(attributes, OID_SIGNING_TIME, &value, 0) == 0 ? RESULT_OK : RESULT_INTERNAL;
}

static result add_signer(gnutls_pkcs7_t message, bytes content, bool detached, const cms_signer *signer, int64_t at) {
    foreign_key foreign = {signer->sign_digest, signer->context, RESULT_OK};
    gnutls_pkcs7_attrs_t attributes = NULL;
    gnutls_privkey_t key;
    gnutls_datum_t data = {(unsigned char *)(uintptr_t)content.data, (unsigned)content.length};
    unsigned flags = GNUTLS_PKCS7_INCLUDE_CERT | (detached ? 0 : GNUTLS_PKCS7_EMBED_DATA);
    if (gnutls_privkey_init(&key) != 0)
        return RESULT_NO_MEMORY;
    result code = foreign_key_import(key, &foreign);
    if (code == RESULT_OK)
        code = add_signing_certificate(&attributes, signer->certificate);
    if (code == RESULT_OK)
        code = add_signing_time(&attributes, at);
    if (code == RESULT_OK && gnutls_pkcs7_sign(message, signer->certificate->handle, key, &data, attributes, NULL,
                                               GNUTLS_DIG_SHA256, flags) != 0)
        code = foreign.code != RESULT_OK ? foreign.code : RESULT_INTERNAL;
    gnutls_pkcs7_attrs_deinit(attributes);
    gnutls_privkey_deinit(key);
    return code;
}

result cms_sign(bytes content, bool detached, const cms_signer *signers, size_t count, int64_t at, buffer *der) {
    gnutls_pkcs7_t message;
    gnutls_datum_t out = {NULL, 0};
    if (count == 0 || count > CMS_SIGNERS_MOST || content.length == 0)
        return RESULT_INVALID;
    if (gnutls_pkcs7_init(&message) != 0)
        return RESULT_NO_MEMORY;
    result code = RESULT_OK;
    for (size_t i = 0; i < count && code == RESULT_OK; i++)
        code = add_signer(message, content, detached, &signers[i], at);
    if (code == RESULT_OK && gnutls_pkcs7_export2(message, GNUTLS_X509_FMT_DER, &out) != 0)
        code = RESULT_INTERNAL;
    if (code == RESULT_OK)
        code = buffer_append(der, bytes_of(out.data, out.size));
    gnutls_free(out.data);
    gnutls_pkcs7_deinit(message);
    return code;
}

/* --- verifying ------------------------------------------------------------------------------------------------------ */

/* Those that can be read, once each: signers are looked for among them. */
typedef struct enclosed {
    certificate *list[CERTIFICATES_MOST];
    size_t count;
} enclosed;

static void read_enclosed(gnutls_pkcs7_t message, enclosed *out) {
    int count = gnutls_pkcs7_get_crt_count(message);
    for (int i = 0; i < count && i < CERTIFICATES_MOST; i++) {
        gnutls_datum_t der = {NULL, 0};
        if (gnutls_pkcs7_get_crt_raw2(message, (unsigned)i, &der) != 0)
            continue;
        if (certificate_new(bytes_of(der.data, der.size), &out->list[out->count]) == RESULT_OK)
            out->count++;
        gnutls_free(der.data);
    }
}

static void free_enclosed(enclosed *all) {
    for (size_t i = 0; i < all->count; i++)
        certificate_free(&all->list[i]);
}

static bool is_signer(const certificate *c, const gnutls_pkcs7_signature_info_st *info) {
    gnutls_datum_t issuer = {NULL, 0};
    uint8_t serial[64];
    size_t length = sizeof serial;
    bool same = gnutls_x509_crt_get_raw_issuer_dn(c->handle, &issuer) == 0 &&
                gnutls_x509_crt_get_serial(c->handle, serial, &length) == 0 &&
                bytes_equal(bytes_of(issuer.data, issuer.size), bytes_of(info->issuer_dn.data, info->issuer_dn.size)) &&
                bytes_equal(bytes_of(serial, length), bytes_of(info->signer_serial.data, info->signer_serial.size));
    gnutls_free(issuer.data);
    return same;
}

/* The certificate inside the message that the signer's issuer and serial name (RFC 5652 5.3, sid). It becomes the
 * caller's; for a second signature of the same signer it is read again. */
static result find_signer(enclosed *all, const cms_message *earlier, const gnutls_pkcs7_signature_info_st *info,
                          certificate **found) {
    for (size_t i = 0; i < all->count; i++)
        if (all->list[i] != NULL && is_signer(all->list[i], info)) {
            *found = all->list[i];
            all->list[i] = NULL;
            return RESULT_OK;
        }
    for (size_t i = 0; i < earlier->count; i++)
        if (is_signer(earlier->signers[i], info))
            return certificate_new(certificate_der(earlier->signers[i]), found);
    return RESULT_NOT_FOUND;
}

static result verify_signer(gnutls_pkcs7_t message, unsigned index, bytes detached, enclosed *all, cms_message *out) {
    gnutls_pkcs7_signature_info_st info = {0};
    gnutls_datum_t content = {(unsigned char *)(uintptr_t)detached.data, (unsigned)detached.length};
    if (gnutls_pkcs7_get_signature_info(message, index, &info) != 0)
        return RESULT_INVALID;
    result code = info.algo == GNUTLS_SIGN_RSA_SHA256 ? find_signer(all, out, &info, &out->signers[index]) : RESULT_UNSUPPORTED;
    if (code == RESULT_OK) {
        out->count = index + 1;
        out->signing_time[index] = info.signing_time;
        const gnutls_datum_t *data = detached.data != NULL ? &content : NULL;
        /* No time checks: GnuTLS would judge by now; validity at the time that counts is trust_check's. It takes both
         * flags together (3.7.9). */
        const unsigned flags = GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS;
        if (gnutls_pkcs7_verify_direct(message, out->signers[index]->handle, index, data, flags) != 0)
            code = RESULT_BAD_SIGNATURE;
    }
    gnutls_pkcs7_signature_info_deinit(&info);
    if (code == RESULT_NOT_FOUND || code == RESULT_UNSUPPORTED) {
        out->problem = code == RESULT_NOT_FOUND ? CMS_CERTIFICATE_MISSING : CMS_ALGORITHM;
        code = RESULT_BAD_SIGNATURE;
    }
    return code;
}

static result take_content(gnutls_pkcs7_t message, bytes detached, cms_message *out) {
    gnutls_datum_t content = {NULL, 0};
    int embedded = gnutls_pkcs7_get_embedded_data(message, 0, &content);
    result code = RESULT_INVALID;
    if ((embedded == 0) == (detached.data != NULL))
        out->problem = detached.data != NULL ? CMS_CONTENT_INSIDE : CMS_CONTENT_MISSING;
    else
        code = buffer_append(&out->content, detached.data != NULL ? detached : bytes_of(content.data, content.size));
    gnutls_free(content.data);
    return code;
}

result cms_verify(bytes der, bytes detached, cms_message *out) {
    gnutls_pkcs7_t message;
    gnutls_datum_t in = {(unsigned char *)(uintptr_t)der.data, (unsigned)der.length};
    *out = (cms_message){.content = BUFFER_INIT(der.length + detached.length)};
    if (gnutls_pkcs7_init(&message) != 0)
        return RESULT_NO_MEMORY;
    result code = gnutls_pkcs7_import(message, &in, GNUTLS_X509_FMT_DER) == 0 ? RESULT_OK : RESULT_INVALID;
    if (code == RESULT_OK)
        code = take_content(message, detached, out);
    enclosed all = {.count = 0};
    if (code == RESULT_OK)
        read_enclosed(message, &all);
    int count = code == RESULT_OK ? gnutls_pkcs7_get_signature_count(message) : 0;
    if (code == RESULT_OK && (count <= 0 || count > CMS_SIGNERS_MOST))
        code = count <= 0 ? RESULT_INVALID : RESULT_TOO_LONG;
    for (int i = 0; i < count && code == RESULT_OK; i++)
        code = verify_signer(message, (unsigned)i, detached, &all, out);
    free_enclosed(&all);
    gnutls_pkcs7_deinit(message);
    return code;
}

void cms_message_free(cms_message *message) {
    for (size_t i = 0; i < CMS_SIGNERS_MOST; i++)
        certificate_free(&message->signers[i]);
    buffer_wipe(&message->content);
    message->count = 0;
}
