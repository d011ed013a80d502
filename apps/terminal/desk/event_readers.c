/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "desk/event_readers.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define FIXED 3 /* descriptors before those of the readers: the end, new events, the listener */

typedef struct event_reader {
    int fd; /* -1: the place is free */
    bool begun, ends;
    event_stream stream;
    uint64_t number; /* of the last event that was put into line */
    char request[EVENT_REQUEST_SIZE];
    size_t asked;
    char line[EVENT_LINE_SIZE + 1]; /* what is being sent */
    size_t length, sent;
    int64_t moved_ms, told_ms;
    desk_peer peer;
} event_reader;

struct event_readers {
    events *events;
    event_rights rights;
    int listener, stop;
    pthread_t thread;
    event_reader places[EVENT_READERS_MAX];
};

/* --- one reader --------------------------------------------------------------------------------------------------- */

static void leave(event_reader *r) {
    close(r->fd);
    *r = (event_reader){.fd = -1};
}

static void say(event_reader *r, json_t *what) {
    char *text = what != NULL ? json_dumps(what, JSON_COMPACT) : NULL;
    const int length = text != NULL ? snprintf(r->line, sizeof r->line, "%s\n", text) : 0;
    r->length = length > 0 && (size_t)length < sizeof r->line ? (size_t)length : 0;
    r->sent = 0;
    free(text);
    json_decref(what);
}

static bool may_read(const event_readers *all, const event_reader *r, event_stream stream) {
    if (all->rights.has_screen && r->peer.uid == all->rights.screen_user)
        return stream == STREAM_PATIENT;
    return desk_peer_may_speak(r->fd, &r->peer, all->rights.group);
}

static bool parse_request(const event_readers *all, const json_t *request, event_reader *r) {
    const char *run = json_string_value(json_object_get(request, "run"));
    const json_t *since = json_object_get(request, "since");
    if (!event_stream_named(json_string_value(json_object_get(request, "stream")), &r->stream))
        return false;
    if (since != NULL && (!json_is_integer(since) || json_integer_value(since) < 0))
        return false;
    r->number = since != NULL ? (uint64_t)json_integer_value(since) : events_newest(all->events, r->stream);
    if (run != NULL && strcmp(run, events_run(all->events)) != 0)
        r->number = UINT64_MAX - 1; /* a number of another run: sends everything that is kept, after a gap */
    return true;
}

static void refuse(event_reader *r, const char *reason) {
    say(r, json_pack("{s:s,s:s}", "event", "closed", "reason", reason));
    r->ends = true;
}

static void begin(const event_readers *all, event_reader *r) {
    json_t *request = json_loadb(r->request, r->asked, JSON_REJECT_DUPLICATES, NULL);
    if (!parse_request(all, request, r))
        refuse(r, "desk-request");
    else if (!may_read(all, r, r->stream))
        refuse(r, "desk-denied");
    else
        say(r, json_pack("{s:s,s:s,s:s,s:I}", "event", "hello", "stream", event_stream_name(r->stream), "run",
                         events_run(all->events), "newest", (json_int_t)events_newest(all->events, r->stream)));
    r->begun = true;
    json_decref(request);
}

static void read_request(const event_readers *all, event_reader *r) {
    const ssize_t got = recv(r->fd, r->request + r->asked, sizeof r->request - r->asked, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        leave(r);
        return;
    }
    r->asked += (size_t)got;
    if (memchr(r->request, '\n', r->asked) != NULL || r->asked == sizeof r->request)
        begin(all, r);
}

/* Prepares the next line to send; false: there is none now. */
static bool next_line(const event_readers *all, event_reader *r, int64_t now) {
    char text[EVENT_LINE_SIZE];
    const result code = events_after(all->events, r->stream, &r->number, text);
    if (code == RESULT_OK) {
        r->length = (size_t)snprintf(r->line, sizeof r->line, "%s\n", text);
        r->sent = 0;
    } else if (code == RESULT_EXPIRED) {
        say(r, json_pack("{s:s,s:I}", "event", "gap", "from", (json_int_t)r->number + 1));
    } else if (now - r->told_ms >= EVENT_ALIVE_MS) {
        say(r, json_pack("{s:s,s:I}", "event", "alive", "ticks", (json_int_t)events_ticks(all->events)));
    } else {
        return false;
    }
    return true;
}

static void write_on(const event_readers *all, event_reader *r, int64_t now) {
    for (;;) {
        if (r->sent == r->length && (r->ends || !next_line(all, r, now)))
            break;
        const ssize_t sent = send(r->fd, r->line + r->sent, r->length - r->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno == EAGAIN)
            return;
        if (sent < 0) {
            leave(r);
            return;
        }
        r->sent += (size_t)sent;
        r->moved_ms = r->told_ms = now;
    }
    if (r->ends)
        leave(r);
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

static event_reader *free_place(event_readers *all) {
    for (size_t i = 0; i < EVENT_READERS_MAX; i++)
        if (all->places[i].fd < 0)
            return &all->places[i];
    return NULL;
}

/* A connection without a free place, or without any right, is closed at once. */
static void take_in(event_readers *all, int64_t now) {
    const int fd = accept4(all->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    event_reader *r = free_place(all);
    if (fd < 0)
        return;
    if (r == NULL) {
        log_warning("more than %d programs want to read events", EVENT_READERS_MAX);
        close(fd);
        return;
    }
    *r = (event_reader){.fd = fd, .moved_ms = now, .told_ms = now};
    if (!desk_peer_of(fd, &r->peer) || !(may_read(all, r, STREAM_PATIENT) || may_read(all, r, STREAM_STAFF)))
        leave(r);
}

static bool is_stalled(const event_reader *r, int64_t now) {
    return now - r->moved_ms >= EVENT_STALLED_MS && (!r->begun || r->sent < r->length);
}

static void serve(event_readers *all, const struct pollfd *polled, int64_t now) {
    for (size_t i = 0; i < EVENT_READERS_MAX; i++) {
        event_reader *r = &all->places[i];
        const short happened = polled[i].fd == r->fd ? polled[i].revents : 0;
        if (r->fd >= 0 && !r->begun && happened != 0)
            read_request(all, r);
        else if (r->fd >= 0 && r->begun && ((happened & (POLLHUP | POLLERR)) != 0 || is_stalled(r, now)))
            leave(r);
        if (r->fd >= 0 && r->begun)
            write_on(all, r, now);
        else if (r->fd >= 0 && is_stalled(r, now))
            leave(r);
    }
}

static void fill(const event_readers *all, struct pollfd *polled) {
    polled[0] = (struct pollfd){all->stop, POLLIN, 0};
    polled[1] = (struct pollfd){events_descriptor(all->events), POLLIN, 0};
    polled[2] = (struct pollfd){all->listener, POLLIN, 0};
    for (size_t i = 0; i < EVENT_READERS_MAX; i++) {
        const event_reader *r = &all->places[i];
        polled[FIXED + i] = (struct pollfd){r->fd, !r->begun ? POLLIN : r->sent < r->length ? POLLOUT : 0, 0};
    }
}

static void *run(void *argument) {
    event_readers *all = argument;
    struct pollfd polled[FIXED + EVENT_READERS_MAX];
    uint64_t count;
    for (;;) {
        fill(all, polled);
        if (poll(polled, FIXED + EVENT_READERS_MAX, EVENT_ALIVE_MS / 2) < 0 && errno != EINTR)
            return NULL;
        if ((polled[0].revents & POLLIN) != 0)
            return NULL;
        if ((polled[1].revents & POLLIN) != 0 && read(polled[1].fd, &count, sizeof count) != sizeof count)
            log_warning("events cannot be waited for");
        serve(all, polled + FIXED, clock_monotonic_ms());
        if ((polled[2].revents & POLLIN) != 0)
            take_in(all, clock_monotonic_ms());
    }
}

result event_readers_start(events *e, int listener, event_rights rights, event_readers **out) {
    event_readers *all = *out = calloc(1, sizeof **out);
    if (all == NULL)
        return RESULT_NO_MEMORY;
    *all = (event_readers){.events = e, .rights = rights, .listener = listener};
    for (size_t i = 0; i < EVENT_READERS_MAX; i++)
        all->places[i].fd = -1;
    all->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (all->stop >= 0 && pthread_create(&all->thread, NULL, run, all) == 0)
        return RESULT_OK;
    if (all->stop >= 0)
        close(all->stop);
    free(all);
    *out = NULL;
    return RESULT_INTERNAL;
}

void event_readers_end(event_readers **readers) {
    event_readers *all = *readers;
    const uint64_t one = 1;
    if (all == NULL)
        return;
    if (write(all->stop, &one, sizeof one) == sizeof one)
        pthread_join(all->thread, NULL);
    for (size_t i = 0; i < EVENT_READERS_MAX; i++)
        if (all->places[i].fd >= 0)
            leave(&all->places[i]);
    close(all->stop);
    close(all->listener);
    free(all);
    *readers = NULL;
}
