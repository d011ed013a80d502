/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* When the local store opens, and what it needs for that: a Secure Element in another process may go at any moment, also
 * while a command begins. Everything below the store's opening is the test's. */
#include "se/local_store.h"

#include "core/audit.h"
#include "core/chain_head.h"
#include "core/decisions.h"
#include "core/ledger_check.h"
#include "core/local_store_file.h"
#include "core/presence.h"
#include "delivery/ledger.h"
#include "se/data_key.h"
#include "se/se_supervision.h"
#include "se/secure_element.h"
#include "se/terminal_lock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct token {
    int unused;
};

static struct token one;
static struct se_seen seen;
static card_access cards;
static store_access store;
static command_context ctx;
static presence watched;

static bool goes;         /* the SE is gone, and nobody has noticed yet */
static bool keys_stay;    /* [se] away-minutes is not 0 */
static bool there;        /* it can be opened */
static unsigned openings; /* tries to open it */
static bool locked, robbed, fresh, has_key;
static int64_t records, settings;
static result unwrapping;
static char sealed_for[32];
static unsigned checks;
static outcome agreement; /* of the store with its ledger */

/* --- the Secure Element ------------------------------------------------------------------------------------------- */

/* As the desk does it when the SE does not answer (secure_element.c: put_away). */
static void supervise(void *context) {
    (void)context;
    if (!goes || cards.se == NULL)
        return;
    cards.se = NULL;
    cards.se_away_ms = 1;
    if (!keys_stay)
        store.unlocked = false;
}

void presence_supervise(presence *p) {
    if (p != NULL)
        p->supervise(p->supervise_context);
}

outcome secure_element_open(card_access *c, store_access *s, command_context *context) {
    (void)s, (void)context;
    presence_supervise(c->presence);
    if (c->se != NULL)
        return OUTCOME_OK;
    openings++;
    if (!there)
        return OUTCOME_CARD;
    c->se = &one;
    c->se_away_ms = 0;
    return OUTCOME_OK;
}

outcome secure_element_still_there(card_access *c, command_context *context) {
    (void)c, (void)context;
    return there ? OUTCOME_OK : OUTCOME_CARD;
}

result se_state_read(token *se, se_state *state) {
    assert_ptr_equal(se, &one);
    *state = (se_state){.signatures = 7};
    return RESULT_OK;
}

void se_supervision_note_counter(card_access *c, store_access *s) {
    (void)c, (void)s;
}

/* No command was broken off. */
bool se_supervision_explains(card_access *c, store_access *s, int64_t missing) {
    (void)c, (void)s, (void)missing;
    return false;
}

/* --- the store ---------------------------------------------------------------------------------------------------- */

void data_key_forget(card_access *c, store_access *s) {
    c->se = NULL;
    s->unlocked = false;
}

result data_key_make(token *se, store_access *s, uint8_t key[CRYPT_SEAL_KEY_LENGTH]) {
    (void)se, (void)s;
    memset(key, 1, CRYPT_SEAL_KEY_LENGTH);
    has_key = true;
    return RESULT_OK;
}

result data_key_unwrap(token *se, store_access *s, uint8_t key[CRYPT_SEAL_KEY_LENGTH]) {
    (void)s;
    assert_ptr_equal(se, &one);
    memset(key, 1, CRYPT_SEAL_KEY_LENGTH);
    return unwrapping;
}

result store_derive_keys(store_access *s, const uint8_t key[CRYPT_SEAL_KEY_LENGTH]) {
    (void)s, (void)key;
    return RESULT_OK;
}

void store_forget_keys(store_access *s) {
    s->unlocked = false;
}

const char *store_problem(result code) {
    (void)code;
    return "";
}

result terminal_store_count(terminal_store *file, const char *kind, const char *state, int64_t *count) {
    (void)file, (void)kind, (void)state;
    *count = records;
    return RESULT_OK;
}

result terminal_store_each_setting(terminal_store *file, terminal_setting_visit *visit, void *context) {
    (void)file;
    for (int64_t i = 0; i < settings; i++)
        visit(context, "one", 1);
    return RESULT_OK;
}

bool lock_se_is_fresh(token *se) {
    assert_ptr_equal(se, &one);
    return fresh;
}

result lock_seal(store_access *s, const char *why) {
    (void)s;
    locked = true;
    snprintf(sealed_for, sizeof sealed_for, "%s", why);
    return RESULT_OK;
}

result lock_open(store_access *s) {
    (void)s;
    locked = false;
    return RESULT_OK;
}

outcome lock_check(store_access *s, report *r) {
    (void)s, (void)r;
    return locked ? OUTCOME_REFUSED : OUTCOME_OK;
}

result ledger_begin(store_access *s) {
    (void)s;
    return RESULT_OK;
}

result ledger_load(store_access *s, char problem[LEDGER_PROBLEM_SIZE]) {
    (void)s;
    *problem = 0;
    return robbed ? RESULT_BAD_SIGNATURE : RESULT_OK;
}

bool ledger_counter(const store_access *s, uint32_t *counter) {
    (void)s;
    *counter = 7;
    return true;
}

outcome ledger_check(store_access *s, report *r) {
    (void)r;
    checks++;
    if (agreement != OUTCOME_OK)
        store_forget_keys(s);
    return agreement;
}

outcome ledger_failure(store_access *s, report *r, result code, const char *problem) {
    (void)r, (void)code, (void)problem;
    store_forget_keys(s);
    return OUTCOME_REFUSED;
}

result chain_head_read(store_access *s, report *r, char head[STATEMENT_HASH_SIZE]) {
    (void)s, (void)r;
    *head = 0;
    return RESULT_OK;
}

result decisions_apply(store_access *s, command_context *context) {
    (void)s, (void)context;
    return RESULT_OK;
}

void audit_note(store_access *s, const char *event, const char *result_word) {
    (void)s, (void)event, (void)result_word;
}

outcome report_failure(report *r, outcome failed, const char *reason, const char *format, ...) {
    (void)r, (void)reason, (void)format;
    return failed;
}

const char *report_cause(result code) {
    (void)code;
    return "";
}

/* --- the tests ---------------------------------------------------------------------------------------------------- */

/* A store that was used before, and its SE in another process. */
static int begin(void **state) {
    (void)state;
    watched = (presence){.supervise = supervise};
    seen = (struct se_seen){0};
    cards = (card_access){.presence = &watched, .se_seen = &seen};
    store = (store_access){0};
    goes = locked = robbed = fresh = has_key = false;
    keys_stay = there = true;
    records = settings = 3;
    unwrapping = RESULT_OK;
    openings = checks = 0;
    agreement = OUTCOME_OK;
    sealed_for[0] = 0;
    return 0;
}

static outcome open_writing(void) {
    return local_store_open(&cards, &store, &ctx);
}

static outcome open_reading(void) {
    return local_store_open_reading(&cards, &store, &ctx);
}

static void it_opens_once(void **state) {
    (void)state;
    assert_int_equal(open_writing(), OUTCOME_OK);
    assert_true(store.unlocked);
    assert_int_equal(checks, 0); /* everything was compared at the opening */
    assert_int_equal(open_writing(), OUTCOME_OK);
    assert_int_equal(open_reading(), OUTCOME_OK);
    assert_int_equal(openings, 1);
    assert_int_equal(checks, 2);
    agreement = OUTCOME_REFUSED; /* somebody has written into the file */
    assert_int_equal(open_reading(), OUTCOME_REFUSED);
    assert_false(store.unlocked);
    assert_null(cards.se);
}

static void what_is_open_is_read_while_the_se_is_away(void **state) {
    (void)state;
    assert_int_equal(open_writing(), OUTCOME_OK);
    goes = true;
    there = false;
    supervise(NULL); /* the desk has noticed */
    assert_int_equal(open_reading(), OUTCOME_OK);
    assert_int_equal(openings, 1); /* nobody waits for an SE that is away */
    assert_int_equal(open_writing(), OUTCOME_CARD);
    assert_int_equal(open_reading(), OUTCOME_OK);
    there = true;
    goes = false;
    assert_int_equal(open_writing(), OUTCOME_OK);
}

static void also_when_it_goes_in_that_moment(void **state) {
    (void)state;
    assert_int_equal(open_writing(), OUTCOME_OK);
    goes = true; /* since the desk has looked last */
    there = false;
    assert_int_equal(open_reading(), OUTCOME_OK);
    assert_int_equal(openings, 1);
    assert_true(store.unlocked);
}

static void but_not_when_the_keys_go_with_it(void **state) {
    (void)state;
    keys_stay = false;
    assert_int_equal(open_writing(), OUTCOME_OK);
    goes = true;
    there = false;
    assert_int_equal(open_reading(), OUTCOME_CARD);
    assert_false(store.unlocked);
}

static void nothing_is_read_before_it_was_there(void **state) {
    (void)state;
    there = false;
    assert_int_equal(open_reading(), OUTCOME_CARD);
    there = true;
    cards.presence = NULL; /* a command without a desk */
    assert_int_equal(open_reading(), OUTCOME_OK);
    assert_true(store.unlocked);
}

static void a_locked_store_stays_closed(void **state) {
    (void)state;
    locked = true;
    assert_int_equal(open_writing(), OUTCOME_REFUSED);
    assert_false(store.unlocked);
    assert_null(cards.se);
    assert_int_equal(secure_element_open(&cards, &store, &ctx), OUTCOME_OK);
    assert_int_equal(local_store_unlock(&cards, &store, &ctx), OUTCOME_OK);
    assert_true(store.unlocked);
    assert_int_equal(open_reading(), OUTCOME_OK);
}

static void a_new_store_with_a_used_se_is_locked(void **state) {
    static const struct {
        bool fresh, robbed_of_key;
        outcome due;
    } rows[] = {{true, false, OUTCOME_OK}, {false, false, OUTCOME_REFUSED}, {true, true, OUTCOME_REFUSED}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin(state);
        fresh = rows[i].fresh;
        records = 0;
        settings = rows[i].robbed_of_key ? 1 : 0; /* something that was sealed is still there */
        unwrapping = RESULT_NOT_FOUND;
        assert_int_equal(open_writing(), rows[i].due);
        assert_int_equal(store.unlocked, rows[i].due == OUTCOME_OK);
        assert_int_equal(has_key, !rows[i].robbed_of_key); /* none is made over the one that is gone */
        assert_string_equal(sealed_for, fresh ? "" : LOCK_NEW_STORE);
    }
}

static void a_store_that_does_not_agree_stays_closed(void **state) {
    static const result codes[] = {RESULT_BAD_SIGNATURE, RESULT_DENIED, RESULT_IO};
    (void)state;
    robbed = true;
    assert_int_equal(open_writing(), OUTCOME_REFUSED);
    assert_false(store.unlocked);
    robbed = false;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        unwrapping = codes[i];
        assert_int_not_equal(open_writing(), OUTCOME_OK);
        assert_false(store.unlocked);
        assert_null(cards.se);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup(test, begin)
        TEST(it_opens_once),
        TEST(what_is_open_is_read_while_the_se_is_away),
        TEST(also_when_it_goes_in_that_moment),
        TEST(but_not_when_the_keys_go_with_it),
        TEST(nothing_is_read_before_it_was_there),
        TEST(a_locked_store_stays_closed),
        TEST(a_new_store_with_a_used_se_is_locked),
        TEST(a_store_that_does_not_agree_stays_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
