/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A client's key that the caller uses for us: one in a PKCS#11 token, through the session in which the caller is logged
 * in. GnuTLS's own PKCS#11 is not used: it scans every token of the module for each connection, logs in with its own
 * session, and version 3.7.9 never returns when the token is removed during the signature. */
#pragma once

#include "base/buffer.h"

/* Names that key where a file is expected (http_client_options). */
#define HTTP_KEY_OF_CALLER "uketsuke-key:"

#define HTTP_KEY_DIGEST_LENGTH 32 /* SHA-256 */

/* Both are called from within http_client_call, in its thread, and append. */
typedef struct http_key {
    result (*certificate)(void *context, buffer *der);
    /* rsa_pss_rsae_sha256 of RFC 8446 4.2.3: RSASSA-PSS over this digest, MGF1 with SHA-256, a salt of 32 bytes. */
    result (*sign)(void *context, const uint8_t digest[HTTP_KEY_DIGEST_LENGTH], buffer *signature);
    void *context;
    unsigned bits; /* of the RSA modulus */
} http_key;

/* For http_client only. One key at a time in a process, because GnuTLS's URLs are the process's; NULL: none
 * any more. */
result http_key_offer(const http_key *key);
/* RESULT_OK, or the failure of the key's functions since http_key_begin, in this thread. */
void http_key_begin(void);
result http_key_outcome(void);
