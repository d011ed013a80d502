/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* softcard's control socket: one request per connection. A request is words, each ended by a NUL: the command, the
 * reader's name, arguments; the client then closes its sending side. The answer is text: "ok\n" or "error: why\n", then
 * what the command has to say. Only our own user and root are accepted. */
#pragma once

#include "softreader.h"

#define CONTROL_READERS_MAX 64

typedef struct control {
    reader *readers[CONTROL_READERS_MAX];
    size_t count;
} control;

/* Serves until SIGINT or SIGTERM (which the caller has blocked in all threads) or the command "stop". RESULT_EXISTS:
 * another softcard has the socket. */
result control_serve(control *c, const char *socket_path);

/* One request. The answer's text behind its first line goes to *answer; RESULT_REFUSED: *answer says why.
 * RESULT_UNAVAILABLE: no process listens. */
result control_ask(const char *socket_path, const char *const *words, size_t count, buffer *answer);

/* By name, or NULL. */
reader *control_find(const control *c, const char *name);
/* Inserts unless the image is in another reader: two users of one state would break it. */
result control_insert(control *c, reader *r, const char *image_folder, const char **problem);
