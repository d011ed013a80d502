/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "waiting.h"

#include "base/clock.h"

#include <poll.h>
#include <sys/epoll.h>

bool (*waiting_speak)(void);

static int64_t now = 1000; /* ms */

int64_t __wrap_clock_monotonic_ms(void);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout_ms);
int __real_poll(struct pollfd *fds, nfds_t count, int timeout_ms);
int __wrap_epoll_wait(int epoll, struct epoll_event *events, int max, int timeout_ms);
int __real_epoll_wait(int epoll, struct epoll_event *events, int max, int timeout_ms);

int64_t __wrap_clock_monotonic_ms(void) {
    return now;
}

static void pass(int timeout_ms) {
    now += timeout_ms > 0 ? timeout_ms : 0;
}

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout_ms) {
    int ready = __real_poll(fds, count, 0);
    if (ready == 0 && timeout_ms != 0 && waiting_speak())
        ready = __real_poll(fds, count, 0);
    if (ready == 0)
        pass(timeout_ms);
    return ready;
}

int __wrap_epoll_wait(int epoll, struct epoll_event *events, int max, int timeout_ms) {
    int ready = __real_epoll_wait(epoll, events, max, 0);
    if (ready == 0 && timeout_ms != 0 && waiting_speak())
        ready = __real_epoll_wait(epoll, events, max, 0);
    if (ready == 0)
        pass(timeout_ms);
    return ready;
}
