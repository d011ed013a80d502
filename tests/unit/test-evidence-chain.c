/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The chain of evidence in a folder: whole, beginning later, and each way to be broken. */
#include "auditor/evidence_chain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define PIECES 6

/* Pieces as a terminal makes them. What is hashed is a text here; only the hashes count. */
typedef struct piece {
    char text[32];
    statement s;
} piece;

static piece pieces[PIECES];

static void make(piece *p, const char *terminal, int number, const piece *before) {
    *p = (piece){.s = {.mode = STATEMENT_OFFLINE, .se_counter = (uint32_t)(10 + 2 * number)}};
    snprintf(p->s.card_id, sizeof p->s.card_id, "card of %s", terminal);
    p->s.challenge[0] = (uint8_t)number;
    snprintf(p->text, sizeof p->text, "%s piece %d", terminal, number);
    snprintf(p->s.terminal_id, sizeof p->s.terminal_id, "%s", terminal);
    snprintf(p->s.se_serial, sizeof p->s.se_serial, "SE of %s", terminal);
    snprintf(p->s.evidence_id, sizeof p->s.evidence_id, "01900000-0000-7000-8000-%012d", number);
    if (before != NULL)
        assert_int_equal(evidence_hash(bytes_of(before->text, strlen(before->text)), p->s.previous_evidence),
                         RESULT_OK);
}

static int make_chain(void **state) {
    (void)state;
    for (int i = 0; i < PIECES; i++)
        make(&pieces[i], "T-01", i, i > 0 ? &pieces[i - 1] : NULL);
    return 0;
}

static char at[UUID_TEXT_SIZE];

/* order: indexes of pieces, closed by -1. */
static chain_state check(const int *order, const piece *more) {
    evidence_chain *chain;
    assert_int_equal(evidence_chain_new(&chain), RESULT_OK);
    for (; *order >= 0; order++)
        assert_int_equal(
            evidence_chain_add(chain, bytes_of(pieces[*order].text, strlen(pieces[*order].text)), &pieces[*order].s),
            RESULT_OK);
    if (more != NULL)
        assert_int_equal(evidence_chain_add(chain, bytes_of(more->text, strlen(more->text)), &more->s), RESULT_OK);
    chain_state state = evidence_chain_check(chain, at);
    assert_int_equal(evidence_chain_check(chain, at), state); /* what is found is not made by looking */
    evidence_chain_free(&chain);
    return state;
}

static void by_hashes(void **state) {
    static const struct {
        int order[PIECES + 2];
        chain_state wanted;
        int at; /* -1: nowhere */
    } rows[] = {
        {{-1}, CHAIN_WHOLE, -1},
        {{0, 1, 2, 3, 4, 5, -1}, CHAIN_WHOLE, -1},
        {{5, 3, 1, 0, 2, 4, -1}, CHAIN_WHOLE, -1},
        {{0, 1, 2, 2, 1, -1}, CHAIN_WHOLE, -1},
        {{2, 3, 4, -1}, CHAIN_BEGINS_LATER, 2},
        {{0, 1, 3, 4, -1}, CHAIN_GAP, 3},
        {{0, 2, 4, -1}, CHAIN_GAP, 2},
        {{1, 2, 4, 5, -1}, CHAIN_GAP, 4},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const chain_state got = check(rows[i].order, NULL);
        if (got != rows[i].wanted || strcmp(at, rows[i].at >= 0 ? pieces[rows[i].at].s.evidence_id : "") != 0)
            fail_msg("row %zu: state %d at %s", i, (int)got, at);
    }
}

/* A clock set back gives later pieces earlier ids. */
static void clock_set_back(void **state) {
    (void)state;
    snprintf(pieces[4].s.evidence_id, UUID_TEXT_SIZE, "00900000-0000-7000-8000-000000000000");
    assert_int_equal(check((const int[]){0, 1, 2, 3, 4, 5, -1}, NULL), CHAIN_WHOLE);
}

static void put_in(void **state) {
    piece other;
    (void)state;
    make(&other, "T-01", 7, &pieces[2]);
    assert_int_equal(check((const int[]){0, 1, 2, 3, -1}, &other), CHAIN_FORK);
    make(&other, "T-01", 7, NULL); /* a second beginning */
    assert_int_equal(check((const int[]){0, 1, 2, 3, -1}, &other), CHAIN_GAP);
    assert_string_equal(at, other.s.evidence_id);
}

static void counter_does_not_rise(void **state) {
    (void)state;
    pieces[3].s.se_counter = pieces[2].s.se_counter;
    assert_int_equal(check((const int[]){0, 1, 2, 3, 4, -1}, NULL), CHAIN_COUNTER);
    assert_string_equal(at, pieces[3].s.evidence_id);
    snprintf(pieces[3].s.se_serial, sizeof pieces[3].s.se_serial, "a new SE"); /* counts from its own beginning */
    snprintf(pieces[4].s.se_serial, sizeof pieces[4].s.se_serial, "a new SE");
    assert_int_equal(check((const int[]){0, 1, 2, 3, 4, -1}, NULL), CHAIN_WHOLE);
}

static void challenge_used_twice(void **state) {
    (void)state;
    memcpy(pieces[4].s.challenge, pieces[1].s.challenge, sizeof pieces[4].s.challenge);
    assert_int_equal(check((const int[]){0, 1, 2, 3, 4, -1}, NULL), CHAIN_CHALLENGE);
    assert_string_equal(at, pieces[4].s.evidence_id);
    snprintf(pieces[4].s.card_id, sizeof pieces[4].s.card_id, "another card");
    assert_int_equal(check((const int[]){0, 1, 2, 3, 4, -1}, NULL), CHAIN_WHOLE);
}

static void terminals_have_their_own(void **state) {
    piece other;
    (void)state;
    make(&other, "T-02", 1, NULL);
    assert_int_equal(check((const int[]){0, 1, 2, -1}, &other), CHAIN_WHOLE);
    make(&other, "T-02", 7, &pieces[2]); /* what it names is another terminal's: its own begin later */
    assert_int_equal(check((const int[]){0, 1, 2, 3, -1}, &other), CHAIN_BEGINS_LATER);
    assert_string_equal(at, other.s.evidence_id);
    pieces[1].s.mode = STATEMENT_ONLINE; /* online evidence is not part of a chain */
    assert_int_equal(check((const int[]){0, 1, -1}, NULL), CHAIN_WHOLE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(by_hashes, make_chain),
        cmocka_unit_test_setup(clock_set_back, make_chain),
        cmocka_unit_test_setup(put_in, make_chain),
        cmocka_unit_test_setup(counter_does_not_rise, make_chain),
        cmocka_unit_test_setup(challenge_used_twice, make_chain),
        cmocka_unit_test_setup(terminals_have_their_own, make_chain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
