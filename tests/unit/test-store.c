/* lib/store: migrations, transactions, full disk, sessions that serve once, answers and visits that are kept once. */
#include "base/uuid.h"
#include "store/history_store.h"
#include "store/platform_store.h"
#include "store/sqlite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

static void sessions_serve_once(void **state) {
    (void)state;
    platform_store *store;
    platform_session session = {.institution_code = "1312345678", .nonce = "AB", .expires = 1060}, taken;
    assert_int_equal(platform_store_open_sqlite(path, &store), RESULT_OK);
    assert_int_equal(uuid_v7(session.id), RESULT_OK);
    assert_int_equal(store->put_session(store, &session, 1000), RESULT_OK);
    store->close(&store);
    assert_int_equal(platform_store_open_sqlite(path, &store), RESULT_OK);
    assert_int_equal(store->take_session(store, session.id, &taken), RESULT_OK);
    assert_string_equal(taken.nonce, "AB");
    assert_int_equal(taken.expires, 1060);
    assert_int_equal(store->take_session(store, session.id, &taken), RESULT_NOT_FOUND);
    store->close(&store);
    assert_null(store);
}

static void answers_are_kept_once(void **state) {
    (void)state;
    platform_store *store;
    platform_answer answer = {.content_hash = "AA", .mode = "offline", .validity = "1", .at = 7}, found;
    platform_counts counts;
    buffer body = BUFFER_INIT(100);
    assert_int_equal(platform_store_open_sqlite(path, &store), RESULT_OK);
    assert_int_equal(uuid_v7(answer.evidence_id), RESULT_OK);
    assert_int_equal(store->find_answer(store, answer.evidence_id, &found, &body), RESULT_NOT_FOUND);
    assert_int_equal(store->put_answer(store, &answer, bytes_of("e", 1), bytes_of("body", 4)), RESULT_OK);
    assert_int_equal(store->put_answer(store, &answer, bytes_of("f", 1), bytes_of("other", 5)), RESULT_EXISTS);
    assert_int_equal(store->find_answer(store, answer.evidence_id, &found, &body), RESULT_OK);
    assert_string_equal(buffer_text(&body), "body");
    assert_string_equal(found.content_hash, "AA");
    assert_int_equal(store->count(store, 0, &counts), RESULT_OK);
    assert_int_equal(counts.answers_offline, 1);
    assert_int_equal(counts.answers_online, 0);
    buffer_wipe(&body);
    store->close(&store);
}

static void people_are_replaced_as_a_whole(void **state) {
    (void)state;
    platform_store *store;
    static platform_person people[2], found;
    for (size_t i = 0; i < 2; i++) {
        people[i] = (platform_person){.name = "見本", .link_seed = "s", .certificate_count = 1, .coverage_count = 1};
        snprintf(people[i].certificates[0].serial, PLATFORM_WORD_SIZE, "0%zu", i);
        people[i].coverages[0] = (platform_coverage){.number = "5", .from = "2020-01-01", .burden_permille = 300};
    }
    assert_int_equal(platform_store_open_sqlite(path, &store), RESULT_OK);
    assert_int_equal(store->replace_people(store, people, 2), RESULT_OK);
    assert_int_equal(store->find_person(store, "", "01", &found), RESULT_OK);
    assert_string_equal(found.name, "見本");
    assert_int_equal(found.coverage_count, 1);
    assert_int_equal(found.coverages[0].burden_permille, 300);
    people[1].certificates[0] = people[0].certificates[0];
    assert_int_equal(store->replace_people(store, people, 2), RESULT_EXISTS);
    assert_int_equal(store->find_person(store, "", "01", &found), RESULT_OK);
    assert_int_equal(store->replace_people(store, people, 1), RESULT_OK);
    assert_int_equal(store->find_person(store, "", "01", &found), RESULT_NOT_FOUND);
    store->close(&store);
}

static void visits_are_kept_once(void **state) {
    (void)state;
    history_store *store;
    history_submission submission = {.state = "received", .received_at = 1}, listed[4];
    history_visit visit = {.link_id = "L", .registered_at = 9}, found;
    history_counts counts;
    buffer receipt = BUFFER_INIT(100), signature = BUFFER_INIT(100);
    size_t count = 0;
    assert_int_equal(history_store_open_sqlite(path, &store), RESULT_OK);
    assert_int_equal(uuid_v7(visit.visit_id), RESULT_OK);
    assert_int_equal(uuid_v7(submission.id), RESULT_OK);
    assert_int_equal(store->put_submission(store, &submission), RESULT_OK);
    strcpy(submission.state, "registered");
    assert_int_equal(store->put_visit(store, &visit, bytes_of("b", 1), bytes_of("r", 1), bytes_of("s", 1), &submission),
                     RESULT_OK);
    /* The second one fails as a whole: its submission's state stays. */
    strcpy(submission.state, "rejected");
    assert_int_equal(store->put_visit(store, &visit, bytes_of("c", 1), bytes_of("q", 1), bytes_of("t", 1), &submission),
                     RESULT_EXISTS);
    assert_int_equal(store->find_visit(store, visit.visit_id, &found, &receipt, &signature), RESULT_OK);
    assert_string_equal(buffer_text(&receipt), "r");
    assert_string_equal(buffer_text(&signature), "s");
    assert_int_equal(store->count(store, &counts), RESULT_OK);
    assert_int_equal(counts.registered, 1);
    assert_int_equal(counts.rejected, 0);
    assert_int_equal(counts.visits, 1);
    assert_int_equal(store->list(store, "registered", listed, 4, &count), RESULT_OK);
    assert_int_equal(count, 1);
    assert_int_equal(store->list(store, "received", listed, 4, &count), RESULT_OK);
    assert_int_equal(count, 0);
    buffer_wipe(&receipt);
    buffer_wipe(&signature);
    store->close(&store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(migrations_go_up_once_and_never_down), TEST(transactions_are_whole_or_nothing),
        TEST(full_disk_is_said_and_changes_nothing), TEST(no_database_is_said),
        TEST(sessions_serve_once), TEST(answers_are_kept_once),
        TEST(people_are_replaced_as_a_whole), TEST(visits_are_kept_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
