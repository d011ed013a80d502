/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Certification requests (PKCS#10, RFC 2986) for keys in a token: the signature inside proves possession. */
#pragma once

#include "base/buffer.h"
#include "crypt/digest.h"

/* An RSA-2048 key by its numbers, and who signs with it (crypt/cms.h). Appends the request as PEM, subject CN
 * common_name: a CA ignores this name and uses its own records. Returns the signer's failure unchanged. */
typedef struct request_key {
    bytes modulus, exponent;
    result (*sign)(void *context, bytes message, buffer *signature);
    void *context;
} request_key;
result request_make(const request_key *key, const char *common_name, buffer *pem);
