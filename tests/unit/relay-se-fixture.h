/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The relay and its Secure Element, with a token that says what the test wants, and a clock that the test moves. For the
 * programs test-relay-se*. Everything in here ends the test when it fails. */
#pragma once

#include "se/relay_se.h"

#include "iso7816/se_state.h"
#include "p11/token.h"

#define ANSWER_S 10 /* how long the SE may take for a step */
#define TRY_AGAIN_MS 1000
#define SECOND_MS 1000

extern struct fake_se {
    bool there, reader_full; /* the token can be opened; a card is in its reader */
    bool hung_up;            /* the session is gone: read again only after token_revive */
    bool may_revive;         /* what it answers to token_revive */
    token_tries tries;
    const char *serial, *pin; /* its PIN */
    se_state state;
    uint32_t asked;
    result signing;
} se;
extern unsigned opens, logins, signatures, decryptions; /* that the relay has asked for */
extern bool (*recover)(void *context);                  /* what it has given to the token */
extern void *recover_context;
extern void (*step_begins)(bool opening);
extern void (*step_ends)(void);
extern bool cut, linked; /* pcscd has ended; the relay listens whether it does */

extern relay_store *store;
extern relay_se *relay;
extern bool with_pin_file;
extern bool look_after_row; /* another thread signs and looks when a row is in the ledger and the SE is not asked yet */

/* Set up and tear down of each test: a relay that was just started, its SE in the reader. */
int begin(void **state);
int end(void **state);

void start(void);
void stop(void);
void restart(void);
void write_pin(const char *pin);
void pass(int64_t milliseconds);

/* The relay's look, and its state afterwards; ready: which must be that. */
relay_se_status turn(void);
relay_se_status ready(void);
void is_now(relay_se_condition condition, const char *reason);

/* A terminal's signature; a person's PIN; rows in the ledger. */
result sign(uint32_t *counter);
result unlock(const char *pin);
int64_t uses(void);
