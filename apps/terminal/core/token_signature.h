/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* CMS signatures by keys in tokens: of the SE, of a card. */
#pragma once

#include "p11/token.h"

/* A private key, and the certificate that belongs to it, under one label. The token is logged in. */
typedef struct signing_key {
    token *token;
    const char *label;
} signing_key;

/* A cms_signer's sign; context: a signing_key. */
result sign_with_key(void *context, bytes message, buffer *signature);

#define SIGNING_KEYS_MAX 2

/* Signs text with each key, detached, now: appends the DER. RESULT_TOO_LONG: more than SIGNING_KEYS_MAX keys. A token's
 * failure is returned unchanged; *by: the token that failed; NULL: none. */
result sign_text(bytes text, signing_key *keys, size_t count, token **by, buffer *der);
