/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Synthetic RSA keys of any size: verifying one of their signatures takes long. Neither key nor signature is real,
 * which a verifier finds out only after the computation. Ends the program on failure. */
#pragma once

#define OPENSSL_API_COMPAT 0x10100000L /* a key with a method of its own */

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <stdio.h>
#include <stdlib.h>

#define NEED(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s\n", #condition);                                                                       \
            ERR_print_errors_fp(stderr);                                                                               \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

/* Modulus and exponent as long as the key. */
EVP_PKEY *monstrous_key(int bits);
/* For that key, signed by a small one. */
X509 *monstrous_certificate(EVP_PKEY *key);
