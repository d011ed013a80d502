/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "pass/service_way.h"

#include "base/clock.h"
#include "base/log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define IDLE_MAX 32   /* connections that wait for the next call */
#define IDLE_MS 50000 /* the service closes idle connections itself, and revocation lists may have changed */

typedef struct idle_client {
    http_client *client;
    int64_t since_ms;  /* when it was opened */
    uint64_t openings; /* of the gate, then */
} idle_client;

struct service_way {
    service_way_options options;
    pthread_mutex_t guard;
    idle_client idle[IDLE_MAX];
    size_t idle_count;
    _Atomic bool down;
};

result service_way_new(const service_way_options *options, service_way **out) {
    service_way *way = *out = calloc(1, sizeof *way);
    if (way == NULL)
        return RESULT_NO_MEMORY;
    way->options = *options;
    pthread_mutex_init(&way->guard, NULL);
    http_client *first = NULL;
    const result code = http_client_new(&options->client, &first); /* a wrong setting is reported now */
    http_client_free(&first);
    if (code != RESULT_OK) {
        log_error("[services] %s = %s: an https address is needed", options->name,
                  options->client.base_url != NULL ? options->client.base_url : "");
        service_way_free(out);
    }
    return code;
}

void service_way_free(service_way **way) {
    if (*way == NULL)
        return;
    for (size_t i = 0; i < (*way)->idle_count; i++)
        http_client_free(&(*way)->idle[i].client);
    pthread_mutex_destroy(&(*way)->guard);
    free(*way);
    *way = NULL;
}

static bool is_gated(void *context) {
    return service_way_is_gated(context);
}

/* The connection that was used last: it is the most likely to be still open. */
static idle_client take_client(service_way *way) {
    idle_client one = {NULL, 0, 0};
    const uint64_t openings = connection_gate_openings(way->options.gate);
    pthread_mutex_lock(&way->guard);
    if (way->idle_count > 0)
        one = way->idle[--way->idle_count];
    pthread_mutex_unlock(&way->guard);
    if (one.client != NULL && (clock_monotonic_ms() - one.since_ms >= IDLE_MS || one.openings != openings))
        http_client_free(&one.client);
    if (one.client == NULL && http_client_new(&way->options.client, &one.client) == RESULT_OK) {
        one.since_ms = clock_monotonic_ms();
        one.openings = openings;
        if (way->options.gate != NULL)
            http_client_set_stop(one.client, is_gated, way);
    }
    return one;
}

static void give_client(service_way *way, idle_client one) {
    pthread_mutex_lock(&way->guard);
    const bool room = way->idle_count < IDLE_MAX;
    if (room)
        way->idle[way->idle_count++] = one;
    pthread_mutex_unlock(&way->guard);
    if (!room)
        http_client_free(&one.client);
}

static void note(service_way *way, result code, const http_answer *answer) {
    const bool silent = code == RESULT_UNAVAILABLE || code == RESULT_TIMEOUT;
    if (code != RESULT_OK && !silent)
        log_error("%s: %s", way->options.name, answer->message);
    if (atomic_exchange(&way->down, silent) != silent)
        log_warning(silent ? "%s does not answer: what comes for it is kept" : "%s answers again", way->options.name);
}

static result call(service_way *way, const char *method, const char *path, const char *type, bytes body, long total_ms,
                   http_answer *answer) {
    *answer = (http_answer){.retry_after = -1};
    if (service_way_is_gated(way))
        return RESULT_UNAVAILABLE;
    idle_client one = take_client(way);
    if (one.client == NULL)
        return RESULT_NO_MEMORY;
    http_client_set_timeouts(one.client, SERVICE_WAY_SILENCE_MS, total_ms);
    const result code = http_client_call(one.client, method, path, type, body, answer);
    if (code == RESULT_OK || !service_way_is_gated(way))
        note(way, code, answer); /* else it says nothing about the service */
    if (code == RESULT_OK)
        give_client(way, one);
    else
        http_client_free(&one.client);
    return code;
}

result service_way_call(service_way *way, const char *method, const char *path, const char *type, bytes body,
                        long total_ms, http_answer *answer) {
    if (!atomic_load(&way->down))
        return call(way, method, path, type, body, total_ms, answer);
    *answer = (http_answer){.retry_after = -1};
    return RESULT_UNAVAILABLE;
}

bool service_way_is_gated(const service_way *way) {
    return !connection_gate_is_open(way->options.gate);
}

bool service_way_is_up(const service_way *way) {
    return !service_way_is_gated(way) && !atomic_load(&way->down);
}

bool service_way_probe(service_way *way) {
    http_answer answer;
    const result code = call(way, "GET", "/status", NULL, bytes_of(NULL, 0), SERVICE_WAY_SILENCE_MS, &answer);
    http_answer_wipe(&answer);
    return code == RESULT_OK;
}
