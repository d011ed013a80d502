/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a power cut may not take, and what must not stay in memory: the calls of the C library that see to it are
 * counted, in their order (fsync(2), rename(2)), and every wipe is looked at before it is done. SQLite's calls come
 * by here, too. */
#include "base/file.h"
#include "base/secret.h"
#include "iso7816/apdu.h"
#include "mocks/cards/reference_value.h"
#include "mocks/cards/se/signature_counter.h"
#include "scp03/cipher.h"
#include "store/sql.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#define SECRET "a-secret-of-16-b"
#define JOURNAL_MAX 256

static char folder[] = "/tmp/test-durability.XXXXXX";

/* --- between the code and the C library --------------------------------------------------------------------------- */

/* f: a file synchronised, d: a folder, s: everything of a file system, r: renamed, l: linked, u: unlinked. */
static char journal[JOURNAL_MAX + 1];
static bool failing_sync, failing_close;
static unsigned wiped; /* wipes that met the secret */

static void note(char what) {
    const size_t length = strlen(journal);
    assert_true(length < JOURNAL_MAX);
    journal[length] = what;
    journal[length + 1] = 0;
}

static void forget(void) {
    journal[0] = 0;
    wiped = 0;
    failing_sync = failing_close = false;
}

static int sync_one(int fd, long call) {
    struct stat seen;
    note(fstat(fd, &seen) == 0 && S_ISDIR(seen.st_mode) ? 'd' : 'f');
    if (!failing_sync)
        return (int)syscall(call, fd);
    errno = EIO;
    return -1;
}

__attribute__((visibility("default"))) int fsync(int fd) {
    return sync_one(fd, SYS_fsync);
}

__attribute__((visibility("default"))) int fdatasync(int fd) {
    return sync_one(fd, SYS_fdatasync);
}

int syncfs(int fd) {
    note('s');
    return (int)syscall(SYS_syncfs, fd);
}

int __wrap_rename(const char *from, const char *to);
int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to) {
    note('r');
    return __real_rename(from, to);
}

int __wrap_link(const char *from, const char *to);
int __real_link(const char *from, const char *to);
int __wrap_link(const char *from, const char *to) {
    note('l');
    return __real_link(from, to);
}

int __wrap_unlink(const char *path);
int __real_unlink(const char *path);
int __wrap_unlink(const char *path) {
    note('u');
    return __real_unlink(path);
}

int __wrap_close(int fd);
int __real_close(int fd);
int __wrap_close(int fd) {
    const int code = __real_close(fd);
    if (!failing_close)
        return code;
    errno = EDQUOT;
    return -1;
}

/* Whoever wipes calls this one in the end (lib/base/secret.h), or what the compiler makes of it. */
void __wrap_explicit_bzero(void *data, size_t length);
void __real_explicit_bzero(void *data, size_t length);
void __wrap_explicit_bzero(void *data, size_t length) {
    wiped += length >= sizeof SECRET - 1 && memmem(data, length, SECRET, sizeof SECRET - 1) != NULL;
    __real_explicit_bzero(data, length);
}

void __wrap___explicit_bzero_chk(void *data, size_t length, size_t room);
void __wrap___explicit_bzero_chk(void *data, size_t length, size_t room) {
    assert_true(length <= room);
    __wrap_explicit_bzero(data, length);
}

static const char *in_folder(const char *name) {
    static char path[2][128];
    static int turn;
    char *p = path[turn++ % 2];
    snprintf(p, sizeof path[0], "%s/%s", folder, name);
    return p;
}

static bytes secret(void) {
    return bytes_of(SECRET, sizeof SECRET - 1);
}

static int begin(void **state) {
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int end(void **state) {
    char command[64];
    (void)state;
    forget();
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static unsigned files(void) {
    char command[80], line[16] = "";
    snprintf(command, sizeof command, "ls -A %s | wc -l", folder);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    assert_non_null(fgets(line, sizeof line, pipe));
    pclose(pipe);
    return (unsigned)atoi(line);
}

static int empty_folder(void **state) {
    char command[80];
    (void)state;
    forget();
    snprintf(command, sizeof command, "rm -rf %s/*", folder);
    return system(command);
}

/* --- files -------------------------------------------------------------------------------------------------------- */

/* The content before the name, and the name before anybody is told. */
static void content_then_name_then_folder(void **state) {
    (void)state;
    forget();
    assert_int_equal(file_replace(in_folder("a"), secret(), 0600), RESULT_OK);
    assert_string_equal(journal, "frd");
    forget();
    assert_int_equal(file_create(in_folder("b"), secret(), 0600), RESULT_OK);
    assert_string_equal(journal, "flud");
    forget();
    assert_int_equal(file_replace_later(in_folder("a"), secret(), 0600), RESULT_OK);
    assert_string_equal(journal, "r");
    forget();
    assert_int_equal(file_sync_all(folder), RESULT_OK);
    assert_string_equal(journal, "s");
    forget();
    assert_int_equal(file_erase(in_folder("a")), RESULT_OK);
    assert_string_equal(journal, "fud");
}

static void a_disk_that_fails_leaves_what_was_there(void **state) {
    buffer content = BUFFER_INIT(100);
    (void)state;
    assert_int_equal(file_replace(in_folder("a"), bytes_of("before", 6), 0600), RESULT_OK);
    failing_sync = true;
    assert_int_equal(file_replace(in_folder("a"), bytes_of("after", 5), 0600), RESULT_IO);
    forget();
    failing_close = true;
    assert_int_equal(file_replace(in_folder("a"), bytes_of("after", 5), 0600), RESULT_IO);
    forget();
    assert_int_equal(file_read(in_folder("a"), &content), RESULT_OK);
    assert_string_equal(buffer_text(&content), "before");
    assert_int_equal(files(), 1); /* no temporary file */
    buffer_wipe(&content);
}

static void erasing_follows_no_link(void **state) {
    buffer content = BUFFER_INIT(100);
    char target[128];
    (void)state;
    snprintf(target, sizeof target, "%s", in_folder("other"));
    assert_int_equal(file_replace(target, bytes_of("whole", 5), 0600), RESULT_OK);
    assert_int_equal(symlink(target, in_folder("link")), 0);
    file_erase(in_folder("link"));
    assert_int_equal(file_read(target, &content), RESULT_OK);
    assert_string_equal(buffer_text(&content), "whole");
    buffer_wipe(&content);
}

static void only_regular_files_are_read_as_entries(void **state) {
    buffer content = BUFFER_INIT(100);
    (void)state;
    assert_int_equal(mkfifo(in_folder("pipe"), 0600), 0);
    const int at = open(folder, O_RDONLY | O_DIRECTORY);
    assert_true(at >= 0);
    assert_int_equal(file_read_entry(at, "pipe", 0, &content), RESULT_UNSUPPORTED);
    assert_int_equal(content.length, 0);
    __real_close(at);
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

static void every_block_that_held_a_secret_is_wiped(void **state) {
    buffer b = BUFFER_INIT(10000), kept = BUFFER_SECRET(10000);
    (void)state;
    forget();
    buffer_append(&b, secret());
    assert_int_equal(buffer_reserve(&b, 5000), RESULT_OK); /* moves */
    assert_int_equal(wiped, 1);
    buffer_truncate(&b, 0);
    assert_int_equal(wiped, 2);
    buffer_append(&b, secret());
    buffer_wipe(&b);
    assert_int_equal(wiped, 3);
    buffer_append(&kept, secret());
    assert_int_equal(buffer_reserve(&kept, 5000), RESULT_OK);
    assert_int_equal(wiped, 4);
    buffer_wipe(&kept);
    assert_int_equal(wiped, 5);
}

static void parts_of_a_chain_are_wiped(void **state) {
    apdu_chain chain = {.data = BUFFER_INIT(100)};
    apdu_command part = {.cla = APDU_CLA_CHAINED, .ins = 0x20, .data = secret()}, other = {.ins = 0x84};
    bool whole;
    (void)state;
    forget();
    assert_int_equal(apdu_chain_feed(&chain, &part, &whole), RESULT_OK);
    assert_int_equal(apdu_chain_feed(&chain, &other, &whole), RESULT_OK);
    assert_int_equal(wiped, 1);
    apdu_chain_reset(&chain);
}

/* An AES key schedule begins with the key (FIPS 197, 5.2). */
static void a_key_schedule_is_wiped(void **state) {
    static const uint8_t icv[CIPHER_BLOCK], data[CIPHER_BLOCK];
    uint8_t out[CIPHER_BLOCK];
    (void)state;
    forget();
    assert_int_equal(cipher_cmac(secret(), BYTES(data), out), RESULT_OK);
    assert_int_equal(wiped, 1);
    assert_int_equal(cipher_cbc(true, secret(), icv, BYTES(data), out), RESULT_OK);
    assert_int_equal(wiped, 2);
}

static void what_was_read_does_not_stay_on_the_stack(void **state) {
    buffer content = BUFFER_SECRET(100);
    (void)state;
    assert_int_equal(file_replace(in_folder("key"), secret(), 0600), RESULT_OK);
    forget();
    assert_int_equal(file_read_secret(in_folder("key"), &content), RESULT_OK);
    assert_int_equal(wiped, 1);
    buffer_wipe(&content);
    assert_int_equal(wiped, 2);
}

static void a_candidate_for_a_pin_is_wiped(void **state) {
    reference_value r = {.tries = 3, .tries_max = 3};
    (void)state;
    r.tries_path = strdup(in_folder("tries"));
    r.value_path = strdup(in_folder("value"));
    assert_int_equal(reference_value_know(&r, bytes_of(SECRET, 16)), RESULT_OK);
    forget();
    for (int right = 0; right < 2; right++) {
        uint8_t candidate[16];
        memcpy(candidate, SECRET, sizeof candidate);
        candidate[15] ^= (uint8_t)!right;
        reference_value_compare(&r, BYTES(candidate));
    }
    assert_int_equal(journal[0], 'f'); /* the try is spent before anything is compared: a file each time, */
    assert_string_equal(journal, "frd"
                                 "frd"
                                 "frd"); /* and after the right value all are given back */
    assert_int_equal(wiped, 1);          /* the wrong one held another value */
    reference_value_wipe(&r);
    assert_int_equal(wiped, 2);
}

/* --- stores ------------------------------------------------------------------------------------------------------- */

static int64_t pragma(sql_database *db, const char *question) {
    sql_transaction t = sql_reading(db);
    int64_t value = -1;
    while (sql_run(&t)) {
        sql_rows rows;
        t.outcome = sql_find(&t, &rows, question, "");
        if (t.outcome == RESULT_OK)
            value = sql_integer(&rows, 0);
        t.outcome = sql_finish(&rows, t.outcome);
    }
    assert_int_equal(t.outcome, RESULT_OK);
    return value;
}

static result insert(sql_database *db, int64_t number) {
    sql_transaction t = sql_writing(db);
    while (sql_run(&t))
        t.outcome = sql_change(&t, "INSERT INTO one VALUES ($1)", "i", number);
    return t.outcome;
}

static void every_commit_is_on_disk(void **state) {
    static const char *const migrations[] = {"CREATE TABLE one (number BIGINT)"};
    static const sql_schema schema = {.name = "one", .migrations = migrations, .count = 1};
    sql_database *db;
    (void)state;
    assert_int_equal(sql_open(in_folder("store"), &schema, &db), RESULT_OK);
    for (int i = 0; i < 3; i++) {
        forget();
        assert_int_equal(insert(db, i), RESULT_OK);
        assert_non_null(strchr(journal, 'f'));
    }
    assert_int_equal(pragma(db, "PRAGMA synchronous"), 2); /* FULL */
    assert_int_equal(pragma(db, "PRAGMA secure_delete"), 1);
    sql_close(&db);
}

static void the_signature_counter_ends_in_order(void **state) {
    signature_counter counter;
    (void)state;
    assert_int_equal(signature_counter_open(&counter, folder), RESULT_OK);
    forget();
    assert_int_equal(signature_counter_raise(&counter), RESULT_OK);
    assert_string_equal(journal, "frd"); /* what is reserved */
    forget();
    assert_int_equal(signature_counter_raise(&counter), RESULT_OK);
    assert_string_equal(journal, "");
    signature_counter_close(&counter);
    assert_string_equal(journal, "ffrd"); /* the count, and only then that nothing is reserved beyond it */
}

/* Near its end the counter reserves what there is: it never begins again from small numbers. */
static void the_signature_counter_has_an_end(void **state) {
    signature_counter counter;
    (void)state;
    assert_int_equal(file_replace(in_folder("signatures"), bytes_of("\xFF\xFF\xFF\xFD", 4), 0600), RESULT_OK);
    assert_int_equal(signature_counter_open(&counter, folder), RESULT_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(signature_counter_raise(&counter), RESULT_OK);
        assert_true(counter.reserved == UINT32_MAX);
    }
    assert_int_equal(signature_counter_raise(&counter), RESULT_TOO_LONG);
    signature_counter_close(&counter);
    assert_int_equal(signature_counter_open(&counter, folder), RESULT_OK);
    assert_true(counter.value == UINT32_MAX);
    signature_counter_close(&counter);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup(test, empty_folder)
        TEST(content_then_name_then_folder),
        TEST(a_disk_that_fails_leaves_what_was_there),
        TEST(erasing_follows_no_link),
        TEST(only_regular_files_are_read_as_entries),
        TEST(every_block_that_held_a_secret_is_wiped),
        TEST(parts_of_a_chain_are_wiped),
        TEST(a_key_schedule_is_wiped),
        TEST(what_was_read_does_not_stay_on_the_stack),
        TEST(a_candidate_for_a_pin_is_wiped),
        TEST(every_commit_is_on_disk),
        TEST(the_signature_counter_ends_in_order),
        TEST(the_signature_counter_has_an_end),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
