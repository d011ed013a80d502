/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "feed.h"

#include "base/clock.h"
#include "base/log.h"
#include "desk/desk_wire.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TRY_AGAIN_MS 250
#define LINE_MAX_BYTES 1024 /* the desk's have 512 */
#define RUN_SIZE 64

struct feed {
    const desk_view *view;
    const char *desk;
    pthread_t thread;
    atomic_bool ending;
    pthread_mutex_t guard; /* guards the members below */
    pthread_cond_t changed;
    char *text;
    unsigned long version;
    bool told_denied; /* this and the rest are the thread's alone */
    json_t *shown;
    json_int_t newest; /* the number in the greeting: events up to it are old */
    char run[RUN_SIZE];
};

/* --- telling the pages -------------------------------------------------------------------------------------------- */

static void publish(feed *f, bool core, bool quiet) {
    json_object_set_new(f->shown, "core", json_boolean(core));
    json_object_set_new(f->shown, "quiet", json_boolean(quiet));
    json_object_set_new(f->shown, "run", json_string(f->run));
    char *text = json_dumps(f->shown, JSON_COMPACT | JSON_SORT_KEYS);
    if (text == NULL)
        return;
    pthread_mutex_lock(&f->guard);
    if (f->text == NULL || strcmp(f->text, text) != 0) {
        char *before = f->text;
        f->text = text;
        text = before;
        f->version++;
        pthread_cond_broadcast(&f->changed);
    }
    pthread_mutex_unlock(&f->guard);
    free(text);
}

/* The clock of pthread_cond_timedwait: see feed_start. */
static struct timespec soon(void) {
    const int64_t at = clock_monotonic_ms() + FEED_ALIVE_MS;
    return (struct timespec){.tv_sec = at / 1000, .tv_nsec = (at % 1000) * 1000000};
}

result feed_wait(feed *f, unsigned long *version, buffer *out) {
    const struct timespec until = soon();
    result code = RESULT_TIMEOUT;
    pthread_mutex_lock(&f->guard);
    while (f->version == *version && !atomic_load(&f->ending) &&
           pthread_cond_timedwait(&f->changed, &f->guard, &until) != ETIMEDOUT)
        continue;
    if (f->version != *version && f->text != NULL) {
        *version = f->version;
        code = buffer_append_text(out, f->text);
    }
    pthread_mutex_unlock(&f->guard);
    return code;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static void forget(feed *f) {
    json_decref(f->shown);
    f->shown = f->view->begin();
}

static void greet(feed *f, const json_t *line) {
    const char *run = json_string_value(json_object_get(line, "run"));
    f->newest = json_integer_value(json_object_get(line, "newest"));
    snprintf(f->run, sizeof f->run, "%s", run != NULL ? run : "");
    f->told_denied = false;
    forget(f);
    if (f->newest == 0)
        publish(f, true, true);
}

/* false: the desk ends the connection. */
static bool take_line(feed *f, const char *text) {
    json_t *line = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    const char *word = json_string_value(json_object_get(line, "event"));
    const json_t *number = json_object_get(line, "n");
    const bool closed = word != NULL && strcmp(word, "closed") == 0;
    if (word != NULL && strcmp(word, "hello") == 0)
        greet(f, line);
    if (json_is_integer(number)) {
        const bool old = json_integer_value(number) <= f->newest;
        f->view->take(f->shown, line);
        if (json_integer_value(number) >= f->newest)
            publish(f, true, old);
    }
    if (closed && !f->told_denied)
        log_error("the desk does not let this user read the %s's events: make it a member of the group that [desk] "
                  "group of uketsuke.conf names",
                  f->view->stream);
    f->told_denied |= closed;
    json_decref(line);
    return !closed;
}

/* An incomplete line stays in text. */
static bool take_lines(feed *f, char *text, size_t *length) {
    char *begin = text;
    text[*length] = 0;
    for (char *end = strchr(begin, '\n'); end != NULL; end = strchr(begin, '\n')) {
        *end = 0;
        if (!take_line(f, begin))
            return false;
        begin = end + 1;
    }
    *length = strlen(begin);
    memmove(text, begin, *length + 1);
    return *length < LINE_MAX_BYTES;
}

/* Returns when the desk has ended the connection or is silent. */
static void read_events(feed *f, int fd) {
    char text[2 * LINE_MAX_BYTES + 1];
    size_t length = 0;
    struct pollfd from = {fd, POLLIN, 0};
    int64_t heard = clock_monotonic_ms();
    while (!atomic_load(&f->ending) && clock_monotonic_ms() - heard < FEED_SILENT_MS) {
        if (poll(&from, 1, TRY_AGAIN_MS) <= 0)
            continue;
        const ssize_t got = read(fd, text + length, LINE_MAX_BYTES);
        if (got <= 0)
            return;
        length += (size_t)got;
        heard = clock_monotonic_ms();
        if (!take_lines(f, text, &length))
            return;
    }
}

static int connect_to_events(const feed *f) {
    char path[PATH_MAX];
    int fd = -1;
    if (!desk_event_socket_path(f->desk, path) || desk_wire_connect(path, &fd) != RESULT_OK)
        return -1;
    if (dprintf(fd, "{\"stream\":\"%s\",\"since\":0}\n", f->view->stream) > 0)
        return fd;
    close(fd);
    return -1;
}

static void *run(void *context) {
    feed *f = context;
    while (!atomic_load(&f->ending)) {
        const int fd = connect_to_events(f);
        if (fd >= 0) {
            read_events(f, fd);
            close(fd);
        }
        forget(f);
        publish(f, false, true);
        poll(NULL, 0, TRY_AGAIN_MS);
    }
    return NULL;
}

/* --- beginning and end -------------------------------------------------------------------------------------------- */

static void make_waiting(feed *f) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&f->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&f->guard, NULL);
}

static void discard(feed *f) {
    pthread_cond_destroy(&f->changed);
    pthread_mutex_destroy(&f->guard);
    json_decref(f->shown);
    free(f->text);
    free(f);
}

result feed_start(const desk_view *v, const char *desk, feed **out) {
    feed *f = *out = calloc(1, sizeof *f);
    if (f == NULL)
        return RESULT_NO_MEMORY;
    f->view = v;
    f->desk = desk;
    make_waiting(f);
    forget(f);
    publish(f, false, true);
    if (pthread_create(&f->thread, NULL, run, f) == 0)
        return RESULT_OK;
    discard(f);
    *out = NULL;
    return RESULT_INTERNAL;
}

void feed_end(feed **f) {
    feed *mine = *f;
    if (mine == NULL)
        return;
    atomic_store(&mine->ending, true);
    pthread_join(mine->thread, NULL);
    discard(mine);
    *f = NULL;
}
