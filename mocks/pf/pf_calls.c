/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The calls: read, validate, answer. */
#include "online_check.h"
#include "inquiry.h"

#include "base/clock.h"
#include "fhir/batch_answer.h"
#include "fhir/reconcile_slot.h"
#include "fhir/signed_answer.h"
#include "fhir/time_beacon.h"
#include "service/reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SMALL_BODY_MAX 65536
#define BODY_MAX (1024 * 1024)
#define SIGNED_MAX 256 /* the root of a batch's tree */
#define FORM_MAX 16384 /* what is signed of an answer */
#define BATCH_BODY_MAX (4 * 1024 * 1024)

static void get_status(void *context, const http_request *request, http_reply *reply) {
    const platform *p = context;
    int64_t not_before, not_after;
    admission_slot(p->admission, request->peer->institution_code, clock_wall_s(), &not_before, &not_after);
    const reply_beacon_facts facts = {"pf", platform_store_accepts(p->store), not_before, not_after, 0};
    reply_beacon(reply, &facts);
}

static void register_terminal(void *context, const http_request *request, http_reply *reply) {
    platform *p = context;
    registrar_reply(&p->registrar, request, reply);
}

/* Signed for each caller with the caller's nonce, so that an answer cannot be replayed. */
static void tell_time(void *context, const http_request *request, http_reply *reply) {
    const platform *p = context;
    time_beacon beacon;
    fhir_problem problem = {{0}};
    if (time_beacon_request_read(request->body, beacon.nonce, &problem) != RESULT_OK) {
        reply_misread(reply, request->body, "value", &problem);
        return;
    }
    beacon.at_ms = clock_wall_ms();
    reply->content_type = "application/json";
    if (time_beacon_write(&beacon, &reply->body) == RESULT_OK)
        reply_signed(reply, 200, &p->answers);
    else
        reply_unavailable(reply, "The platform cannot write its answer now. Send again later.");
}

/* --- POST /fhir/CoverageEligibilityRequest/$submit ---------------------------------------------------------------- */

/* Over the form that says nothing about the person. */
static void reply_answer(const platform *p, const inquiry_ruling *ruling, http_reply *reply) {
    const bytes answer = buffer_bytes(&ruling->resource);
    buffer form = BUFFER_INIT(FORM_MAX);
    const result formed = ruling->form.length > 0 ? buffer_append(&form, buffer_bytes(&ruling->form))
                                                  : signed_answer_of(answer, &form, NULL);
    if (formed == RESULT_OK && buffer_append(&reply->body, answer) == RESULT_OK)
        reply_signed_over(reply, 200, buffer_bytes(&form), &p->answers);
    else
        reply_unavailable(reply, "The platform could not write its answer. Send again later.");
    buffer_wipe(&form);
}

static void submit(void *context, const http_request *request, http_reply *reply) {
    platform *p = context;
    inquiry_item item = {0};
    inquiry_ruling ruling = {0};
    if (eligibility_request_read(request->body, &item.request, &item.problem) != RESULT_OK) {
        reply_misread(reply, request->body, "value", &item.problem);
    } else {
        inquiry_rule(p, request->peer, &item, 1, STATEMENT_ONLINE, &ruling);
        if (ruling.refused.status == 0)
            reply_answer(p, &ruling, reply);
        else
            refusal_reply(&ruling.refused, reply);
    }
    inquiry_ruling_wipe(&ruling);
    eligibility_request_wipe(&item.request);
}

/* --- POST /fhir: a batch ------------------------------------------------------------------------------------------ */

/* Entries are independent: a refused one does not affect the others. */
typedef struct reconciliation {
    inquiry_item items[FHIR_BATCH_MAX];
    inquiry_ruling rulings[FHIR_BATCH_MAX];
    eligibility_outcome outcomes[FHIR_BATCH_MAX];
    bytes forms[FHIR_BATCH_MAX]; /* of the outcomes; that of the time is empty */
    size_t count;
    const char *nonce; /* "": the time is not asked for */
    int64_t begun_ms;
    buffer time;
} reconciliation;

/* Why the store failed, or NULL. After a failure no partial answer is sent, and the sender repeats the whole batch. */
static const char *find_failure(const reconciliation *r) {
    for (size_t i = 0; i < r->count; i++)
        if (r->rulings[i].refused.status == 503)
            return r->rulings[i].refused.reason;
    return NULL;
}

/* Names the refused request, as far as it could be read, so that the sender need not count entries. */
static void word_refusal(const refusal *why, const eligibility_request *request, buffer *resource) {
    if (uuid_is_valid(request->evidence_id))
        outcome_write_about(why->code, why->reason, request->evidence_id, resource);
    else
        outcome_write(why->code, why->reason, resource);
}

/* The sender halves the journey: what it is told is the middle of the time that the work took. */
static result word_time(reconciliation *r, size_t *count) {
    time_beacon beacon = {.at_ms = r->begun_ms + (clock_wall_ms() - r->begun_ms) / 2};
    if (r->nonce[0] == 0 || r->count == FHIR_BATCH_MAX)
        return RESULT_OK;
    snprintf(beacon.nonce, sizeof beacon.nonce, "%s", r->nonce);
    const result code = time_beacon_write(&beacon, &r->time);
    r->outcomes[(*count)++] = (eligibility_outcome){ELIGIBILITY_TIME, buffer_bytes(&r->time)};
    return code;
}

static result word_outcomes(reconciliation *r, buffer *body, buffer *content) {
    size_t count = r->count;
    for (size_t i = 0; i < r->count; i++) {
        inquiry_ruling *one = &r->rulings[i];
        const int status = one->refused.status != 0 ? one->refused.status : one->known ? 200 : 201;
        if (one->refused.status != 0)
            word_refusal(&one->refused, &r->items[i].request, &one->resource);
        r->outcomes[i] = (eligibility_outcome){status, buffer_bytes(&one->resource)};
        r->forms[i] = buffer_bytes(&one->form);
    }
    const result code = word_time(r, &count);
    return code == RESULT_OK ? eligibility_batch_answer_write_formed(r->outcomes, r->forms, count, body, content)
                             : code;
}

/* Both kinds of batch differ in how an entry is read and checked. */
typedef struct batch_kind {
    result (*read)(const eligibility_batch *batch, size_t index, eligibility_request *out, fhir_problem *problem);
    void (*rule)(platform *p, const http_peer *peer, const inquiry_item *items, size_t count, inquiry_ruling *rulings);
} batch_kind;

static void rule_offline(platform *p, const http_peer *peer, const inquiry_item *items, size_t count,
                         inquiry_ruling *rulings) {
    inquiry_rule(p, peer, items, count, STATEMENT_OFFLINE, rulings);
}

static const batch_kind reconcile = {eligibility_batch_entry, rule_offline},
                        pre_check = {eligibility_batch_pre_check, inquiry_pre_check};

static void rule_batch(platform *p, const http_request *request, const batch_kind *kind, const eligibility_batch *batch,
                       http_reply *reply) {
    reconciliation *r = calloc(1, sizeof *r);
    buffer content = BUFFER_INIT(SIGNED_MAX);
    if (!r) {
        reply_unavailable(reply, "The platform has no memory left for a batch now. Send again later.");
        return;
    }
    r->begun_ms = clock_wall_ms();
    r->nonce = eligibility_batch_nonce(batch);
    r->time = BUFFER_INIT(SIGNED_MAX);
    r->count = eligibility_batch_count(batch);
    for (size_t i = 0; i < r->count; i++)
        if (kind->read(batch, i, &r->items[i].request, &r->items[i].problem) != RESULT_OK)
            fhir_complain(&r->items[i].problem, "it cannot be read");
    kind->rule(p, request->peer, r->items, r->count, r->rulings);
    const char *failure = find_failure(r);
    if (failure)
        reply_unavailable(reply, failure);
    else if (word_outcomes(r, &reply->body, &content) == RESULT_OK)
        reply_signed_over(reply, 200, buffer_bytes(&content), &p->answers);
    else
        reply_unavailable(reply, "The platform could not write its answer. Send again later.");
    for (size_t i = 0; i < r->count; i++) {
        inquiry_ruling_wipe(&r->rulings[i]);
        eligibility_request_wipe(&r->items[i].request);
    }
    buffer_wipe(&r->time);
    buffer_wipe(&content);
    free(r);
}

static void batch(platform *p, const http_request *request, const batch_kind *kind, http_reply *reply) {
    eligibility_batch *entries;
    fhir_problem problem = {{0}};
    if (eligibility_batch_read(request->body, &entries, &problem) == RESULT_OK)
        rule_batch(p, request, kind, entries, reply);
    else
        reply_misread(reply, request->body, "structure", &problem);
    eligibility_batch_free(&entries);
}

static void reconcile_batch(void *context, const http_request *request, http_reply *reply) {
    batch(context, request, &reconcile, reply);
}

static void pre_check_batch(void *context, const http_request *request, http_reply *reply) {
    batch(context, request, &pre_check, reply);
}

/* --- GET /reconcile-slot ------------------------------------------------------------------------------------------ */

static void get_slot(void *context, const http_request *request, http_reply *reply) {
    platform *p = context;
    reconcile_slot slot;
    snprintf(slot.institution_code, sizeof slot.institution_code, "%s", request->peer->institution_code);
    admission_slot(p->admission, slot.institution_code, clock_wall_s(), &slot.not_before, &slot.not_after);
    reply->content_type = "application/json";
    if (reconcile_slot_write(&slot, &reply->body) == RESULT_OK)
        reply_signed(reply, 200, &p->answers);
    else
        reply_unavailable(reply, "The platform cannot write its answer now. Send again later.");
}

/* clang-format off */
const http_route platform_routes[] = {
    {"GET", "/reconcile-slot", get_slot, ADMISSION_LIVE, 0}, /* costs a signature */
    {"GET", "/status", get_status, ADMISSION_FREE, 0},
    {"POST", "/terminals", register_terminal, ADMISSION_LIVE, SMALL_BODY_MAX},
    {"POST", "/time-beacon", tell_time, ADMISSION_LIVE, SMALL_BODY_MAX},
    {"POST", "/institution-authentication", authentication_reply, ADMISSION_LIVE, SMALL_BODY_MAX},
    {"POST", "/fhir/CoverageEligibilityRequest/$submit", submit, ADMISSION_LIVE, BODY_MAX},
    {"POST", "/fhir/CoverageEligibilityRequest/$pre-check", pre_check_batch, ADMISSION_BATCH, BODY_MAX},
    {"POST", "/fhir", reconcile_batch, ADMISSION_BATCH, BATCH_BODY_MAX},
    {NULL, NULL, NULL, ADMISSION_NONE, 0},
};
/* clang-format on */
