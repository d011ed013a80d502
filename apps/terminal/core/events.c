/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/events.h"

#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "crypt/digest.h"
#include "states/state_table.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define RUN_LENGTH 8

struct events {
    pthread_mutex_t guard; /* of rings[] */
    event_ring rings[EVENT_STREAMS];
    int wake;
    atomic_uint_fast64_t ticks;
    atomic_bool in_session; /* an operator is logged in */
    atomic_int phrase;      /* the patient's phrase that was published last */
    char run[2 * RUN_LENGTH + 1];
};

static const char *const names[EVENT_STREAMS] = {[STREAM_PATIENT] = "patient", [STREAM_STAFF] = "staff"};

const char *event_stream_name(event_stream stream) {
    return names[stream];
}

bool event_stream_named(const char *name, event_stream *stream) {
    for (unsigned i = 0; name != NULL && i < EVENT_STREAMS; i++)
        if (strcmp(names[i], name) == 0) {
            *stream = (event_stream)i;
            return true;
        }
    return false;
}

events *events_new(void) {
    uint8_t run[RUN_LENGTH];
    events *e = calloc(1, sizeof *e);
    if (e == NULL)
        return NULL;
    e->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (e->wake < 0 || crypt_random(run, sizeof run) != RESULT_OK) {
        if (e->wake >= 0)
            close(e->wake);
        free(e);
        return NULL;
    }
    hex_encode(BYTES(run), e->run, sizeof e->run);
    pthread_mutex_init(&e->guard, NULL);
    for (size_t i = 0; i < EVENT_STREAMS; i++)
        e->rings[i].next = 1;
    return e;
}

void events_free(events **e) {
    if (*e == NULL)
        return;
    pthread_mutex_destroy(&(*e)->guard);
    close((*e)->wake);
    free(*e);
    *e = NULL;
}

/* Adds number and time, as the first members. */
static void add(events *e, event_stream stream, json_t *members, bool in_session) {
    char at[CLOCK_TEXT_SIZE];
    clock_text(clock_wall_s(), at);
    pthread_mutex_lock(&e->guard);
    json_t *line = json_pack("{s:I,s:s}", "n", (json_int_t)e->rings[stream].next, "at", at);
    if (line != NULL && members != NULL)
        json_object_update(line, members);
    char *text = line != NULL ? json_dumps(line, JSON_COMPACT) : NULL;
    if (text == NULL || !event_ring_add(&e->rings[stream], text, in_session))
        log_warning("an event could not be published");
    pthread_mutex_unlock(&e->guard);
    free(text);
    json_decref(line);
}

/* What the patient is shown instead of the event's own row: no card is read while no operator is logged in, and the
 * desk goes on when the SE is back and the operator's card was never removed. */
static const struct {
    const char *event;
    bool in_session;
    const char *shown;
} instead[] = {
    {"card-seen", false, "no-session"},
    {"card-gone", false, "no-session"},
    {"card-left", false, "no-session"},
    {"se-back", true, "operator-in"},
};

/* A patient who was asked to lay the card down again first removes it: that changes nothing on the screen. */
static bool asks_again(const events *e) {
    const int phrase = atomic_load(&e->phrase);
    return phrase == PHRASE_AGAIN || phrase == PHRASE_NO_CASE;
}

static const state_row *row_for_patient(const events *e, const char *event, const state_row *row) {
    if (strcmp(event, "card-gone") == 0 && atomic_load(&e->in_session) && asks_again(e))
        return NULL;
    for (size_t i = 0; i < sizeof instead / sizeof *instead; i++)
        if (strcmp(instead[i].event, event) == 0 && instead[i].in_session == atomic_load(&e->in_session))
            return state_named(instead[i].shown);
    return row;
}

/* The patient's screen may show progress: a step number says nothing about a person. */
static void tell_patient(events *e, const state_row *row, const json_t *values) {
    if (row == NULL || (row->patient == PHRASE_UNCHANGED && row->tone == TONE_NONE))
        return;
    json_t *members = json_pack("{s:s,s:s,s:O*,s:O*}", "phrase", state_phrase(row->patient)->name, "tone",
                                state_tone_name(row->tone), "step", json_object_get(values, "step"), "of",
                                json_object_get(values, "of"));
    if (row->patient != PHRASE_UNCHANGED)
        atomic_store(&e->phrase, (int)row->patient);
    add(e, STREAM_PATIENT, members, false);
    json_decref(members);
}

void events_tell(events *e, const char *event, const char *reason, json_t *values) {
    const uint64_t one = 1;
    const state_row *row = state_named(reason != NULL ? reason : event);
    json_t *members = json_pack("{s:s,s:s*}", "event", event, "reason", reason);
    if (e != NULL) {
        if (strcmp(event, "operator-in") == 0)
            atomic_store(&e->in_session, true);
        if (members != NULL && values != NULL)
            json_object_update(members, values);
        add(e, STREAM_STAFF, members, json_object_get(values, "evidenceId") != NULL);
        tell_patient(e, row_for_patient(e, event, row), values);
        if (write(e->wake, &one, sizeof one) != sizeof one)
            log_warning("an event is not announced yet"); /* the counter is full: its reader is awake already */
    }
    json_decref(members);
    json_decref(values);
}

void events_end_session(events *e) {
    if (e == NULL)
        return;
    atomic_store(&e->in_session, false);
    pthread_mutex_lock(&e->guard);
    event_ring_end_session(&e->rings[STREAM_STAFF]);
    pthread_mutex_unlock(&e->guard);
}

void events_count_tick(events *e) {
    atomic_fetch_add(&e->ticks, 1);
}

uint64_t events_ticks(const events *e) {
    return atomic_load(&e->ticks);
}

int events_descriptor(const events *e) {
    return e->wake;
}

const char *events_run(const events *e) {
    return e->run;
}

result events_after(events *e, event_stream stream, uint64_t *number, char line[EVENT_LINE_SIZE]) {
    pthread_mutex_lock(&e->guard);
    const event_ring *ring = &e->rings[stream];
    const char *found = event_ring_line(ring, *number + 1);
    result code = RESULT_NOT_FOUND;
    if (found != NULL) {
        memcpy(line, found, strlen(found) + 1);
        (*number)++;
        code = RESULT_OK;
    } else if (*number + 1 < event_ring_first(ring) || *number >= ring->next) {
        *number = event_ring_first(ring) - 1;
        code = RESULT_EXPIRED;
    }
    pthread_mutex_unlock(&e->guard);
    return code;
}

uint64_t events_newest(events *e, event_stream stream) {
    pthread_mutex_lock(&e->guard);
    const uint64_t newest = e->rings[stream].next - 1;
    pthread_mutex_unlock(&e->guard);
    return newest;
}
