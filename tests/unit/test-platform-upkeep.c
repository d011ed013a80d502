/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the platform's store does with what is left over: data sets that were replaced or never finished, and answers of
 * the version before. Seen in the tables themselves, on SQLite. */
#include "base/uuid.h"
#include "store/platform_store.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define MANY 1500 /* more than one transaction of people */
#define HOUR_S 3600

static char folder[] = "/tmp/test-platform-upkeep-XXXXXX";
static char path[64];
static platform_store *store;
static sqlite3 *raw;

static int begin(void **state) {
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/platform", folder);
    if (platform_store_open(path, &store) != RESULT_OK || sqlite3_open(path, &raw) != SQLITE_OK)
        return -1;
    return sqlite3_busy_timeout(raw, 10000);
}

static int end(void **state) {
    char command[80];
    (void)state;
    platform_store_close(&store);
    sqlite3_close(raw);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    return system(command);
}

static void change(const char *sql) {
    char *problem = NULL;
    if (sqlite3_exec(raw, sql, NULL, NULL, &problem) != SQLITE_OK)
        fail_msg("%s: %s", sql, problem);
}

static long long number(const char *sql) {
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_prepare_v2(raw, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    const long long found = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return found;
}

/* --- data sets ---------------------------------------------------------------------------------------------------- */

typedef struct source {
    size_t next, count;
    void (*meanwhile)(void); /* when all but one have been given */
} source;

static result give(void *context, platform_person *out) {
    source *s = context;
    if (s->next + 1 == s->count && s->meanwhile != NULL)
        s->meanwhile();
    if (s->next == s->count)
        return RESULT_NOT_FOUND;
    *out = (platform_person){.birth_date = "1950-01-01", .certificate_count = 1, .coverage_count = 2};
    snprintf(out->link_seed, sizeof out->link_seed, "%zu", s->next);
    strcpy(out->certificates[0].issuer, "CN=A");
    snprintf(out->certificates[0].serial, sizeof out->certificates[0].serial, "%04zX", s->next++);
    return RESULT_OK;
}

static result load(size_t count, void (*meanwhile)(void)) {
    source s = {0, count, meanwhile};
    size_t done;
    return platform_store_replace_people(store, give, &s, &done);
}

static void holds(long long people) {
    assert_int_equal(number("SELECT count(*) FROM person"), people);
    assert_int_equal(number("SELECT count(*) FROM certificate"), people);
    assert_int_equal(number("SELECT count(*) FROM coverage"), 2 * people);
    assert_int_equal(number("SELECT count(*) FROM generation"), 0);
}

static void what_was_replaced_is_gone(void **state) {
    (void)state;
    assert_int_equal(load(20, NULL), RESULT_OK);
    holds(20);
    assert_int_equal(load(7, NULL), RESULT_OK);
    holds(7);
}

static void add_generation(const char *id, int64_t age_s) {
    char sql[512];
    snprintf(
        sql, sizeof sql,
        "INSERT INTO generation VALUES ('%s', %lld);"
        "INSERT INTO person SELECT '%s', id, link_seed, name, kana, birth_date, sex, postal_code, address FROM person"
        " WHERE generation = (SELECT value FROM kept_value WHERE name = 'platform people') LIMIT 3",
        id, (long long)(time(NULL) - age_s), id);
    change(sql);
}

/* Of a load that was killed; one that somebody works on is left alone. */
static void only_what_was_abandoned_is_swept(void **state) {
    (void)state;
    assert_int_equal(load(5, NULL), RESULT_OK);
    add_generation("killed", HOUR_S + 60);
    add_generation("at work", HOUR_S - 60);
    assert_int_equal(number("SELECT count(*) FROM person"), 11);
    assert_int_equal(load(5, NULL), RESULT_OK);
    assert_int_equal(number("SELECT count(*) FROM person WHERE generation = 'killed'"), 0);
    assert_int_equal(number("SELECT count(*) FROM person WHERE generation = 'at work'"), 3);
    assert_int_equal(number("SELECT count(*) FROM generation"), 1);
}

static void load_another(void) {
    assert_int_equal(load(9, NULL), RESULT_OK);
}

static void two_loads_do_not_hurt_each_other(void **state) {
    (void)state;
    assert_int_equal(load(MANY, load_another), RESULT_OK);
    holds(MANY); /* the later one is in force, and the earlier one gone */
}

static void a_number_is_one_of_its_ca(void **state) {
    platform_lookup list[3] = {
        {.certificate = {"CN=A", "0001"}}, {.certificate = {"CN=B", "0001"}}, {.certificate = {"CN=A", "0002"}}};
    (void)state;
    assert_int_equal(load(5, NULL), RESULT_OK);
    assert_int_equal(platform_store_find_people(store, list, 3), RESULT_OK);
    assert_true(list[0].found && list[2].found);
    assert_false(list[1].found);
    assert_int_equal(list[0].person.coverage_count, 2);
}

/* --- answers without marks ---------------------------------------------------------------------------------------- */

static struct old {
    const char *patient, *challenge; /* NULL: its evidence cannot be read */
    const char *se;
    int64_t counter;
    const char *due; /* the challenge that it is marked with; NULL: its own id */
} rows[] = {
    {"1", "C1", "", 0, "C1"},   {"2", "C1", "", 0, "C1"}, /* another patient's card may have the same */
    {"1", "C1", "", 0, NULL},   {"3", NULL, "", 0, NULL},   {"4", "C4", "SE", 7, "C4"},
    {"5", "C5", "SE", 7, NULL}, {"6", "C6", "SE", 8, "C6"},
};
#define ROWS (sizeof rows / sizeof *rows)

/* The evidence is the row's number. */
static result read_marks(void *context, bytes evidence, platform_marks *out) {
    const struct old *row = &rows[*evidence.data - '0'];
    ++*(unsigned *)context;
    if (row->challenge == NULL)
        return RESULT_INVALID;
    *out = (platform_marks){.se_counter = row->counter, .stated_at = 1};
    strcpy(out->challenge, row->challenge);
    strcpy(out->se, row->se);
    return RESULT_OK;
}

static void answers_of_before_are_marked_once(void **state) {
    char sql[600], ids[ROWS][37];
    unsigned read = 0;
    size_t count;
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        const char evidence[] = {(char)('0' + i)};
        platform_ruling r = {.answer = {.content_hash = "AA", .mode = "offline", .validity = "1", .at = 7},
                             .evidence = bytes_of(evidence, 1),
                             .body = bytes_of("{}", 2)};
        assert_int_equal(uuid_v7(r.answer.evidence_id), RESULT_OK);
        memcpy(ids[i], r.answer.evidence_id, sizeof ids[i]);
        snprintf(r.marks.challenge, sizeof r.marks.challenge, "new %zu", i);
        strcpy(r.answer.patient.issuer, "CN=A");
        strcpy(r.answer.patient.serial, rows[i].patient);
        assert_int_equal(platform_store_keep(store, &r, 1), RESULT_OK);
    }
    change("UPDATE answer SET challenge = NULL, se = NULL");
    assert_int_equal(platform_store_mark_old(store, read_marks, &read, &count), RESULT_OK);
    assert_int_equal(count, ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        snprintf(sql, sizeof sql, "SELECT challenge = '%s' FROM answer WHERE evidence_id = '%s'",
                 rows[i].due != NULL ? rows[i].due : ids[i], ids[i]);
        if (number(sql) != 1)
            fail_msg("row %zu", i);
    }
    assert_int_equal(platform_store_mark_old(store, read_marks, &read, &count), RESULT_OK);
    assert_int_equal(count, 0);
    assert_int_equal(read, ROWS); /* none was read a second time */
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
        TEST(what_was_replaced_is_gone),         TEST(only_what_was_abandoned_is_swept),
        TEST(two_loads_do_not_hurt_each_other),  TEST(a_number_is_one_of_its_ca),
        TEST(answers_of_before_are_marked_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
