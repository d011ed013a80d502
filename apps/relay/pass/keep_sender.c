/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "pass/keep_sender.h"

#include "pass/keep_batch.h"
#include "pass/outcome_note.h"

#include "base/clock.h"
#include "base/log.h"
#include "crypt/digest.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PURGE_MS 10000
#define TYPE "application/fhir+json"
#define AT_ONCE_MAX 8

/* at_once: requests on their way at the same time. Less than what the terminals would send without a relay, and enough for
 * a service with several processors. */
static const struct wording {
    const char *name, *signer;
    bool is_batch;
    size_t at_once;
} services[KEPT_SERVICES] = {[KEPT_PLATFORM] = {"platform", REMOTE_SIGNER_PLATFORM, true, AT_ONCE_MAX},
                             [KEPT_HISTORY] = {"history", REMOTE_SIGNER_HISTORY, false, 1}};

struct keep_sender {
    keep_sender_options options;
    pthread_t thread;
    bool running;
    _Atomic bool ending;
    pthread_mutex_t guard; /* over pacing */
    pacing pacing;
    int64_t probe_due_ms, purge_due_ms;
    bool was_down;
    char suspect[UUID_TEXT_SIZE]; /* with it the last round ended; "": it ended by itself, or the service had no time */
    char after[UUID_TEXT_SIZE];   /* the next round begins behind it; "": with the oldest */
    bool singly;                  /* visits, for now: one of them may be why a call with many fails */
    _Atomic uint64_t sent, unverified;
};

/* --- when --------------------------------------------------------------------------------------------------------- */

static uint16_t chance(void) {
    uint16_t random = 0;
    return crypt_random((uint8_t *)&random, sizeof random) == RESULT_OK ? random : 0;
}

static void pace(keep_sender *sender, pacing_wait told, bool done) {
    pthread_mutex_lock(&sender->guard);
    const int64_t pause = pacing_after(&sender->pacing, told, done, clock_monotonic_ms(), chance());
    const bool said = sender->pacing.told;
    pthread_mutex_unlock(&sender->guard);
    if (said)
        log_notice("%s: what is kept is sent again in %lld seconds", services[sender->options.service].name,
                   (long long)(pause / 1000));
}

static bool is_due(keep_sender *sender) {
    pthread_mutex_lock(&sender->guard);
    const bool due = pacing_is_due(&sender->pacing, clock_monotonic_ms());
    pthread_mutex_unlock(&sender->guard);
    return due;
}

bool keep_sender_must_wait(keep_sender *sender) {
    pthread_mutex_lock(&sender->guard);
    const bool wait = sender->pacing.told && !pacing_is_due(&sender->pacing, clock_monotonic_ms());
    pthread_mutex_unlock(&sender->guard);
    return wait;
}

void keep_sender_note(keep_sender *sender, int status, long retry_after) {
    const pacing_wait told = pacing_retry_after(status, retry_after);
    if (told.s > 0 && !keep_sender_must_wait(sender))
        pace(sender, told, false);
}

static void come_back(keep_sender *sender) {
    pthread_mutex_lock(&sender->guard);
    pacing_back(&sender->pacing, sender->options.spread_s, clock_monotonic_ms(), chance());
    pthread_mutex_unlock(&sender->guard);
}

/* --- what an answer means ----------------------------------------------------------------------------------------- */

static result institutions(void *context, trust **out) {
    const keep_sender *sender = context;
    *out = trust_share(sender->options.institutions);
    return RESULT_OK;
}

/* As the terminal will check it. */
bool keep_sender_verifies(keep_sender *sender, const http_answer *answer, bool is_inquiry) {
    const struct wording *w = &services[sender->options.service];
    const remote service = {.context = sender, .institutions = institutions};
    const remote_kept kept = {answer->status, buffer_bytes(&answer->body),
                              answer->signature != NULL ? answer->signature : "", w->is_batch && !is_inquiry,
                              is_inquiry};
    remote_answer checked;
    const result code = remote_take(&service, &kept, w->signer, &checked);
    remote_answer_wipe(&checked);
    if (code == RESULT_OK)
        return true;
    atomic_fetch_add(&sender->unverified, 1);
    log_error("%s: an answer is not signed as it must be (%s)", w->name, result_text(code));
    return false;
}

static result note_outcome(keep_sender *sender, const kept_request *r) {
    const outcome_answer one = {.service = r->service,
                                .terminal = r->owner,
                                .way = "kept",
                                .status = r->status,
                                .body = buffer_bytes(&r->answer)};
    return outcome_note(sender->options.outcomes, &one);
}

/* A header may have any byte (RFC 9110 5.5). Anything but ASCII is neither a media type nor base64, and could not be stored as
 * JSON. */
static bool is_ascii(const char *header) {
    while (*header >= 0x20 && *header <= 0x7E)
        header++;
    return *header == '\0';
}

static result take_final(keep_sender *sender, kept_request *r, const http_answer *answer) {
    r->status = answer->status;
    snprintf(r->type, sizeof r->type, "%s", is_ascii(answer->type) ? answer->type : "");
    result code = buffer_append(&r->answer, buffer_bytes(&answer->body));
    if (code == RESULT_OK && answer->signature != NULL && is_ascii(answer->signature))
        code = buffer_append_text(&r->signature, answer->signature);
    if (code == RESULT_OK)
        code = note_outcome(sender, r); /* before the request is done: else it might never be noted */
    if (code == RESULT_OK)
        code = keep_store_answer(sender->options.store, r);
    if (code == RESULT_OK && r->service == KEPT_PLATFORM && r->status <= 201)
        extraction_note_answer(sender->options.patients, r->owner, buffer_bytes(&answer->body), false);
    if (code != RESULT_OK)
        log_error("an answer for %s cannot be stored: %s", r->owner, result_text(code));
    return code;
}

/* --- each that waits once ------------------------------------------------------------------------------------------- */

/* What became of it. */
typedef struct sending {
    keep_sender *sender;
    pthread_mutex_t guard;
    char last[UUID_TEXT_SIZE]; /* the newest that was begun; "": begin with the oldest */
    bool some, passed;         /* there was one; one is left waiting, and is not in the way of the others */
    bool stopped;              /* nothing more now */
    char at[UUID_TEXT_SIZE];   /* the first with which it stopped */
    bool singly;               /* the service does not take many in one call */
    pacing_wait told;          /* when to come again; 0: it has not said so */
} sending;

typedef enum step { STEP_NEXT, STEP_PASSED, STEP_STOP } step; /* done; left waiting; nothing more now */

/* The service is overloaded or away, with or without Retry-After: every request would get this status. */
static bool has_no_time(int status) {
    return status == 429 || status == 502 || status == 503 || status == 504;
}

static step take(keep_sender *sender, kept_request *r, const http_answer *answer) {
    if (!outcome_is_final(answer->status)) {
        log_warning("%s does not take what %s has sent (%d): it stays queued", services[r->service].name, r->owner,
                    answer->status);
        return STEP_PASSED;
    }
    if (answer->status <= 201 && !keep_sender_verifies(sender, answer, false))
        return STEP_PASSED; /* what the service has not signed does not end the waiting */
    return take_final(sender, r, answer) == RESULT_OK ? STEP_NEXT : STEP_STOP;
}

static void note_step(sending *s, const kept_request *r, step one, const http_answer *answer) {
    const pacing_wait told = pacing_retry_after(answer->status, answer->retry_after);
    atomic_fetch_add(&s->sender->sent, one == STEP_NEXT);
    pthread_mutex_lock(&s->guard);
    s->passed |= one == STEP_PASSED;
    if (one == STEP_STOP && !s->stopped)
        memcpy(s->at, r->id, sizeof s->at);
    s->stopped |= one == STEP_STOP;
    if (one == STEP_STOP && told.s > s->told.s)
        s->told = told;
    pthread_mutex_unlock(&s->guard);
}

static void send_one(sending *s, kept_request *r) {
    http_answer answer;
    const result code = service_way_call(s->sender->options.way, "POST", "/fhir", TYPE, buffer_bytes(&r->body),
                                         s->sender->options.call_ms, &answer);
    const bool came = code == RESULT_OK && !has_no_time(answer.status);
    note_step(s, r, came ? take(s->sender, r, &answer) : STEP_STOP, &answer);
    http_answer_wipe(&answer);
}

/* The oldest that was not begun yet. */
static bool begin_next(sending *s, kept_request *r) {
    *r = KEPT_REQUEST_INIT;
    r->service = s->sender->options.service;
    pthread_mutex_lock(&s->guard);
    memcpy(r->id, s->last, sizeof r->id);
    const bool begun = !s->stopped && !atomic_load(&s->sender->ending) &&
                       keep_store_next(s->sender->options.store, r) == RESULT_OK;
    if (begun)
        memcpy(s->last, r->id, sizeof s->last);
    s->some |= begun;
    pthread_mutex_unlock(&s->guard);
    return begun;
}

static void *send_each(void *context) {
    sending *s = context;
    kept_request r;
    while (begin_next(s, &r)) {
        send_one(s, &r);
        kept_request_wipe(&r);
    }
    kept_request_wipe(&r);
    return NULL;
}

static void begin_sending(keep_sender *sender, sending *s) {
    *s = (sending){.sender = sender};
    memcpy(s->last, sender->after, sizeof s->last);
    pthread_mutex_init(&s->guard, NULL);
}

/* Once a service is silent for a reason of its own. With the same request twice, that may be the reason, and the next round
 * goes past it. */
static bool is_suspect(sending *s) {
    char *suspect = s->sender->suspect;
    const bool again = s->stopped && s->told.s == 0 && strcmp(s->at, suspect) == 0;
    memset(suspect, 0, UUID_TEXT_SIZE);
    if (s->stopped && s->told.s == 0)
        memcpy(suspect, s->at, UUID_TEXT_SIZE);
    return again;
}

/* When it is done again. */
static void end_sending(sending *s) {
    if (s->stopped)
        pace(s->sender, s->told, false);
    else if (s->some)
        pace(s->sender, (pacing_wait){0}, !s->passed);
    pthread_mutex_destroy(&s->guard);
}

/* Several at once, each by a thread; this one helps. */
static void send_all(keep_sender *sender, size_t waiting) {
    pthread_t helpers[AT_ONCE_MAX - 1];
    const size_t at_once = services[sender->options.service].at_once;
    size_t count = 0;
    sending s;
    begin_sending(sender, &s);
    while (count + 1 < at_once && count + 1 < waiting && pthread_create(&helpers[count], NULL, send_each, &s) == 0)
        count++;
    send_each(&s);
    while (count > 0)
        pthread_join(helpers[--count], NULL);
    const bool past = is_suspect(&s);
    snprintf(sender->after, sizeof sender->after, "%s", past ? s.at : "");
    sender->singly = sender->singly && s.stopped;
    end_sending(&s);
}

/* --- many visits in one call -------------------------------------------------------------------------------------- */

/* How many the service takes at once, by its own word; 0: it does not say. */
static size_t ask_visit_max(keep_sender *sender) {
    http_answer answer;
    const result code = service_way_call(sender->options.way, "GET", "/status", NULL, bytes_of(NULL, 0),
                                         sender->options.call_ms, &answer);
    json_t *words = code == RESULT_OK ? fhir_parse(buffer_bytes(&answer.body), NULL) : NULL;
    const json_int_t max = json_integer_value(json_object_get(words, "visitBatch"));
    json_decref(words);
    http_answer_wipe(&answer);
    return max > 0 ? (size_t)max : 0;
}

static bool take_of_batch(void *context, kept_request *r, const http_answer *answer) {
    sending *s = context;
    note_step(s, r, take(s->sender, r, answer), answer);
    return !s->stopped;
}

static void take_batch(sending *s, keep_batch *batch, result code, const http_answer *answer) {
    const bool answered = code == RESULT_OK && answer->status == 200 && keep_sender_verifies(s->sender, answer, false);
    s->singly = code == RESULT_OK && visit_batch_is_refused(answer->status);
    if (answered)
        s->passed |= keep_batch_divide(batch, buffer_bytes(&answer->body), take_of_batch, s) < batch->count;
    else
        note_step(s, &batch->requests[0], STEP_STOP, answer);
}

static void send_batch(sending *s, keep_batch *batch) {
    buffer text = BUFFER_INIT(VISIT_BATCH_BODY_MAX);
    http_answer answer = {.retry_after = -1};
    result code = keep_batch_write(batch, &text);
    if (code == RESULT_OK)
        code = service_way_call(s->sender->options.way, "POST", "/visit-batch", "application/json", buffer_bytes(&text),
                                s->sender->options.call_ms, &answer);
    take_batch(s, batch, code, &answer);
    http_answer_wipe(&answer);
    buffer_wipe(&text);
}

/* Returns false when they must be sent one by one. */
static bool send_batches(keep_sender *sender, size_t max) {
    keep_batch *batch = calloc(1, sizeof *batch);
    sending s;
    begin_sending(sender, &s);
    while (batch != NULL && !s.stopped && !atomic_load(&sender->ending) &&
           keep_batch_gather(sender->options.store, max, batch) == RESULT_OK) {
        s.some = true;
        send_batch(&s, batch);
        keep_batch_wipe(batch);
    }
    if (batch != NULL)
        keep_batch_wipe(batch);
    free(batch);
    if (!s.singly) {
        sender->singly = is_suspect(&s);
        end_sending(&s);
    } else
        pthread_mutex_destroy(&s.guard);
    return !s.singly;
}

/* Two visits are worth a question. */
static void send_waiting(keep_sender *sender) {
    keep_store_counts waiting;
    size_t max = 0;
    keep_store_tell(sender->options.store, sender->options.service, &waiting);
    if (sender->options.service == KEPT_HISTORY && waiting.queued > 1 && !sender->singly)
        max = ask_visit_max(sender);
    if (max <= 1 || !send_batches(sender, max))
        send_all(sender, waiting.queued > 0 ? (size_t)waiting.queued : 0);
}

static void turn(keep_sender *sender) {
    const int64_t now = clock_monotonic_ms();
    if (!service_way_is_up(sender->options.way)) {
        if (now >= sender->probe_due_ms && !service_way_probe(sender->options.way))
            sender->probe_due_ms = clock_monotonic_ms() + KEEP_SENDER_PROBE_MS;
        sender->was_down = true;
        return;
    }
    if (sender->was_down)
        come_back(sender);
    sender->was_down = false;
    if (is_due(sender) && keep_store_compared(sender->options.store) == KEEP_STORE_WHOLE)
        send_waiting(sender);
}

static void *run(void *context) {
    keep_sender *sender = context;
    const struct timespec pause = {.tv_nsec = KEEP_SENDER_TURN_MS * 1000000L};
    while (!atomic_load(&sender->ending)) {
        turn(sender);
        if (sender->options.service == KEPT_PLATFORM && clock_monotonic_ms() >= sender->purge_due_ms) {
            keep_store_purge(sender->options.store);
            sender->purge_due_ms = clock_monotonic_ms() + PURGE_MS;
        }
        nanosleep(&pause, NULL);
    }
    return NULL;
}

result keep_sender_start(const keep_sender_options *options, keep_sender **out) {
    keep_sender *sender = *out = calloc(1, sizeof *sender);
    if (sender == NULL)
        return RESULT_NO_MEMORY;
    sender->options = *options;
    sender->was_down = true; /* after a start it comes at a time of its own, too */
    pthread_mutex_init(&sender->guard, NULL);
    sender->running = pthread_create(&sender->thread, NULL, run, sender) == 0;
    if (sender->running)
        return RESULT_OK;
    keep_sender_stop(out);
    return RESULT_NO_MEMORY;
}

void keep_sender_stop(keep_sender **sender) {
    if (*sender == NULL)
        return;
    atomic_store(&(*sender)->ending, true);
    if ((*sender)->running)
        pthread_join((*sender)->thread, NULL);
    pthread_mutex_destroy(&(*sender)->guard);
    free(*sender);
    *sender = NULL;
}

void keep_sender_tell(keep_sender *sender, keep_sender_counts *out) {
    *out = (keep_sender_counts){atomic_load(&sender->sent), atomic_load(&sender->unverified)};
}
