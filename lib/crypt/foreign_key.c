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

static int foreign_sign(gnutls_privkey_t key, gnutls_sign_algorithm_t algorithm, void *context, unsigned flags,
                        const gnutls_datum_t *digest, gnutls_datum_t *signature) {
    foreign_key *foreign = context;
    buffer made = BUFFER_INIT(KEY_BITS / 8);
    (void)key;
    (void)flags;
    bytes wanted = digest_of(algorithm, bytes_of(digest->data, digest->size));
    foreign->code = wanted.length == CRYPT_SHA256_LENGTH
                        ? foreign->sign_digest(foreign->context, wanted.data, &made)
                        : RESULT_UNSUPPORTED;
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
