#include "crypt/foreign_key.h"

#include "crypt/cms.h"

#include <string.h>

#define KEY_BITS 2048

/* GnuTLS hands over either the digest or, as GNUTLS_SIGN_RSA_RAW, the whole DigestInfo. */
static bytes digest_of(gnutls_sign_algorithm_t algorithm, bytes data) {
    bytes prefix = bytes_of(CMS_DIGEST_INFO_PREFIX, CMS_DIGEST_INFO_PREFIX_LENGTH);
    if (algorithm == GNUTLS_SIGN_RSA_SHA256)
        return data;
    if (algorithm == GNUTLS_SIGN_RSA_RAW && bytes_equal(bytes_slice(data, 0, prefix.length), prefix))
        return bytes_slice(data, prefix.length, data.length);
    return (bytes){NULL, 0};
}

static result sign(const foreign_key *foreign, bytes digest, buffer *signature) {
    if (digest.length != CRYPT_SHA256_LENGTH)
        return RESULT_UNSUPPORTED;
    result code = foreign->sign_digest(foreign->context, digest.data, signature);
    if (code != RESULT_OK)
        return code;
    const gnutls_datum_t signed_hash = {(unsigned char *)(uintptr_t)digest.data, CRYPT_SHA256_LENGTH};
    const gnutls_datum_t made = {signature->data, (unsigned)signature->length};
    return gnutls_pubkey_verify_hash2(foreign->public_key, GNUTLS_SIGN_RSA_SHA256, 0, &signed_hash, &made) >= 0
               ? RESULT_OK
               : RESULT_BAD_SIGNATURE;
}

static int foreign_sign(gnutls_privkey_t key, gnutls_sign_algorithm_t algorithm, void *context, unsigned flags,
                        const gnutls_datum_t *digest, gnutls_datum_t *signature) {
    foreign_key *foreign = context;
    buffer made = BUFFER_INIT(KEY_BITS / 8);
    (void)key;
    (void)flags;
    foreign->code = sign(foreign, digest_of(algorithm, bytes_of(digest->data, digest->size)), &made);
    signature->data = foreign->code == RESULT_OK ? gnutls_malloc(made.length) : NULL;
    signature->size = signature->data != NULL ? (unsigned)made.length : 0;
    if (signature->data != NULL)
        memcpy(signature->data, made.data, made.length);
    buffer_wipe(&made);
    return signature->data != NULL ? 0 : GNUTLS_E_PK_SIGN_FAILED;
}

static int foreign_information(gnutls_privkey_t key, unsigned what, void *context) {
    (void)key;
    (void)context;
    switch (GNUTLS_FLAGS_TO_SIGN_ALGO(what) != 0 ? GNUTLS_PRIVKEY_INFO_HAVE_SIGN_ALGO : what) {
    case GNUTLS_PRIVKEY_INFO_PK_ALGO:
        return GNUTLS_PK_RSA;
    case GNUTLS_PRIVKEY_INFO_PK_ALGO_BITS:
        return KEY_BITS;
    case GNUTLS_PRIVKEY_INFO_SIGN_ALGO:
        return GNUTLS_SIGN_RSA_SHA256;
    case GNUTLS_PRIVKEY_INFO_HAVE_SIGN_ALGO:
        return GNUTLS_FLAGS_TO_SIGN_ALGO(what) == GNUTLS_SIGN_RSA_SHA256;
    }
    return -1;
}

result foreign_key_import(gnutls_privkey_t key, foreign_key *foreign) {
    int code = gnutls_privkey_import_ext4(key, foreign, NULL, foreign_sign, NULL, NULL, foreign_information, 0);
    return code == 0 ? RESULT_OK : RESULT_INTERNAL;
}
