/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "crypt/external_key.h"

#include <string.h>

#define KEY_BITS (8 * FOREIGN_SIGNATURE)

/* GnuTLS hands over either the digest or, as GNUTLS_SIGN_RSA_RAW, the whole DigestInfo. */
static bytes digest_of(gnutls_sign_algorithm_t algorithm, bytes data) {
    bytes prefix = bytes_of(CRYPT_DIGEST_INFO_PREFIX, CRYPT_DIGEST_INFO_PREFIX_LENGTH);
    if (algorithm == GNUTLS_SIGN_RSA_SHA256)
        return data;
    if (algorithm == GNUTLS_SIGN_RSA_RAW && bytes_equal(bytes_slice(data, 0, prefix.length), prefix))
        return bytes_slice(data, prefix.length, data.length);
    return (bytes){NULL, 0};
}

static int promise(gnutls_privkey_t key, gnutls_sign_algorithm_t algorithm, void *context, unsigned flags,
                   const gnutls_datum_t *data, gnutls_datum_t *signature) {
    external_key *foreign = context;
    const bytes digest = digest_of(algorithm, bytes_of(data->data, data->size));
    (void)key;
    (void)flags;
    if (digest.length != sizeof foreign->digest || foreign->asked)
        return GNUTLS_E_PK_SIGN_FAILED;
    signature->data = gnutls_malloc(FOREIGN_SIGNATURE);
    if (signature->data == NULL)
        return GNUTLS_E_MEMORY_ERROR;
    signature->size = FOREIGN_SIGNATURE;
    memcpy(foreign->digest, digest.data, digest.length);
    memcpy(signature->data, foreign->placeholder, FOREIGN_SIGNATURE);
    foreign->asked = true;
    return 0;
}

static int foreign_information(gnutls_privkey_t key, unsigned what, void *context) {
    (void)key;
    (void)context;
    switch (GNUTLS_FLAGS_TO_SIGN_ALGO(what) != 0 ? GNUTLS_PRIVKEY_INFO_HAVE_SIGN_ALGO : what) {
    case GNUTLS_PRIVKEY_INFO_PK_ALGO: return GNUTLS_PK_RSA;
    case GNUTLS_PRIVKEY_INFO_PK_ALGO_BITS: return KEY_BITS;
    case GNUTLS_PRIVKEY_INFO_SIGN_ALGO: return GNUTLS_SIGN_RSA_SHA256;
    case GNUTLS_PRIVKEY_INFO_HAVE_SIGN_ALGO: return GNUTLS_FLAGS_TO_SIGN_ALGO(what) == GNUTLS_SIGN_RSA_SHA256;
    }
    return -1;
}

result external_key_import(gnutls_privkey_t key, external_key *foreign) {
    foreign->asked = false;
    result code = crypt_random(foreign->placeholder, sizeof foreign->placeholder);
    if (code != RESULT_OK)
        return code;
    const int imported = gnutls_privkey_import_ext4(key, foreign, NULL, promise, NULL, NULL, foreign_information, 0);
    return imported == 0 ? RESULT_OK : RESULT_INTERNAL;
}

static result sign_and_check(const external_key *foreign, bytes message, buffer *signature) {
    result code = foreign->sign(foreign->context, message, signature);
    if (code != RESULT_OK)
        return code;
    const gnutls_datum_t digest = {(unsigned char *)(uintptr_t)foreign->digest, sizeof foreign->digest};
    const gnutls_datum_t made = {signature->data, (unsigned)signature->length};
    return signature->length == FOREIGN_SIGNATURE &&
                   gnutls_pubkey_verify_hash2(foreign->public_key, GNUTLS_SIGN_RSA_SHA256, 0, &digest, &made) >= 0
               ? RESULT_OK
               : RESULT_BAD_SIGNATURE;
}

/* NULL: not there, or more than once. */
static uint8_t *find_placeholder(const external_key *foreign, buffer *written) {
    uint8_t *const found = memmem(written->data, written->length, foreign->placeholder, FOREIGN_SIGNATURE);
    if (found == NULL)
        return NULL;
    const size_t behind = (size_t)(written->data + written->length - found) - 1;
    return memmem(found + 1, behind, foreign->placeholder, FOREIGN_SIGNATURE) == NULL ? found : NULL;
}

result external_key_sign(const external_key *foreign, bytes message, buffer *written) {
    uint8_t digest[CRYPT_SHA256_LENGTH];
    buffer signature = BUFFER_INIT(FOREIGN_SIGNATURE);
    uint8_t *const place = foreign->asked ? find_placeholder(foreign, written) : NULL;
    result code = place != NULL ? crypt_sha256(message, digest) : RESULT_INTERNAL;
    if (code == RESULT_OK && !bytes_equal(BYTES(digest), BYTES(foreign->digest)))
        code = RESULT_INTERNAL;
    if (code == RESULT_OK)
        code = sign_and_check(foreign, message, &signature);
    if (code == RESULT_OK)
        memcpy(place, signature.data, FOREIGN_SIGNATURE);
    buffer_wipe(&signature);
    return code;
}
