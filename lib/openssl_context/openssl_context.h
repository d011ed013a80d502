/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A library context of OpenSSL for code that runs inside other programs. The process-wide one (NULL) belongs to the
 * host program: its configuration file may require FIPS, omit the default provider or set other properties, and its
 * exit handlers free it before ours have run. This context has only the default provider and reads no configuration
 * (OSSL_LIB_CTX(3), "config(5)" is loaded into the process-wide one only).
 *
 * Pass it to the functions that take an OSSL_LIB_CTX: X509_new_ex, EVP_MD_fetch, EVP_DigestVerifyInit_ex and so on.
 * Never use the implicit fetches (EVP_sha256() given to an _ex function is fetched again in its libctx, and fine). */
#pragma once

#include <openssl/types.h>

/* One for all callers of the file that this is linked into, made at the first call; it is freed when that file is
 * unloaded, so objects made with it must not live longer. NULL: out of memory, or after OPENSSL_cleanup(3), which exit
 * runs; callers then work without cryptography. Any thread. */
OSSL_LIB_CTX *openssl_context(void);
