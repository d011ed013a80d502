/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lib/store/sql on SQLite: migrations, transactions, full disk, another program's file. */
#include "store/sql.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64], path[96];

static int make_folder(void **state) {
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/uketsuke-store.XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/test.sqlite", folder);
    return 0;
}

static int remove_folder(void **state) {
    static const char *const names[] = {"", "-wal", "-shm"};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char name[128];
        snprintf(name, sizeof name, "%s%s", path, names[i]);
        unlink(name);
    }
    return rmdir(folder);
}

static const char *const steps[] = {
    "CREATE TABLE one (id TEXT PRIMARY KEY, value INTEGER);",
    "ALTER TABLE one ADD COLUMN more BLOB;",
    "CREATE TABLE two (id TEXT);SYNTAX ERROR;",
};

static result open_store(size_t count, size_t first, sql_database **out) {
    const sql_schema schema = {"test", steps, count, first};
    return sql_open(path, &schema, out);
}

static int64_t number(sql_database *db, const char *sql) {
    sql_rows rows;
    int64_t value = -1;
    sql_transaction t = sql_reading(db);
    while (sql_run(&t)) {
        t.outcome = sql_find(&t, &rows, sql, "");
        value = t.outcome == RESULT_OK ? sql_integer(&rows, 0) : -1;
        t.outcome = sql_finish(&rows, t.outcome);
    }
    return t.outcome == RESULT_OK ? value : -1;
}

static result insert(sql_database *db, const char *id, int64_t value, bytes more) {
    sql_transaction t = sql_writing(db);
    while (sql_run(&t))
        t.outcome = sql_change(&t, "INSERT INTO one VALUES ($1, $2, $3)", "tib", id, value, more);
    return t.outcome;
}

static result insert_old(sql_database *db, const char *id, int64_t value) {
    sql_transaction t = sql_writing(db);
    while (sql_run(&t))
        t.outcome = sql_change(&t, "INSERT INTO one VALUES ($1, $2)", "ti", id, value);
    return t.outcome;
}

static void migrations_go_up_once_and_never_down(void **state) {
    (void)state;
    sql_database *db;
    struct stat facts;
    assert_int_equal(open_store(1, 0, &db), RESULT_OK);
    assert_int_equal(insert_old(db, "a", 5), RESULT_OK);
    sql_close(&db);
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
    /* A version that is too old is left as it is. */
    assert_int_equal(open_store(2, 2, &db), RESULT_EXPIRED);
    assert_null(db);
    assert_int_equal(open_store(2, 1, &db), RESULT_OK);
    assert_int_equal(number(db, "SELECT value FROM one WHERE more IS NULL"), 5);
    sql_close(&db);
    assert_int_equal(open_store(1, 0, &db), RESULT_UNSUPPORTED);
    assert_null(db);
    /* A migration that fails leaves version and tables as they were. */
    assert_int_equal(open_store(3, 0, &db), RESULT_INTERNAL);
    assert_int_equal(open_store(2, 0, &db), RESULT_OK);
    assert_int_equal(number(db, "SELECT count(*) FROM sqlite_master WHERE name = 'two'"), 0);
    sql_close(&db);
}

/* SQLite would take the second value for $1. */
static void parameters_appear_in_their_order(void **state) {
    (void)state;
    sql_database *db;
    assert_int_equal(open_store(1, 0, &db), RESULT_OK);
    sql_transaction t = sql_writing(db);
    while (sql_run(&t))
        t.outcome = sql_change(&t, "INSERT INTO one (value, id) VALUES ($2, $1)", "ti", "a", (int64_t)5);
    assert_int_equal(t.outcome, RESULT_INTERNAL);
    assert_int_equal(number(db, "SELECT count(*) FROM one"), 0);
    sql_close(&db);
}

static void transactions_are_whole_or_nothing(void **state) {
    (void)state;
    sql_database *db;
    assert_int_equal(open_store(2, 0, &db), RESULT_OK);
    sql_transaction t = sql_writing(db);
    while (sql_run(&t)) {
        assert_int_equal(sql_change(&t, "INSERT INTO one (id) VALUES ($1)", "t", "b"), RESULT_OK);
        t.outcome = RESULT_REFUSED;
    }
    assert_int_equal(t.outcome, RESULT_REFUSED);
    assert_int_equal(number(db, "SELECT count(*) FROM one"), 0);
    assert_int_equal(insert(db, "b", 1, bytes_of(NULL, 0)), RESULT_OK);
    assert_int_equal(insert(db, "b", 1, bytes_of(NULL, 0)), RESULT_EXISTS);
    assert_int_equal(number(db, "SELECT count(*) FROM one"), 1);
    sql_close(&db);
}

static void full_disk_is_said_and_changes_nothing(void **state) {
    (void)state;
    sql_database *db;
    static uint8_t much[200000];
    assert_int_equal(open_store(2, 0, &db), RESULT_OK);
    number(db, "PRAGMA max_page_count = 20");
    assert_int_equal(insert(db, "big", 0, BYTES(much)), RESULT_UNAVAILABLE);
    assert_int_equal(number(db, "SELECT count(*) FROM one"), 0);
    assert_int_equal(insert(db, "small", 0, bytes_of(NULL, 0)), RESULT_OK);
    sql_close(&db);
}

/* What survives a power cut: the log is on the disk before COMMIT returns. */
static void commits_are_synchronous(void **state) {
    (void)state;
    sql_database *db;
    assert_int_equal(open_store(1, 0, &db), RESULT_OK);
    assert_int_equal(number(db, "PRAGMA synchronous"), 2); /* FULL */
    assert_int_equal(number(db, "SELECT count(*) FROM pragma_journal_mode WHERE journal_mode = 'wal'"), 1);
    assert_int_equal(number(db, "PRAGMA secure_delete"), 1);
    assert_int_equal(number(db, "PRAGMA trusted_schema"), 0);
    sql_close(&db);
}

static void no_database_is_said(void **state) {
    (void)state;
    sql_database *db;
    FILE *file = fopen(path, "w");
    for (int i = 0; i < 1000; i++)
        fputs("not a database ", file);
    fclose(file);
    assert_int_equal(open_store(2, 0, &db), RESULT_INVALID);
    assert_int_equal(sql_open("/nonexistent/folder/x", &(sql_schema){"test", steps, 2, 0}, &db), RESULT_IO);
}

/* This test is linked without the engine. */
static void a_program_without_a_server_says_so(void **state) {
    (void)state;
    sql_database *db;
    assert_true(sql_is_server("postgresql://host/name"));
    assert_false(sql_is_server(path));
    assert_int_equal(sql_open("postgresql://host/name", &(sql_schema){"test", steps, 2, 0}, &db), RESULT_UNSUPPORTED);
    assert_null(db);
}

/* Whether another process sees the database in use: a process is never told of its own locks. */
static bool is_locked_for_others(void) {
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        int fd = open(path, O_RDWR | O_CLOEXEC);
        _exit(fd >= 0 && fcntl(fd, F_GETLK, &whole) == 0 && whole.l_type != F_UNLCK ? 0 : 1);
    }
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

/* Else who closes it elsewhere would be the last, and take the log away from those who are still here. */
static void another_connection_leaves_the_locks(void **state) {
    (void)state;
    sql_database *first, *second;
    assert_int_equal(open_store(1, 0, &first), RESULT_OK);
    assert_int_equal(insert_old(first, "a", 5), RESULT_OK);
    assert_true(is_locked_for_others());
    assert_int_equal(open_store(1, 0, &second), RESULT_OK);
    assert_true(is_locked_for_others());
    sql_close(&second);
    assert_true(is_locked_for_others());
    sql_close(&first);
    assert_false(is_locked_for_others());
}

static void a_store_is_closed_to_others(void **state) {
    static const mode_t modes[] = {0640, 0604, 0620, 0660, 0601, 0700, 0600};
    (void)state;
    sql_database *db;
    struct stat facts;
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        assert_int_equal(open_store(1, 0, &db), RESULT_OK);
        sql_close(&db);
        assert_int_equal(chmod(path, modes[i]), 0);
        assert_int_equal(open_store(1, 0, &db), RESULT_OK);
        assert_int_equal(stat(path, &facts), 0);
        assert_int_equal(facts.st_mode & 077, 0);
        sql_close(&db);
    }
}

static result change(sql_database *db, const char *sql) {
    sql_transaction t = sql_writing(db);
    while (sql_run(&t))
        t.outcome = sql_change(&t, sql, "");
    return t.outcome;
}

static void what_others_did_to_a_store_is_seen(void **state) {
    static const char *const constrained[] = {
        "CREATE TABLE one (id TEXT PRIMARY KEY, value INTEGER CHECK (value > 0));"};
    static const char *const tables[] = {"one"};
    const sql_schema schema = {"test", constrained, 1, 0};
    (void)state;
    sql_database *db;
    assert_int_equal(sql_open(path, &schema, &db), RESULT_OK);
    assert_int_equal(insert_old(db, "a", 5), RESULT_OK);
    assert_int_equal(sql_check(db, tables, 1), RESULT_OK);
    assert_int_equal(change(db, "CREATE TABLE another (id TEXT)"), RESULT_OK);
    assert_int_equal(sql_check(db, tables, 1), RESULT_BAD_SIGNATURE);
    assert_int_equal(change(db, "DROP TABLE another"), RESULT_OK);
    assert_int_equal(sql_check(db, tables, 1), RESULT_OK);
    /* A row that the table's own rule forbids. */
    number(db, "PRAGMA ignore_check_constraints = ON");
    assert_int_equal(insert_old(db, "b", 0), RESULT_OK);
    number(db, "PRAGMA ignore_check_constraints = OFF");
    assert_int_equal(sql_check(db, tables, 1), RESULT_INVALID);
    sql_close(&db);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(migrations_go_up_once_and_never_down),
        TEST(parameters_appear_in_their_order),
        TEST(transactions_are_whole_or_nothing),
        TEST(full_disk_is_said_and_changes_nothing),
        TEST(commits_are_synchronous),
        TEST(no_database_is_said),
        TEST(a_program_without_a_server_says_so),
        TEST(another_connection_leaves_the_locks),
        TEST(a_store_is_closed_to_others),
        TEST(what_others_did_to_a_store_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
