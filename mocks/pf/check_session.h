/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The session of an online check. No row is kept for it: its id is a UUID (version 8, RFC 9562 5.8) of its end and of a
 * MAC over all that it was given for, under a key that all instances of the platform have. The evidence brings the rest
 * back. That it serves once is the store's: no two pieces of evidence share a card's challenge. */
#pragma once

#include "base/result.h"
#include "base/uuid.h"

#include <stdbool.h>
#include <stdint.h>

#define CHECK_SESSION_KEY_LENGTH 32

/* What a session is given for; texts as the statement of evidence has them, challenge and nonce in capital hexadecimal. */
typedef struct check_session {
    const char *institution_code, *terminal_id, *card_id, *challenge, *nonce;
} check_session;

/* The key of the sessions, from the platform's key of link ids. */
result check_session_key(const uint8_t link_key[CHECK_SESSION_KEY_LENGTH], uint8_t out[CHECK_SESSION_KEY_LENGTH]);

/* expires: seconds since 1970. */
result check_session_make(const uint8_t key[CHECK_SESSION_KEY_LENGTH], const check_session *s, int64_t expires,
                          char id[UUID_TEXT_SIZE]);
/* RESULT_OK: given for this, and not over at that time. RESULT_EXPIRED: over. RESULT_REFUSED: not given, or for something
 * else. */
result check_session_verify(const uint8_t key[CHECK_SESSION_KEY_LENGTH], const check_session *s, const char *id,
                            int64_t now);
