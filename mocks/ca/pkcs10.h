/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Certification requests (PKCS #10, RFC 2986) for keys made elsewhere. */
#pragma once

#include "base/buffer.h"

#include <openssl/evp.h>

/* The public key of a request (PEM) whose signature proves possession of the private one; free it with EVP_PKEY_free, also
 * after a failure. accept: RESULT_OK, or why such a key is not certified; asked before anything is computed with it.
 * RESULT_INVALID: no request; RESULT_BAD_SIGNATURE. */
result pkcs10_read(const char *path, result (*accept)(EVP_PKEY *key), EVP_PKEY **key);
