/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "desk/desk_clients.h"

#include "desk/desk_wire.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_STEP 4096
#define ACCEPT_MAX 64 /* in one turn */

typedef enum stage { FREE, READING, WAITING, WRITING } stage;

struct desk_client {
    stage stage;
    int fd;
    desk_peer peer;
    int64_t since_ms; /* in this stage, monotonic */
    int64_t moved_ms; /* WRITING: time of the last progress */
    desk_request request;
    buffer answer;
    size_t written;
};

struct desk_clients {
    int listener, epoll;
    gid_t group;
    uid_t served; /* the user whose request was run last */
    desk_client places[DESK_PLACES];
};

/* --- places ------------------------------------------------------------------------------------------------------- */

static void watch(desk_clients *all, desk_client *c, int operation, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = c};
    epoll_ctl(all->epoll, operation, c->fd, &event);
}

static void enter(desk_client *c, stage next) {
    c->stage = next;
    c->since_ms = c->moved_ms = clock_monotonic_ms();
}

static void leave(desk_client *c) {
    close(c->fd); /* also removes it from the epoll set */
    desk_request_wipe(&c->request);
    buffer_wipe(&c->answer);
    *c = (desk_client){.stage = FREE};
}

/* The connection to be closed when there are too many, among one user's or all (of NULL): first one with an incomplete
 * request, then one that does not read its answer; never one that waits for us. */
static desk_client *slowest(desk_clients *all, const uid_t *of) {
    desk_client *found = NULL;
    for (size_t i = 0; i < DESK_PLACES; i++) {
        desk_client *c = &all->places[i];
        if ((c->stage != READING && c->stage != WRITING) || (of != NULL && c->peer.uid != *of))
            continue;
        if (found == NULL || c->stage < found->stage || (c->stage == found->stage && c->since_ms < found->since_ms))
            found = c;
    }
    return found;
}

static desk_client *place_for(desk_clients *all, uid_t uid) {
    desk_client *free_place = NULL, *gone;
    size_t theirs = 0;
    for (size_t i = 0; i < DESK_PLACES; i++) {
        theirs += all->places[i].stage != FREE && all->places[i].peer.uid == uid;
        if (all->places[i].stage == FREE)
            free_place = &all->places[i];
    }
    if (theirs < DESK_SHARE && free_place != NULL)
        return free_place;
    gone = slowest(all, theirs >= DESK_SHARE ? &uid : NULL);
    if (gone == NULL)
        return NULL;
    log_info("a client of user %u that did not go on was ended: its place was needed", (unsigned)gone->peer.uid);
    leave(gone);
    return gone;
}

/* --- one step of one client --------------------------------------------------------------------------------------- */

/* The refusal for a client that is not served; the socket is new, so its buffer has space. */
static void turn_away(int fd, char type) {
    uint8_t word[DESK_HEAD_LENGTH] = {(uint8_t)type};
    if (send(fd, word, sizeof word, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        log_debug("a client disconnected before it was refused");
    close(fd);
}

/* Reads the bytes of the request that have arrived, and nothing beyond it. */
static void read_on(desk_clients *all, desk_client *c) {
    uint8_t step[READ_STEP];
    result code = RESULT_OK;
    while (code == RESULT_OK && !c->request.whole) {
        const size_t wants = desk_request_wants(&c->request);
        const ssize_t got = recv(c->fd, step, wants < sizeof step ? wants : sizeof step, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            break;
        code = got > 0 ? desk_request_take_bytes(&c->request, bytes_of(step, (size_t)got)) : RESULT_UNAVAILABLE;
    }
    secret_wipe(step, sizeof step);
    if (code != RESULT_OK)
        leave(c);
    else if (c->request.whole) {
        enter(c, WAITING);
        watch(all, c, EPOLL_CTL_MOD, 0);
    }
}

static void take_in(desk_clients *all, int fd) {
    desk_peer peer;
    if (!desk_peer_of(fd, &peer) || !desk_peer_may_speak(fd, &peer, all->group)) {
        turn_away(fd, 'D');
        return;
    }
    desk_client *c = place_for(all, peer.uid);
    if (c == NULL) {
        turn_away(fd, 'B');
        return;
    }
    *c = (desk_client){.fd = fd, .peer = peer, .request = DESK_REQUEST_INIT, .answer = BUFFER_INIT(DESK_ANSWER_MAX)};
    enter(c, READING);
    watch(all, c, EPOLL_CTL_ADD, EPOLLIN);
    read_on(all, c); /* a client that has sent its request does not delay the next ones */
}

static void take_all_in(desk_clients *all) {
    for (int i = 0; i < ACCEPT_MAX; i++) {
        const int fd = accept4(all->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0)
            return;
        take_in(all, fd);
    }
}

static void write_on(desk_client *c) {
    const bytes whole = buffer_bytes(&c->answer);
    while (c->written < whole.length) {
        const ssize_t sent = send(c->fd, whole.data + c->written, whole.length - c->written, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno == EAGAIN)
            return;
        if (sent < 0)
            break;
        c->written += (size_t)sent;
        c->moved_ms = clock_monotonic_ms();
    }
    leave(c);
}

static void step(desk_clients *all, desk_client *c, uint32_t events) {
    if (c->stage == READING)
        read_on(all, c);
    else if (c->stage == WRITING)
        write_on(c);
    else if (c->stage == WAITING && (events & (EPOLLHUP | EPOLLERR)) != 0)
        leave(c); /* it disconnected before its request was begun: the answer would be lost */
}

static bool is_late(const desk_client *c, int64_t now) {
    if (c->stage == READING)
        return now - c->since_ms >= DESK_REQUEST_MS;
    return c->stage == WRITING && (now - c->moved_ms >= DESK_ANSWER_MS || now - c->since_ms >= DESK_ANSWER_ALL_MS);
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

result desk_clients_new(int listener, gid_t group, desk_clients **out) {
    desk_clients *all = calloc(1, sizeof *all);
    struct epoll_event event = {.events = EPOLLIN};
    *out = all;
    if (all == NULL)
        return RESULT_NO_MEMORY;
    all->listener = listener;
    all->group = group;
    all->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (all->epoll >= 0 && epoll_ctl(all->epoll, EPOLL_CTL_ADD, listener, &event) == 0)
        return RESULT_OK;
    desk_clients_free(out);
    return RESULT_IO;
}

void desk_clients_free(desk_clients **all) {
    if (*all == NULL)
        return;
    for (size_t i = 0; i < DESK_PLACES; i++)
        if ((*all)->places[i].stage != FREE)
            leave(&(*all)->places[i]);
    if ((*all)->epoll >= 0)
        close((*all)->epoll);
    close((*all)->listener);
    free(*all);
    *all = NULL;
}

int desk_clients_descriptor(const desk_clients *all) {
    return all->epoll;
}

void desk_clients_turn(desk_clients *all) {
    struct epoll_event events[DESK_PLACES + 1];
    const int64_t now = clock_monotonic_ms();
    const int count = epoll_wait(all->epoll, events, DESK_PLACES + 1, 0);
    bool client_arrived = false;
    for (int i = 0; i < count; i++) {
        if (events[i].data.ptr == NULL)
            client_arrived = true;
        else
            step(all, events[i].data.ptr, events[i].events);
    }
    for (size_t i = 0; i < DESK_PLACES; i++)
        if (is_late(&all->places[i], now))
            leave(&all->places[i]);
    if (client_arrived) /* last, when places have become free; what new clients send is read in the next turn */
        take_all_in(all);
}

bool desk_clients_wait(const desk_clients *all) {
    for (size_t i = 0; i < DESK_PLACES; i++)
        if (all->places[i].stage == WAITING)
            return true;
    return false;
}

desk_client *desk_clients_next(desk_clients *all) {
    desk_client *found = NULL;
    for (size_t i = 0; i < DESK_PLACES; i++) {
        desk_client *c = &all->places[i];
        if (c->stage != WAITING)
            continue;
        const bool same = c->peer.uid == all->served, found_same = found != NULL && found->peer.uid == all->served;
        if (found == NULL || same < found_same || (same == found_same && c->since_ms < found->since_ms))
            found = c;
    }
    if (found != NULL)
        all->served = found->peer.uid;
    return found;
}

desk_request *desk_client_request(desk_client *c) {
    return &c->request;
}

const desk_peer *desk_client_peer(const desk_client *c) {
    return &c->peer;
}

void desk_client_answer(desk_clients *all, desk_client *c, bytes out, bytes err, uint8_t exit_code) {
    desk_request_wipe(&c->request);
    desk_wire_append(&c->answer, 'O', out);
    desk_wire_append(&c->answer, 'E', err);
    if (desk_wire_append(&c->answer, 'X', bytes_of(&exit_code, 1)) != RESULT_OK || c->answer.failed != RESULT_OK) {
        leave(c);
        return;
    }
    enter(c, WRITING);
    watch(all, c, EPOLL_CTL_MOD, EPOLLOUT);
    write_on(c);
}
