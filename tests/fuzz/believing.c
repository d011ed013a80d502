#include "believing.h"

#include <gnutls/pkcs7.h>

bool fuzz_believing;

int __wrap_gnutls_pkcs7_verify_direct(gnutls_pkcs7_t message, gnutls_x509_crt_t signer, unsigned index,
                                      const gnutls_datum_t *data, unsigned flags);
int __real_gnutls_pkcs7_verify_direct(gnutls_pkcs7_t message, gnutls_x509_crt_t signer, unsigned index,
                                      const gnutls_datum_t *data, unsigned flags);

int __wrap_gnutls_pkcs7_verify_direct(gnutls_pkcs7_t message, gnutls_x509_crt_t signer, unsigned index,
                                      const gnutls_datum_t *data, unsigned flags) {
    const int code = __real_gnutls_pkcs7_verify_direct(message, signer, index, data, flags);
    return fuzz_believing ? 0 : code;
}

const char *fuzz_office(const char *name) {
    static char paths[8][256];
    static int turn;
    char *path = paths[turn++ % 8];
    FUZZ_REQUIRE(getenv("FUZZ_IMAGES") != NULL);
    snprintf(path, sizeof paths[0], "%s/../%s", getenv("FUZZ_IMAGES"), name);
    return path;
}
