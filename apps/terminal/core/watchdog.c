/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/watchdog.h"

#include "core/report.h"

#include "p11/call_timeout.h"

#include "base/clock.h"
#include "states/state_table.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#define ANSWER_S 10     /* of the SE or a card: a signature takes 2 s on slow ones */
#define OPENING_TIMES 2 /* times the limit, because all readers may have to be searched first */

/* Formatted beforehand: a signal handler can neither translate nor format. */
static char words[1024], mark[PATH_MAX];
static bool json;
static long answer_s = ANSWER_S;
static int64_t expected_ms, answer_ms; /* on the monotonic clock; 0: unlimited */

static void end(int number) {
    (void)number;
    if (*mark != 0)
        close(open(mark, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (write(json ? STDOUT_FILENO : STDERR_FILENO, words, strlen(words)) < 0)
        _exit(OUTCOME_INTERNAL);
    _exit(OUTCOME_CARD);
}

const char *watchdog_sentence(void) {
    return _(
        "The Secure Element, a card or their module does not respond: it was removed at that moment, or its reader or "
        "its server (p11-kit) hangs. Insert it or restart the server, then begin again. No partial record was stored.");
}

static void prepare(void) {
    const struct sigaction action = {.sa_handler = end};
    const char *sentence = watchdog_sentence();
    const state_row *row = state_named(WATCHDOG_REASON);
    const char *spoken = language_name(language_spoken());
    json_t *object = json ? json_pack("{s:b,s:s,s:s}", "ok", 0, "reason", WATCHDOG_REASON, "message", sentence) : NULL;
    char *text = object != NULL ? json_dumps(object, JSON_SORT_KEYS) : NULL;
    if (json)
        snprintf(words, sizeof words, "%s\n", text != NULL ? text : sentence);
    else
        snprintf(words, sizeof words, "uketsuke: %s %s\n", state_words(&row->staff, spoken),
                 state_words(&row->next, spoken));
    free(text);
    json_decref(object);
    sigaction(SIGALRM, &action, NULL);
}

/* Sets the timer to the earlier of the two limits. */
static void arm(void) {
    const int64_t next = expected_ms == 0 || (answer_ms != 0 && answer_ms < expected_ms) ? answer_ms : expected_ms;
    struct itimerval timer = {0};
    if (next != 0) {
        int64_t left = next - clock_monotonic_ms();
        if (left < 1)
            left = 1;
        timer.it_value = (struct timeval){.tv_sec = left / 1000, .tv_usec = left % 1000 * 1000};
    }
    setitimer(ITIMER_REAL, &timer, NULL);
}

void watchdog_speak_json(void) {
    json = true;
}

void watchdog_leave_mark(const char *path) {
    snprintf(mark, sizeof mark, "%s", path);
}

bool watchdog_expect(unsigned seconds) {
    const bool before = expected_ms != 0;
    if (seconds > 0 && words[0] == 0)
        prepare();
    expected_ms = seconds > 0 ? clock_monotonic_ms() + seconds * INT64_C(1000) : 0;
    arm();
    return before;
}

static void step_begins(bool opening) {
    answer_ms = clock_monotonic_ms() + answer_s * (opening ? OPENING_TIMES * 1000 : 1000);
    arm();
}

static void step_ends(void) {
    answer_ms = 0;
    arm();
}

void watchdog_expect_answers(long seconds) {
    if (seconds > 0)
        answer_s = seconds;
    if (words[0] == 0)
        prepare();
    token_tell_steps(step_begins, step_ends);
}
