/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tokens through PKCS#11: one module, one token in one slot, one session. Independent of cards, reader drivers and
 * APDUs. Contract of the tokens: docs/interfaces/pkcs11.md. Not for several threads on one token. */
#pragma once

#include "base/buffer.h"

#include <stdbool.h>

typedef struct token_module token_module;
typedef struct token token;

#define TOKEN_LABEL_SIZE 33  /* CK_TOKEN_INFO.label without its padding, NUL */
#define TOKEN_SERIAL_SIZE 17 /* CK_TOKEN_INFO.serialNumber: 16 characters, padding kept, NUL */
#define TOKEN_READER_SIZE 65

/* path: a PKCS#11 module. Loaded through p11-kit, so that other users of p11-kit in this process share it.
 * RESULT_NOT_FOUND, RESULT_INTERNAL. */
result token_module_open(const char *path, token_module **out);
void token_module_close(token_module **module);

/* Whether a card is in the reader: RESULT_OK, RESULT_REMOVED (no card), RESULT_NOT_FOUND (no such reader). */
result token_card_present(token_module *module, const char *reader);

/* The token whose slot description begins with reader and whose label begins with label, with a read/write session.
 * RESULT_REMOVED: no card in the reader. RESULT_NOT_FOUND: no such reader, or a card without such a token. */
result token_open(token_module *module, const char *reader, const char *label, token **out);
/* Logs out if logged in. */
void token_close(token **t);

/* Of CK_TOKEN_INFO; owned by the token, valid until it is closed. */
const char *token_label(const token *t);
const char *token_serial(const token *t); /* 16 characters, padded with blanks */
/* Name of the CK_RV of the last failed call. */
const char *token_problem(const token *t);

/* The PIN's tries, from the token's flags. */
typedef enum token_tries { TOKEN_TRIES_FULL, TOKEN_TRIES_LOW, TOKEN_TRIES_LAST, TOKEN_TRIES_NONE } token_tries;
result token_pin_tries(token *t, token_tries *tries);

/* Whether its keys can be used only after token_login (CKF_LOGIN_REQUIRED). */
result token_needs_login(token *t, bool *needs);

/* Whether it has a user's PIN (CKF_USER_PIN_INITIALIZED). */
result token_has_user_pin(token *t, bool *has);

/* RESULT_DENIED (wrong), RESULT_BLOCKED, RESULT_INVALID (length), RESULT_REMOVED. */
result token_login(token *t, bytes pin);
/* Logs in as security officer (CKU_SO) with this word and logs out again. The same codes. */
result token_check_officer(token *t, bytes word);
void token_logout(token *t);
/* Replaces a session that has ended although the card is present: a module may close all sessions when the card has
 * lost the login. Not logged in afterwards. RESULT_REMOVED: no token. RESULT_REFUSED: another one. */
result token_revive(token *t);

/* recover restores session and login when a present card has lost them, for example by another program's reset. A call
 * below that fails for this reason calls recover and is repeated when it returns true, for five seconds; after a failure
 * without a visible reason for a second and a half (token_asked_enough). recover may use the token; it is not called
 * recursively. NULL: none. */
void token_recover_by(token *t, bool (*recover)(void *context), void *context);

/* Whether what fails because others disturb the token, and was begun at this time (monotonic), was tried often enough:
 * lasts_ms have passed, and there were twelve tries, too, which take longer on a busy machine; after fifteen seconds in
 * any case. */
bool token_asked_enough(int64_t began_ms, int64_t lasts_ms, unsigned tries);
#define TOKEN_ANSWERS_WITHIN_MS 2000 /* lasts_ms when opening or checking a token */
#define TOKEN_ASK_AGAIN_US 5000      /* between two tries */

/* Whether the token's card was removed, after a step that failed without that reason. Asked for up to 600 ms: pcscd
 * looks at a reader that does not tell of removals every 400 ms (pcsc-lite, PCSCLITE_STATUS_POLL_RATE), the command
 * fails at once. */
bool token_has_left(const token *t);

/* From here on the numbers of this token's objects, and the values that token_certificate and token_data read, are asked
 * for once and then remembered: a module in another process answers each question by a round trip. Until the session ends,
 * token_revive, or any failure of a call; never beyond token_close, so never for another token. */
void token_remember_objects(token *t);

/* The value of the object with this label: appended. Not for one that changes (token_data_exact). RESULT_NOT_FOUND. */
result token_certificate(token *t, const char *label, buffer *der);
result token_data(token *t, const char *label, buffer *value);
/* The same for a value of a known length, by one call instead of two, each time anew: for values that need commands at each
 * reading.
 * RESULT_TOO_LONG, RESULT_INVALID: it has another length. */
result token_data_exact(token *t, const char *label, uint8_t *out, size_t length);
/* The modulus of the RSA public key with this label; its exponent is 65537 everywhere here. Appended. */
result token_modulus(token *t, const char *label, buffer *modulus);

/* RSA PKCS#1 v1.5 with SHA-256 over data (CKM_SHA256_RSA_PKCS), with the private key of this label; appends the
 * signature. The token gets the data, never a digest, so that an institution's key signs only readable messages. */
result token_sign(token *t, const char *key, bytes data, buffer *signature);
/* The same with a key that needs its PIN for every signature (CKA_ALWAYS_AUTHENTICATE). */
result token_sign_with_pin(token *t, const char *key, bytes pin, bytes data, buffer *signature);
/* How many signatures this program has requested from the token since it was opened: the maximum that the token has
 * made for it. */
uint32_t token_signatures_asked(const token *t);
/* RSASSA-PSS over a SHA-256 digest, MGF1 with SHA-256 and a salt of 32 bytes (CKM_RSA_PKCS_PSS): for TLS 1.3, which
 * supplies the digest. For TLS keys only. */
result token_sign_pss(token *t, const char *key, const uint8_t digest[32], buffer *signature);
/* RSAES-PKCS1-v1_5. Appends. */
result token_decrypt(token *t, const char *key, bytes encrypted, buffer *plain);
