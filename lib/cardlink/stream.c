/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cardlink/stream.h"

#include "base/clock.h"
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_STEP 4096

result cardlink_stream_open(cardlink_stream *stream, int fd) {
    *stream = CARDLINK_STREAM_CLOSED;
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
        close(fd);
        return RESULT_IO;
    }
    stream->fd = fd;
    return RESULT_OK;
}

void cardlink_stream_close(cardlink_stream *stream) {
    if (stream->fd >= 0)
        close(stream->fd);
    buffer_wipe(&stream->input);
    *stream = CARDLINK_STREAM_CLOSED;
}

static result wait_for(int fd, short events, int64_t deadline_ms) {
    for (;;) {
        int64_t left = deadline_ms - clock_monotonic_ms();
        if (left <= 0)
            return RESULT_TIMEOUT;
        int ready = poll(&(struct pollfd){.fd = fd, .events = events}, 1, left > INT_MAX ? INT_MAX : (int)left);
        if (ready > 0)
            return RESULT_OK; /* or an error, which the read or write returns */
        if (ready < 0 && errno != EINTR)
            return RESULT_IO;
    }
}

static result of_errno(void) {
    return errno == EPIPE || errno == ECONNRESET ? RESULT_REMOVED : RESULT_IO;
}

static result send_all(int fd, bytes raw, int64_t deadline_ms) {
    while (raw.length > 0) {
        ssize_t sent = send(fd, raw.data, raw.length, MSG_NOSIGNAL);
        if (sent > 0) {
            raw = bytes_slice(raw, (size_t)sent, raw.length);
            continue;
        }
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent == 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
            return of_errno();
        result code = wait_for(fd, POLLOUT, deadline_ms);
        if (code != RESULT_OK)
            return code;
    }
    return RESULT_OK;
}

result cardlink_stream_send(cardlink_stream *stream, const cardlink_frame *frame, int64_t deadline_ms) {
    if (stream->fd < 0)
        return RESULT_REMOVED;
    buffer raw = BUFFER_INIT(CARDLINK_STREAM_MAX);
    result code = cardlink_frame_build(frame, &raw);
    if (code == RESULT_OK)
        code = send_all(stream->fd, buffer_bytes(&raw), deadline_ms);
    buffer_wipe(&raw);
    return code;
}

/* Drops the frame that was handed out last. */
static void drop_taken(cardlink_stream *stream) {
    if (stream->taken == 0)
        return;
    size_t rest = stream->input.length - stream->taken;
    if (rest > 0)
        memmove(stream->input.data, stream->input.data + stream->taken, rest);
    buffer_truncate(&stream->input, rest);
    stream->taken = 0;
    stream->halted_since = 0;
}

/* Reads available bytes, at most the rest of one frame. RESULT_TIMEOUT when there are none. */
static result read_some(cardlink_stream *stream) {
    uint8_t step[READ_STEP];
    size_t room = stream->input.bound - stream->input.length;
    ssize_t got = recv(stream->fd, step, room < sizeof step ? room : sizeof step, 0);
    if (got == 0)
        return RESULT_REMOVED;
    if (got < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK ? RESULT_TIMEOUT : errno == EINTR ? RESULT_OK : of_errno();
    result code = buffer_append(&stream->input, bytes_of(step, (size_t)got));
    secret_wipe(step, (size_t)got);
    return code;
}

static bool halted_too_long(cardlink_stream *stream) {
    int64_t now = clock_monotonic_ms();
    if (stream->input.length == 0)
        stream->halted_since = 0;
    else if (stream->halted_since == 0)
        stream->halted_since = now;
    return stream->halted_since != 0 && now - stream->halted_since >= CARDLINK_FRAME_DEADLINE_MS;
}

result cardlink_stream_receive(cardlink_stream *stream, cardlink_frame *frame, int64_t deadline_ms) {
    if (stream->fd < 0)
        return RESULT_REMOVED;
    drop_taken(stream);
    for (;;) {
        result code = cardlink_frame_parse(buffer_bytes(&stream->input), frame, &stream->taken);
        if (code != RESULT_TRUNCATED)
            return code;
        code = read_some(stream);
        if (code == RESULT_OK)
            continue;
        if (code != RESULT_TIMEOUT)
            return code;
        if (halted_too_long(stream))
            return RESULT_INVALID;
        int64_t limit = stream->halted_since != 0 ? stream->halted_since + CARDLINK_FRAME_DEADLINE_MS : deadline_ms;
        code = wait_for(stream->fd, POLLIN, limit < deadline_ms ? limit : deadline_ms);
        if (code == RESULT_TIMEOUT && limit < deadline_ms)
            return RESULT_INVALID;
        if (code != RESULT_OK)
            return code;
    }
}

result cardlink_check_peer(int fd, uid_t other, uid_t *found) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0)
        return RESULT_IO;
    *found = peer.uid;
    bool allowed = peer.uid == 0 || peer.uid == geteuid() || (other != (uid_t)-1 && peer.uid == other);
    return allowed ? RESULT_OK : RESULT_DENIED;
}
