/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What goes over the socket between the daemon and its clients: frames of a type (1 byte), a length (4 bytes,
 * big endian) and content. The socket is in the state folder, mode 0600, or where the configuration puts it for the
 * members of a group, mode 0660 ([desk] socket, group). Both sides ask the kernel who the other is (desk_peer.h), so a
 * PIN can travel here. It never is part of the JSON, whose library would leave copies in memory.
 *
 *   client -> resident   C  JSON: command, json, language, arguments and what the options say
 *                        P  PIN; S signature PIN (each at most once, may be missing)
 *                        .  end of the request
 *   resident -> client   O  text for standard output; E for standard error
 *                        X  exit code (1 byte): the last frame
 *                        D  instead of all this: this user may not speak here
 *                        B  instead of all this: too many requests of this user wait */
#pragma once

#include "desk/desk_peer.h"

#include "base/buffer.h"

#include <limits.h>
#include <stdbool.h>

#define DESK_FRAME_MAX (16 * 1024 * 1024)
#define DESK_ANSWER_MAX (2 * DESK_FRAME_MAX + 64) /* both texts */
#define DESK_HEAD_LENGTH 5

/* Where the socket for events is, beside the desk's. false: too long. */
bool desk_event_socket_path(const char *desk, char out[PATH_MAX]);

/* RESULT_NOT_FOUND: no process listens there. RESULT_DENIED: it does not serve us, or its user is neither ours nor the
 * owner of the socket's folder. */
result desk_wire_connect(const char *path, int *fd);
/* Replaces a socket that an ended process has left. group: whose members may connect besides our user, or
 * DESK_NO_GROUP. RESULT_EXISTS: one is alive. RESULT_DENIED: we may not give the socket to that group, not being a
 * member. The listener does not block. */
result desk_wire_listen(const char *path, gid_t group, int *fd);

/* Sends one frame. RESULT_TOO_LONG beyond DESK_FRAME_MAX; else as for desk_wire_receive. */
result desk_wire_send(int fd, char type, bytes content);
/* content is cleared first. RESULT_TOO_LONG beyond its bound, RESULT_TIMEOUT, RESULT_UNAVAILABLE when the other
 * side ended. */
result desk_wire_receive(int fd, char *type, buffer *content);

/* Appends a frame to memory. */
result desk_wire_append(buffer *to, char type, bytes content);
/* The length of a frame's content by its head (DESK_HEAD_LENGTH bytes; the first is the type). */
size_t desk_wire_length(const uint8_t *head);
