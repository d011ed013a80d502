/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the relay remembers: which terminals it serves, each use of a key of its SE, and the SE's counters. Uses are
 * only ever added, each with a hash over itself and the one before. A use is on the disk before its signature is made.
 * Thread-safe. */
#pragma once

#include "base/buffer.h"

#include <stdbool.h>
#include <stdint.h>

#define RELAY_WORD_SIZE 65 /* of a terminal's id, a key hash, a hash in hexadecimal */

typedef struct relay_store relay_store;

/* folder: made if it is not there, mode 0700. The log names what fails; codes of store/sql.h. */
result relay_store_open(const char *folder, relay_store **out);
void relay_store_close(relay_store **store);

/* --- terminals ---------------------------------------------------------------------------------------------------- */

typedef struct relay_terminal {
    char id[RELAY_WORD_SIZE];
    char key[RELAY_WORD_SIZE]; /* SHA-256 of its TLS key, hexadecimal in capitals */
    int64_t admitted_at;       /* seconds since 1970 */
    int64_t ends_at;           /* of its TLS certificate */
    int64_t seen_at;           /* when it last connected; 0: never */
} relay_terminal;

/* A new one, or another key for one that is there. RESULT_EXISTS: another terminal has this key. */
result relay_store_admit(relay_store *store, const relay_terminal *terminal);
/* RESULT_NOT_FOUND. */
result relay_store_withdraw(relay_store *store, const char *id);
/* RESULT_NOT_FOUND: no terminal of this id has this key. */
result relay_store_find(relay_store *store, const char *id, const char *key);
/* RESULT_NOT_FOUND likewise: the terminal was withdrawn, or has another key, since it was found. */
result relay_store_seen(relay_store *store, const char *id, const char *key, int64_t at);
/* All of them, until visit returns something else than RESULT_OK. visit must not use the store. */
typedef result relay_terminal_visit(void *context, const relay_terminal *terminal);
result relay_store_each_terminal(relay_store *store, relay_terminal_visit *visit, void *context);
/* Changes when another process may have changed the store. */
int64_t relay_store_others(relay_store *store);

/* A code that unlocks one terminal once, before until (seconds since 1970). RESULT_NOT_FOUND: no such terminal. */
result relay_store_set_code(relay_store *store, const char *id, const char *hash, int64_t until);
/* Uses it up. RESULT_DENIED: it is not this terminal's, or too old. */
result relay_store_take_code(relay_store *store, const char *id, const char *hash, int64_t now);

/* --- uses of keys ------------------------------------------------------------------------------------------------- */

typedef struct relay_use {
    int64_t number, at;
    char terminal[RELAY_WORD_SIZE]; /* "": the relay itself */
    char key[RELAY_WORD_SIZE];      /* label of the key */
    char role[RELAY_WORD_SIZE];     /* what was signed: signable.h */
    char about[RELAY_WORD_SIZE];    /* a hash: of the card's id, of what the evidence is about, of the wrapped key */
    char chain[RELAY_WORD_SIZE];
} relay_use;

/* Durable when it returns RESULT_OK; then number, at and chain are filled in. Concurrent calls share one write to the
 * disk. */
result relay_store_add_use(relay_store *store, relay_use *use);
/* How many this terminal has made that are signatures, up to and with the use of this number. */
result relay_store_count_signatures(relay_store *store, const char *terminal, int64_t through, int64_t *count);
/* Whether the SE has signed this wrapped key for this terminal. RESULT_NOT_FOUND. */
result relay_store_find_wrapped(relay_store *store, const char *terminal, const char *about);
typedef result relay_use_visit(void *context, const relay_use *use);
result relay_store_each_use(relay_store *store, relay_use_visit *visit, void *context);
/* Recomputes the chain. RESULT_BAD_SIGNATURE: use *broken (its number) is not as it was written, or is missing. */
result relay_store_check_uses(relay_store *store, int64_t *broken);
/* How many uses in all: the number of the newest. Does not wait for one that is being written. */
int64_t relay_store_count_uses(relay_store *store);

/* --- outcomes ----------------------------------------------------------------------------------------------------- */

/* What the services have answered to the hospital's terminals, as a record of the hospital: rows are only ever added,
 * each with a hash over itself and the one before. Nothing in them names a patient: receptions and visits are named by
 * their ids. */
typedef struct relay_outcome {
    int64_t number, at;
    char terminal[RELAY_WORD_SIZE];
    char service[RELAY_WORD_SIZE]; /* pf, history */
    char subject[RELAY_WORD_SIZE]; /* id of the evidence, or of the visit; "": the request was refused as a whole */
    char outcome[RELAY_WORD_SIZE]; /* a word: docs/interfaces/relay.md */
    char way[RELAY_WORD_SIZE];     /* live, or kept */
    char answer[RELAY_WORD_SIZE];  /* SHA-256 of the service's bytes, hexadecimal in capitals */
    char chain[RELAY_WORD_SIZE];
} relay_outcome;

/* Durable when it returns RESULT_OK; then number, at and chain are filled in. An outcome equal to the newest one of its
 * subject gets no row; its number stays 0. */
result relay_store_add_outcomes(relay_store *store, relay_outcome *all, size_t count);
typedef result relay_outcome_visit(void *context, const relay_outcome *outcome);
/* In order, until visit returns something else than RESULT_OK; visit must not use the store. */
result relay_store_each_outcome(relay_store *store, relay_outcome_visit *visit, void *context);
/* Recomputes the chain. RESULT_BAD_SIGNATURE: outcome *broken (its number) is not as it was written, or is missing. */
result relay_store_check_outcomes(relay_store *store, int64_t *broken);

/* --- settings ----------------------------------------------------------------------------------------------------- */

/* Appends. RESULT_NOT_FOUND. */
result relay_store_setting(relay_store *store, const char *name, buffer *value);
result relay_store_set(relay_store *store, const char *name, bytes value);
result relay_store_unset(relay_store *store, const char *name);
