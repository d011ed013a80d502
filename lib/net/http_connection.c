#include "net/http_connection.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#define REAPER_STEP_MS 100

/* Waits on the condition for a while; the lock is held. */
static void wait_ms(http_connections *all, long milliseconds) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += milliseconds % 1000 * 1000000;
    until.tv_sec += milliseconds / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&all->changed, &all->lock, &until);
}

/* Shuts sockets whose time is up. The connection's own thread then sees the end and closes: a descriptor in the list is
 * open, because it leaves the list before libmicrohttpd closes it. */
static void *reap(void *context) {
    http_connections *all = context;
    pthread_mutex_lock(&all->lock);
    while (!all->ending) {
        int64_t now = clock_monotonic_ms();
        for (http_connection *one = all->first; one; one = one->next) {
            if (one->deadline_ms > now)
                continue;
            shutdown(one->fd, SHUT_RDWR);
            one->deadline_ms = INT64_MAX;
            log_info("a connection was ended: its time for a request is over");
        }
        wait_ms(all, REAPER_STEP_MS);
    }
    pthread_mutex_unlock(&all->lock);
    return NULL;
}

result http_connections_start(http_connections *all, unsigned request_ms, unsigned idle_ms, unsigned handshake_ms) {
    pthread_condattr_t attributes;
    *all = (http_connections){.request_ms = request_ms, .idle_ms = idle_ms, .handshake_ms = handshake_ms};
    pthread_mutex_init(&all->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&all->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    return pthread_create(&all->reaper, NULL, reap, all) == 0 ? RESULT_OK : RESULT_NO_MEMORY;
}

void http_connections_end(http_connections *all) {
    pthread_mutex_lock(&all->lock);
    all->ending = true;
    pthread_cond_broadcast(&all->changed);
    pthread_mutex_unlock(&all->lock);
    pthread_join(all->reaper, NULL);
    pthread_cond_destroy(&all->changed);
    pthread_mutex_destroy(&all->lock);
}

http_connection *http_connection_opened(http_connections *all, int fd) {
    http_connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        return NULL;
    connection->fd = fd;
    connection->deadline_ms = clock_monotonic_ms() + all->handshake_ms;
    pthread_mutex_lock(&all->lock);
    connection->next = all->first;
    connection->link = &all->first;
    if (all->first)
        all->first->link = &connection->next;
    all->first = connection;
    pthread_mutex_unlock(&all->lock);
    return connection;
}

void http_connection_closed(http_connections *all, http_connection *connection) {
    pthread_mutex_lock(&all->lock);
    *connection->link = connection->next;
    if (connection->next)
        connection->next->link = connection->link;
    pthread_mutex_unlock(&all->lock);
    free(connection);
}

void http_connection_request_begun(http_connections *all, http_connection *connection) {
    pthread_mutex_lock(&all->lock);
    all->requests++;
    connection->deadline_ms = clock_monotonic_ms() + all->request_ms;
    pthread_mutex_unlock(&all->lock);
}

void http_connection_request_done(http_connections *all, http_connection *connection) {
    pthread_mutex_lock(&all->lock);
    all->requests--;
    connection->deadline_ms = clock_monotonic_ms() + all->idle_ms;
    if (all->settling && all->requests == 0) /* otherwise nobody waits for it, and the reaper need not wake */
        pthread_cond_broadcast(&all->changed);
    pthread_mutex_unlock(&all->lock);
}

void http_connections_settle(http_connections *all) {
    int64_t until = clock_monotonic_ms() + all->request_ms;
    pthread_mutex_lock(&all->lock);
    all->settling = true;
    while (all->requests > 0 && clock_monotonic_ms() < until)
        wait_ms(all, REAPER_STEP_MS);
    pthread_mutex_unlock(&all->lock);
}
