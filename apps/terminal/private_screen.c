/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "private_screen.h"

#include "core/report.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* The alternate screen of xterm and compatible terminals: its content is gone when it is left. */
#define TO_OTHER_SCREEN "\033[?1049h\033[H\033[2J"
#define BACK "\033[2J\033[?1049l"

static const int endings[] = {SIGINT, SIGTERM, SIGHUP};

/* Ended by a signal: clears the screen first. */
static void clear_and_die(int number) {
    if (write(STDOUT_FILENO, BACK, sizeof BACK - 1) > 0)
        raise(number);
    _exit(128 + number); /* not reached when the signal ends us */
}

bool private_screen_begin(bool wanted) {
    if (!wanted || !isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO))
        return false;
    const struct sigaction action = {.sa_handler = clear_and_die, .sa_flags = (int)SA_RESETHAND | SA_NODEFER};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        sigaction(endings[i], &action, NULL);
    fputs(TO_OTHER_SCREEN, stdout);
    fflush(stdout);
    return true;
}

void private_screen_end(bool open) {
    struct pollfd keyboard = {.fd = STDIN_FILENO, .events = POLLIN};
    char byte;
    if (!open)
        return;
    printf(_("\nThis disappears after %d seconds, or when you press Enter.\n"), PRIVATE_SCREEN_SECONDS);
    fflush(stdout);
    if (poll(&keyboard, 1, PRIVATE_SCREEN_SECONDS * 1000) > 0)
        while (read(STDIN_FILENO, &byte, 1) == 1 && byte != '\n')
            ;
    fputs(BACK, stdout);
    fflush(stdout);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        signal(endings[i], SIG_DFL);
}
