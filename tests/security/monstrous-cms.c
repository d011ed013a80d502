/* A CMS message whose signer has an RSA key of any size, made out of nothing: verifying its signature is long computing for
 * whoever tries it. Neither key nor signature is real, and nobody finds that out before he has computed.
 *
 *   monstrous-cms CONTENT OUT BITS attached|detached */
#define OPENSSL_API_COMPAT 0x10100000L /* a key with a method of its own */

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEED(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s\n", #condition);                                                                       \
            ERR_print_errors_fp(stderr);                                                                               \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

/* Instead of a signature: a number below the modulus. */
static int invent(int length, const unsigned char *from, unsigned char *to, RSA *rsa, int padding) {
    const int size = RSA_size(rsa);
    (void)length;
    (void)from;
    (void)padding;
    if (RAND_bytes(to, size) != 1)
        return -1;
    to[0] = 0;
    return size;
}

/* Modulus and exponent as long as the key: odd numbers, nothing else. */
static EVP_PKEY *make_key(int bits) {
    RSA_METHOD *method = RSA_meth_dup(RSA_get_default_method());
    RSA *rsa = RSA_new();
    BIGNUM *n = BN_new(), *e = BN_new(), *d = BN_new();
    EVP_PKEY *key = EVP_PKEY_new();
    NEED(method && rsa && n && e && d && key && RSA_meth_set_priv_enc(method, invent) == 1 &&
         RSA_set_method(rsa, method) == 1);
    NEED(BN_rand(n, bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD) == 1);
    NEED(BN_rand(e, bits - 1, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD) == 1);
    NEED(BN_set_word(d, 3) == 1 && RSA_set0_key(rsa, n, e, d) == 1 && EVP_PKEY_assign_RSA(key, rsa) == 1);
    return key;
}

static X509 *make_certificate(EVP_PKEY *key) {
    X509 *certificate = X509_new();
    EVP_PKEY *issuer = EVP_EC_gen("P-256"); /* its signature is short */
    NEED(certificate && issuer && X509_set_version(certificate, 2) == 1);
    X509_NAME *name = X509_get_subject_name(certificate);
    NEED(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"Monster", -1, -1, 0) == 1);
    NEED(X509_set_issuer_name(certificate, name) == 1);
    NEED(ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1) == 1);
    NEED(X509_gmtime_adj(X509_getm_notBefore(certificate), -3600) && X509_gmtime_adj(X509_getm_notAfter(certificate), 86400));
    NEED(X509_set_pubkey(certificate, key) == 1 && X509_sign(certificate, issuer, EVP_sha256()) > 0);
    EVP_PKEY_free(issuer);
    return certificate;
}

int main(int argc, char **argv) {
    if (argc < 5)
        return 2;
    const unsigned flags = CMS_BINARY | CMS_NOSMIMECAP | CMS_PARTIAL | CMS_CADES |
                           (strcmp(argv[4], "detached") == 0 ? CMS_DETACHED : 0);
    EVP_PKEY *key = make_key(atoi(argv[3]));
    X509 *certificate = make_certificate(key);
    BIO *content = BIO_new_file(argv[1], "rb"), *out = BIO_new_file(argv[2], "wb");
    CMS_ContentInfo *message = CMS_sign(NULL, NULL, NULL, NULL, flags);
    NEED(content && out && message);
    NEED(CMS_add1_signer(message, certificate, key, EVP_sha256(), flags) != NULL);
    NEED(CMS_final(message, content, NULL, flags) == 1 && i2d_CMS_bio(out, message) == 1);
    BIO_free(out);
    BIO_free(content);
    CMS_ContentInfo_free(message);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return 0;
}
