/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One program at the local socket: its questions go to a relay, and it always gets an answer within the time. What a relay
 * does not answer is answered here, with CKR_DEVICE_ERROR: the program's socket never ends because a relay has, and no
 * write of the program is a signal to it. */
#pragma once

#include "relay_list.h"

typedef struct local_rules {
    relay_list *relays;
    int answer_ms; /* for one call */
} local_rules;

/* Until the program hangs up. fd is closed at the end. */
void local_program_run(const local_rules *rules, int fd);
