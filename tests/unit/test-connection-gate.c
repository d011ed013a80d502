/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The gate before the relay's external connections: which hook runs when, and what a hook may do to us. */
#include "gate/connection_gate.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* --- the rule ----------------------------------------------------------------------------------------------------- */

#define NEXT(rule, hook_, at, state_)                                                                                  \
    do {                                                                                                               \
        assert_int_equal((rule).next, hook_);                                                                          \
        assert_int_equal((rule).due_ms, at);                                                                           \
        assert_int_equal((rule).state, state_);                                                                        \
        assert_true(gate_rule_is_due(&(rule), at));                                                                    \
        assert_false(gate_rule_is_due(&(rule), (at) - 1));                                                             \
    } while (0)

static void only_good_health_opens_it(void **state) {
    gate_rule rule = {.health_ms = 5000};
    (void)state;
    NEXT(rule, GATE_HEALTH, 0, GATE_CLOSED);
    gate_rule_note(&rule, true, 100);
    NEXT(rule, GATE_HEALTH, 5100, GATE_OPEN);
    gate_rule_note(&rule, true, 5200);
    NEXT(rule, GATE_HEALTH, 10200, GATE_OPEN);
    gate_rule_note(&rule, false, 10300);
    NEXT(rule, GATE_HEALTH, 11300, GATE_CLOSED);
}

static void it_is_tried_again_later_and_later(void **state) {
    static const int64_t pauses[] = {1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000};
    gate_rule rule = {.health_ms = 5000};
    int64_t now = 7;
    (void)state;
    for (size_t i = 0; i < sizeof pauses / sizeof *pauses; i++) {
        gate_rule_note(&rule, false, now);
        NEXT(rule, GATE_HEALTH, now + pauses[i], GATE_CLOSED);
        now += pauses[i];
    }
    gate_rule_note(&rule, true, now);
    gate_rule_note(&rule, false, now);
    NEXT(rule, GATE_HEALTH, now + 1000, GATE_CLOSED);
}

static void a_way_that_stands_needs_no_pre_connect(void **state) {
    gate_rule rule = {.pre_connects = true, .posts = true, .health_ms = 5000, .connect_ms = 30000};
    (void)state;
    gate_rule_note(&rule, true, 0);
    NEXT(rule, GATE_HEALTH, 5000, GATE_OPEN);
}

static void pre_connect_has_its_time(void **state) {
    gate_rule rule = {.pre_connects = true, .health_ms = 5000, .connect_ms = 30000};
    (void)state;
    gate_rule_note(&rule, false, 1000);
    NEXT(rule, GATE_PRE_CONNECT, 1000, GATE_CLOSED);
    gate_rule_note(&rule, true, 2000);
    NEXT(rule, GATE_HEALTH, 2000, GATE_CONNECTING);
    gate_rule_note(&rule, false, 2100);
    NEXT(rule, GATE_HEALTH, 3100, GATE_CONNECTING);
    gate_rule_note(&rule, false, 31999);
    NEXT(rule, GATE_HEALTH, 32999, GATE_CONNECTING);
    gate_rule_note(&rule, false, 32000);
    NEXT(rule, GATE_HEALTH, 33000, GATE_CLOSED);
    gate_rule_note(&rule, false, 33000);
    gate_rule_note(&rule, true, 33000);
    gate_rule_note(&rule, true, 33000);
    NEXT(rule, GATE_HEALTH, 38000, GATE_OPEN);
}

static void what_was_begun_is_ended_by_post(void **state) {
    gate_rule rule = {.pre_connects = true, .posts = true, .health_ms = 5000, .connect_ms = 30000};
    (void)state;
    assert_false(gate_rule_ends_with_post(&rule));
    gate_rule_note(&rule, false, 0);
    assert_false(gate_rule_ends_with_post(&rule));
    gate_rule_note(&rule, false, 0);
    NEXT(rule, GATE_POST, 0, GATE_CLOSED); /* a pre-connect that failed half-way */
    assert_true(gate_rule_ends_with_post(&rule));
    gate_rule_note(&rule, false, 10);
    NEXT(rule, GATE_HEALTH, 1010, GATE_CLOSED);
    assert_false(gate_rule_ends_with_post(&rule));
    gate_rule_note(&rule, false, 1010);
    gate_rule_note(&rule, true, 1010);
    assert_true(gate_rule_ends_with_post(&rule)); /* connecting */
    gate_rule_note(&rule, true, 1020);
    assert_true(gate_rule_ends_with_post(&rule)); /* open */
    gate_rule_note(&rule, false, 6020);
    NEXT(rule, GATE_POST, 6020, GATE_CLOSED);
    gate_rule_note(&rule, true, 6030);
    NEXT(rule, GATE_HEALTH, 7030, GATE_CLOSED);
}

static void without_a_gate_all_is_open(void **state) {
    (void)state;
    assert_true(connection_gate_is_open(NULL));
    assert_int_equal(connection_gate_openings(NULL), 0);
}

/* --- a hook ------------------------------------------------------------------------------------------------------- */

static char folder[] = "/tmp/test-gate-XXXXXX";
static char hook[64];
static char words[GATE_WORDS_SIZE];
static const _Atomic bool goes_on = false, ends = true;

static int make_folder(void **state) {
    (void)state;
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* what a hook leaves behind becomes our child */
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(hook, sizeof hook, "%s/hook", folder);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    unlink(hook);
    return rmdir(folder);
}

static void write_hook(const char *lines, mode_t mode) {
    unlink(hook);
    FILE *file = fopen(hook, "w");
    assert_non_null(file);
    fprintf(file, "#!/bin/sh\n%s\n", lines);
    fclose(file);
    assert_int_equal(chmod(hook, mode), 0);
}

static result run_hook(const char *lines) {
    write_hook(lines, 0700);
    return gate_command_run(hook, "health", 60000, &goes_on, words);
}

static void its_status_counts_and_its_first_line(void **state) {
    char longest[GATE_WORDS_SIZE];
    (void)state;
    assert_int_equal(run_hook("echo up; echo more"), RESULT_OK);
    assert_string_equal(words, "up");
    assert_int_equal(run_hook("echo down >&2; exit 3"), RESULT_DENIED);
    assert_string_equal(words, "down");
    assert_int_equal(run_hook("kill -KILL $$"), RESULT_DENIED);
    assert_string_equal(words, "");
    assert_int_equal(run_hook("printf 'a\\033[31m\\tb\\303\\201'"), RESULT_OK);
    assert_string_equal(words, "a?[31m?b??");
    assert_int_equal(run_hook("head -c 300000 /dev/zero | tr '\\0' x"), RESULT_OK);
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    assert_string_equal(words, longest);
}

static void it_gets_its_name_and_nothing_of_ours(void **state) {
    (void)state;
    assert_int_equal(run_hook("echo \"$# $1\""), RESULT_OK);
    assert_string_equal(words, "1 health");
    setenv("UKETSUKE_SECRET", "secret", 1);
    assert_int_equal(run_hook("echo \"${UKETSUKE_SECRET-none} ${HOME-none} $LANG $PATH\""), RESULT_OK);
    assert_string_equal(words, "none none C.UTF-8 /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    assert_int_equal(dup2(STDIN_FILENO, 77), 77);
    assert_int_equal(run_hook("[ ! -e /proc/self/fd/77 ] && [ ! -s /dev/stdin ] && echo nothing"), RESULT_OK);
    assert_string_equal(words, "nothing");
    close(77);
}

static void signals_reach_it(void **state) {
    sigset_t set, before;
    (void)state;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, &before);
    assert_int_equal(run_hook("kill -TERM $$; echo alive"), RESULT_DENIED);
    sigprocmask(SIG_SETMASK, &before, NULL);
    assert_string_equal(words, "");
}

/* qemu-user's vfork is a fork: posix_spawn is not told there why its child could not become the program. */
static void expect_not_run(int why) {
    const bool emulated = getenv("EMULATOR") != NULL;
    assert_int_equal(gate_command_run(hook, "health", 60000, &goes_on, words),
                     emulated ? RESULT_DENIED : RESULT_NOT_FOUND);
    assert_string_equal(words, emulated ? "" : strerror(why));
}

static void one_that_cannot_be_run_says_why(void **state) {
    (void)state;
    write_hook("exit 0", 0600);
    expect_not_run(EACCES);
    unlink(hook);
    expect_not_run(ENOENT);
    write_hook("exit 0", 0770);
    assert_int_equal(gate_command_run(hook, "health", 60000, &goes_on, words), RESULT_INVALID);
    assert_non_null(strstr(words, hook));
}

/* With all that it has started. */
static void it_has_an_end(void **state) {
    int status = 0;
    (void)state;
    write_hook("sleep 600 & echo $!; wait", 0700);
    assert_int_equal(gate_command_run(hook, "health", 500, &goes_on, words), RESULT_TIMEOUT);
    const pid_t left = (pid_t)strtol(words, NULL, 10);
    assert_true(left == 0 ||
                waitpid(left, &status, 0) == left); /* 0: the machine is busy, and it did not come so far */
    assert_true(left == 0 || WTERMSIG(status) == SIGKILL);
    assert_int_equal(gate_command_run(hook, "health", 600000, &ends, words), RESULT_TIMEOUT);
}

static void what_it_leaves_running_holds_up_nothing(void **state) {
    int status = 0;
    (void)state;
    assert_int_equal(run_hook("sleep 600 & echo $!"), RESULT_OK);
    const pid_t left = (pid_t)strtol(words, NULL, 10);
    assert_true(left > 0);
    kill(left, SIGTERM);
    assert_int_equal(waitpid(left, &status, 0), left);
    assert_int_equal(WTERMSIG(status), SIGTERM); /* it was alive */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_good_health_opens_it),
        cmocka_unit_test(it_is_tried_again_later_and_later),
        cmocka_unit_test(a_way_that_stands_needs_no_pre_connect),
        cmocka_unit_test(pre_connect_has_its_time),
        cmocka_unit_test(what_was_begun_is_ended_by_post),
        cmocka_unit_test(without_a_gate_all_is_open),
        cmocka_unit_test(its_status_counts_and_its_first_line),
        cmocka_unit_test(it_gets_its_name_and_nothing_of_ours),
        cmocka_unit_test(signals_reach_it),
        cmocka_unit_test(one_that_cannot_be_run_says_why),
        cmocka_unit_test(it_has_an_end),
        cmocka_unit_test(what_it_leaves_running_holds_up_nothing),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
