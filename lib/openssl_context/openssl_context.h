/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A library context of OpenSSL for code that runs inside other people's programs. The process-wide one (NULL) is the
 * host's: its configuration file may demand FIPS, leave out the default provider or name properties that nothing here
 * has, and its exit handlers end it before ours have run. This context has the default provider and nothing else, and
 * reads no configuration (OSSL_LIB_CTX(3), "config(5)" is loaded into the process-wide one only).
 *
 * Pass it to the functions that take an OSSL_LIB_CTX: X509_new_ex, EVP_MD_fetch, EVP_DigestVerifyInit_ex and so on.
 * Never use the implicit fetches (EVP_sha256() given to an _ex function is fetched again in its libctx, and fine). */
#pragma once

#include <openssl/types.h>

/* One for all callers of the file that this is linked into, made at the first call; it is freed when that file is
 * unloaded, so nobody keeps what was made with it longer. NULL: memory is out, or OpenSSL has ended in this process
 * (OPENSSL_cleanup(3), which exit runs); whoever is called so late does without cryptography. Any thread. */
OSSL_LIB_CTX *openssl_context(void);
