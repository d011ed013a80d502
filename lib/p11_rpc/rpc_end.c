/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "p11_rpc/rpc_end.h"

#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Milliseconds until then; RPC_NO_TIMEOUT stays. */
static int left_until(int64_t deadline_ms) {
    if (deadline_ms < 0)
        return RPC_NO_TIMEOUT;
    const int64_t left = deadline_ms - clock_monotonic_ms();
    return left > 0 ? (int)left : 0;
}

static int64_t deadline_of(int timeout_ms) {
    return timeout_ms < 0 ? -1 : clock_monotonic_ms() + timeout_ms;
}

static result wait_for(int fd, short events, int64_t deadline_ms) {
    struct pollfd one = {.fd = fd, .events = events};
    int ready;
    do
        ready = poll(&one, 1, left_until(deadline_ms));
    while (ready < 0 && errno == EINTR);
    return ready > 0 ? RESULT_OK : ready == 0 ? RESULT_TIMEOUT : RESULT_IO;
}

/* Of a call that gives a count, 0 at the end, or a negative number. again: it must be called once more. */
static result outcome_of(ssize_t moved, bool again) {
    if (moved > 0 || again)
        return RESULT_OK;
    return moved == 0 ? RESULT_REMOVED : RESULT_IO;
}

static result read_some(const rpc_end *from, uint8_t *out, size_t length, int64_t deadline_ms, size_t *moved) {
    ssize_t count;
    bool again;
    if (from->session == NULL || gnutls_record_check_pending(from->session) == 0) {
        const result waited = wait_for(from->fd, POLLIN, deadline_ms);
        if (waited != RESULT_OK)
            return waited;
    }
    if (from->session != NULL) {
        count = gnutls_record_recv(from->session, out, length);
        again = count == GNUTLS_E_AGAIN || count == GNUTLS_E_INTERRUPTED;
    } else {
        count = recv(from->fd, out, length, MSG_DONTWAIT);
        again = count < 0 && (errno == EAGAIN || errno == EINTR);
    }
    *moved = count > 0 ? (size_t)count : 0;
    return outcome_of(count, again);
}

static result write_some(const rpc_end *to, bytes data, int64_t deadline_ms, size_t *moved) {
    ssize_t count;
    bool again;
    const result waited = wait_for(to->fd, POLLOUT, deadline_ms);
    if (waited != RESULT_OK)
        return waited;
    if (to->session != NULL) {
        count = gnutls_record_send(to->session, data.data, data.length);
        again = count == GNUTLS_E_AGAIN || count == GNUTLS_E_INTERRUPTED;
    } else {
        count = send(to->fd, data.data, data.length, MSG_NOSIGNAL | MSG_DONTWAIT);
        again = count < 0 && (errno == EAGAIN || errno == EINTR);
    }
    *moved = count > 0 ? (size_t)count : 0;
    return outcome_of(count, again);
}

result rpc_read(const rpc_end *from, uint8_t *out, size_t length, int timeout_ms) {
    const int64_t deadline_ms = deadline_of(timeout_ms);
    size_t done = 0, moved;
    result code = RESULT_OK;
    while (code == RESULT_OK && done < length) {
        code = read_some(from, out + done, length - done, deadline_ms, &moved);
        done += moved;
    }
    return code;
}

result rpc_write(const rpc_end *to, bytes data, int timeout_ms) {
    const int64_t deadline_ms = deadline_of(timeout_ms);
    size_t done = 0, moved;
    result code = RESULT_OK;
    while (code == RESULT_OK && done < data.length) {
        code = write_some(to, bytes_slice(data, done, data.length - done), deadline_ms, &moved);
        done += moved;
    }
    return code;
}

result rpc_receive(const rpc_end *from, size_t max, int first_ms, int rest_ms, buffer *frame) {
    uint8_t raw[RPC_HEADER_LENGTH];
    rpc_header header;
    result code = rpc_read(from, raw, 1, first_ms);
    if (code == RESULT_OK)
        code = rpc_read(from, raw + 1, sizeof raw - 1, rest_ms);
    if (code == RESULT_OK)
        code = rpc_header_read(raw, max, &header);
    if (code == RESULT_OK)
        code = buffer_append(frame, BYTES(raw));
    if (code != RESULT_OK)
        return code;
    const size_t length = (size_t)header.options + header.body;
    uint8_t *place = buffer_extend(frame, length);
    return place == NULL ? frame->failed : rpc_read(from, place, length, rest_ms);
}

bool rpc_is_readable(const rpc_end *from) {
    struct pollfd one = {.fd = from->fd, .events = POLLIN};
    if (from->session != NULL && gnutls_record_check_pending(from->session) > 0)
        return true;
    return poll(&one, 1, 0) > 0;
}

void rpc_close(rpc_end *end) {
    if (end->session != NULL) {
        gnutls_bye(end->session, GNUTLS_SHUT_WR);
        gnutls_deinit(end->session);
    }
    if (end->fd >= 0)
        close(end->fd);
    *end = (rpc_end){.fd = -1};
}
