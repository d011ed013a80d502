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

#define TURN_MS 250
#define PROBE_MS 1000 /* between two questions whether a service is back: one for the whole house */
#define PURGE_MS 10000
#define TYPE "application/fhir+json"

static const struct wording {
    const char *name, *signer;
    bool is_batch;
} services[KEPT_SERVICES] = {[KEPT_PLATFORM] = {"platform", REMOTE_SIGNER_PLATFORM, true},
                             [KEPT_HISTORY] = {"history", REMOTE_SIGNER_HISTORY, false}};

struct keep_sender {
    keep_sender_options options;
    pthread_t thread;
    bool running;
    _Atomic bool ending;
    pthread_mutex_t guard; /* over pacing */
    pacing pacing;
    int64_t probe_due_ms, purge_due_ms;
    bool was_down;
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

/* A service that is back has many who wait for it: each comes at a time of its own. */
static void come_back(keep_sender *sender) {
    pthread_mutex_lock(&sender->guard);
    sender->pacing = (pacing){0};
    sender->pacing.due_ms = clock_monotonic_ms() + sender->options.spread_s * 1000 * chance() / UINT16_MAX;
    pthread_mutex_unlock(&sender->guard);
}

/* --- what an answer means ----------------------------------------------------------------------------------------- */

bool keep_sender_is_final(int status) {
    return status == 200 || status == 201 || status == 400 || status == 409 || status == 413 || status == 422;
}

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

static result take_final(keep_sender *sender, kept_request *r, const http_answer *answer) {
    r->status = answer->status;
    snprintf(r->type, sizeof r->type, "%s", answer->type);
    result code = buffer_append(&r->answer, buffer_bytes(&answer->body));
    if (code == RESULT_OK && answer->signature != NULL)
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

/* --- one after the other ------------------------------------------------------------------------------------------ */

typedef enum step { STEP_NEXT, STEP_PASSED, STEP_STOP } step; /* done; left waiting; nothing more now */

static step take(keep_sender *sender, kept_request *r, result code, const http_answer *answer) {
    const pacing_wait told = pacing_retry_after(answer->status, answer->retry_after);
    if (code != RESULT_OK || told.s > 0) {
        pace(sender, told, false);
        return STEP_STOP;
    }
    if (!keep_sender_is_final(answer->status)) {
        log_warning("%s does not take what %s has sent (%d): it goes on waiting", services[r->service].name, r->owner,
                    answer->status);
        return STEP_PASSED;
    }
    if (answer->status <= 201 && !keep_sender_verifies(sender, answer, false))
        return STEP_PASSED; /* what the service has not signed does not end the waiting */
    return take_final(sender, r, answer) == RESULT_OK ? STEP_NEXT : STEP_STOP;
}

static step send_one(keep_sender *sender, kept_request *r) {
    http_answer answer;
    const result code = service_way_call(sender->options.way, "POST", "/fhir", TYPE, buffer_bytes(&r->body),
                                         sender->options.call_ms, &answer);
    const step next = take(sender, r, code, &answer);
    atomic_fetch_add(&sender->sent, next == STEP_NEXT);
    http_answer_wipe(&answer);
    return next;
}

/* Each that waits once. */
static void send_all(keep_sender *sender) {
    kept_request r = KEPT_REQUEST_INIT;
    step last = STEP_NEXT;
    bool passed = false, some = false;
    r.service = sender->options.service;
    while (last != STEP_STOP && !atomic_load(&sender->ending) &&
           keep_store_next(sender->options.store, &r) == RESULT_OK) {
        last = send_one(sender, &r);
        passed |= last == STEP_PASSED;
        some = true;
        kept_request_wipe(&r);
    }
    kept_request_wipe(&r);
    if (last != STEP_STOP && some)
        pace(sender, (pacing_wait){0}, !passed);
}

/* --- many visits in one call -------------------------------------------------------------------------------------- */

/* How many the service takes at once, by its own word; 0: it does not say. */
static size_t ask_visit_max(keep_sender *sender) {
    http_answer answer;
    const result code = service_way_call(sender->options.way, "GET", "/status", NULL, bytes_of(NULL, 0),
                                         sender->options.call_ms, &answer);
    json_t *words = code == RESULT_OK ? fhir_parse(buffer_bytes(&answer.body), NULL) : NULL;
    const json_int_t most = json_integer_value(json_object_get(words, "visitBatch"));
    json_decref(words);
    http_answer_wipe(&answer);
    return most > 0 ? (size_t)most : 0;
}

typedef struct taking {
    keep_sender *sender;
    bool passed, stopped;
} taking;

static bool take_of_batch(void *context, kept_request *r, const http_answer *answer) {
    taking *t = context;
    const step next = take(t->sender, r, RESULT_OK, answer);
    atomic_fetch_add(&t->sender->sent, next == STEP_NEXT);
    t->passed |= next == STEP_PASSED;
    t->stopped |= next == STEP_STOP;
    return next != STEP_STOP;
}

/* False: nothing more now. */
static bool take_batch(keep_sender *sender, keep_batch *batch, result code, const http_answer *answer, taking *t) {
    const pacing_wait told = pacing_retry_after(answer->status, answer->retry_after);
    if (code != RESULT_OK || told.s > 0 || answer->status != 200 || !keep_sender_verifies(sender, answer, false)) {
        pace(sender, told, false);
        return false;
    }
    t->passed |= keep_batch_divide(batch, buffer_bytes(&answer->body), take_of_batch, t) < batch->count;
    return !t->stopped;
}

static bool send_batch(keep_sender *sender, keep_batch *batch, taking *t) {
    buffer text = BUFFER_INIT(VISIT_BATCH_BODY_MAX);
    http_answer answer = {.retry_after = -1};
    result code = keep_batch_write(batch, &text);
    if (code == RESULT_OK)
        code = service_way_call(sender->options.way, "POST", "/visit-batch", "application/json", buffer_bytes(&text),
                                sender->options.call_ms, &answer);
    const bool more = take_batch(sender, batch, code, &answer, t);
    http_answer_wipe(&answer);
    buffer_wipe(&text);
    return more;
}

/* Each that waits once. */
static void send_batches(keep_sender *sender, size_t most) {
    keep_batch *batch = calloc(1, sizeof *batch);
    taking t = {.sender = sender};
    bool more = batch != NULL, some = false;
    while (more && !atomic_load(&sender->ending) &&
           keep_batch_gather(sender->options.store, most, batch) == RESULT_OK) {
        more = send_batch(sender, batch, &t);
        some = true;
        keep_batch_wipe(batch);
    }
    if (batch != NULL)
        keep_batch_wipe(batch);
    free(batch);
    if (more && some)
        pace(sender, (pacing_wait){0}, !t.passed);
}

/* Two visits are worth a question. */
static void send_waiting(keep_sender *sender) {
    keep_store_counts waiting = {0};
    size_t most = 0;
    if (sender->options.service == KEPT_HISTORY)
        keep_store_tell(sender->options.store, KEPT_HISTORY, &waiting);
    if (waiting.queued > 1)
        most = ask_visit_max(sender);
    if (most > 1)
        send_batches(sender, most);
    else
        send_all(sender);
}

static void turn(keep_sender *sender) {
    const int64_t now = clock_monotonic_ms();
    if (!service_way_is_up(sender->options.way)) {
        if (now >= sender->probe_due_ms && !service_way_probe(sender->options.way))
            sender->probe_due_ms = clock_monotonic_ms() + PROBE_MS;
        sender->was_down = true;
        return;
    }
    if (sender->was_down)
        come_back(sender);
    sender->was_down = false;
    if (is_due(sender))
        send_waiting(sender);
}

static void *run(void *context) {
    keep_sender *sender = context;
    const struct timespec pause = {.tv_nsec = TURN_MS * 1000000L};
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
