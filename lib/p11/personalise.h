/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Personalises a blank token through PKCS#11 (v3.0): initialise it, set PINs, make keys, store certificates and data.
 * The SE's part of each call: docs/interfaces/secure-element.md. */
#pragma once

#include "p11/token.h"

/* C_InitToken (5.5) on the first slot of the reader. RESULT_DENIED: the officer's PIN is wrong; RESULT_UNSUPPORTED:
 * this token is initialised and has a PIN; RESULT_REMOVED, RESULT_NOT_FOUND (no such reader). */
result token_initialise(token_module *module, const char *reader, const char *label, bytes officer_pin);
/* C_InitPIN (5.5) under the officer's login; the token is logged out afterwards. */
result token_set_user_pin(token *t, bytes officer_pin, bytes pin);

typedef struct token_key_order {
    const char *label;
    uint8_t id;
    bool decrypts; /* else it signs */
} token_key_order;

/* Destroys a private key that has neither public key nor certificate of this label: what is left of a C_GenerateKeyPair
 * that was interrupted, and keeps the next one from beginning (its CKA_ID is taken). RESULT_OK also when there is none. */
result token_destroy_half_key(token *t, const char *label);
/* C_GenerateKeyPair: RSA-2048, exponent 65537, sensitive, not extractable. Appends the modulus. Logged in as user. */
result token_generate_key(token *t, const token_key_order *order, buffer *modulus);
result token_put_certificate(token *t, const char *label, uint8_t id, bytes der);
result token_put_data(token *t, const char *label, bytes value);
