/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One program at the local socket: its questions go to a relay, and each gets an answer within answer_ms. Without an
 * answer of the relay it is CKR_DEVICE_ERROR: the program's socket stays open when a relay ends, so that the program
 * gets no SIGPIPE. */
#pragma once

#include "relay_list.h"

typedef struct local_rules {
    relay_list *relays;
    int answer_ms; /* for one call */
} local_rules;

/* Returns when the program closes the connection. fd is closed at the end. */
void local_program_run(const local_rules *rules, int fd);
