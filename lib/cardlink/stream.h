/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Frames over a connected unix socket. Nothing here blocks without a deadline; a peer that stops inside a frame, or
 * does not read, is detected. One thread at a time. */
#pragma once

#include "cardlink/frame.h"

#include <sys/types.h>

typedef struct cardlink_stream {
    int fd;               /* non-blocking, close-on-exec, owned; -1 when closed */
    buffer input;         /* bytes received and not yet taken */
    size_t taken;         /* length of the frame handed out last, dropped at the next receive */
    int64_t halted_since; /* monotonic ms at which a partial frame began; 0: no partial frame */
} cardlink_stream;

#define CARDLINK_STREAM_CLOSED ((cardlink_stream){.fd = -1, .input = BUFFER_INIT(CARDLINK_STREAM_MAX)})
#define CARDLINK_STREAM_MAX (CARDLINK_HEADER_LENGTH + CARDLINK_PAYLOAD_MAX)

/* Time limit for the rest of a frame after its first byte. */
#define CARDLINK_FRAME_DEADLINE_MS 2000

/* Takes over fd, which becomes non-blocking and close-on-exec. */
result cardlink_stream_open(cardlink_stream *stream, int fd);
/* Closes; wipes received bytes (they may hold a PIN). No effect when closed already. */
void cardlink_stream_close(cardlink_stream *stream);

/* Sends a whole frame before the deadline (monotonic ms). RESULT_TIMEOUT, RESULT_REMOVED (peer gone), RESULT_INVALID,
 * RESULT_IO, RESULT_NO_MEMORY. After any failure only cardlink_stream_close may follow. */
result cardlink_stream_send(cardlink_stream *stream, const cardlink_frame *frame, int64_t deadline_ms);

/* Receives the next frame; frame->payload is borrowed until the next receive or close. A deadline in the past: only
 * received bytes are used. RESULT_TIMEOUT: no whole frame yet (call again, or close). RESULT_REMOVED: end of the
 * stream. RESULT_INVALID: a frame that breaks the rules, or half of one for too long. */
result cardlink_stream_receive(cardlink_stream *stream, cardlink_frame *frame, int64_t deadline_ms);

/* The user at the other end (SO_PEERCRED): for an accepted socket the one that called connect, for a connected one the
 * one that called listen. RESULT_DENIED unless it is root, this process's own user, or `other` ((uid_t)-1: none). */
result cardlink_check_peer(int fd, uid_t other, uid_t *found);
