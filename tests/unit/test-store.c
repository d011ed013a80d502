/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lib/store/sqlite: migrations, transactions, full disk. lib/store/terminal_store: records, and how many there are. */
#include "store/sqlite.h"
#include "store/terminal_store.h"

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

static int64_t number(database *db, const char *sql) {
    sqlite3_stmt *rows;
    bool row = false;
    assert_int_equal(database_begin(db), RESULT_OK);
    assert_int_equal(database_query(db, &rows, sql, ""), RESULT_OK);
    assert_int_equal(database_step(rows, &row), RESULT_OK);
    int64_t value = row ? sqlite3_column_int64(rows, 0) : -1;
    sqlite3_finalize(rows);
    assert_int_equal(database_end(db, RESULT_OK), RESULT_OK);
    return value;
}

static void migrations_go_up_once_and_never_down(void **state) {
    (void)state;
    database *db;
    struct stat facts;
    assert_int_equal(database_open(path, steps, 1, &db), RESULT_OK);
    assert_int_equal(database_run(db, "INSERT INTO one VALUES (?, ?)", "ti", "a", (int64_t)5), RESULT_OK);
    database_close(&db);
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
    assert_int_equal(database_open(path, steps, 2, &db), RESULT_OK);
    assert_int_equal(number(db, "SELECT value FROM one WHERE more IS NULL"), 5);
    database_close(&db);
    assert_int_equal(database_open(path, steps, 1, &db), RESULT_UNSUPPORTED);
    assert_null(db);
    /* A migration that fails leaves version and tables as they were. */
    assert_int_equal(database_open(path, steps, 3, &db), RESULT_INTERNAL);
    assert_int_equal(database_open(path, steps, 2, &db), RESULT_OK);
    assert_int_equal(number(db, "SELECT count(*) FROM sqlite_master WHERE name = 'two'"), 0);
    database_close(&db);
}

static void transactions_are_whole_or_nothing(void **state) {
    (void)state;
    database *db;
    assert_int_equal(database_open(path, steps, 2, &db), RESULT_OK);
    assert_int_equal(database_begin(db), RESULT_OK);
    assert_int_equal(database_change(db, "INSERT INTO one (id) VALUES (?)", "t", "b"), RESULT_OK);
    assert_int_equal(database_end(db, RESULT_REFUSED), RESULT_REFUSED);
    assert_int_equal(number(db, "SELECT count(*) FROM one"), 0);
    assert_int_equal(database_run(db, "INSERT INTO one (id) VALUES (?)", "t", "b"), RESULT_OK);
    assert_int_equal(database_run(db, "INSERT INTO one (id) VALUES (?)", "t", "b"), RESULT_EXISTS);
    assert_int_equal(number(db, "SELECT count(*) FROM one"), 1);
    database_close(&db);
}

static void full_disk_is_said_and_changes_nothing(void **state) {
    (void)state;
    database *db;
    static uint8_t much[200000];
    assert_int_equal(database_open(path, steps, 2, &db), RESULT_OK);
    number(db, "PRAGMA max_page_count = 20");
    assert_int_equal(database_run(db, "INSERT INTO one (id, more) VALUES (?, ?)", "tb", "big", BYTES(much)),
                     RESULT_UNAVAILABLE);
    assert_int_equal(number(db, "SELECT count(*) FROM one"), 0);
    assert_int_equal(database_run(db, "INSERT INTO one (id) VALUES (?)", "t", "small"), RESULT_OK);
    database_close(&db);
}

static void no_database_is_said(void **state) {
    (void)state;
    database *db;
    FILE *file = fopen(path, "w");
    for (int i = 0; i < 1000; i++)
        fputs("not a database ", file);
    fclose(file);
    assert_int_equal(database_open(path, steps, 2, &db), RESULT_INVALID);
    assert_int_equal(database_open("/nonexistent/folder/x", steps, 2, &db), RESULT_IO);
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
    database *first, *second;
    assert_int_equal(database_open(path, steps, 1, &first), RESULT_OK);
    assert_int_equal(database_run(first, "INSERT INTO one VALUES (?, ?)", "ti", "a", (int64_t)5), RESULT_OK);
    assert_true(is_locked_for_others());
    assert_int_equal(database_open(path, steps, 1, &second), RESULT_OK);
    assert_true(is_locked_for_others());
    database_close(&second);
    assert_true(is_locked_for_others());
    database_close(&first);
    assert_false(is_locked_for_others());
}

static void put(terminal_store *store, int number, const char *kind, const char *state) {
    terminal_record row = {.at = 1, .version = 1};
    const terminal_change change = {.record = &row, .is_new = true, .sealed = bytes_of("sealed", 6)};
    snprintf(row.id, sizeof row.id, "01900000-0000-7000-8000-%012d", number);
    snprintf(row.kind, sizeof row.kind, "%s", kind);
    snprintf(row.subject, sizeof row.subject, "subject %d", number % 2);
    snprintf(row.state, sizeof row.state, "%s", state);
    assert_int_equal(terminal_store_change(store, &change), RESULT_OK);
}

static result confirm(terminal_store *store, int number, bytes sealed) {
    terminal_record row = {.state = "confirmed", .version = 2};
    const terminal_change change = {.record = &row, .sealed = sealed};
    snprintf(row.id, sizeof row.id, "01900000-0000-7000-8000-%012d", number);
    return terminal_store_change(store, &change);
}

static int64_t count(terminal_store *store, const char *kind, const char *state) {
    int64_t found = -1;
    assert_int_equal(terminal_store_count(store, kind, state, &found), RESULT_OK);
    return found;
}

static void records_are_counted(void **state) {
    terminal_store *store;
    terminal_record rows[8];
    size_t listed = 0;
    (void)state;
    assert_int_equal(terminal_store_open(path, &store), RESULT_OK);
    assert_int_equal(count(store, "reception", "pending"), 0);
    for (int i = 0; i < 5; i++)
        put(store, i, "reception", "pending");
    put(store, 5, "visit", "queued");
    assert_int_equal(confirm(store, 1, bytes_of("x", 1)), RESULT_OK);
    assert_int_equal(confirm(store, 1, bytes_of(NULL, 0)), RESULT_OK);
    assert_int_equal(confirm(store, 9, bytes_of("z", 1)), RESULT_NOT_FOUND);
    terminal_record one;
    buffer content = BUFFER_INIT(64);
    assert_int_equal(terminal_store_get(store, "01900000-0000-7000-8000-000000000001", &one, &content), RESULT_OK);
    assert_string_equal(buffer_text(&content), "x"); /* without a new content the old one stays */
    assert_int_equal(one.version, 2);
    buffer_wipe(&content);
    assert_int_equal(count(store, "reception", "pending"), 4);
    assert_int_equal(count(store, "reception", "confirmed"), 1);
    assert_int_equal(count(store, "reception", NULL), 5);
    assert_int_equal(count(store, "visit", NULL), 1);
    const terminal_filter odd = {.kind = "reception", .subject = "subject 1", .newest_first = true};
    assert_int_equal(terminal_store_list(store, &odd, rows, 8, &listed), RESULT_OK);
    assert_int_equal(listed, 2);
    assert_string_equal(rows[0].id, "01900000-0000-7000-8000-000000000003");
    const terminal_filter pending = {.kind = "reception", .subject = "subject 1", .state = "pending"};
    assert_int_equal(terminal_store_list(store, &pending, rows, 8, &listed), RESULT_OK);
    assert_int_equal(listed, 1);
    const terminal_filter later = {.kind = "reception", .after = "01900000-0000-7000-8000-000000000002"};
    assert_int_equal(terminal_store_list(store, &later, rows, 8, &listed), RESULT_OK);
    assert_int_equal(listed, 2);
    assert_string_equal(rows[0].id, "01900000-0000-7000-8000-000000000003");
    const terminal_filter earlier = {
        .kind = "reception", .after = "01900000-0000-7000-8000-000000000002", .newest_first = true};
    assert_int_equal(terminal_store_list(store, &earlier, rows, 8, &listed), RESULT_OK);
    assert_int_equal(listed, 2);
    assert_string_equal(rows[0].id, "01900000-0000-7000-8000-000000000001");
    terminal_store_close(&store);
    assert_int_equal(terminal_store_open(path, &store), RESULT_OK);
    assert_int_equal(count(store, "reception", "pending"), 4);
    terminal_store_close(&store);
}

static void run_sql(const char *sql) {
    sqlite3 *file = NULL;
    assert_int_equal(sqlite3_open(path, &file), SQLITE_OK);
    assert_int_equal(sqlite3_exec(file, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(file);
}

static result take_version(void *context, const terminal_record *record) {
    *(int64_t *)context = record->version;
    return RESULT_OK;
}

/* SQLite compares types, too: a row whose text is a blob, or goes on behind a NUL, would be found by nobody. */
static void rows_of_another_form_are_told(void **state) {
    static const char *const edits[] = {"subject = CAST(subject AS BLOB)",
                                        "subject = subject || char(0) || 'x'",
                                        "state = CAST(state AS BLOB)",
                                        "at = 'soon'",
                                        "version = 1.5",
                                        "subject = subject || printf('%070d', 1)"};
    (void)state;
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        terminal_store *store;
        char sql[256];
        int64_t version = 0;
        unlink(path);
        assert_int_equal(terminal_store_open(path, &store), RESULT_OK);
        put(store, 1, "reception", "pending");
        assert_int_equal(terminal_store_each(store, take_version, &version), RESULT_OK);
        assert_int_equal(version, 1);
        snprintf(sql, sizeof sql, "UPDATE record SET %s", edits[i]);
        run_sql(sql);
        assert_int_equal(terminal_store_each(store, take_version, &version), RESULT_OK);
        assert_int_equal(version, TERMINAL_NO_VERSION);
        terminal_store_close(&store);
    }
}

/* What would answer in the place of the tables, or hide rows of them. */
static void other_tables_are_told(void **state) {
    static const char *const edits[] = {
        "CREATE TRIGGER t AFTER INSERT ON record BEGIN DELETE FROM record WHERE id = new.id; END",
        "ALTER TABLE record RENAME TO hidden; CREATE VIEW record AS SELECT * FROM hidden",
        "DROP INDEX record_by_subject",
        "DROP INDEX record_by_subject; CREATE INDEX record_by_subject ON record (kind, subject, id) WHERE state <> 'lost'",
    };
    (void)state;
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        terminal_store *store;
        int64_t before, after;
        unlink(path);
        assert_int_equal(terminal_store_open(path, &store), RESULT_OK);
        assert_int_equal(terminal_store_check(store), RESULT_OK);
        assert_int_equal(terminal_store_others(store, &before), RESULT_OK);
        run_sql(edits[i]);
        assert_int_equal(terminal_store_check(store), RESULT_BAD_SIGNATURE);
        assert_int_equal(terminal_store_others(store, &after), RESULT_OK);
        assert_true(before != after);
        terminal_store_close(&store);
    }
}

/* An index that does not agree with its table. */
static void a_stale_index_is_told(void **state) {
    terminal_store *store;
    (void)state;
    assert_int_equal(terminal_store_open(path, &store), RESULT_OK);
    put(store, 1, "reception", "pending");
    terminal_store_close(&store);
    run_sql(
        "PRAGMA writable_schema = ON; CREATE TABLE aside AS SELECT * FROM sqlite_schema WHERE name = 'record_by_subject';"
        "DELETE FROM sqlite_schema WHERE name = 'record_by_subject'; PRAGMA writable_schema = RESET");
    run_sql("UPDATE record SET subject = 'another'; PRAGMA writable_schema = ON;"
            "INSERT INTO sqlite_schema SELECT * FROM aside; PRAGMA writable_schema = RESET; DROP TABLE aside");
    assert_int_equal(terminal_store_open(path, &store), RESULT_OK);
    assert_int_equal(terminal_store_check(store), RESULT_INVALID);
    terminal_store_close(&store);
}

/* A store of before is not touched: the program that wrote it can still be installed again. */
static void an_older_store_is_left_alone(void **state) {
    terminal_store *store = NULL;
    (void)state;
    run_sql("CREATE TABLE setting (name TEXT PRIMARY KEY, value BLOB NOT NULL); PRAGMA user_version = 4");
    assert_int_equal(terminal_store_open(path, &store), RESULT_EXPIRED);
    assert_null(store);
    run_sql("INSERT INTO setting (name, value) VALUES ('a', 'b')");
    assert_int_equal(terminal_store_open(path, &store), RESULT_EXPIRED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void) {
    /* clang-format off */
    const struct CMUnitTest tests[] = {
        TEST(migrations_go_up_once_and_never_down), TEST(transactions_are_whole_or_nothing),
        TEST(full_disk_is_said_and_changes_nothing), TEST(no_database_is_said), TEST(another_connection_leaves_the_locks),
        TEST(records_are_counted), TEST(rows_of_another_form_are_told),
        TEST(other_tables_are_told), TEST(a_stale_index_is_told), TEST(an_older_store_is_left_alone),
    };
    /* clang-format on */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
