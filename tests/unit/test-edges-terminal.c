/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The limits of what the terminal reads from files, from the keyboard, and from who decides. */
#include "core/affiliates.h"
#include "core/pin_entry.h"
#include "limit_rows.h"
#include "se/machine_secret.h"
#include "se/se_pin_file.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/test-edges-terminal.XXXXXX", path[sizeof folder + 8];

static int make_folder(void **state) {
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/file", folder);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    unlink(path);
    return rmdir(folder);
}

/* So many digits, and what ends them. */
static void write_digits(long n, const char *end, mode_t mode) {
    unlink(path);
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    for (long i = 0; i < n; i++)
        assert_int_equal(write(fd, "1", 1), 1);
    assert_int_equal(write(fd, end, strlen(end)), (ssize_t)strlen(end));
    assert_int_equal(fchmod(fd, mode), 0);
    assert_int_equal(close(fd), 0);
}

/* --- the SE's PIN file -------------------------------------------------------------------------------------------- */

static bool is_pin_file(long n, const char *end, mode_t mode) {
    report r = {0};
    buffer pin = BUFFER_SECRET(PIN_TYPED_MAX);
    report_begin(&r, true, NULL, NULL);
    write_digits(n, end, mode);
    const outcome done = se_pin_file_read(path, &pin, &r);
    if (done == OUTCOME_OK)
        assert_int_equal(pin.length, n);
    else
        assert_string_equal(report_reason(&r), "se-pin-file");
    buffer_wipe(&pin);
    report_discard(&r);
    return done == OUTCOME_OK;
}

static bool as_pin_file(long n) {
    return is_pin_file(n, "", 0600);
}

static bool as_line_of_pin_file(long n) {
    return is_pin_file(n, "\n", 0600);
}

static bool as_line_of_another_system(long n) {
    return is_pin_file(n, "\r\n", 0400);
}

/* The bits for group and others. */
static bool as_mode_of_pin_file(long n) {
    return n >= 0 && is_pin_file(8, "\n", (mode_t)(0600 | n));
}

/* --- PINs --------------------------------------------------------------------------------------------------------- */

static bool as_pin_handed_over(long n) {
    report r = {0};
    buffer pin = BUFFER_SECRET(PIN_TYPED_MAX);
    report_begin(&r, true, NULL, NULL);
    write_digits(n, "\n2", 0600);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    const outcome done = pin_read(bytes_of(NULL, 0), fd, "PIN", &pin, &r);
    close(fd);
    if (done == OUTCOME_OK)
        assert_int_equal(pin.length, n);
    buffer_wipe(&pin);
    report_discard(&r);
    return done == OUTCOME_OK;
}

static bool as_digits_of_pin(long n) {
    return n >= 0 && n <= 8 && pin_is_digits(bytes_of("12345678", (size_t)n), 4);
}

static bool as_signature_pin(long n) {
    return n >= 0 && n <= 20 && pin_is_for_signatures(bytes_of("ABCDEFGHIJ1234567890" + (20 - n) / 2, (size_t)n));
}

/* --- the machine's secret ----------------------------------------------------------------------------------------- */

static bool as_machine_secret(long n) {
    const store_access store = {.secret = path};
    uint8_t key[CRYPT_SEAL_KEY_LENGTH] = {0};
    static const uint8_t none[CRYPT_SEAL_KEY_LENGTH];
    buffer name = BUFFER_INIT(64);
    write_digits(n, "", 0600);
    const result code = machine_secret_begin(&store, key, &name);
    assert_int_equal(code == RESULT_OK, memcmp(key, none, sizeof key) != 0);
    buffer_wipe(&name);
    return code == RESULT_OK;
}

/* --- what is decided ---------------------------------------------------------------------------------------------- */

static bool as_affiliates(long n) {
    affiliates a = {0};
    char text[64];
    const char *problem = NULL;
    for (long i = 0; i < n && problem == NULL; i++) {
        snprintf(text, sizeof text, "%010ld=doctor", i);
        problem = affiliates_take(&a, text);
    }
    if (problem == NULL && n > 0)
        assert_null(affiliates_take(&a, "0000000000=reception")); /* one that is there already is no further one */
    return problem == NULL;
}

static bool as_digits_of_affiliate(long n) {
    affiliates a = {0};
    char text[64];
    snprintf(text, sizeof text, "%0*d=doctor", (int)n, 1);
    return affiliates_take(&a, text) == NULL;
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

static const limit_row rows[] = {
    ROW(as_pin_file, 1, PIN_TYPED_MAX),
    ROW(as_line_of_pin_file, 1, PIN_TYPED_MAX),
    ROW(as_line_of_another_system, 1, PIN_TYPED_MAX),
    ROW(as_mode_of_pin_file, 0, 0),
    ROW(as_pin_handed_over, 1, PIN_TYPED_MAX),
    ROW(as_digits_of_pin, 4, 4),
    ROW(as_signature_pin, 6, 16),
    ROW(as_machine_secret, MACHINE_SECRET_MIN, MACHINE_SECRET_MAX),
    ROW(as_affiliates, NONE, AFFILIATES_MAX),
    ROW(as_digits_of_affiliate, 10, 10),
};

static void each_limit_has_two_sides(void **state) {
    (void)state;
    limits_have_two_sides(rows, sizeof rows / sizeof *rows);
}

/* Each bit of group and others alone. */
static void a_pin_file_is_its_owners_alone(void **state) {
    (void)state;
    for (long bit = 1; bit <= 040; bit <<= 1)
        assert_false(as_mode_of_pin_file(bit));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_limit_has_two_sides),
        cmocka_unit_test(a_pin_file_is_its_owners_alone),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
