/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Somebody writes into the local store without its keys: each edit is found when the store is opened, and is named. */
#include "delivery/ledger.h"
#include "delivery/ledger_load.h"
#include "delivery/sealed_record.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SUFFIX "01900000-0000-7000-8000-00000000000"
#define CONTENT(text) bytes_of(text, sizeof text - 1)

static char folder[] = "/tmp/test-edited-ledger.XXXXXX", path[sizeof folder + 16];
static store_access store;
static sqlite3 *stranger; /* with what he has copied in memory, and the store as f */

static void sql(const char *text) {
    char *problem = NULL;
    if (sqlite3_exec(stranger, text, NULL, NULL, &problem) != SQLITE_OK)
        fail_msg("%s: %s", text, problem);
}

static void add(const char *id, const char *state, bytes content) {
    terminal_record row = {.at = 1000};
    snprintf(row.id, sizeof row.id, "%s", id);
    snprintf(row.kind, sizeof row.kind, "%s", RECORD_VISIT);
    snprintf(row.subject, sizeof row.subject, "subject");
    snprintf(row.state, sizeof row.state, "%s", state);
    assert_int_equal(record_add(&store, &row, content, NULL, NULL), RESULT_OK);
}

/* Two settings and three records; one of each was changed after the stranger had copied everything. */
static void begin(void) {
    char attach[sizeof path + 32];
    store = (store_access){.unlocked = true};
    memset(store.record_key, 1, sizeof store.record_key);
    memset(store.ledger_key, 2, sizeof store.ledger_key);
    assert_int_equal(terminal_store_open(path, &store.file), RESULT_OK);
    assert_int_equal(ledger_begin(&store), RESULT_OK);
    assert_int_equal(record_set(&store, "left", CONTENT("1")), RESULT_OK);
    assert_int_equal(record_set(&store, "right", CONTENT("2")), RESULT_OK);
    add(SUFFIX "1", STATE_PENDING, CONTENT("one"));
    add(SUFFIX "2", STATE_PENDING, CONTENT("two"));
    add(SUFFIX "3", STATE_CONFIRMED, CONTENT("three"));
    assert_int_equal(sqlite3_open(":memory:", &stranger), SQLITE_OK);
    snprintf(attach, sizeof attach, "ATTACH '%s' AS f", path);
    sql(attach);
    sql("CREATE TABLE old_setting AS SELECT * FROM f.setting; CREATE TABLE old_record AS SELECT * FROM f.record;"
        "CREATE TABLE old_content AS SELECT * FROM f.content");
    assert_int_equal(record_set(&store, "left", CONTENT("3")), RESULT_OK);
    assert_int_equal(record_replace(&store, SUFFIX "1", STATE_PENDING, CONTENT("changed")), RESULT_OK);
}

static void end(void) {
    char file[sizeof path + 8];
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    sqlite3_close(stranger);
    ledger_forget(&store);
    terminal_store_close(&store.file);
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        snprintf(file, sizeof file, "%s%s", path, suffixes[i]);
        unlink(file);
    }
}

static int make_folder(void **state) {
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/terminal.sqlite", folder);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    return rmdir(folder);
}

static const struct {
    const char *edit, *problem; /* "": none */
} rows[] = {
    {"SELECT 1", ""},
    /* settings */
    {"DELETE FROM f.setting WHERE name = 'left'", "left is missing"},
    {"INSERT INTO f.setting SELECT 'third', value, version FROM f.setting WHERE name = 'left'", "third was added"},
    {"UPDATE f.setting SET (value, version) = (SELECT value, version FROM old_setting WHERE name = 'left') WHERE"
     " name = 'left'",
     "left is not the one that was written last"},
    {"UPDATE f.setting SET version = version + 1 WHERE name = 'left'", "left is not the one that was written last"},
    {"UPDATE f.setting SET version = version - 1 WHERE name = 'left'", "left is not the one that was written last"},
    {"UPDATE f.setting SET value = (SELECT value FROM old_setting WHERE name = 'left') WHERE name = 'left'",
     "left was changed"},
    {"UPDATE f.setting SET value = (SELECT value FROM old_setting WHERE name = 'right') WHERE name = 'left'",
     "left was changed"},
    {"UPDATE f.setting SET value = X'' WHERE name = 'right'", "right was changed"},
    {"DELETE FROM f.setting WHERE name = 'ledger'", "ledger was changed"},
    {"UPDATE f.setting SET value = (SELECT value FROM old_setting WHERE name = 'ledger') WHERE name = 'ledger'",
     "ledger was changed"},
    /* An older account, whole: it is not that of what is there. */
    {"UPDATE f.setting SET (value, version) = (SELECT value, version FROM old_setting WHERE name = 'ledger') WHERE"
     " name = 'ledger'",
     "left is not the one that was written last"},
    /* records */
    {"DELETE FROM f.content WHERE id LIKE '%3'; DELETE FROM f.record WHERE id LIKE '%3'",
     "state confirmed, there are 0 rows instead of 1"},
    {"DELETE FROM f.content WHERE id LIKE '%2'; DELETE FROM f.record WHERE id LIKE '%2'",
     "state pending, there are 1 rows instead of 2"},
    {"UPDATE f.content SET sealed = (SELECT sealed FROM old_content o WHERE o.id = f.content.id);"
     "UPDATE f.record SET version = (SELECT version FROM old_record o WHERE o.id = f.record.id)",
     "state pending, is not the one that was written last"},
    {"UPDATE f.record SET state = 'confirmed' WHERE id LIKE '%2'", SUFFIX "2 was changed"},
    {"UPDATE f.record SET subject = 'another' WHERE id LIKE '%2'", SUFFIX "2 was changed"},
    {"UPDATE f.record SET at = at + 1 WHERE id LIKE '%2'", SUFFIX "2 was changed"},
    {"UPDATE f.record SET state = 'anything' WHERE id LIKE '%3'", SUFFIX "3 was changed"},
    {"INSERT INTO f.record SELECT '" SUFFIX "4', kind, subject, state, at, version FROM f.record WHERE id LIKE '%2';"
     "INSERT INTO f.content SELECT '" SUFFIX "4', sealed FROM f.content WHERE id LIKE '%2'",
     SUFFIX "4 was changed"},
    /* In a group of its own, and one that cannot be opened at all. */
    {"INSERT INTO f.record SELECT '" SUFFIX "4', 'paper', subject, state, at, version FROM f.record WHERE id LIKE '%2';"
     "INSERT INTO f.content SELECT '" SUFFIX "4', sealed FROM f.content WHERE id LIKE '%2'",
     SUFFIX "4 was changed"},
    {"INSERT INTO f.record SELECT '" SUFFIX "4', kind, subject, 'damaged', at, version FROM f.record WHERE id LIKE"
     " '%2'; INSERT INTO f.content SELECT '" SUFFIX "4', sealed FROM f.content WHERE id LIKE '%2'",
     "state damaged, there are 1 rows instead of 0"},
};

static void each_edit_is_named(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char problem[LEDGER_PROBLEM_SIZE];
        begin();
        sql(rows[i].edit);
        const result code = ledger_load(&store, problem);
        const bool edited = rows[i].problem[0] != 0;
        if (code != (edited ? RESULT_BAD_SIGNATURE : RESULT_OK) || (edited && !strstr(problem, rows[i].problem)))
            fail_msg("%s: %s, \"%s\"", rows[i].edit, result_text(code), problem);
        assert_int_equal(store.ledger == NULL, edited); /* nothing in it counts any more */
        end();
    }
}

/* Another key is another store: nothing of it is believed. */
static void another_key_opens_nothing(void **state) {
    char problem[LEDGER_PROBLEM_SIZE];
    uint8_t *const keys[] = {store.record_key, store.ledger_key};
    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        begin();
        keys[i][0] ^= 1;
        assert_int_equal(ledger_load(&store, problem), RESULT_BAD_SIGNATURE);
        assert_null(store.ledger);
        end();
    }
}

/* Everything that the stranger has copied, which agrees with its own ledger. */
static void put_all_back(void) {
    sql("DELETE FROM f.setting; INSERT INTO f.setting SELECT * FROM old_setting;"
        "DELETE FROM f.record; INSERT INTO f.record SELECT * FROM old_record;"
        "DELETE FROM f.content; INSERT INTO f.content SELECT * FROM old_content");
}

static void an_earlier_store_is_not_taken_up_by_who_had_it_open(void **state) {
    char problem[LEDGER_PROBLEM_SIZE];
    (void)state;
    begin();
    put_all_back();
    assert_int_equal(ledger_load(&store, problem), RESULT_OK); /* whoever opens it asks the SE's counter */
    end();
    begin();
    sql("UPDATE f.setting SET version = version WHERE name = 'left'"); /* somebody has written, and changed nothing */
    assert_int_equal(ledger_load_again(&store, problem), RESULT_OK);
    put_all_back();
    assert_int_equal(ledger_load_again(&store, problem), RESULT_BAD_SIGNATURE);
    assert_string_equal(problem, "the setting ledger was changed");
    assert_null(store.ledger);
    end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_edit_is_named),
        cmocka_unit_test(an_earlier_store_is_not_taken_up_by_who_had_it_open),
        cmocka_unit_test(another_key_opens_nothing),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
