/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The store on a disk that loses what was not synchronised (losing-disk.h), cut at every step. What was committed stays, the
 * rest is not half there. */
#include "base/log.h"
#include "losing-disk.h"
#include "store/sql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define ROWS 6 /* each time that the store is opened */
#define OPENINGS 2

/* --- the store ---------------------------------------------------------------------------------------------------- */

static const char *const migrations[] = {"CREATE TABLE one (number BIGINT PRIMARY KEY, text TEXT)"};
static const sql_schema schema = {.name = "one", .migrations = migrations, .count = 1};

static result insert(sql_database *db, int64_t number) {
    sql_transaction t = sql_writing(db);
    while (sql_run(&t)) {
        t.outcome = sql_change(&t, "INSERT INTO one VALUES ($1, $2)", "it", number, "half");
        if (t.outcome == RESULT_OK)
            t.outcome = sql_change(&t, "UPDATE one SET text = $1 WHERE number = $2", "ti", "whole", number);
    }
    return t.outcome;
}

/* Opens, fills and closes it as often as told, until the power is out. How many rows were committed. */
static int64_t work(const char *path) {
    int64_t committed = 0;
    for (int opening = 0; opening < OPENINGS && !losing_disk_is_dead(); opening++) {
        sql_database *db = NULL;
        if (sql_open(path, &schema, &db) == RESULT_OK)
            for (int i = 0; i < ROWS && insert(db, committed) == RESULT_OK; i++)
                committed++;
        sql_close(&db);
    }
    return committed;
}

/* How many rows there are, from 0 on without a gap, each whole. */
static int64_t rows_found(const char *path) {
    static const char *const tables[] = {"one"};
    sql_database *db;
    assert_int_equal(sql_open(path, &schema, &db), RESULT_OK);
    assert_int_equal(sql_check(db, tables, 1), RESULT_OK);
    sql_transaction t = sql_reading(db);
    int64_t found = 0;
    while (sql_run(&t)) {
        sql_rows rows;
        bool row = false;
        found = 0;
        t.outcome = sql_query(&t, &rows, "SELECT number, text FROM one ORDER BY number", "");
        while (t.outcome == RESULT_OK && (t.outcome = sql_step(&rows, &row)) == RESULT_OK && row) {
            char text[16];
            sql_text(&rows, 1, text, sizeof text);
            assert_int_equal(sql_integer(&rows, 0), found);
            assert_string_equal(text, "whole");
            found++;
        }
        t.outcome = sql_finish(&rows, t.outcome);
    }
    assert_int_equal(t.outcome, RESULT_OK);
    sql_close(&db);
    return found;
}

static void what_was_committed_is_there(void **state) {
    char folder[] = "/tmp/test-power-cut.XXXXXX", path[64];
    bool whole = false;
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/store", folder);
    for (unsigned cut = 1; !whole; cut++) {
        assert_true(cut < 1000);
        for (losing_disk_survivors which = LOSING_DISK_NONE; which < LOSING_DISK_SURVIVORS; which++) {
            losing_disk_begin(cut);
            const int64_t committed = work(path);
            whole = !losing_disk_is_dead();
            losing_disk_come_back(which);
            const int64_t found = rows_found(path);
            if (found < committed || found > committed + 1)
                fail_msg("cut at step %u, survivors %d: %d committed, %d found", cut, which, (int)committed,
                         (int)found);
            losing_disk_empty();
        }
    }
    assert_true(losing_disk_steps() > 4 * ROWS * OPENINGS / 2); /* there was something to cut */
    assert_int_equal(rmdir(folder), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_was_committed_is_there)};
    FILE *nowhere = fopen("/dev/null", "w"); /* each cut is an error of the store */
    log_open("test-power-cut", LOG_ERROR, nowhere);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    fclose(nowhere);
    return failed;
}
