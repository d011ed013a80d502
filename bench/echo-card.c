/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* An echo card in a virtual reader, until it is told to end.
 *
 *   echo-card cardlink|vpcd|vpcd-quickack ADDRESS IMAGE       (see card-end.h) */
#include "card-end.h"

#include <signal.h>
#include <stdio.h>

int main(int argc, char **argv) {
    const card_end_kind *kind = argc == 4 ? card_end_kind_of(argv[1]) : NULL;
    sigset_t ends;
    int which;
    if (kind == NULL) {
        fputs("usage: echo-card cardlink|vpcd|vpcd-quickack ADDRESS IMAGE\n", stderr);
        return 2;
    }
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigprocmask(SIG_BLOCK, &ends, NULL); /* in all threads: this one waits for them */
    if (!kind->start(argv[2], card_end_open_echo(argv[3]))) {
        fprintf(stderr, "echo-card: %s cannot be served\n", argv[2]);
        return 1;
    }
    kind->insert();
    sigwait(&ends, &which);
    kind->remove();
    return 0;
}
