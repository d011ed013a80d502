/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lib/base: bounded buffer, canonical JSON, hexadecimal text, clock, files, UUIDs, the log's silence about secrets. */
#include "base/apdu_log.h"
#include "base/buffer.h"
#include "base/canonical.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/personal_number.h"
#include "base/ready_notice.h"
#include "base/utf8.h"
#include "base/uuid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static void buffer_refuses_more_than_its_bound(void **state) {
    (void)state;
    buffer b = BUFFER_INIT(4);
    assert_int_equal(buffer_append_u32(&b, 0x01020304), RESULT_OK);
    assert_int_equal(buffer_append_u8(&b, 5), RESULT_TOO_LONG);
    assert_int_equal(b.length, 4);
    assert_int_equal(b.failed, RESULT_TOO_LONG);
    assert_null(buffer_extend(&b, SIZE_MAX));
    buffer_wipe(&b);
    assert_null(b.data);
}

static void buffer_keeps_what_was_appended(void **state) {
    (void)state;
    buffer b = BUFFER_INIT(1000);
    for (int i = 0; i < 250; i++)
        assert_int_equal(buffer_append_u16(&b, (uint16_t)i), RESULT_OK);
    assert_int_equal(b.data[499], 249);
    buffer_truncate(&b, 1);
    assert_int_equal(buffer_append_format(&b, "%s-%d", "ab", 7), RESULT_OK);
    assert_memory_equal(b.data + 1, "ab-7", 4);
    assert_string_equal(buffer_text(&b) + 1, "ab-7");
    buffer_wipe(&b);
}

static void hex_round_trip_and_refusal(void **state) {
    (void)state;
    buffer b = BUFFER_INIT(16);
    char text[9];
    assert_int_equal(hex_decode("3b 8F:00ff", &b), RESULT_OK);
    hex_encode(buffer_bytes(&b), text, sizeof text);
    assert_string_equal(text, "3B8F00FF");
    hex_encode(buffer_bytes(&b), text, 8);
    assert_string_equal(text, "");
    assert_int_equal(hex_decode("3b8", &b), RESULT_INVALID);
    assert_int_equal(hex_decode("zz", &b), RESULT_INVALID);
    assert_int_equal(b.length, 4);
    buffer_wipe(&b);
}

static void hex_of_a_length_is_that_length(void **state) {
    uint8_t out[2] = {0xAA, 0xBB};
    (void)state;
    static const char *const wrong[] = {"", "01", "010203", "01020", "01zz"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(hex_decode_exactly(wrong[i], out, sizeof out), RESULT_INVALID);
    assert_memory_equal(out, "\xAA\xBB", 2);
    assert_int_equal(hex_decode_exactly("01ff", out, sizeof out), RESULT_OK);
    assert_memory_equal(out, "\x01\xFF", 2);
}

static void canonical_text_is_written_and_read_back(void **state) {
    (void)state;
    static const char *const written[][2] = {
        {"plain", "\"plain\""},
        {"a\"b\\c", "\"a\\\"b\\\\c\""},
        {"\t\x01\x7F", "\"\\t\\u0001\x7F\""},
        {"\xE8\xA8\xBC\xF0\x9F\x80\x84", "\"\xE8\xA8\xBC\xF0\x9F\x80\x84\""},
    };
    static const char *const no_utf8[] = {
        "\x80", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE8\xA8", "\xF8\x88\x80\x80\x80"};
    static const char *const no_text[] = {"",        "x",      "\"",     "\"\"",         "\"x",     "\"\\u0041\"",
                                          "\"\\n\"", "\"\n\"", "\"\\\"", "\"12345678\"", "\"\x80\""};
    char text[8];
    for (size_t i = 0; i < sizeof written / sizeof *written; i++) {
        buffer b = BUFFER_INIT(64);
        assert_int_equal(canonical_append_text(&b, written[i][0]), RESULT_OK);
        assert_string_equal(buffer_text(&b), written[i][1]);
        canonical_reader r = {buffer_bytes(&b)};
        /* Control characters are written, never read. */
        assert_int_equal(canonical_take_text(&r, text, sizeof text), i != 2);
        assert_int_equal(r.rest.length, i != 2 ? 0 : b.length);
        buffer_wipe(&b);
    }
    for (size_t i = 0; i < sizeof no_utf8 / sizeof *no_utf8; i++) {
        buffer b = BUFFER_INIT(64);
        assert_int_equal(canonical_append_text(&b, no_utf8[i]), RESULT_INVALID);
        assert_int_equal(b.length, 0);
        buffer_wipe(&b);
    }
    for (size_t i = 0; i < sizeof no_text / sizeof *no_text; i++) {
        canonical_reader r = {bytes_of(no_text[i], strlen(no_text[i]))};
        assert_false(canonical_take_text(&r, text, sizeof text));
        assert_int_equal(r.rest.length, strlen(no_text[i]));
    }
}

/* A piece of a longer text, for example of a form: what stands behind it is not its own. */
static void a_character_cut_off_is_none(void **state) {
    static const char *const characters[] = {"\xC3\xA9", "\xE8\xA8\xBC", "\xF0\x9F\x80\x84"};
    (void)state;
    for (size_t i = 0; i < sizeof characters / sizeof *characters; i++) {
        const size_t length = strlen(characters[i]);
        assert_true(utf8_is_whole(bytes_of(characters[i], length)));
        for (size_t cut = 1; cut < length; cut++)
            assert_false(utf8_is_whole(bytes_of(characters[i], cut)));
    }
}

/* What stands at the end of readable memory. */
static void a_character_that_is_cut_off_is_not_read_beyond(void **state) {
    static const char *const characters[] = {"\xC3\xA9", "\xE3\x81\x82", "\xF0\xA0\xAE\xB7"};
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *memory = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    (void)state;
    assert_ptr_not_equal(memory, MAP_FAILED);
    assert_int_equal(mprotect(memory + page, page, PROT_NONE), 0);
    for (size_t i = 0; i < sizeof characters / sizeof *characters; i++)
        for (size_t cut = 1; cut < strlen(characters[i]); cut++) {
            memcpy(memory + page - cut, characters[i], cut);
            assert_false(utf8_is_whole(bytes_of(memory + page - cut, cut)));
        }
    munmap(memory, 2 * page);
}

static void canonical_numbers_have_one_form(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool good;
        int64_t number;
    } rows[] = {{"0", true, 0},
                {"-1,", true, -1},
                {"999999999999999999", true, INT64_C(999999999999999999)},
                {"1000000000000000000", false, 0},
                {"00", false, 0},
                {"-0", false, 0},
                {"-", false, 0},
                {"", false, 0},
                {"+1", false, 0},
                {"01", false, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        canonical_reader r = {bytes_of(rows[i].text, strlen(rows[i].text))};
        int64_t number = 0;
        assert_int_equal(canonical_take_integer(&r, &number), rows[i].good);
        assert_int_equal(number, rows[i].number);
    }
}

static void clock_text_is_strict(void **state) {
    (void)state;
    char text[CLOCK_TEXT_SIZE], date[CLOCK_DATE_SIZE], wall[CLOCK_PEOPLE_SIZE];
    int64_t seconds;
    clock_text(1795564931, text);
    assert_string_equal(text, "2026-11-25T00:02:11Z");
    assert_int_equal(clock_parse(text, &seconds), RESULT_OK);
    assert_int_equal(seconds, 1795564931);
    assert_int_equal(clock_parse("2026-6-31T00:00:00Z", &seconds), RESULT_INVALID);
    assert_int_equal(clock_parse("206-06-30T00:00:00Z", &seconds), RESULT_INVALID);
    assert_int_equal(clock_parse("2026-06-31T00:00:00Z", &seconds), RESULT_INVALID);
    assert_int_equal(clock_parse("2026-06-30T00:00:00+09:00", &seconds), RESULT_INVALID);
    /* 15:00 UTC is midnight in Japan: the service date has changed there. */
    assert_int_equal(clock_parse("9999-12-31T23:59:59Z", &seconds), RESULT_OK);
    clock_date_in_japan(seconds, date);
    assert_string_equal(date, "");
    clock_text_in_japan(seconds, wall);
    assert_string_equal(wall, "");
    clock_parse("2026-11-24T15:00:00Z", &seconds);
    clock_date_in_japan(seconds, date);
    assert_string_equal(date, "2026-11-25");
    clock_text_in_japan(seconds + 61, wall);
    assert_string_equal(wall, "2026-11-25 00:01:01 JST");
    assert_int_equal(clock_check_date("2028-02-29"), RESULT_OK);
    assert_int_equal(clock_check_date("2027-02-29"), RESULT_INVALID);
    assert_int_equal(clock_check_date("2027-02-2"), RESULT_INVALID);
    int64_t begun;
    assert_int_equal(clock_begin_in_japan("2026-11-25", &begun), RESULT_OK);
    assert_int_equal(begun, seconds);
    assert_int_equal(clock_begin_in_japan("2026-11-31", &begun), RESULT_INVALID);
}

static void file_is_replaced_whole(void **state) {
    (void)state;
    char folder[] = "/tmp/test-base.XXXXXX";
    assert_non_null(mkdtemp(folder));
    char *deep = file_join(folder, "a/b");
    char *path = file_join(deep, "counter");
    buffer content = BUFFER_INIT(8);
    assert_int_equal(file_read(path, &content), RESULT_NOT_FOUND);
    assert_int_equal(file_replace(path, BYTES("x"), 0600), RESULT_IO);
    assert_int_equal(file_make_folders(deep, 0700), RESULT_OK);
    assert_int_equal(file_replace(path, bytes_of("old", 3), 0600), RESULT_OK);
    assert_int_equal(file_replace(path, bytes_of("newer", 5), 0600), RESULT_OK);
    assert_int_equal(file_create(path, bytes_of("other", 5), 0600), RESULT_EXISTS); /* and is left as it is */
    assert_int_equal(file_read(path, &content), RESULT_OK);
    assert_string_equal(buffer_text(&content), "newer");
    struct stat seen;
    assert_int_equal(stat(path, &seen), 0);
    assert_int_equal(seen.st_mode & 0777, 0600);
    assert_int_equal(file_read(path, &content), RESULT_TOO_LONG);
    assert_int_equal(content.length, 5);
    unlink(path);
    rmdir(deep);
    deep[strlen(deep) - 2] = 0;
    rmdir(deep);
    assert_int_equal(rmdir(folder), 0);
    free(path);
    free(deep);
    buffer_wipe(&content);
}

/* A second name of the same content shows what became of it. */
static void secret_file_is_nobody_elses(void **state) {
    (void)state;
    static const struct {
        mode_t mode;
        result expected;
    } rows[] = {
        {0600, RESULT_OK}, {0640, RESULT_OK}, {0644, RESULT_DENIED}, {0602, RESULT_DENIED}, {0601, RESULT_DENIED}};
    char folder[] = "/tmp/test-base.XXXXXX";
    assert_non_null(mkdtemp(folder));
    char *path = file_join(folder, "key");
    buffer content = BUFFER_INIT(8);
    assert_int_equal(file_read_secret(path, &content), RESULT_NOT_FOUND);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(file_replace(path, bytes_of("key", 3), rows[i].mode), RESULT_OK);
        assert_int_equal(file_read_secret(path, &content), rows[i].expected);
        assert_int_equal(content.length, rows[i].expected == RESULT_OK ? 3 : 0);
        buffer_wipe(&content);
    }
    unlink(path);
    assert_int_equal(rmdir(folder), 0);
    free(path);
}

static void file_is_erased(void **state) {
    (void)state;
    static const uint8_t zeros[6000];
    char folder[] = "/tmp/test-base.XXXXXX";
    assert_non_null(mkdtemp(folder));
    char *path = file_join(folder, "key"), *other = file_join(folder, "other");
    buffer secret = BUFFER_INIT(sizeof zeros), left = BUFFER_INIT(sizeof zeros);
    memset(buffer_extend(&secret, sizeof zeros), 'K', sizeof zeros);
    assert_int_equal(file_erase(path), RESULT_OK); /* not there */
    assert_int_equal(file_replace(path, buffer_bytes(&secret), 0600), RESULT_OK);
    assert_int_equal(link(path, other), 0);
    assert_int_equal(file_erase(path), RESULT_OK);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(file_read(other, &left), RESULT_OK);
    assert_true(bytes_equal(buffer_bytes(&left), BYTES(zeros)));
    unlink(other);
    assert_int_equal(rmdir(folder), 0);
    free(path);
    free(other);
    buffer_wipe(&secret);
    buffer_wipe(&left);
}

static void uuid_is_version_7_and_sorts(void **state) {
    (void)state;
    char first[UUID_TEXT_SIZE], second[UUID_TEXT_SIZE];
    assert_int_equal(uuid_v7(first), RESULT_OK);
    usleep(2000);
    assert_int_equal(uuid_v7(second), RESULT_OK);
    assert_true(uuid_is_valid(first));
    assert_int_equal(first[14], '7');
    assert_true(strcmp(first, second) < 0);
    assert_false(uuid_is_valid("0195c0ae-0000-7000-8000-00000000000G"));
    assert_false(uuid_is_valid("0195C0AE-0000-7000-8000-000000000000")); /* one form only */
    assert_false(uuid_is_valid(""));
}

static void log_hides_the_pin(void **state) {
    (void)state;
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);
    log_open("test", LOG_DEBUG, stream);
    log_apdu(bytes_of("\x00\x20\x00\x80\x04"
                      "1234",
                      9),
             bytes_of("\x90\x00", 2), 10);
    log_apdu(bytes_of("\x00\xA4\x02\x0C\x02\x00\x18", 7), bytes_of("\x90\x00", 2), 10);
    fclose(stream);
    log_open("test", LOG_WARNING, NULL);
    assert_non_null(strstr(text, "00200080 (9 bytes) -> 9000"));
    assert_null(strstr(text, "31323334"));
    assert_null(strstr(text, "1234"));
    assert_non_null(strstr(text, "00A4020C (7 bytes) 0018 -> 9000"));
    free(text);
}

/* The lines of a program that stays; stream is its own file, as a service's standard error is. */
static const char *logged(const char *journal) {
    static char line[256];
    FILE *stream = tmpfile();
    struct stat seen;
    assert_true(stream != NULL && fstat(fileno(stream), &seen) == 0);
    snprintf(line, sizeof line, "%ju:%ju", (uintmax_t)seen.st_dev, (uintmax_t)seen.st_ino);
    assert_int_equal(
        journal != NULL ? setenv("JOURNAL_STREAM", *journal != 0 ? journal : line, 1) : unsetenv("JOURNAL_STREAM"), 0);
    log_open("test", LOG_NOTICE, stream);
    log_with_times();
    log_notice("words");
    log_open("test", LOG_WARNING, NULL);
    rewind(stream);
    assert_non_null(fgets(line, sizeof line, stream));
    fclose(stream);
    return line;
}

static void a_log_has_times_outside_the_journal(void **state) {
    char time[CLOCK_TEXT_SIZE];
    int64_t at;
    (void)state;
    static const char *const others[] = {NULL, "1:1", "nonsense"};
    for (size_t i = 0; i < 3; i++) {
        const char *line = logged(others[i]);
        snprintf(time, sizeof time, "%s", line);
        assert_int_equal(clock_parse(time, &at), RESULT_OK);
        assert_true(llabs(clock_wall_s() - at) <= 60);
        assert_string_equal(line + CLOCK_TEXT_SIZE - 1, " test: notice: words\n");
    }
    assert_string_equal(logged(""), "test: notice: words\n");
    assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
}

/* 123456789018 is the example that circulates publicly. */
static void personal_numbers_have_one_check_digit(void **state) {
    (void)state;
    char digits[] = "123456789018";
    assert_int_equal(personal_number_check_digit(digits), '8');
    assert_true(personal_number_is_possible(digits));
    for (int i = 0; i < 10; i++) {
        digits[11] = (char)('0' + i);
        assert_int_equal(personal_number_is_possible(digits), i == 8);
    }
    assert_int_equal(personal_number_check_digit("00000000000"), '0'); /* rests 0 and 1 give 0 */
    assert_int_equal(personal_number_check_digit("00000000006"), '0'); /* 12 mod 11 = 1 */
    assert_int_equal(personal_number_check_digit("00000000001"), '9');
    assert_false(personal_number_is_possible("12345678901X"));
}

/* A service manager that listens at path; length: of the whole name, which may begin with NUL (unix(7)). */
static int manager(const char *path, size_t length) {
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    memcpy(at.sun_path, path, length);
    assert_true(fd >= 0);
    assert_int_equal(
        bind(fd, (const struct sockaddr *)&at, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)), 0);
    return fd;
}

static void service_manager_is_told(void **state) {
    (void)state;
    char folder[] = "/tmp/uketsuke-notice.XXXXXX", path[64], abstract[64], too_long[200], got[32] = "";
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/notify", folder);
    snprintf(abstract, sizeof abstract, "@%s", folder);
    const int named = manager(path, strlen(path));
    char name[64];
    snprintf(name, sizeof name, "%s", abstract);
    name[0] = '\0';
    const int unnamed = manager(name, strlen(abstract));
    setenv("NOTIFY_SOCKET", path, 1);
    ready_notice("READY=1");
    assert_int_equal(recv(named, got, sizeof got, MSG_DONTWAIT), 7);
    assert_memory_equal(got, "READY=1", 7);
    setenv("NOTIFY_SOCKET", abstract, 1);
    ready_notice("STOPPING=1");
    assert_int_equal(recv(unnamed, got, sizeof got, MSG_DONTWAIT), 10);
    memset(too_long, 'x', sizeof too_long);
    too_long[sizeof too_long - 1] = '\0';
    setenv("NOTIFY_SOCKET", too_long, 1);
    ready_notice("READY=1");
    unsetenv("NOTIFY_SOCKET");
    ready_notice("READY=1");
    assert_int_equal(recv(named, got, sizeof got, MSG_DONTWAIT), -1);
    assert_int_equal(recv(unnamed, got, sizeof got, MSG_DONTWAIT), -1);
    close(named);
    close(unnamed);
    unlink(path);
    rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffer_refuses_more_than_its_bound),
        cmocka_unit_test(buffer_keeps_what_was_appended),
        cmocka_unit_test(personal_numbers_have_one_check_digit),
        cmocka_unit_test(hex_round_trip_and_refusal),
        cmocka_unit_test(hex_of_a_length_is_that_length),
        cmocka_unit_test(canonical_text_is_written_and_read_back),
        cmocka_unit_test(a_character_cut_off_is_none),
        cmocka_unit_test(a_character_that_is_cut_off_is_not_read_beyond),
        cmocka_unit_test(canonical_numbers_have_one_form),
        cmocka_unit_test(clock_text_is_strict),
        cmocka_unit_test(file_is_replaced_whole),
        cmocka_unit_test(secret_file_is_nobody_elses),
        cmocka_unit_test(file_is_erased),
        cmocka_unit_test(uuid_is_version_7_and_sorts),
        cmocka_unit_test(log_hides_the_pin),
        cmocka_unit_test(a_log_has_times_outside_the_journal),
        cmocka_unit_test(service_manager_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
