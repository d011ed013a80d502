/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gate/gate_command.h"

#include "base/clock.h"
#include "base/file_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define SLICE_MS 100 /* delay until the end of our process is noticed */

typedef struct running {
    pid_t child;
    int handle;  /* pidfd */
    int output;  /* our end of its output; -1: at its end */
    char *words; /* GATE_WORDS_SIZE */
    size_t length;
    bool line_is_over;
} running;

/* --- starting ----------------------------------------------------------------------------------------------------- */

/* Signals as a new program expects them; a group of its own, to be killed as a whole. */
static int spawn_in_order(pid_t *child, const char *path, const char *name, const posix_spawn_file_actions_t *files) {
    static const char *const environment[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                                              "LANG=C.UTF-8", NULL};
    const char *const arguments[] = {path, name, NULL};
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    const int failed = posix_spawn(child, path, files, &attributes, (char *const *)(uintptr_t)arguments,
                                   (char *const *)(uintptr_t)environment);
    posix_spawnattr_destroy(&attributes);
    return failed;
}

static int spawn(pid_t *child, const char *path, const char *name, int output) {
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, output, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    const int failed = spawn_in_order(child, path, name, &files);
    posix_spawn_file_actions_destroy(&files);
    return failed;
}

static result start(running *r, const char *path, const char *name) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return RESULT_NOT_FOUND;
    fcntl(ends[0], F_SETFL, O_NONBLOCK); /* our end only: a program expects its writes to block */
    const int failed = spawn(&r->child, path, name, ends[1]);
    close(ends[1]);
    r->output = ends[0];
    if (failed == 0 && (r->handle = pidfd_open(r->child, 0)) >= 0)
        return RESULT_OK;
    if (failed == 0) {
        kill(-r->child, SIGKILL);
        waitpid(r->child, NULL, 0);
    } else {
        snprintf(r->words, GATE_WORDS_SIZE, "%s", strerror(failed));
    }
    close(r->output);
    return RESULT_NOT_FOUND;
}

/* --- its output, and its end -------------------------------------------------------------------------------------- */

static void keep_words(running *r, const char *text, size_t length) {
    for (size_t i = 0; i < length && !r->line_is_over; i++) {
        r->line_is_over = text[i] == '\n' || r->length == GATE_WORDS_SIZE - 1;
        if (!r->line_is_over)
            r->words[r->length++] = (unsigned char)text[i] < 0x20 || (unsigned char)text[i] >= 0x7F ? '?' : text[i];
    }
}

/* Everything after the first line is read and dropped. */
static void read_output(running *r) {
    char text[512];
    const ssize_t got = read(r->output, text, sizeof text);
    if (got > 0)
        keep_words(r, text, (size_t)got);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        close(r->output);
        r->output = -1;
    }
}

/* True: the program has ended. A child that it has started and that still runs does not count. */
static bool wait_a_while(running *r, int timeout_ms) {
    struct pollfd both[] = {{r->handle, POLLIN, 0}, {r->output, POLLIN, 0}};
    if (poll(both, 2, timeout_ms) <= 0)
        return false;
    if (both[1].revents != 0)
        read_output(r);
    return both[0].revents != 0;
}

static bool wait_for_end(running *r, long timeout_ms, const _Atomic bool *ending) {
    const int64_t until = clock_monotonic_ms() + timeout_ms;
    for (;;) {
        const int64_t left = until - clock_monotonic_ms();
        if (wait_a_while(r, (int)(left < 0 ? 0 : left < SLICE_MS ? left : SLICE_MS)))
            return true;
        if (left <= 0 || atomic_load(ending))
            return false;
    }
}

static result finish(running *r, bool ended) {
    int status = 0;
    if (!ended)
        kill(-r->child, SIGKILL);
    while (waitpid(r->child, &status, 0) < 0 && errno == EINTR)
        ;
    if (r->output >= 0)
        read_output(r);
    if (r->output >= 0)
        close(r->output);
    close(r->handle);
    r->words[r->length] = 0;
    if (!ended)
        return RESULT_TIMEOUT;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? RESULT_OK : RESULT_DENIED;
}

result gate_command_run(const char *path, const char *name, long timeout_ms, const _Atomic bool *ending,
                        char words[GATE_WORDS_SIZE]) {
    running r = {.output = -1, .words = words};
    char culprit[PATH_MAX];
    words[0] = 0;
    const file_fault fault = file_guard(path, culprit);
    if (fault != FILE_GUARDED) {
        snprintf(words, GATE_WORDS_SIZE, "%.90s %.100s", culprit, file_guard_advice(fault));
        return RESULT_INVALID;
    }
    const result code = start(&r, path, name);
    return code == RESULT_OK ? finish(&r, wait_for_end(&r, timeout_ms, ending)) : code;
}
