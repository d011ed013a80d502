/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a card or a certificate says is shown to people before it is trusted: it can neither move the cursor nor look like a
 * line of the program. */
#include "core/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ESCAPE "\033[2J\033[H"
#define CSI "\xC2\x9B" /* the same in one character of C1 */
#define TURNED "\xE2\x80\xAE"

static report r;
static char *out, *err;
static size_t out_length, err_length;

static int begin(void **state) {
    (void)state;
    report_begin(&r, false, open_memstream(&out, &out_length), open_memstream(&err, &err_length));
    return 0;
}

static int end(void **state) {
    (void)state;
    report_discard(&r);
    free(out);
    free(err);
    return 0;
}

static void close_both(void) {
    fclose(r.out);
    fclose(r.err);
}

static void a_fact_is_one_line(void **state) {
    (void)state;
    report_text(&r, "name", "Name", "見本　花子");
    report_text(&r, "signer", "Signer", "CN=a" ESCAPE "b\nThe signature is good");
    report_text(&r, "bytes", "Bytes", "a\xFF" CSI TURNED "b\xE2\x80");
    report_time(&r, "at", "At", "soon" ESCAPE);
    close_both();
    assert_string_equal(out, "Name: 見本　花子\nSigner: CN=a?[2J?[Hb?The signature is good\nBytes: a??????b??\n"
                             "At: soon?[2J?[H\n");
}

static void lines_are_only_those_of_the_program(void **state) {
    (void)state;
    report_line(&r, "first\nsecond %s", "a" ESCAPE "\r\tb");
    close_both();
    assert_string_equal(out, "first\nsecond a?[2J?[H??b\n");
}

static void a_failure_shows_no_more_than_that(void **state) {
    (void)state;
    assert_int_equal(report_failure(&r, OUTCOME_USAGE, "usage", "The card says %s.",
                                    "a" ESCAPE "\xFF"
                                    "b"),
                     OUTCOME_USAGE);
    close_both();
    assert_string_equal(err, "uketsuke: The card says a?[2J?[H?b.\n");
    assert_string_equal(report_message(&r), "The card says a?[2J?[H?b.");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_fact_is_one_line, begin, end),
        cmocka_unit_test_setup_teardown(lines_are_only_those_of_the_program, begin, end),
        cmocka_unit_test_setup_teardown(a_failure_shows_no_more_than_that, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
