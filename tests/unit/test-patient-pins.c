/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* PIN counters of the emulated patient card against power loss: whatever moment the process dies in, no try comes back.
 * The linker hands us the card's calls of file_replace and bytes_equal_secret (--wrap). */
#include "card-image-maker.h"

#include "base/file.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static card_image_maker maker;

static enum { NEVER, BEFORE_COUNTER, AFTER_COUNTER, AT_COMPARISON, BEFORE_RAISE, AFTER_RAISE } die_at;
static int replacements;      /* of files since the card was opened */
static int failing_from = -1; /* from this replacement on, the disk is full */
static int comparisons;

result __real_file_replace(const char *path, bytes content, mode_t mode);
result __wrap_file_replace(const char *path, bytes content, mode_t mode);
bool __real_bytes_equal_secret(bytes a, bytes b);
bool __wrap_bytes_equal_secret(bytes a, bytes b);

static void die_if(bool now) {
    if (now)
        kill(getpid(), SIGKILL);
}

result __wrap_file_replace(const char *path, bytes content, mode_t mode) {
    int number = replacements++;
    if (failing_from >= 0 && number >= failing_from)
        return RESULT_IO;
    die_if((die_at == BEFORE_COUNTER && number == 0) || (die_at == BEFORE_RAISE && number == 1));
    result code = __real_file_replace(path, content, mode);
    die_if((die_at == AFTER_COUNTER && number == 0) || (die_at == AFTER_RAISE && number == 1));
    return code;
}

bool __wrap_bytes_equal_secret(bytes a, bytes b) {
    comparisons++;
    die_if(die_at == AT_COMPARISON);
    return __real_bytes_equal_secret(a, b);
}

static card *open_card(void) {
    card *c = NULL;
    const char *problem = "none";
    if (patient_card_personality.open(maker.folder, &c, &problem) != RESULT_OK)
        fail_msg("image refused: %s", problem);
    select_jpki(c);
    replacements = comparisons = 0;
    return c;
}

static int make_image(void **state) {
    (void)state;
    card_image_make(&maker, "patient");
    return 0;
}

static int remove_image(void **state) {
    (void)state;
    card_image_remove(&maker);
    return 0;
}

static int forget(void **state) {
    (void)state;
    die_at = NEVER;
    failing_from = -1;
    card_image_forget(&maker);
    return 0;
}

static unsigned tries_left_after_opening_anew(void) {
    card *c = open_card();
    status_word sw = exchange(c, "00200098");
    patient_card_personality.close(&c);
    return sw & 0xF;
}

/* In a child that is killed there. true: it was killed; false: it came to the end. */
static bool verify_and_die(int where, const char *pin_command) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        die_at = where;
        card *c = open_card();
        exchange(c, pin_command);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

static void killed_at_any_point(void **state) {
    static const struct {
        int where;
        const char *command;
        unsigned left; /* of three */
    } rows[] = {
        /* wrong PIN: once compared (or about to be), the try is spent */
        {BEFORE_COUNTER, "00200098 04 39393939", 3},
        {AFTER_COUNTER, "00200098 04 39393939", 2},
        {AT_COMPARISON, "00200098 04 39393939", 2},
        /* right PIN */
        {BEFORE_COUNTER, "00200098 04 31323334", 3},
        {AFTER_COUNTER, "00200098 04 31323334", 2},
        {AT_COMPARISON, "00200098 04 31323334", 2},
        {BEFORE_RAISE, "00200098 04 31323334", 2},
        {AFTER_RAISE, "00200098 04 31323334", 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        forget(state);
        assert_true(verify_and_die(rows[i].where, rows[i].command));
        unsigned left = tries_left_after_opening_anew();
        if (left != rows[i].left)
            fail_msg("row %zu: %u tries left, expected %u", i, left, rows[i].left);
    }
}

/* The attack this is about: guess, and pull the plug before the answer. */
static void killing_gives_no_fourth_guess(void **state) {
    (void)state;
    for (unsigned left = 3; left-- > 0;) {
        assert_true(verify_and_die(AT_COMPARISON, "00200098 04 39393939"));
        assert_int_equal(tries_left_after_opening_anew(), left);
    }
    assert_false(verify_and_die(AT_COMPARISON, "00200098 04 31323334")); /* nothing is compared any more */
    card *c = open_card();
    assert_int_equal(exchange(c, "00200098 04 31323334"), 0x6984);
    assert_int_equal(comparisons, 0);
    patient_card_personality.close(&c);
}

static void full_disk(void **state) {
    (void)state;
    card *c = open_card();
    failing_from = 0;
    for (int i = 0; i < 5; i++)
        assert_int_equal(exchange(c, "00200098 04 31323334"), 0x6581);
    assert_int_equal(comparisons, 0); /* no counter, no comparison */
    assert_int_equal(exchange_data(c, 0x802A0097, bytes_of("1", 1), 256), 0x6982);
    replacements = 0;
    failing_from = 1; /* lowered, but not raised again */
    assert_int_equal(exchange(c, "00200098 04 31323334"), 0x6581);
    assert_int_equal(comparisons, 1);
    assert_int_equal(exchange_data(c, 0x802A0097, bytes_of("1", 1), 256), 0x6982);
    failing_from = -1;
    assert_int_equal(exchange(c, "00200098"), 0x63C2);
    assert_int_equal(exchange(c, "00200098 04 31323334"), 0x9000);
    failing_from = 0;
    assert_int_equal(exchange(c, "00240198 04 35363738"), 0x6581); /* the old PIN stays */
    failing_from = -1;
    assert_int_equal(exchange(c, "00200098 04 31323334"), 0x9000);
    patient_card_personality.close(&c);
}

static void counters_survive(void **state) {
    (void)state;
    card *c = open_card();
    assert_int_equal(exchange(c, "00200098 04 39393939"), 0x63C2);
    assert_int_equal(exchange(c, "0020009B 06 393939393939"), 0x63C4);
    patient_card_personality.reset(c); /* a reset gives nothing back */
    select_jpki(c);
    assert_int_equal(exchange(c, "00200098 04 39393939"), 0x63C1);
    patient_card_personality.close(&c);
    c = open_card();
    assert_int_equal(exchange(c, "00200098"), 0x63C1);
    assert_int_equal(exchange(c, "0020009B"), 0x63C4);
    assert_int_equal(exchange(c, "00200098 04 31323334"), 0x9000);
    patient_card_personality.close(&c);
    c = open_card();
    assert_int_equal(exchange(c, "00200098"), 0x63C3);
    assert_int_equal(exchange(c, "0020009B"), 0x63C4);
    patient_card_personality.close(&c);
}

/* Whatever their length, guesses are compared as blocks of one length. */
static void comparison_is_of_one_length(void **state) {
    (void)state;
    card *c = open_card();
    assert_int_equal(exchange(c, "0020009B 01 41"), 0x63C4);
    assert_int_equal(exchange(c, "0020009B 10 41424331323300000000000000000000"), 0x63C3); /* padding is not the PIN */
    assert_int_equal(exchange(c, "0020009B 06 414243313233"), 0x9000);
    assert_int_equal(comparisons, 3);
    patient_card_personality.close(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(killed_at_any_point, forget),
        cmocka_unit_test_setup(killing_gives_no_fourth_guess, forget),
        cmocka_unit_test_setup(full_disk, forget),
        cmocka_unit_test_setup(counters_survive, forget),
        cmocka_unit_test_setup(comparison_is_of_one_length, forget),
    };
    return cmocka_run_group_tests(tests, make_image, remove_image);
}
