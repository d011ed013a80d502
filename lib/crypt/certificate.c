/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "crypt/certificate.h"

#include "base/file.h"
#include "base/hex.h"
#include "crypt/certificate_internal.h"
#include "crypt/der.h"
#include "crypt/key_rule.h"

#include <gnutls/abstract.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX 65536
#define CACHED_MAX 128

static const char pem_begin[] = "-----BEGIN";

static gnutls_datum_t datum(bytes data) {
    return (gnutls_datum_t){(unsigned char *)(uintptr_t)data.data, (unsigned)data.length};
}

static result read_serial(certificate *c) {
    uint8_t raw[64];
    size_t length = sizeof raw;
    if (gnutls_x509_crt_get_serial(c->handle, raw, &length) != 0)
        return RESULT_INVALID;
    bytes serial = bytes_of(raw, length);
    while (serial.length > 1 && serial.data[0] == 0) /* the sign byte of DER's INTEGER */
        serial = bytes_slice(serial, 1, serial.length);
    if (2 * serial.length + 1 > sizeof c->serial)
        return RESULT_TOO_LONG;
    hex_encode(serial, c->serial, sizeof c->serial);
    return RESULT_OK;
}

static result read_name(gnutls_x509_crt_t handle, int (*get)(gnutls_x509_crt_t, gnutls_datum_t *, unsigned),
                        char text[CRYPT_NAME_MAX]) {
    gnutls_datum_t name = {NULL, 0};
    if (get(handle, &name, 0) != 0)
        return RESULT_INVALID;
    result code = name.size < CRYPT_NAME_MAX ? RESULT_OK : RESULT_TOO_LONG;
    if (code == RESULT_OK)
        memcpy(text, name.data, name.size);
    gnutls_free(name.data);
    return code;
}

/* Needed by every check of trust: GnuTLS would search the whole certificate each time. */
static void read_rules(certificate *c) {
    unsigned critical = 0;
    c->not_before = gnutls_x509_crt_get_activation_time(c->handle);
    c->not_after = gnutls_x509_crt_get_expiration_time(c->handle);
    if (gnutls_x509_crt_get_key_usage(c->handle, &c->usage, &critical) != 0)
        c->usage = 0;
    c->client_purpose = gnutls_x509_crt_check_key_purpose(c->handle, GNUTLS_KP_TLS_WWW_CLIENT, 0) != 0;
    c->server_purpose = gnutls_x509_crt_check_key_purpose(c->handle, GNUTLS_KP_TLS_WWW_SERVER, 0) != 0;
}

/* Needed for an institution's certificate with each piece of evidence. */
static void read_holder_number(certificate *c) {
    size_t length = sizeof c->holder_number;
    int code = gnutls_x509_crt_get_dn_by_oid(c->handle, CERTIFICATE_SERIAL_NUMBER, 0, 0, c->holder_number, &length);
    if (code != 0 || strlen(c->holder_number) != length) /* with a NUL inside, say */
        c->holder_number[0] = 0;
}

static result import(certificate *c, bytes encoded) {
    gnutls_datum_t in = datum(encoded);
    bool pem = encoded.length > sizeof pem_begin &&
               memmem(encoded.data, encoded.length, pem_begin, sizeof pem_begin - 1);
    if (encoded.length == 0 || encoded.length > FILE_MAX)
        return RESULT_INVALID;
    if (gnutls_x509_crt_init(&c->handle) != 0)
        return RESULT_NO_MEMORY;
    if (gnutls_x509_crt_import(c->handle, &in, pem ? GNUTLS_X509_FMT_PEM : GNUTLS_X509_FMT_DER) != 0 ||
        gnutls_x509_crt_export2(c->handle, GNUTLS_X509_FMT_DER, &c->der) != 0)
        return RESULT_INVALID;
    read_rules(c);
    read_holder_number(c);
    result code = crypt_sha256(certificate_der(c), c->fingerprint);
    if (code == RESULT_OK)
        code = read_serial(c);
    if (code == RESULT_OK)
        code = read_name(c->handle, gnutls_x509_crt_get_issuer_dn3, c->issuer);
    if (code == RESULT_OK)
        code = read_name(c->handle, gnutls_x509_crt_get_dn3, c->subject);
    return code;
}

/* gnutls_x509_crt_verify_data2 (3.7.9) leaks 512 bytes for each certificate whose key it cannot read, so such
 * certificates are refused before. */
static result read_key(certificate *c) {
    if (gnutls_pubkey_init(&c->key) != 0)
        return RESULT_NO_MEMORY;
    return gnutls_pubkey_import_x509(c->key, c->handle, 0) == 0 ? key_rule_check(c->key) : RESULT_INVALID;
}

/* Recently read certificates, by their DER: an institution's comes with each of its pieces of evidence, and parsing one
 * costs more than verifying a signature with it. They never change, so many holders may share one. */
static struct {
    pthread_mutex_t lock;
    certificate *slots[CACHED_MAX];
} cache = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* The end of the DER is a signature: as good as random. */
static certificate **slot_of(bytes der) {
    size_t sum = 0;
    for (size_t i = der.length > 8 ? der.length - 8 : 0; i < der.length; i++)
        sum = sum * 31 + der.data[i];
    return &cache.slots[sum % CACHED_MAX];
}

static certificate *find_cached(bytes der) {
    pthread_mutex_lock(&cache.lock);
    certificate *found = *slot_of(der);
    if (found != NULL && bytes_equal(certificate_der(found), der))
        found->references++;
    else
        found = NULL;
    pthread_mutex_unlock(&cache.lock);
    return found;
}

static void keep_cached(certificate *c) {
    pthread_mutex_lock(&cache.lock);
    certificate **slot = slot_of(certificate_der(c)), *former = *slot;
    c->references++;
    *slot = c;
    pthread_mutex_unlock(&cache.lock);
    certificate_free(&former);
}

result certificate_new(bytes encoded, certificate **out) {
    *out = find_cached(encoded);
    if (*out != NULL)
        return RESULT_OK;
    certificate *c = calloc(1, sizeof *c);
    if (c == NULL)
        return RESULT_NO_MEMORY;
    c->references = 1;
    result code = import(c, encoded);
    if (code == RESULT_OK)
        code = read_key(c);
    if (code != RESULT_OK)
        certificate_free(&c);
    else
        keep_cached(c);
    *out = c;
    return code;
}

result certificate_from_file(const char *path, certificate **out) {
    buffer content = BUFFER_INIT(FILE_MAX);
    *out = NULL;
    result code = file_read(path, &content);
    if (code == RESULT_OK)
        code = certificate_new(buffer_bytes(&content), out);
    buffer_wipe(&content);
    return code;
}

void certificate_free(certificate **c) {
    certificate *mine = *c;
    *c = NULL;
    if (mine == NULL || --mine->references > 0)
        return;
    if (mine->handle != NULL)
        gnutls_x509_crt_deinit(mine->handle);
    if (mine->key != NULL)
        gnutls_pubkey_deinit(mine->key);
    gnutls_free(mine->der.data);
    free(mine);
}

bytes certificate_der(const certificate *c) {
    return bytes_of(c->der.data, c->der.size);
}

const uint8_t *certificate_fingerprint(const certificate *c) {
    return c->fingerprint;
}

void certificate_fingerprint_text(const certificate *c, char text[CERTIFICATE_FINGERPRINT_SIZE]) {
    hex_encode(BYTES(c->fingerprint), text, CERTIFICATE_FINGERPRINT_SIZE);
}

result certificate_key_hash(const certificate *c, char text[65]) {
    uint8_t hash[CRYPT_SHA256_LENGTH];
    size_t length = sizeof hash;
    if (gnutls_pubkey_get_key_id(c->key, GNUTLS_KEYID_USE_SHA256, hash, &length) < 0 || length != sizeof hash)
        return RESULT_INTERNAL;
    hex_encode(BYTES(hash), text, 65);
    return RESULT_OK;
}

const char *certificate_issuer(const certificate *c) {
    return c->issuer;
}

const char *certificate_subject(const certificate *c) {
    return c->subject;
}

const char *certificate_serial(const certificate *c) {
    return c->serial;
}

bool certificate_equal(const certificate *a, const certificate *b) {
    return bytes_equal(certificate_der(a), certificate_der(b));
}

#define DER_UTF8_STRING 0x0C
#define DER_PRINTABLE_STRING 0x13

/* For attributes that GnuTLS has no name for: the value as the certificate has it, a DirectoryString (X.520 6.1). */
static result unnamed_attribute(const certificate *c, const char *oid, char *text, size_t size) {
    uint8_t raw[CRYPT_NAME_MAX];
    size_t length = sizeof raw;
    result failed = RESULT_OK;
    if (gnutls_x509_crt_get_dn_by_oid(c->handle, oid, 0, 1, raw, &length) != 0)
        return RESULT_NOT_FOUND;
    der_reader value = der_over(bytes_of(raw, length), &failed);
    const bytes content = der_take(&value, der_is(&value, DER_UTF8_STRING) ? DER_UTF8_STRING : DER_PRINTABLE_STRING);
    der_end(&value);
    if (failed != RESULT_OK || content.length >= size || memchr(content.data, 0, content.length) != NULL)
        return failed != RESULT_OK ? RESULT_INVALID : RESULT_TOO_LONG;
    memcpy(text, content.data, content.length);
    text[content.length] = 0;
    return RESULT_OK;
}

result certificate_subject_attribute(const certificate *c, const char *oid, char *text, size_t size) {
    size_t length = strlen(c->holder_number);
    if (length > 0 && length < size && strcmp(oid, CERTIFICATE_SERIAL_NUMBER) == 0) {
        memcpy(text, c->holder_number, length + 1);
        return RESULT_OK;
    }
    text[0] = 0;
    if (strcmp(oid, CERTIFICATE_ORGANIZATION_IDENTIFIER) == 0)
        return unnamed_attribute(c, oid, text, size);
    length = size;
    int code = gnutls_x509_crt_get_dn_by_oid(c->handle, oid, 0, 0, text, &length);
    if (code == 0)
        return RESULT_OK;
    text[0] = 0;
    return code == GNUTLS_E_SHORT_MEMORY_BUFFER ? RESULT_TOO_LONG : RESULT_NOT_FOUND;
}

result certificate_pem(const certificate *c, buffer *pem) {
    gnutls_datum_t text = {NULL, 0};
    if (gnutls_x509_crt_export2(c->handle, GNUTLS_X509_FMT_PEM, &text) != 0)
        return RESULT_INTERNAL;
    const result code = buffer_append(pem, bytes_of(text.data, text.size));
    gnutls_free(text.data);
    return code;
}

void certificate_validity(const certificate *c, int64_t *not_before, int64_t *not_after) {
    *not_before = c->not_before;
    *not_after = c->not_after;
}

static result verify_with(gnutls_pubkey_t key, bytes message, bytes signature) {
    gnutls_datum_t data = datum(message), mark = datum(signature);
    unsigned bits = 0;
    if (gnutls_pubkey_get_pk_algorithm(key, &bits) != GNUTLS_PK_RSA || signature.length != (bits + 7) / 8)
        return RESULT_BAD_SIGNATURE; /* RFC 8017 8.2.2 step 1: as long as the modulus */
    return gnutls_pubkey_verify_data2(key, GNUTLS_SIGN_RSA_SHA256, 0, &data, &mark) >= 0 ? RESULT_OK
                                                                                         : RESULT_BAD_SIGNATURE;
}

result certificate_verify(const certificate *c, bytes message, bytes signature) {
    return verify_with(c->key, message, signature);
}

static result encrypt_with(gnutls_pubkey_t key, bytes plain, buffer *encrypted) {
    gnutls_datum_t data = datum(plain), out = {NULL, 0};
    result code = gnutls_pubkey_encrypt_data(key, 0, &data, &out) == 0 ? RESULT_OK : RESULT_INTERNAL;
    if (code == RESULT_OK)
        code = buffer_append(encrypted, bytes_of(out.data, out.size));
    gnutls_free(out.data);
    return code;
}

result certificate_encrypt(const certificate *c, bytes plain, buffer *encrypted) {
    return encrypt_with(c->key, plain, encrypted);
}

result certificate_modulus(const certificate *c, buffer *modulus) {
    gnutls_datum_t m = {NULL, 0}, e = {NULL, 0};
    result code = gnutls_pubkey_export_rsa_raw2(c->key, &m, &e, GNUTLS_EXPORT_FLAG_NO_LZ) == 0 ? RESULT_OK
                                                                                               : RESULT_UNSUPPORTED;
    if (code == RESULT_OK)
        code = buffer_append(modulus, bytes_of(m.data, m.size));
    gnutls_free(m.data);
    gnutls_free(e.data);
    return code;
}

result crypt_rsa_verify(bytes modulus, bytes exponent, bytes message, bytes signature) {
    gnutls_pubkey_t key;
    gnutls_datum_t m = datum(modulus), e = datum(exponent);
    result code = key_rule_check_rsa(modulus, exponent);
    if (code != RESULT_OK)
        return code;
    if (gnutls_pubkey_init(&key) != 0)
        return RESULT_NO_MEMORY;
    code = gnutls_pubkey_import_rsa_raw(key, &m, &e) == 0 ? verify_with(key, message, signature) : RESULT_INVALID;
    gnutls_pubkey_deinit(key);
    return code;
}

result crypt_rsa_encrypt(bytes modulus, bytes exponent, bytes plain, buffer *encrypted) {
    gnutls_pubkey_t key;
    gnutls_datum_t m = datum(modulus), e = datum(exponent);
    result code = key_rule_check_rsa(modulus, exponent);
    if (code != RESULT_OK)
        return code;
    if (gnutls_pubkey_init(&key) != 0)
        return RESULT_NO_MEMORY;
    code = gnutls_pubkey_import_rsa_raw(key, &m, &e) == 0 ? encrypt_with(key, plain, encrypted) : RESULT_INVALID;
    gnutls_pubkey_deinit(key);
    return code;
}
