/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "net/http_connection.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define REAPER_STEP_MS 100
#define HALF_OPEN_MAX 512 /* however many places there are: handshakes are short */
#define HURRIED_FIFTH 5   /* under load a handshake has a fifth of its time */

/* Waits on the condition for a while; the lock is held. */
static void wait_ms(http_connections *all, long milliseconds) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += milliseconds % 1000 * 1000000;
    until.tv_sec += milliseconds / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&all->changed, &all->lock, &until);
}

static unsigned half_open_max(const http_connections *all) {
    const unsigned half = (all->limits.max + 1) / 2;
    return half < HALF_OPEN_MAX ? half : HALF_OPEN_MAX;
}

/* --- ending ------------------------------------------------------------------------------------------------------- */

/* From here on it is not counted. */
static void uncount(http_connections *all, http_connection *one) {
    if (one->ended)
        return;
    one->ended = true;
    all->count--;
    if (!one->proven) {
        all->half_open--;
        one->address->half_open--;
    }
    http_address_give(&all->addresses, one->address);
    one->address = NULL;
    if (one->shared)
        http_share_give(all->institutions, one->peer.institution_code, 1);
    one->shared = false;
}

/* The connection's own thread detects the shutdown and closes: a descriptor in the list is open, because it is removed
 * from the list before libmicrohttpd closes it. */
static void end_one(http_connections *all, http_connection *one, const char *why) {
    shutdown(one->fd, SHUT_RDWR);
    uncount(all, one);
    log_info("a connection was ended: %s", why);
}

static bool is_overdue(const http_connections *all, const http_connection *one, int64_t now) {
    const bool pressed = all->half_open * 2 > half_open_max(all);
    return one->deadline_ms <= now ||
           (pressed && !one->proven && one->since_ms + all->limits.handshake_ms / HURRIED_FIFTH <= now);
}

static void *reap(void *context) {
    http_connections *all = context;
    pthread_mutex_lock(&all->lock);
    while (!all->ending) {
        int64_t now = clock_monotonic_ms();
        for (http_connection *one = all->first; one; one = one->next)
            if (!one->ended && is_overdue(all, one, now))
                end_one(all, one, "time limit for a request exceeded");
        wait_ms(all, REAPER_STEP_MS);
    }
    pthread_mutex_unlock(&all->lock);
    return NULL;
}

/* --- making room -------------------------------------------------------------------------------------------------- */

/* Whether to close a rather than b (NULL: none yet), which both wait. */
typedef bool preference(const http_connection *a, const http_connection *b);

static bool waits_longer(const http_connection *a, const http_connection *b) {
    return !b || a->since_ms <= b->since_ms;
}

/* The oldest of the address that has the most: so many connections of one address do not displace another
 * hospital's. */
static bool is_half_open_of_many(const http_connection *a, const http_connection *b) {
    if (a->proven)
        return false;
    if (!b || a->address->half_open != b->address->half_open)
        return !b || a->address->half_open > b->address->half_open;
    return a->since_ms <= b->since_ms;
}

static bool is_idle_longer(const http_connection *a, const http_connection *b) {
    return a->proven && waits_longer(a, b);
}

static http_connection *choose(const http_connections *all, const http_address *of, preference *before) {
    http_connection *best = NULL;
    for (http_connection *one = all->first; one; one = one->next)
        if (!one->ended && !one->at_work && (!of || one->address == of) && before(one, best))
            best = one;
    return best;
}

/* When there are too many, the new connection is served rather than a waiting one. The list is never empty: it has the
 * new one. */
static void make_room(http_connections *all, const http_connection *new_connection) {
    http_connection *victim = NULL;
    if (!new_connection->balanced && new_connection->address->connections > all->limits.per_address_max)
        victim = choose(all, new_connection->address, waits_longer);
    else if (all->half_open > half_open_max(all))
        victim = choose(all, NULL, is_half_open_of_many);
    else if (all->count > all->limits.max && !(victim = choose(all, NULL, is_idle_longer)))
        victim = choose(all, NULL, is_half_open_of_many);
    if (victim)
        end_one(all, victim, "too many connections");
}

/* --- the list ----------------------------------------------------------------------------------------------------- */

result http_connections_start(http_connections *all, const http_connection_limits *limits) {
    pthread_condattr_t attributes;
    *all = (http_connections){.limits = *limits};
    result outcome = http_share_new(limits->max, limits->per_institution, &all->institutions);
    if (outcome != RESULT_OK)
        return outcome;
    pthread_mutex_init(&all->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&all->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&all->reaper, NULL, reap, all) == 0)
        return RESULT_OK;
    http_share_free(&all->institutions);
    return RESULT_NO_MEMORY;
}

void http_connections_end(http_connections *all) {
    pthread_mutex_lock(&all->lock);
    all->ending = true;
    pthread_cond_broadcast(&all->changed);
    pthread_mutex_unlock(&all->lock);
    pthread_join(all->reaper, NULL);
    pthread_cond_destroy(&all->changed);
    pthread_mutex_destroy(&all->lock);
    http_share_free(&all->institutions);
}

static void add(http_connections *all, http_connection *connection) {
    connection->next = all->first;
    connection->link = &all->first;
    if (all->first)
        all->first->link = &connection->next;
    all->first = connection;
    connection->address->half_open++;
    all->half_open++;
    all->count++;
}

http_connection *http_connection_opened(http_connections *all, int fd, bool balanced) {
    http_connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        return NULL;
    connection->fd = fd;
    connection->balanced = balanced;
    connection->since_ms = clock_monotonic_ms();
    connection->deadline_ms = connection->since_ms + all->limits.handshake_ms;
    pthread_mutex_lock(&all->lock);
    connection->address = http_address_take(&all->addresses, fd);
    if (connection->address) {
        add(all, connection);
        make_room(all, connection);
    }
    pthread_mutex_unlock(&all->lock);
    if (!connection->link) {
        free(connection);
        return NULL;
    }
    return connection;
}

/* From one address to the other, as long as it is counted at all. */
static bool move_address(http_connections *all, http_connection *connection, const uint8_t told[HTTP_PROXY_ADDRESS]) {
    http_address *before = connection->address, *now = http_address_take_told(&all->addresses, told);
    if (!now)
        return false;
    if (!connection->proven) {
        before->half_open--;
        now->half_open++;
    }
    connection->address = now;
    http_address_give(&all->addresses, before);
    return true;
}

bool http_connection_told(http_connections *all, http_connection *connection,
                          const uint8_t address[HTTP_PROXY_ADDRESS]) {
    pthread_mutex_lock(&all->lock);
    const bool good = connection->ended || !address || move_address(all, connection, address);
    if (good && !connection->ended && address) {
        connection->balanced = false;
        make_room(all, connection);
    }
    pthread_mutex_unlock(&all->lock);
    return good;
}

void http_connection_closed(http_connections *all, http_connection *connection) {
    pthread_mutex_lock(&all->lock);
    *connection->link = connection->next;
    if (connection->next)
        connection->next->link = connection->link;
    uncount(all, connection);
    pthread_mutex_unlock(&all->lock);
    free(connection);
}

/* An idle connection of the institution. */
static http_connection *find_sibling(const http_connections *all, const http_connection *of) {
    http_connection *best = NULL;
    for (http_connection *one = all->first; one; one = one->next)
        if (!one->ended && !one->at_work && one->shared && waits_longer(one, best) &&
            strcmp(one->peer.institution_code, of->peer.institution_code) == 0)
            best = one;
    return best;
}

static bool take_place(http_connections *all, http_connection *connection) {
    const char *code = connection->peer.institution_code;
    if (http_share_take(all->institutions, code, 1))
        return true;
    http_connection *sibling = find_sibling(all, connection);
    if (sibling)
        end_one(all, sibling, "its institution has more than its share");
    return sibling && http_share_take(all->institutions, code, 1);
}

bool http_connection_proved(http_connections *all, http_connection *connection) {
    pthread_mutex_lock(&all->lock);
    connection->shared = !connection->ended && take_place(all, connection);
    if (connection->shared) {
        connection->proven = true;
        connection->address->half_open--;
        all->half_open--;
    }
    const bool room = connection->shared;
    pthread_mutex_unlock(&all->lock);
    return room;
}

void http_connection_request_begun(http_connections *all, http_connection *connection) {
    pthread_mutex_lock(&all->lock);
    all->requests++;
    connection->at_work = connection->proven;
    if (connection->proven)
        connection->deadline_ms = clock_monotonic_ms() + all->limits.request_ms;
    pthread_mutex_unlock(&all->lock);
}

void http_connection_request_done(http_connections *all, http_connection *connection) {
    pthread_mutex_lock(&all->lock);
    all->requests--;
    connection->at_work = false;
    if (connection->proven) {
        connection->since_ms = clock_monotonic_ms();
        connection->deadline_ms = connection->since_ms + all->limits.idle_ms;
    }
    if (all->settling && all->requests == 0) /* otherwise no thread waits for it, and the reaper need not wake */
        pthread_cond_broadcast(&all->changed);
    pthread_mutex_unlock(&all->lock);
}

void http_connections_wait(http_connections *all, unsigned milliseconds) {
    int64_t until = clock_monotonic_ms() + milliseconds;
    pthread_mutex_lock(&all->lock);
    all->settling = true;
    while (all->requests > 0 && clock_monotonic_ms() < until)
        wait_ms(all, REAPER_STEP_MS);
    pthread_mutex_unlock(&all->lock);
}
