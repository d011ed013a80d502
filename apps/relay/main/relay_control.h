/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How commands reach a running relay: a socket in the file system that only the relay's user can open. One line in
 * ("status", or "unlock" with the PIN after a blank), one text out. */
#pragma once

#include "base/buffer.h"

#define CONTROL_ANSWER_MAX (256 * 1024)

typedef struct relay_control relay_control;

typedef struct relay_control_line {
    const char *word; /* how the line begins; NULL: the table's end */
    result (*answer)(void *context, bytes argument, buffer *answer);
} relay_control_line;

/* lines: kept by pointer; context: handed to them. Codes of http_listen_unix. */
result relay_control_start(const char *path, const relay_control_line *lines, void *context, relay_control **out);
/* Answers the waiting clients. Call it from one thread, a few times a second. */
void relay_control_turn(relay_control *control);
/* Removes the socket. */
void relay_control_stop(relay_control **control);

/* The other end: asks and appends the answer, which begins with "ok" and a line's end, or with a reason. RESULT_NOT_FOUND:
 * no relay listens there. */
result relay_control_ask(const char *path, bytes line, buffer *answer);
