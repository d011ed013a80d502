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
    terminal_record row = {.at = 1};
    snprintf(row.id, sizeof row.id, "01900000-0000-7000-8000-%012d", number);
    snprintf(row.kind, sizeof row.kind, "%s", kind);
    snprintf(row.subject, sizeof row.subject, "subject %d", number % 2);
    snprintf(row.state, sizeof row.state, "%s", state);
    assert_int_equal(terminal_store_add(store, &row, bytes_of("sealed", 6), NULL, bytes_of(NULL, 0)), RESULT_OK);
}

static int64_t count(terminal_store *store, const char *kind, const char *state) {
    int64_t found = -1;
    assert_int_equal(terminal_store_count(store, kind, state, &found), RESULT_OK);
    return found;
}

/* The numbers are kept by the database itself: each must be what counting would give. */
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
    assert_int_equal(terminal_store_replace(store, "01900000-0000-7000-8000-000000000001", "confirmed",
                                            bytes_of("x", 1)),
                     RESULT_OK);
    assert_int_equal(terminal_store_replace(store, "01900000-0000-7000-8000-000000000001", "confirmed",
                                            bytes_of("y", 1)),
                     RESULT_OK);
    assert_int_equal(terminal_store_replace(store, "01900000-0000-7000-8000-000000000009", "confirmed",
                                            bytes_of("z", 1)),
                     RESULT_NOT_FOUND);
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
    const terminal_filter earlier = {.kind = "reception",
                                     .after = "01900000-0000-7000-8000-000000000002",
                                     .newest_first = true};
    assert_int_equal(terminal_store_list(store, &earlier, rows, 8, &listed), RESULT_OK);
    assert_int_equal(listed, 2);
    assert_string_equal(rows[0].id, "01900000-0000-7000-8000-000000000001");
    terminal_store_close(&store);
    assert_int_equal(terminal_store_open(path, &store), RESULT_OK);
    assert_int_equal(count(store, "reception", "pending"), 4);
    terminal_store_close(&store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(migrations_go_up_once_and_never_down), TEST(transactions_are_whole_or_nothing),
        TEST(full_disk_is_said_and_changes_nothing), TEST(no_database_is_said), TEST(another_connection_leaves_the_locks),
        TEST(records_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
