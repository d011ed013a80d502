/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The calls: read, register, answer. */
#include "registration.h"

#include "base/clock.h"
#include "service/reply.h"

#include <stdlib.h>

#define BODY_MAX (1024 * 1024)
#define TERMINAL_BODY_MAX 65536
#define OUTCOME_MAX 4096

static void get_status(void *context, const http_request *request, http_reply *reply) {
    const history *h = context;
    int64_t not_before, not_after;
    admission_slot(h->admission, request->peer->institution_code, clock_wall_s(), &not_before, &not_after);
    const reply_beacon_facts facts = {"history", history_store_accepts(h->store), not_before, not_after,
                                      VISIT_BATCH_MAX};
    reply_beacon(reply, &facts);
}

static void unavailable(http_reply *reply) {
    reply_unavailable(reply, "The service cannot keep the record now. Keep it and send again later.");
}

/* --- POST /fhir: one record ------------------------------------------------------------------------------------------- */

static void reply_receipt(const registration_answer *answer, http_reply *reply) {
    reply->status = answer->status;
    reply->content_type = "application/json";
    buffer_append(&reply->body, buffer_bytes(&answer->receipt));
    buffer_append(&reply->signature, buffer_bytes(&answer->signature));
}

static void register_visit(void *context, const http_request *request, http_reply *reply) {
    registration_answer answer;
    if (!registration_rule(context, request->peer, &request->body, 1, &answer))
        unavailable(reply);
    else if (answer.refused.status != 0)
        refusal_reply(&answer.refused, reply);
    else
        reply_receipt(&answer, reply);
    registration_wipe(&answer, 1);
}

/* --- POST /visit-batch: many ------------------------------------------------------------------------------------------ */

/* A batch as it comes and as it is answered. */
typedef struct visits {
    buffer records[VISIT_BATCH_MAX], outcomes[VISIT_BATCH_MAX];
    registration_answer answers[VISIT_BATCH_MAX];
    size_t count;
} visits;

static bool read_visits(const visit_batch *batch, visits *v, fhir_problem *problem) {
    for (v->count = 0; v->count < visit_batch_count(batch); v->count++) {
        v->records[v->count] = BUFFER_INIT(BODY_MAX);
        v->outcomes[v->count] = BUFFER_INIT(OUTCOME_MAX);
        if (visit_batch_record(batch, v->count, &v->records[v->count]) == RESULT_OK)
            continue;
        buffer_wipe(&v->records[v->count]);
        fhir_complain(problem, "visits.%zu: not base64, or longer than a record may be", v->count);
        return false;
    }
    return true;
}

static visit_answer word_answer(const registration_answer *answer, buffer *outcome) {
    if (answer->refused.status == 0)
        return (visit_answer){answer->status, answer->content_hash, buffer_bytes(&answer->receipt),
                              buffer_bytes(&answer->signature)};
    outcome_write(answer->refused.code, answer->refused.reason, outcome); /* a failure is kept in failed */
    return (visit_answer){answer->status, answer->content_hash, buffer_bytes(outcome), {0}};
}

static void reply_visits(const history *h, visits *v, http_reply *reply) {
    visit_answer answers[VISIT_BATCH_MAX];
    result outcome = RESULT_OK;
    for (size_t i = 0; i < v->count; i++) {
        answers[i] = word_answer(&v->answers[i], &v->outcomes[i]);
        outcome = outcome == RESULT_OK ? v->outcomes[i].failed : outcome;
    }
    reply->content_type = "application/json";
    if (outcome == RESULT_OK && visit_answers_write(answers, v->count, &reply->body) == RESULT_OK)
        reply_signed(reply, 200, &h->receipts);
    else
        unavailable(reply);
}

static void rule_visits(history *h, const http_peer *peer, visits *v, http_reply *reply) {
    bytes records[VISIT_BATCH_MAX];
    for (size_t i = 0; i < v->count; i++)
        records[i] = buffer_bytes(&v->records[i]);
    if (registration_rule(h, peer, records, v->count, v->answers))
        reply_visits(h, v, reply);
    else
        unavailable(reply);
    registration_wipe(v->answers, v->count);
}

static void register_visits(void *context, const http_request *request, http_reply *reply) {
    visits *v = calloc(1, sizeof *v);
    visit_batch *batch = NULL;
    fhir_problem problem = {{0}};
    if (!v)
        unavailable(reply);
    else if (visit_batch_read(request->body, &batch, &problem) != RESULT_OK || !read_visits(batch, v, &problem))
        reply_misread(reply, request->body, "structure", &problem);
    else
        rule_visits(context, request->peer, v, reply);
    visit_batch_free(&batch);
    for (size_t i = 0; v && i < v->count; i++) {
        buffer_wipe(&v->records[i]);
        buffer_wipe(&v->outcomes[i]);
    }
    free(v);
}

static void register_terminal(void *context, const http_request *request, http_reply *reply) {
    history *h = context;
    registrar_reply(&h->registrar, request, reply);
}

/* There is no row that reads records, on purpose: hospital B must not see the visits of hospital A. */
/* clang-format off */
const http_route history_routes[] = {
    {"GET", "/status", get_status, ADMISSION_FREE, 0},
    {"POST", "/fhir", register_visit, ADMISSION_BATCH, BODY_MAX}, /* no patient waits for it */
    {"POST", "/visit-batch", register_visits, ADMISSION_BATCH, VISIT_BATCH_BODY_MAX},
    {"POST", "/terminals", register_terminal, ADMISSION_LIVE, TERMINAL_BODY_MAX},
    {NULL, NULL, NULL, ADMISSION_NONE, 0},
};
/* clang-format on */
