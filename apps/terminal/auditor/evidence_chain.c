/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "auditor/evidence_chain.h"

#include <stdlib.h>
#include <string.h>

typedef struct link {
    char terminal_id[STATEMENT_TEXT_MAX];
    char evidence_id[UUID_TEXT_SIZE];
    char hash[STATEMENT_HASH_SIZE], previous[STATEMENT_HASH_SIZE]; /* previous "": the terminal's first */
    char se_serial[STATEMENT_TEXT_MAX];
    uint32_t se_counter;
    char card_id[INSTITUTION_CARD_ID_LENGTH + 1];
    uint8_t challenge[INSTITUTION_CHALLENGE_LENGTH];
    bool followed; /* another piece names it */
} link;

struct evidence_chain {
    link *links;
    size_t count, room;
    size_t gaps; /* of the last check */
};

result evidence_chain_new(evidence_chain **out) {
    *out = calloc(1, sizeof **out);
    return *out != NULL ? RESULT_OK : RESULT_NO_MEMORY;
}

void evidence_chain_free(evidence_chain **chain) {
    if (*chain != NULL)
        free((*chain)->links);
    free(*chain);
    *chain = NULL;
}

size_t evidence_chain_length(const evidence_chain *chain) {
    return chain->count;
}

size_t evidence_chain_gaps(const evidence_chain *chain) {
    return chain->gaps;
}

result evidence_chain_add(evidence_chain *chain, bytes der, const statement *s) {
    if (s->mode != STATEMENT_OFFLINE)
        return RESULT_OK;
    if (chain->count == chain->room) {
        const size_t room = chain->room == 0 ? 64 : 2 * chain->room;
        link *grown = reallocarray(chain->links, room, sizeof *grown);
        if (grown == NULL)
            return RESULT_NO_MEMORY;
        chain->links = grown;
        chain->room = room;
    }
    link *l = &chain->links[chain->count];
    *l = (link){.se_counter = s->se_counter};
    memcpy(l->se_serial, s->se_serial, sizeof l->se_serial);
    memcpy(l->terminal_id, s->terminal_id, sizeof l->terminal_id);
    memcpy(l->evidence_id, s->evidence_id, sizeof l->evidence_id);
    memcpy(l->previous, s->previous_evidence, sizeof l->previous);
    memcpy(l->card_id, s->card_id, sizeof l->card_id);
    memcpy(l->challenge, s->challenge, sizeof l->challenge);
    result code = evidence_hash(der, l->hash);
    if (code == RESULT_OK)
        chain->count++;
    return code;
}

static int by_terminal_and_hash(const void *left, const void *right) {
    const link *a = left, *b = right;
    const int terminal = strcmp(a->terminal_id, b->terminal_id);
    return terminal != 0 ? terminal : strcmp(a->hash, b->hash);
}

static void sort_and_drop_copies(evidence_chain *chain) {
    size_t kept = 0;
    if (chain->count > 0)
        qsort(chain->links, chain->count, sizeof *chain->links, by_terminal_and_hash);
    for (size_t i = 0; i < chain->count; i++)
        if (kept == 0 || by_terminal_and_hash(&chain->links[kept - 1], &chain->links[i]) != 0)
            chain->links[kept++] = chain->links[i];
    chain->count = kept;
    for (size_t i = 0; i < kept; i++)
        chain->links[i].followed = false; /* of an earlier check */
}

static link *predecessor(const evidence_chain *chain, const link *l) {
    link wanted;
    memcpy(wanted.terminal_id, l->terminal_id, sizeof wanted.terminal_id);
    memcpy(wanted.hash, l->previous, sizeof wanted.hash);
    return bsearch(&wanted, chain->links, chain->count, sizeof wanted, by_terminal_and_hash);
}

/* Relation of a piece to its predecessor. */
static chain_state validate(const link *l, link *before) {
    if (before == NULL)
        return CHAIN_WHOLE;
    if (before->followed)
        return CHAIN_FORK;
    before->followed = true;
    return strcmp(l->se_serial, before->se_serial) == 0 && l->se_counter <= before->se_counter ? CHAIN_COUNTER
                                                                                               : CHAIN_WHOLE;
}

typedef struct finding {
    chain_state state;
    char *at;
} finding;

/* The worst, and of equals the first in time. */
static void worsen(finding *f, chain_state state, const link *l) {
    if (state < f->state || state == CHAIN_WHOLE || (state == f->state && strcmp(l->evidence_id, f->at) > 0))
        return;
    f->state = state;
    memcpy(f->at, l->evidence_id, UUID_TEXT_SIZE);
}

/* Where a terminal's chain begins: at its first piece, or later, when the folder does not go back so far; with two
 * beginnings something is missing before the later one (evidence ids are UUIDv7, RFC 9562 5.7: their texts sort
 * by time). */
static void check_beginning(evidence_chain *chain, finding *f, const link **earliest, const link *l) {
    if (*earliest == NULL || strcmp((*earliest)->terminal_id, l->terminal_id) != 0) {
        *earliest = l;
        if (l->previous[0] != 0)
            worsen(f, CHAIN_BEGINS_LATER, l);
        return;
    }
    const bool later = strcmp((*earliest)->evidence_id, l->evidence_id) < 0;
    chain->gaps++;
    worsen(f, CHAIN_GAP, later ? l : *earliest);
    if (!later)
        *earliest = l;
}

static int by_challenge(const void *left, const void *right) {
    const link *a = *(const link *const *)left, *b = *(const link *const *)right;
    const int challenge = memcmp(a->challenge, b->challenge, sizeof a->challenge);
    return challenge != 0 ? challenge : strcmp(a->card_id, b->card_id);
}

/* A challenge proves that the card was there once. Of two pieces with the same one the later is reported. */
static result check_challenges(const evidence_chain *chain, finding *f) {
    const link **sorted = reallocarray(NULL, chain->count + 1, sizeof *sorted);
    if (sorted == NULL)
        return RESULT_NO_MEMORY;
    for (size_t i = 0; i < chain->count; i++)
        sorted[i] = &chain->links[i];
    qsort(sorted, chain->count, sizeof *sorted, by_challenge);
    for (size_t i = 1; i < chain->count; i++)
        if (by_challenge(&sorted[i - 1], &sorted[i]) == 0)
            worsen(f, CHAIN_CHALLENGE,
                   strcmp(sorted[i - 1]->evidence_id, sorted[i]->evidence_id) < 0 ? sorted[i] : sorted[i - 1]);
    free(sorted);
    return RESULT_OK;
}

chain_state evidence_chain_check(evidence_chain *chain, char at[UUID_TEXT_SIZE]) {
    finding found = {CHAIN_WHOLE, at};
    const link *earliest = NULL;
    at[0] = 0;
    chain->gaps = 0;
    sort_and_drop_copies(chain);
    if (check_challenges(chain, &found) != RESULT_OK)
        return CHAIN_UNCHECKED;
    for (size_t i = 0; i < chain->count; i++) {
        const link *l = &chain->links[i];
        link *before = l->previous[0] != 0 ? predecessor(chain, l) : NULL;
        if (before == NULL)
            check_beginning(chain, &found, &earliest, l);
        worsen(&found, validate(l, before), l);
    }
    return found.state;
}
