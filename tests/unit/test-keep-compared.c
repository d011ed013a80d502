/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The relay's store while it is compared with its ledger: what it takes in meanwhile, what it does not give out, what it does
 * when a row is not as it was left; and a store of another version of the program. */
#include "keep/keep_store.h"

#include "base/clock.h"
#include "base/log.h"
#include "delivery/ledger_load.h"

#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

static char folder[] = "/tmp/test-keep-compared-XXXXXX";
static keep_store *store;

/* --- the comparison, which the test lets go --------------------------------------------------------------------------- */

static bool held, until_told; /* until the test says so; until the store wants to be closed */
static sem_t go;
static result compared;

result __real_ledger_compare(store_access *s, int64_t since, const _Atomic bool *must_stop, char *problem);
result __wrap_ledger_compare(store_access *s, int64_t since, const _Atomic bool *must_stop, char *problem);
result __wrap_ledger_compare(store_access *s, int64_t since, const _Atomic bool *must_stop, char *problem) {
    if (held)
        sem_wait(&go);
    while (until_told && !*must_stop)
        usleep(100);
    return compared = __real_ledger_compare(s, since, must_stop, problem);
}

static keep_store_progress finish(void) {
    if (held)
        sem_post(&go);
    while (keep_store_compared(store) == KEEP_STORE_COMPARING)
        usleep(100);
    held = false; /* not before: the thread may just begin, and would leave what was posted to the next */
    return keep_store_compared(store);
}

/* --- a store ---------------------------------------------------------------------------------------------------------- */

static result open_store(void) {
    const keep_store_options options = {.folder = folder, .requests_max = 100, .purge_s = 3600};
    return keep_store_open(&options, &store);
}

static void edit(const char *sql) {
    char path[64];
    sqlite3 *db = NULL;
    snprintf(path, sizeof path, "%s/keep.sqlite", folder);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static kept_request request(int number) {
    kept_request r = KEPT_REQUEST_INIT;
    snprintf(r.owner, sizeof r.owner, "T-01");
    assert_int_equal(buffer_append_format(&r.body, "{\"n\":%d}", number), RESULT_OK);
    return r;
}

static void add(int number) {
    kept_request r = request(number);
    assert_int_equal(keep_store_add(store, &r), RESULT_OK);
    kept_request_wipe(&r);
}

static result find(int number) {
    kept_request r = request(number);
    const result code = keep_store_find(store, &r);
    kept_request_wipe(&r);
    return code;
}

static result next(kept_request *r) {
    *r = KEPT_REQUEST_INIT;
    return keep_store_next(store, r);
}

static result next_answer(void) {
    kept_request r = KEPT_REQUEST_INIT;
    snprintf(r.owner, sizeof r.owner, "T-01");
    const result code = keep_store_next_answer(store, &r);
    kept_request_wipe(&r);
    return code;
}

static void answer_oldest(void) {
    kept_request r;
    assert_int_equal(next(&r), RESULT_OK);
    assert_int_equal(buffer_append_text(&r.answer, "answer"), RESULT_OK);
    assert_int_equal(buffer_append_text(&r.signature, "signed"), RESULT_OK);
    assert_int_equal(keep_store_answer(store, &r), RESULT_OK);
    kept_request_wipe(&r);
}

static int64_t queued(void) {
    keep_store_counts counts;
    keep_store_tell(store, KEPT_PLATFORM, &counts);
    return counts.queued;
}

/* Request 1 is answered, 2 and 3 wait; the relay has ended. */
static int begin(void **state) {
    (void)state;
    held = until_told = false;
    sem_init(&go, 0, 0);
    assert_int_equal(open_store(), RESULT_OK);
    assert_int_equal(keep_store_compared(store), KEEP_STORE_WHOLE); /* a new one */
    for (int i = 1; i <= 3; i++) {
        const int64_t now = clock_wall_ms(); /* ids of one millisecond are in no order */
        while (clock_wall_ms() == now)
            ;
        add(i);
    }
    answer_oldest();
    keep_store_close(&store);
    return 0;
}

static int end(void **state) {
    static const char *const names[] = {"keep.sqlite", "keep.sqlite-wal", "keep.sqlite-shm", "keep.key", "keep.lock"};
    char path[64];
    (void)state;
    until_told = false;
    sem_post(&go); /* of a test that has failed in between */
    keep_store_close(&store);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    sem_destroy(&go);
    return 0;
}

/* --- the tests -------------------------------------------------------------------------------------------------------- */

static void meanwhile_it_takes_in_and_gives_nothing_out(void **state) {
    kept_request r;
    (void)state;
    held = true;
    assert_int_equal(open_store(), RESULT_OK);
    assert_int_equal(keep_store_compared(store), KEEP_STORE_COMPARING);
    assert_int_equal(queued(), 2);
    add(4);
    assert_int_equal(find(2), RESULT_OK);      /* it waits: that may be said */
    assert_int_equal(find(1), RESULT_TIMEOUT); /* its answer is not given out yet */
    assert_int_equal(next(&r), RESULT_TIMEOUT);
    assert_int_equal(next_answer(), RESULT_TIMEOUT);
    assert_false(keep_store_has_answer(store, KEPT_PLATFORM, "T-01"));
    assert_int_equal(finish(), KEEP_STORE_WHOLE);
    assert_int_equal(find(1), RESULT_OK);
    assert_int_equal(next_answer(), RESULT_OK);
    assert_true(keep_store_has_answer(store, KEPT_PLATFORM, "T-01"));
    answer_oldest();
    assert_int_equal(queued(), 2); /* 3, and what was taken in meanwhile */
}

static void what_is_written_while_it_is_compared_is_no_alteration(void **state) {
    (void)state;
    assert_int_equal(open_store(), RESULT_OK);
    for (int i = 10; i < 40; i++)
        add(i);
    assert_int_equal(finish(), KEEP_STORE_WHOLE);
    keep_store_close(&store);
    assert_int_equal(open_store(), RESULT_OK);
    assert_int_equal(finish(), KEEP_STORE_WHOLE);
    assert_int_equal(queued(), 32);
}

static void an_altered_one_is_found_and_then_compared_first(void **state) {
    static const struct {
        const char *alter, *repair;
    } rows[] = {
        {"DELETE FROM record WHERE state = 'answered'", NULL},
        {"UPDATE record SET state = 'delivered' WHERE state = 'answered'",
         "UPDATE record SET state = 'answered' WHERE state = 'delivered'"},
        {"UPDATE record SET version = version - 1 WHERE state = 'answered'",
         "UPDATE record SET version = version + 1 WHERE state = 'answered'"},
        {"UPDATE record SET at = at - 1", "UPDATE record SET at = at + 1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        edit(rows[i].alter);
        held = true;
        assert_int_equal(open_store(), RESULT_OK);
        assert_int_equal(finish(), KEEP_STORE_ALTERED);
        assert_int_equal(compared, RESULT_BAD_SIGNATURE);
        keep_store_close(&store);
        assert_int_equal(open_store(), RESULT_BAD_SIGNATURE); /* not for a moment any more */
        assert_null(store);
        if (rows[i].repair != NULL) {
            edit(rows[i].repair);
            assert_int_equal(open_store(), RESULT_OK);
            assert_int_equal(keep_store_compared(store), KEEP_STORE_WHOLE); /* compared before it was opened */
            keep_store_close(&store);
            held = true;
            assert_int_equal(open_store(), RESULT_OK); /* and trusted again */
            assert_int_equal(keep_store_compared(store), KEEP_STORE_COMPARING);
            assert_int_equal(finish(), KEEP_STORE_WHOLE);
        }
        end(state);
        begin(state);
    }
}

/* What takes no time to look at is looked at before anything else. */
static void a_ledger_or_tables_of_somebody_else_are_refused_at_once(void **state) {
    static const char *const rows[] = {
        "UPDATE setting SET version = version - 1 WHERE name = 'ledger'",
        "UPDATE setting SET value = X'00' WHERE name = 'ledger'",
        "DELETE FROM setting WHERE name = 'ledger'; INSERT INTO setting VALUES ('x', X'', 1)",
        "CREATE TRIGGER t AFTER INSERT ON record BEGIN DELETE FROM record; END", "DROP INDEX record_by_state"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        edit(rows[i]);
        assert_int_equal(open_store(), RESULT_BAD_SIGNATURE);
        end(state);
        begin(state);
    }
}

static void closing_it_ends_the_comparison(void **state) {
    (void)state;
    until_told = true;
    compared = RESULT_OK;
    assert_int_equal(open_store(), RESULT_OK);
    keep_store_close(&store);
    assert_int_equal(compared, RESULT_TIMEOUT);
    until_told = false;
    assert_int_equal(open_store(), RESULT_OK);
    assert_int_equal(finish(), KEEP_STORE_WHOLE);
}

/* --- other versions ----------------------------------------------------------------------------------------------------- */

/* As the version of the schema before has it: without the words by which records are found. */
static void an_older_one_is_taken_over(void **state) {
    kept_request r;
    (void)state;
    edit("DROP TABLE search; PRAGMA user_version = 5");
    assert_int_equal(open_store(), RESULT_OK);
    assert_int_equal(finish(), KEEP_STORE_WHOLE);
    assert_int_equal(queued(), 2);
    assert_int_equal(next_answer(), RESULT_OK);
    assert_int_equal(next(&r), RESULT_OK);
    assert_string_equal(buffer_text(&r.body), "{\"n\":2}");
    kept_request_wipe(&r);
    add(5);
    assert_int_equal(find(5), RESULT_OK);
    keep_store_close(&store);
    assert_int_equal(open_store(), RESULT_OK); /* and from then on it is today's */
    assert_int_equal(finish(), KEEP_STORE_WHOLE);
    assert_int_equal(queued(), 3);
}

/* Refused by name, and left as it is for the program that wrote it. */
static void a_newer_one_is_refused(void **state) {
    char *said = NULL;
    size_t length = 0;
    FILE *log = open_memstream(&said, &length);
    (void)state;
    edit("PRAGMA user_version = 7");
    log_open("test-keep-compared", LOG_ERROR, log);
    assert_int_equal(open_store(), RESULT_UNSUPPORTED);
    log_open("test-keep-compared", LOG_ERROR, stderr);
    fclose(log);
    assert_non_null(strstr(said, "schema version 7 is newer than this program"));
    assert_non_null(strstr(said, folder));
    free(said);
    edit("PRAGMA user_version = 6");
    assert_int_equal(open_store(), RESULT_OK);
    assert_int_equal(finish(), KEEP_STORE_WHOLE);
    assert_int_equal(queued(), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
        TEST(meanwhile_it_takes_in_and_gives_nothing_out),
        TEST(what_is_written_while_it_is_compared_is_no_alteration),
        TEST(an_altered_one_is_found_and_then_compared_first),
        TEST(a_ledger_or_tables_of_somebody_else_are_refused_at_once),
        TEST(closing_it_ends_the_comparison),
        TEST(an_older_one_is_taken_over),
        TEST(a_newer_one_is_refused),
    };
    if (mkdtemp(folder) == NULL)
        return 1;
    const int failures = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(folder);
    return failures;
}
