/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A CMS message whose signer has an RSA key of any size.
 *
 *   monstrous-cms CONTENT OUT BITS attached|detached */
#include "monstrous_key.h"

#include <openssl/cms.h>

#include <string.h>

int main(int argc, char **argv) {
    if (argc < 5)
        return 2;
    const unsigned flags = CMS_BINARY | CMS_NOSMIMECAP | CMS_PARTIAL | CMS_CADES |
                           (strcmp(argv[4], "detached") == 0 ? CMS_DETACHED : 0);
    EVP_PKEY *key = monstrous_key(atoi(argv[3]));
    X509 *certificate = monstrous_certificate(key);
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
