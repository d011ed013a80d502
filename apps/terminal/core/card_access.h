/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The way to the cards and the Secure Element: the PKCS #11 modules, and the lock that keeps other commands away from
 * them. */
#pragma once

#include "core/command_context.h"

#include "p11/token.h"

/* How the labels of the tokens begin (docs/interfaces/pkcs11.md). */
#define CARDS_PATIENT_TOKENS "JPKI ("
#define CARDS_OPERATOR_TOKENS "Operator ("

/* How long a command waits for another one that uses the cards. */
#define CARDS_TIMEOUT_MS 20000

typedef struct card_access {
    int lock;                /* descriptor of the lock file + 1; 0: not held */
    unsigned broken_off;     /* processes that held the lock before, and were ended before they could note the SE's
                            signatures; and this one, when the SE went while it worked */
    uint32_t se_noted;       /* signatures that this program had asked of the SE when its counter was noted */
    token_module *module;    /* NULL: not loaded */
    token_module *se_module; /* the SE's: the same, or one of its own (its process belongs to another user) */
    token *se;               /* logged in; NULL: not open */
    /* since when the SE in another process has been unreachable (monotonic clock); 0: it is reachable */
    int64_t se_away_ms;
    struct se_seen *se_seen;          /* its state at the last check (se/se_supervision.c) */
    struct presence *presence;        /* the daemon's (core/presence.h); NULL when a command runs by itself */
    void (*se_leaves)(void *context); /* called before the SE is closed; NULL: none */
    void *se_leaves_context;
} card_access;

/* Whether another process of this terminal uses the cards. */
bool cards_are_taken(const configuration *c);
/* Loads the PKCS#11 module. From here on until cards_close no other uketsuke command of this state folder touches cards,
 * SE or the chain of evidence: two at once would take each other's logins away, and two pieces of evidence could name
 * the same predecessor. The lock is the kernel's (flock), so it ends with the process. */
outcome cards_open(card_access *cards, command_context *c);
/* The module that reaches the SE: by the configuration another one than the cards', with the SE in a process of another
 * user. */
outcome cards_open_se_module(card_access *cards, command_context *c);
/* Call it when every signature of the SE is noted: from now on an abort leaves no gap. */
void cards_settle(card_access *cards);
/* Closes the SE; nothing when it is not open. */
void cards_close_se(card_access *cards);
/* Closes everything and lets other commands in. */
void cards_close(card_access *cards);

/* Why a card or a reader is missing, when the machine's service for readers is the cause: that failure; else OUTCOME_OK.
 * reader: as the configuration names it. Call it before telling a person to insert a card. */
outcome cards_check_readers(report *r, const char *reader);
/* The same check without a report. */
bool cards_sees_readers(const char *reader);
/* Why there is no token of a patient's card on the patient reader: no card, no reader, an operator's card, something
 * else. */
outcome cards_no_patient_card(card_access *cards, command_context *c, result code);
/* Whether the card in this reader has a token whose label begins like this. module: that by which the reader is seen,
 * the cards' or the SE's. */
bool cards_reader_holds(token_module *module, const char *reader, const char *label);

/* The failure sentence of a token call: by result, with what was being tried. */
outcome cards_token_failure(const card_access *cards, report *r, result code, const char *what, const token *tok);
