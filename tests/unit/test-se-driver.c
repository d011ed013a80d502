/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The files that the driver of the SE keeps: key sets, and the terminal's memory of the channel. */
#include "se-driver/key_file.h"
#include "se-driver/channel_state.h"

#include "base/file.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64], path[96], state_path[112];

static int make(void **state) {
    (void)state;
    strcpy(folder, "/tmp/test-se-driver.XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/key", folder);
    snprintf(state_path, sizeof state_path, "%s.state", path);
    return 0;
}

static int clean(void **state) {
    (void)state;
    unlink(path);
    unlink(state_path);
    return rmdir(folder);
}

static void write_text(const char *text, mode_t mode) {
    assert_int_equal(file_replace(path, bytes_of(text, strlen(text)), mode), RESULT_OK);
}

#define ENC "enc = 000102030405060708090a0b0c0d0e0f\n"
#define MAC "mac = 101112131415161718191A1B1C1D1E1F\n"
#define DEK "dek = 20:21:22:23:24:25:26:27:28:29:2a:2b:2c:2d:2e:2f\n"

static void test_key_file(void **state) {
    (void)state;
    static const struct {
        const char *text;
        result expected;
    } rows[] = {
        {"version = 30\n" ENC MAC DEK, RESULT_OK},
        {"# comment\n\nversion=30\n" DEK ENC MAC, RESULT_OK},
        {"", RESULT_INVALID},
        {ENC MAC DEK, RESULT_INVALID},
        {"version = 30\n" ENC MAC, RESULT_INVALID},
        {"version = 30\n" ENC ENC MAC DEK, RESULT_INVALID},
        {"version = 3000\n" ENC MAC DEK, RESULT_INVALID},
        {"version = 30\nenc = 0001\n" MAC DEK, RESULT_INVALID},
        {"version = 30\nenc = 000102030405060708090a0b0c0d0e0f0001020304050607\n" MAC DEK, RESULT_INVALID},
        {"version = 30\n" ENC MAC "dek = hello\n", RESULT_INVALID},
        {"version = 30\n" ENC MAC DEK "more = 00\n", RESULT_INVALID},
        {"version 30\n" ENC MAC DEK, RESULT_INVALID},
        {"= 30\n" ENC MAC DEK, RESULT_INVALID},
    };
    scp03_keys keys;
    assert_int_equal(key_file_read(path, &keys), RESULT_NOT_FOUND);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        write_text(rows[i].text, 0600);
        assert_int_equal(key_file_read(path, &keys), rows[i].expected);
        assert_int_equal(keys.length, rows[i].expected == RESULT_OK ? 16 : 0);
        if (rows[i].expected == RESULT_OK) {
            assert_int_equal(keys.version, 0x30);
            assert_int_equal(keys.enc[15], 0x0F);
            assert_int_equal(keys.mac[0], 0x10);
            assert_int_equal(keys.dek[15], 0x2F);
        }
    }
}

static void test_key_file_is_private(void **state) {
    (void)state;
    scp03_keys keys;
    static const mode_t open_to_others[] = {0640, 0604, 0620, 0601, 0666};
    write_text("version = 30\n" ENC MAC DEK, 0600);
    for (size_t i = 0; i < sizeof open_to_others / sizeof *open_to_others; i++) {
        assert_int_equal(chmod(path, open_to_others[i]), 0);
        assert_int_equal(key_file_read(path, &keys), RESULT_REFUSED);
    }
    assert_int_equal(chmod(path, 0400), 0);
    assert_int_equal(key_file_read(path, &keys), RESULT_OK);
    assert_int_equal(key_file_read(folder, &keys), RESULT_REFUSED);
}

static void test_key_file_is_written_once(void **state) {
    (void)state;
    scp03_keys keys = {.version = 0x30, .length = 32}, read;
    struct stat status;
    for (size_t i = 0; i < 32; i++) {
        keys.enc[i] = (uint8_t)i;
        keys.mac[i] = (uint8_t)(i + 32);
        keys.dek[i] = (uint8_t)(i + 64);
    }
    assert_int_equal(key_file_write(path, &keys), RESULT_OK);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(key_file_read(path, &read), RESULT_OK);
    assert_memory_equal(&keys, &read, sizeof keys);
    assert_int_equal(key_file_write(path, &keys), RESULT_EXISTS);
}

static uint32_t open_channel(channel_state *l, uint32_t sequence) {
    channel_state_begin(l);
    return channel_state_end(l, sequence);
}

static void test_ledger_counts(void **state) {
    (void)state;
    channel_state l;
    assert_int_equal(channel_state_open(&l, path), RESULT_OK);
    assert_false(channel_state_read(&l).known);
    assert_int_equal(open_channel(&l, 41), 0); /* the first value is as good as any */
    assert_int_equal(open_channel(&l, 42), 0);
    assert_int_equal(open_channel(&l, 45), 2);
    assert_int_equal(open_channel(&l, 46), 0);
    assert_int_equal(open_channel(&l, 46), 1); /* not even one further: an older state of the SE */
    channel_state_record record = channel_state_read(&l);
    assert_true(record.known);
    assert_int_equal(record.sequence, 46);
    assert_int_equal(record.jumps, 3);
    channel_state_begin(&l); /* died in between */
    assert_int_equal(open_channel(&l, 48), 0);
    channel_state_begin(&l); /* died before the SE saw it */
    assert_int_equal(open_channel(&l, 49), 0);
    channel_state_close(&l);
    assert_int_equal(channel_state_open(&l, path), RESULT_OK);
    assert_int_equal(channel_state_read(&l).sequence, 49);
    channel_state_close(&l);
}

static void test_ledger_sees_one_strange_channel(void **state) {
    (void)state;
    channel_state l;
    assert_int_equal(channel_state_open(&l, path), RESULT_OK);
    assert_int_equal(open_channel(&l, 41), 0);
    assert_int_equal(open_channel(&l, 43), 1);
    assert_int_equal(open_channel(&l, 44), 0);
    channel_state_close(&l);
}

/* A disk that takes nothing must not look like somebody else's channel. */
static void test_ledger_cannot_be_written(void **state) {
    (void)state;
    channel_state l;
    assert_int_equal(channel_state_open(&l, path), RESULT_OK);
    assert_int_equal(open_channel(&l, 41), 0);
    const int read_only = open(state_path, O_RDONLY | O_CLOEXEC);
    assert_true(read_only >= 0);
    assert_int_equal(dup3(read_only, l.file, O_CLOEXEC), l.file);
    close(read_only);
    assert_int_equal(open_channel(&l, 50), 0);
    assert_false(channel_state_is_ours(&l));
    channel_state_close(&l);
}

static void test_ledger_follows_no_link(void **state) {
    (void)state;
    channel_state l;
    write_text("somebody's file", 0600);
    assert_int_equal(symlink(path, state_path), 0);
    assert_int_equal(channel_state_open(&l, path), RESULT_IO);
    channel_state_close(&l);
}

static void test_ledger_knows_who_is_logged_in(void **state) {
    (void)state;
    channel_state one, two;
    assert_int_equal(channel_state_open(&one, path), RESULT_OK);
    assert_int_equal(channel_state_open(&two, path), RESULT_OK);
    assert_false(channel_state_others_logged_in(&one));
    channel_state_log_in(&one);
    assert_false(channel_state_others_logged_in(&one));
    assert_true(channel_state_others_logged_in(&two));
    channel_state_log_in(&two);
    channel_state_log_out(&one);
    assert_true(channel_state_others_logged_in(&one));
    assert_false(channel_state_others_logged_in(&two));
    channel_state_close(&two); /* as at the end of a process */
    assert_false(channel_state_others_logged_in(&one));
    channel_state_close(&one);
}

static void test_ledger_knows_its_owner(void **state) {
    (void)state;
    channel_state one, two;
    assert_int_equal(channel_state_open(&one, path), RESULT_OK);
    assert_int_equal(channel_state_open(&two, path), RESULT_OK);
    assert_false(channel_state_is_ours(&one));
    open_channel(&one, 1);
    assert_true(channel_state_is_ours(&one));
    assert_false(channel_state_is_ours(&two));
    open_channel(&two, 2);
    assert_false(channel_state_is_ours(&one));
    assert_true(channel_state_is_ours(&two));
    channel_state_begin(&one);
    assert_false(channel_state_is_ours(&one));
    assert_false(channel_state_is_ours(&two));
    channel_state_close(&one);
    channel_state_close(&two);
}

static void test_ledger_damaged(void **state) {
    (void)state;
    channel_state l;
    assert_int_equal(file_replace(state_path, BYTES("short"), 0600), RESULT_OK);
    assert_int_equal(channel_state_open(&l, path), RESULT_OK);
    assert_false(channel_state_read(&l).known);
    assert_false(channel_state_is_ours(&l));
    assert_int_equal(open_channel(&l, 9), 0);
    assert_true(channel_state_is_ours(&l));
    channel_state_close(&l);
    /* Without a file nothing is remembered, and no channel is taken for ours. */
    assert_int_equal(channel_state_open(&l, "/nowhere/key"), RESULT_IO);
    assert_int_equal(open_channel(&l, 10), 0);
    assert_false(channel_state_is_ours(&l));
    channel_state_close(&l);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, clean)
    /* clang-format off */
    const struct CMUnitTest tests[] = {
        TEST(test_key_file),      TEST(test_key_file_is_private),    TEST(test_key_file_is_written_once),
        TEST(test_ledger_counts), TEST(test_ledger_knows_its_owner), TEST(test_ledger_damaged),
        TEST(test_ledger_knows_who_is_logged_in),
        TEST(test_ledger_sees_one_strange_channel),
        TEST(test_ledger_cannot_be_written),
        TEST(test_ledger_follows_no_link),
    };
    /* clang-format on */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
