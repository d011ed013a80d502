/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lib/store/terminal_store, the same promises on every engine: records, settings, the audit log.
 * tests/services/terminal-store.test runs this against PostgreSQL. What becomes of a file under other hands is for
 * SQLite alone. */
#include "store/sql.h"
#include "store/terminal_store.h"
#include "test_engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

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
    assert_int_equal(terminal_store_open(test_engine_url, &store), RESULT_OK);
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
    assert_int_equal(terminal_store_open(test_engine_url, &store), RESULT_OK);
    assert_int_equal(count(store, "reception", "pending"), 4);
    terminal_store_close(&store);
}

/* A change is whole: what fails in its last part leaves nothing of the first. */
static void a_change_is_whole_or_nothing(void **state) {
    terminal_store *store;
    buffer value = BUFFER_INIT(64);
    int64_t version = 0;
    (void)state;
    assert_int_equal(terminal_store_open(test_engine_url, &store), RESULT_OK);
    put(store, 1, "reception", "pending");
    terminal_record row = {.at = 1, .version = 2, .kind = "reception", .state = "pending"};
    snprintf(row.id, sizeof row.id, "01900000-0000-7000-8000-%012d", 1);
    terminal_change change = {.record = &row,
                              .is_new = true,
                              .sealed = bytes_of("x", 1),
                              .settings = {{.name = "head", .version = 2, .value = bytes_of("new", 3)}}};
    assert_int_equal(terminal_store_change(store, &change), RESULT_EXISTS);
    assert_int_equal(terminal_store_setting(store, "head", &version, &value), RESULT_NOT_FOUND);
    change.is_new = false;
    assert_int_equal(terminal_store_change(store, &change), RESULT_OK);
    assert_int_equal(terminal_store_setting(store, "head", &version, &value), RESULT_OK);
    assert_string_equal(buffer_text(&value), "new");
    assert_int_equal(version, 2);
    change = (terminal_change){.settings = {{.name = "head", .gone = true}, {.name = "tail", .version = 3}}};
    assert_int_equal(terminal_store_change(store, &change), RESULT_OK);
    assert_int_equal(terminal_store_setting(store, "head", NULL, &value), RESULT_NOT_FOUND);
    assert_int_equal(terminal_store_setting(store, "tail", &version, &value), RESULT_OK);
    assert_int_equal(version, 3);
    assert_int_equal(terminal_store_check(store), RESULT_OK);
    buffer_wipe(&value);
    terminal_store_close(&store);
}

static result note_setting(void *context, const char *name, int64_t version) {
    buffer_append_format(context, "%s %lld;", name, (long long)version);
    return RESULT_OK;
}

static void settings_are_kept_and_told(void **state) {
    terminal_store *store;
    uint8_t odd[] = {0, 1, 0xFF, '\'', 0};
    buffer value = BUFFER_INIT(64);
    (void)state;
    assert_int_equal(terminal_store_open(test_engine_url, &store), RESULT_OK);
    assert_int_equal(terminal_store_set(store, "plain", bytes_of("before", 6)), RESULT_OK);
    assert_int_equal(terminal_store_set(store, "plain", BYTES(odd)), RESULT_OK);
    assert_int_equal(terminal_store_set(store, "empty", bytes_of(NULL, 0)), RESULT_OK);
    const terminal_change sealed = {.settings = {{.name = "sealed", .version = 7, .value = bytes_of("s", 1)}}};
    assert_int_equal(terminal_store_change(store, &sealed), RESULT_OK);
    assert_int_equal(terminal_store_setting(store, "plain", NULL, &value), RESULT_OK);
    assert_true(bytes_equal(buffer_bytes(&value), BYTES(odd)));
    buffer_clear(&value);
    assert_int_equal(terminal_store_setting(store, "empty", NULL, &value), RESULT_OK);
    assert_int_equal(value.length, 0);
    assert_int_equal(terminal_store_each_setting(store, note_setting, &value), RESULT_OK);
    assert_string_equal(buffer_text(&value), "sealed 7;");
    assert_int_equal(terminal_store_unset(store, "plain"), RESULT_OK);
    assert_int_equal(terminal_store_setting(store, "plain", NULL, &value), RESULT_NOT_FOUND);
    buffer_wipe(&value);
    terminal_store_close(&store);
}

static result note_audit(void *context, const terminal_audit_row *row, bytes signature) {
    buffer_append_format(context, "%lld %s %zu;", (long long)row->number, row->event, signature.length);
    return RESULT_OK;
}

static void audit_rows_are_added_and_read(void **state) {
    terminal_store *store;
    terminal_audit_row row = {.at = 100, .event = "login", .outcome = "ok"}, last;
    buffer text = BUFFER_INIT(256);
    int64_t since = -1, oldest = -1;
    (void)state;
    assert_int_equal(terminal_store_open(test_engine_url, &store), RESULT_OK);
    assert_int_equal(terminal_store_audit_last(store, &last), RESULT_NOT_FOUND);
    assert_int_equal(terminal_store_audit_since(store, "checkpoint", &since, &oldest), RESULT_OK);
    assert_true(since == 0 && oldest == 0);
    for (row.number = 1; row.number <= 4; row.number++) {
        snprintf(row.event, sizeof row.event, "%s", row.number == 2 ? "checkpoint" : "login");
        assert_int_equal(terminal_store_audit_add(store, &row, bytes_of("sig", row.number == 2 ? 3 : 0)), RESULT_OK);
        row.at++;
    }
    row.number = 4;
    assert_int_equal(terminal_store_audit_add(store, &row, bytes_of(NULL, 0)), RESULT_EXISTS);
    assert_int_equal(terminal_store_audit_last(store, &last), RESULT_OK);
    assert_true(last.number == 4 && last.at == 103);
    assert_int_equal(terminal_store_audit_each(store, 2, note_audit, &text), RESULT_OK);
    assert_string_equal(buffer_text(&text), "2 checkpoint 3;3 login 0;4 login 0;");
    assert_int_equal(terminal_store_audit_since(store, "checkpoint", &since, &oldest), RESULT_OK);
    assert_true(since == 2 && oldest == 102);
    buffer_wipe(&text);
    terminal_store_close(&store);
}

/* What stands in the way of a server's tables. */
static void a_server_whose_tables_are_others_is_told(void **state) {
    static const char *const edits[] = {"ALTER TABLE record ENABLE ROW LEVEL SECURITY",
                                        "CREATE RULE hide AS ON DELETE TO record DO INSTEAD NOTHING",
                                        "ALTER TABLE setting RENAME TO hidden"};
    terminal_store *store;
    sql_database *db;
    (void)state;
    assert_int_equal(terminal_store_open(test_engine_url, &store), RESULT_OK);
    assert_int_equal(sql_open(test_engine_url, &(sql_schema){"none", NULL, 0, 0}, &db), RESULT_OK);
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        assert_int_equal(terminal_store_check(store), RESULT_OK);
        sql_transaction t = sql_writing(db);
        while (sql_run(&t))
            t.outcome = sql_change(&t, edits[i], "");
        assert_int_equal(t.outcome, RESULT_OK);
        assert_int_equal(terminal_store_check(store), RESULT_BAD_SIGNATURE);
        terminal_store_close(&store);
        assert_int_equal(test_engine_begin(state), 0);
        assert_int_equal(terminal_store_open(test_engine_url, &store), RESULT_OK);
    }
    sql_close(&db);
    terminal_store_close(&store);
}

static void run_sql(const char *sql) {
    sqlite3 *file = NULL;
    assert_int_equal(sqlite3_open(test_engine_path, &file), SQLITE_OK);
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
        unlink(test_engine_path);
        assert_int_equal(terminal_store_open(test_engine_url, &store), RESULT_OK);
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
        unlink(test_engine_path);
        assert_int_equal(terminal_store_open(test_engine_url, &store), RESULT_OK);
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
    assert_int_equal(terminal_store_open(test_engine_url, &store), RESULT_OK);
    put(store, 1, "reception", "pending");
    terminal_store_close(&store);
    run_sql(
        "PRAGMA writable_schema = ON; CREATE TABLE aside AS SELECT * FROM sqlite_schema WHERE name = 'record_by_subject';"
        "DELETE FROM sqlite_schema WHERE name = 'record_by_subject'; PRAGMA writable_schema = RESET");
    run_sql("UPDATE record SET subject = 'another'; PRAGMA writable_schema = ON;"
            "INSERT INTO sqlite_schema SELECT * FROM aside; PRAGMA writable_schema = RESET; DROP TABLE aside");
    assert_int_equal(terminal_store_open(test_engine_url, &store), RESULT_OK);
    assert_int_equal(terminal_store_check(store), RESULT_INVALID);
    terminal_store_close(&store);
}

/* A store of before is not touched: the program that wrote it can still be installed again. */
static void an_older_store_is_left_alone(void **state) {
    terminal_store *store = NULL;
    (void)state;
    run_sql("CREATE TABLE setting (name TEXT PRIMARY KEY, value BLOB NOT NULL); PRAGMA user_version = 4");
    assert_int_equal(terminal_store_open(test_engine_url, &store), RESULT_EXPIRED);
    assert_null(store);
    run_sql("INSERT INTO setting (name, value) VALUES ('a', 'b')");
    assert_int_equal(terminal_store_open(test_engine_url, &store), RESULT_EXPIRED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_engine_begin, test_engine_end)

#define ON_EVERY_ENGINE                                                                                                \
    TEST(records_are_counted), TEST(a_change_is_whole_or_nothing), TEST(settings_are_kept_and_told),                   \
        TEST(audit_rows_are_added_and_read)

int main(void) {
    const struct CMUnitTest server[] = {ON_EVERY_ENGINE, TEST(a_server_whose_tables_are_others_is_told)};
    const struct CMUnitTest file[] = {
        ON_EVERY_ENGINE,
        TEST(rows_of_another_form_are_told),
        TEST(other_tables_are_told),
        TEST(a_stale_index_is_told),
        TEST(an_older_store_is_left_alone),
    };
    return getenv("UKETSUKE_STORE_URL") ? cmocka_run_group_tests(server, NULL, NULL)
                                        : cmocka_run_group_tests(file, NULL, NULL);
}
