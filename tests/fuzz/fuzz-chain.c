/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The chain of evidence in a folder. The input tells how two terminals' chains are told: which pieces are missing, how
 * often and in which order the rest comes, how clocks ran. What the check finds must be what was done to them. */
#include "fuzz.h"

#include "auditor/evidence_chain.h"

#include <string.h>

#define PIECES_MAX 24
#define TERMINALS 2

typedef struct piece {
    statement statement;
    uint8_t der[8];
    bool missing;
} piece;

static piece chains[TERMINALS][PIECES_MAX];

static uint8_t next(bytes *input) {
    const uint8_t value = input->length > 0 ? input->data[0] : 0;
    *input = bytes_slice(*input, 1, SIZE_MAX);
    return value;
}

static void make_piece(int terminal, size_t index, bytes *input) {
    piece *p = &chains[terminal][index];
    *p = (piece){.statement = {.mode = STATEMENT_OFFLINE, .se_counter = (uint32_t)(3 * index + 1)},
                 .der = {'p', (uint8_t)terminal, (uint8_t)index}};
    const uint8_t way = next(input);
    p->statement.challenge[0] = (uint8_t)terminal;
    p->statement.challenge[1] = (uint8_t)index;
    p->missing = way & 1;
    snprintf(p->statement.terminal_id, sizeof p->statement.terminal_id, "T-%d", terminal);
    snprintf(p->statement.se_serial, sizeof p->statement.se_serial, "SE-%d", terminal);
    /* Ids by a clock that jumps: the check must not depend on their order. */
    snprintf(p->statement.evidence_id, UUID_TEXT_SIZE, "%08x-0000-7000-8000-0000000000%02x", way * 7919u,
             (unsigned)index);
    if (index > 0)
        FUZZ_REQUIRE(evidence_hash(BYTES(chains[terminal][index - 1].der), p->statement.previous_evidence) ==
                     RESULT_OK);
}

static chain_state expected(int terminal, size_t count) {
    size_t runs = 0;
    for (size_t i = 0; i < count; i++)
        runs += !chains[terminal][i].missing && (i == 0 || chains[terminal][i - 1].missing);
    if (runs > 1)
        return CHAIN_GAP;
    return runs == 1 && chains[terminal][0].missing ? CHAIN_BEGINS_LATER : CHAIN_WHOLE;
}

static void add(evidence_chain *chain, const piece *p) {
    if (!p->missing)
        FUZZ_REQUIRE(evidence_chain_add(chain, BYTES(p->der), &p->statement) == RESULT_OK);
}

/* A piece that names the same predecessor as another one, from a terminal whose chain is complete up to there. */
static chain_state add_fork(evidence_chain *chain, size_t index) {
    piece fork = chains[0][index];
    fork.der[7] = 'f';
    fork.statement.challenge[2] = 'f';
    fork.statement.evidence_id[35] = 'f';
    add(chain, &fork);
    return index > 0 && !fork.missing && !chains[0][index - 1].missing ? CHAIN_FORK
           : fork.missing                                              ? CHAIN_WHOLE
                                                                       : CHAIN_GAP; /* two beginnings */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    bytes input = bytes_of(data, size);
    evidence_chain *chain = NULL;
    char at[UUID_TEXT_SIZE];
    const uint8_t shape = next(&input);
    const size_t count = 1 + shape % PIECES_MAX;
    chain_state worst = CHAIN_WHOLE;
    FUZZ_REQUIRE(evidence_chain_new(&chain) == RESULT_OK);
    for (int terminal = 0; terminal < TERMINALS; terminal++) {
        for (size_t i = 0; i < count; i++)
            make_piece(terminal, i, &input);
        if (expected(terminal, count) > worst)
            worst = expected(terminal, count);
    }
    const size_t first = next(&input), step = next(&input) | 1;
    for (size_t i = 0; i < TERMINALS * count; i++) /* each place once when step and the number have no common divisor */
        add(chain, &chains[i % TERMINALS][(first + i / TERMINALS * step) % count]);
    for (size_t i = 0; i < TERMINALS * count; i++) /* now each once, for sure: copies do not count */
        add(chain, &chains[i % TERMINALS][i / TERMINALS]);
    if (shape & 0x80) {
        const chain_state forked = add_fork(chain, next(&input) % count);
        worst = forked > worst ? forked : worst;
    }
    FUZZ_REQUIRE(evidence_chain_check(chain, at) == worst);
    FUZZ_REQUIRE((worst == CHAIN_WHOLE) == (at[0] == 0));
    FUZZ_REQUIRE(evidence_chain_check(chain, at) == worst); /* asked again */
    evidence_chain_free(&chain);
    return 0;
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    static const uint8_t whole[60] = {23}, gap[60] = {23, 0, 0, 1, 0}, fork[60] = {0x80 | 7};
    (void)count, (void)arguments;
    fuzz_give_seed("whole", BYTES(whole));
    fuzz_give_seed("gap", BYTES(gap));
    fuzz_give_seed("fork", BYTES(fork));
    return 0;
}
