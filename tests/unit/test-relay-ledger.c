/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The relay's store: a terminal is its name with its key; a code is one terminal's, good once and for a while; a row of the
 * ledger that was changed, added or taken away is found; an older store is taken over, a newer one refused. */
#include "se/terminal_view.h"

#include "base/log.h"
#include "relay-folder.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state) {
    relay_store *store = NULL;
    if (relay_store_open(relay_folder(), &store) != RESULT_OK)
        return -1;
    *state = store;
    return 0;
}

static int tear_down(void **state) {
    relay_store *store = *state;
    relay_store_close(&store);
    relay_folder_clear();
    return 0;
}

static void admit(relay_store *store, const char *id, const char *key, result expected) {
    relay_terminal one = {.admitted_at = 1};
    snprintf(one.id, sizeof one.id, "%s", id);
    snprintf(one.key, sizeof one.key, "%s", key);
    assert_int_equal(relay_store_admit(store, &one), expected);
}

static void test_terminals(void **state) {
    relay_store *store = *state;
    admit(store, "T-01", "AA", RESULT_OK);
    admit(store, "T-02", "BB", RESULT_OK);
    admit(store, "T-03", "AA", RESULT_EXISTS);
    assert_int_equal(relay_store_find(store, "T-01", "AA"), RESULT_OK);
    assert_int_equal(relay_store_find(store, "T-01", "BB"), RESULT_NOT_FOUND);
    assert_int_equal(relay_store_find(store, "T-03", "AA"), RESULT_NOT_FOUND);
    admit(store, "T-01", "CC", RESULT_OK); /* another key: the old one is none any more */
    assert_int_equal(relay_store_find(store, "T-01", "AA"), RESULT_NOT_FOUND);
    assert_int_equal(relay_store_find(store, "T-01", "CC"), RESULT_OK);
    assert_int_equal(relay_store_withdraw(store, "T-01"), RESULT_OK);
    assert_int_equal(relay_store_withdraw(store, "T-01"), RESULT_NOT_FOUND);
    assert_int_equal(relay_store_find(store, "T-01", "CC"), RESULT_NOT_FOUND);
}

static void test_codes(void **state) {
    relay_store *store = *state;
    admit(store, "T-01", "AA", RESULT_OK);
    admit(store, "T-02", "BB", RESULT_OK);
    assert_int_equal(relay_store_take_code(store, "T-01", "", 0), RESULT_DENIED); /* none was made */
    assert_int_equal(relay_store_set_code(store, "T-09", "C0DE", 100), RESULT_NOT_FOUND);
    assert_int_equal(relay_store_set_code(store, "T-01", "C0DE", 100), RESULT_OK);
    assert_int_equal(relay_store_take_code(store, "T-02", "C0DE", 99), RESULT_DENIED);
    assert_int_equal(relay_store_take_code(store, "T-01", "C0DF", 99), RESULT_DENIED);
    assert_int_equal(relay_store_take_code(store, "T-01", "C0DE", 100), RESULT_DENIED); /* too old */
    assert_int_equal(relay_store_take_code(store, "T-01", "C0DE", 99), RESULT_OK);
    assert_int_equal(relay_store_take_code(store, "T-01", "C0DE", 99), RESULT_DENIED); /* good once */
}

static void add(relay_store *store, const char *terminal, const char *role, const char *about, int64_t expected) {
    relay_use use = {.key = "institution"};
    snprintf(use.terminal, sizeof use.terminal, "%s", terminal);
    snprintf(use.role, sizeof use.role, "%s", role);
    snprintf(use.about, sizeof use.about, "%s", about);
    assert_int_equal(relay_store_add_use(store, &use), RESULT_OK);
    assert_int_equal(use.number, expected);
}

static void add_four(relay_store *store) {
    add(store, "T-01", "store", "0A", 1);
    add(store, "T-02", "institution", "0B", 2);
    add(store, "T-01", "unwrap", "0A", 3);
    add(store, "T-01", "evidence", "0C", 4);
}

/* Somebody who looks, or the use itself, may be the first to ask for a terminal's view. */
static void test_views(void **state) {
    relay_store *store = *state;
    terminal_views *views = NULL;
    uint32_t count = 0, counter = 0;
    assert_int_equal(terminal_views_new(store, &views), RESULT_OK);
    add(store, "T-01", "evidence", "0A", 1);
    assert_int_equal(terminal_views_signatures(views, "T-01", &count), RESULT_OK); /* before it is noted */
    assert_int_equal(count, 1);
    terminal_views_note(views, "T-01", 1, 7);
    assert_int_equal(terminal_views_signatures(views, "T-01", &count), RESULT_OK);
    assert_int_equal(count, 1);
    add(store, "T-01", "evidence", "0B", 2);
    add(store, "T-02", "evidence", "0C", 3);
    terminal_views_note(views, "T-02", 3, 9);
    terminal_views_note(views, "T-01", 2, 8);
    assert_int_equal(terminal_views_signatures(views, "T-01", &count), RESULT_OK);
    assert_int_equal(count, 2);
    assert_int_equal(terminal_views_signatures(views, "T-02", &count), RESULT_OK);
    assert_int_equal(count, 1);
    assert_int_equal(terminal_views_counter(views, "T-01", &counter), RESULT_OK);
    assert_int_equal(counter, 8);
    terminal_views_free(&views);
}

static void test_uses(void **state) {
    relay_store *store = *state;
    int64_t count = 0;
    add_four(store);
    assert_int_equal(relay_store_count_uses(store), 4);
    assert_int_equal(relay_store_count_signatures(store, "T-01", 4, &count), RESULT_OK);
    assert_int_equal(count, 2); /* a key that was opened is no signature */
    assert_int_equal(relay_store_count_signatures(store, "T-01", 3, &count), RESULT_OK);
    assert_int_equal(count, 1);
    assert_int_equal(relay_store_find_wrapped(store, "T-01", "0A"), RESULT_OK);
    assert_int_equal(relay_store_find_wrapped(store, "T-02", "0A"), RESULT_NOT_FOUND); /* another terminal's */
    assert_int_equal(relay_store_find_wrapped(store, "T-01", "0C"), RESULT_NOT_FOUND); /* not a wrapped key */
}

enum { THREADS = 8, EACH = 25 };

static void *add_some(void *context) {
    int64_t last = 0;
    for (int i = 0; i < EACH; i++) {
        relay_use use = {.terminal = "T-01", .key = "institution", .role = "audit", .about = "00"};
        assert_int_equal(relay_store_add_use(context, &use), RESULT_OK);
        assert_true(use.number > last && strlen(use.chain) == RELAY_WORD_SIZE - 1);
        last = use.number;
    }
    return NULL;
}

/* Those that are written together name each other as well. */
static void test_many_at_once(void **state) {
    pthread_t threads[THREADS];
    int64_t broken = 0;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add_some, *state), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(relay_store_count_uses(*state), THREADS * EACH);
    assert_int_equal(relay_store_check_uses(*state, &broken), RESULT_OK);
}

static void test_chain(void **state) {
    static const struct {
        const char *statement;
        int64_t broken;
    } rows[] = {
        {"UPDATE key_use SET at = at - 1 WHERE number = 2", 2},
        {"UPDATE key_use SET terminal = 'T-09' WHERE number = 3", 3},
        {"UPDATE key_use SET key_label = 'x' WHERE number = 1", 1},
        {"UPDATE key_use SET role = 'unwrap' WHERE number = 4", 4},
        {"UPDATE key_use SET about = '0D' WHERE number = 4", 4},
        {"UPDATE key_use SET chain = '00' WHERE number = 3", 3},
        {"DELETE FROM key_use WHERE number = 1", 1},
        {"DELETE FROM key_use WHERE number = 2", 2},
        {"INSERT INTO key_use SELECT 5, at, terminal, key_label, role, about, chain FROM key_use WHERE number = 4", 5},
        {"INSERT INTO key_use SELECT 9, at, terminal, key_label, role, about, chain FROM key_use WHERE number = 4", 5},
    };
    relay_store *store = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t broken = 0;
        add_four(store);
        assert_int_equal(relay_store_check_uses(store, &broken), RESULT_OK);
        relay_folder_change(rows[i].statement);
        assert_int_equal(relay_store_check_uses(store, &broken), RESULT_BAD_SIGNATURE);
        assert_int_equal(broken, rows[i].broken);
        tear_down(state);
        assert_int_equal(set_up(state), 0);
        store = *state;
    }
}

/* A relay that is started again goes on with the chain. */
static void test_again(void **state) {
    relay_store *store = *state;
    int64_t broken = 0;
    add_four(store);
    relay_store_close(&store);
    assert_int_equal(set_up(state), 0);
    store = *state;
    assert_int_equal(relay_store_count_uses(store), 4);
    add(store, "T-02", "audit", "0E", 5);
    assert_int_equal(relay_store_check_uses(store, &broken), RESULT_OK);
}

/* --- outcomes ----------------------------------------------------------------------------------------------------- */

static relay_outcome outcome(const char *terminal, const char *subject, const char *word, const char *answer) {
    relay_outcome one = {.service = "pf", .way = "kept"};
    snprintf(one.terminal, sizeof one.terminal, "%s", terminal);
    snprintf(one.subject, sizeof one.subject, "%s", subject);
    snprintf(one.outcome, sizeof one.outcome, "%s", word);
    snprintf(one.answer, sizeof one.answer, "%s", answer);
    return one;
}

/* Four rows: the third of what is brought says nothing new. */
static void add_outcomes(relay_store *store) {
    relay_outcome all[] = {outcome("T-01", "e-1", "valid", "0A"), outcome("T-01", "e-2", "none", "0A"),
                           outcome("T-01", "e-1", "valid", "0B"), outcome("T-02", "e-1", "valid", "0A"),
                           outcome("T-01", "e-1", "invalid", "0C")};
    static const int64_t numbers[] = {1, 2, 0, 3, 4};
    assert_int_equal(relay_store_add_outcomes(store, all, 5), RESULT_OK);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(all[i].number, numbers[i]);
}

static void test_outcomes(void **state) {
    relay_store *store = *state;
    int64_t broken = 0;
    relay_outcome again = outcome("T-01", "e-1", "valid", "0D"),
                  refused[] = {outcome("T-01", "", "refused", "0E"), outcome("T-01", "", "refused", "0E"),
                               outcome("T-01", "", "refused", "0F")};
    assert_int_equal(relay_store_add_outcomes(store, NULL, 0), RESULT_OK);
    add_outcomes(store);
    assert_int_equal(relay_store_add_outcomes(store, &again, 1), RESULT_OK);
    assert_int_equal(again.number, 5); /* what it was before is not what it is */
    relay_store_close(&store);
    assert_int_equal(set_up(state), 0);
    store = *state;
    assert_int_equal(relay_store_add_outcomes(store, refused, 3), RESULT_OK);
    assert_true(refused[0].number == 6 && refused[1].number == 0 && refused[2].number == 7);
    assert_int_equal(relay_store_check_outcomes(store, &broken), RESULT_OK);
}

static void test_chain_of_outcomes(void **state) {
    static const struct {
        const char *statement;
        int64_t broken;
    } rows[] = {
        {"UPDATE outcome SET at = at - 1 WHERE number = 2", 2},
        {"UPDATE outcome SET terminal = 'T-09' WHERE number = 3", 3},
        {"UPDATE outcome SET service = 'history' WHERE number = 1", 1},
        {"UPDATE outcome SET subject = 'e-9' WHERE number = 4", 4},
        {"UPDATE outcome SET outcome = 'valid' WHERE number = 2", 2},
        {"UPDATE outcome SET way = 'live' WHERE number = 1", 1},
        {"UPDATE outcome SET answer = '00' WHERE number = 3", 3},
        {"UPDATE outcome SET chain = '00' WHERE number = 3", 3},
        {"DELETE FROM outcome WHERE number = 1", 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t broken = 0;
        add_outcomes(*state);
        relay_folder_change(rows[i].statement);
        assert_int_equal(relay_store_check_outcomes(*state, &broken), RESULT_BAD_SIGNATURE);
        assert_int_equal(broken, rows[i].broken);
        tear_down(state);
        assert_int_equal(set_up(state), 0);
    }
}

/* --- other versions ----------------------------------------------------------------------------------------------- */

/* As the version before has left it: without the ledger of outcomes. */
static void test_older(void **state) {
    relay_store *store = *state;
    int64_t broken = 0;
    admit(store, "T-01", "AA", RESULT_OK);
    add_four(store);
    relay_store_close(&store);
    relay_folder_change("DROP TABLE outcome; PRAGMA user_version = 1");
    assert_int_equal(set_up(state), 0);
    store = *state;
    assert_int_equal(relay_store_find(store, "T-01", "AA"), RESULT_OK);
    add(store, "T-02", "audit", "0E", 5);
    assert_int_equal(relay_store_check_uses(store, &broken), RESULT_OK);
    add_outcomes(store);
    relay_store_close(&store);
    assert_int_equal(set_up(state), 0); /* and from then on it is today's */
    assert_int_equal(relay_store_check_outcomes(*state, &broken), RESULT_OK);
}

/* Refused by name, and left as it is for the program that wrote it. */
static void test_newer(void **state) {
    relay_store *store = *state;
    char *said = NULL;
    size_t length = 0;
    FILE *log = open_memstream(&said, &length);
    add_four(store);
    relay_store_close(&store);
    relay_folder_change("PRAGMA user_version = 3");
    log_open("test-relay-ledger", LOG_ERROR, log);
    assert_int_equal(relay_store_open(relay_folder(), &store), RESULT_UNSUPPORTED);
    log_open("test-relay-ledger", LOG_ERROR, stderr);
    fclose(log);
    assert_non_null(strstr(said, "schema version 3 is newer than this program"));
    assert_non_null(strstr(said, "relay.sqlite"));
    free(said);
    relay_folder_change("PRAGMA user_version = 2");
    assert_int_equal(set_up(state), 0);
    assert_int_equal(relay_store_count_uses(*state), 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(test_terminals, set_up, tear_down),
                                       cmocka_unit_test_setup_teardown(test_codes, set_up, tear_down),
                                       cmocka_unit_test_setup_teardown(test_views, set_up, tear_down),
                                       cmocka_unit_test_setup_teardown(test_uses, set_up, tear_down),
                                       cmocka_unit_test_setup_teardown(test_many_at_once, set_up, tear_down),
                                       cmocka_unit_test_setup_teardown(test_chain, set_up, tear_down),
                                       cmocka_unit_test_setup_teardown(test_again, set_up, tear_down),
                                       cmocka_unit_test_setup_teardown(test_outcomes, set_up, tear_down),
                                       cmocka_unit_test_setup_teardown(test_chain_of_outcomes, set_up, tear_down),
                                       cmocka_unit_test_setup_teardown(test_older, set_up, tear_down),
                                       cmocka_unit_test_setup_teardown(test_newer, set_up, tear_down)};
    return cmocka_run_group_tests(tests, relay_folder_make, relay_folder_remove);
}
