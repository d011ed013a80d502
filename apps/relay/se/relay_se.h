/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The relay's Secure Element: one module, one login and one supervision for all terminals. It may be inserted after the
 * relay has started, and be removed and inserted again: the relay waits for it. When another program has used the SE,
 * the relay locks it; only a person with its PIN unlocks it. Thread-safe. */
#pragma once

#include "ledger/relay_store.h"
#include "se/token_objects.h"

#define RELAY_SE_TEXT_SIZE 65

typedef struct relay_se relay_se;

typedef struct relay_se_options {
    const char *module, *reader;
    const char *pin_file; /* NULL: a person types the PIN after each start (relay_se_unlock) */
    long answer_s;        /* how long the SE may take for a step */
    relay_store *store;   /* borrowed, as the texts */
} relay_se_options;

/* Opens nothing yet. One in a process. RESULT_NO_MEMORY. */
result relay_se_new(const relay_se_options *options, relay_se **out);
void relay_se_free(relay_se **se);

/* To be called four times a second: opens the SE when it can, looks at it while it is open. */
void relay_se_turn(relay_se *se);
/* Whether a step takes longer than answer_s: the thread in it cannot be stopped, so the process must end. */
bool relay_se_is_stuck(const relay_se *se);

typedef enum relay_se_condition { RELAY_SE_AWAY, RELAY_SE_READY, RELAY_SE_LOCKED } relay_se_condition;

typedef struct relay_se_status {
    relay_se_condition condition;
    char reason[RELAY_SE_TEXT_SIZE]; /* why it is not ready: a word */
    char serial[RELAY_SE_TEXT_SIZE], label[RELAY_SE_TEXT_SIZE];
    uint32_t generation; /* changes with each opening: earlier sessions have ended */
    uint32_t connection; /* of the SE-state record that terminals read: kept over restarts, changes after a lock */
    uint32_t pairing, signatures;
    int64_t wait_p95_ms;
} relay_se_status;

/* The state at the last turn; never waits for the SE. */
void relay_se_tell(relay_se *se, relay_se_status *out);

/* Unlocks the SE and logs in with the PIN that a person has typed. RESULT_REMOVED: there is no SE. RESULT_DENIED: the
 * SE refuses the PIN. RESULT_EXISTS: it is unlocked, and the PIN was not tried. */
result relay_se_unlock(relay_se *se, bytes pin);

/* The objects; NULL before it was ever open. They stay until relay_se_free. */
const token_objects *relay_se_objects(relay_se *se);

/* CKM_SHA256_RSA_PKCS with the key use->key, for use->terminal. Appends; counter: the SE's own after it. The use is in the
 * ledger before the SE is asked; use->number is still 0 when it could not be written, and nothing was asked.
 * RESULT_UNAVAILABLE: not ready. */
result relay_se_sign(relay_se *se, relay_use *use, bytes message, buffer *signature, uint32_t *counter);
/* RSAES-PKCS1-v1_5, the same. */
result relay_se_decrypt(relay_se *se, relay_use *use, bytes encrypted, buffer *plain);
