/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The calls: validate, keep, receipt. */
#include "visit_record.h"

#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/uuid.h"
#include "crypt/digest.h"
#include "service/reply.h"

#include <stdio.h>
#include <string.h>

#define BODY_MAX (1024 * 1024)
#define TERMINAL_BODY_MAX 65536
#define RECEIPT_MAX 4096
#define SIGNATURE_MAX (2 * SERVICE_SIGNATURE_MAX)

#define COPY(field, text) snprintf(field, sizeof field, "%s", text)

static void get_status(void *context, const http_request *request, http_reply *reply) {
    const history *h = context;
    int64_t not_before, not_after;
    admission_slot(h->admission, request->peer->institution_code, clock_wall_s(), &not_before, &not_after);
    reply_beacon(reply, "history", history_store_accepts(h->store), not_before, not_after);
}

typedef struct registration {
    history *service;
    record record;
    history_submission submission;
    char content_hash[65];
    int64_t now;
} registration;

static void set_state(registration *r, const char *state, const char *reason) {
    COPY(r->submission.state, state);
    COPY(r->submission.reason, reason);
    r->submission.changed_at = clock_wall_s();
}

static result begin(registration *r, const http_request *request) {
    uint8_t digest[CRYPT_SHA256_LENGTH];
    r->now = clock_wall_s();
    r->submission.received_at = r->now;
    COPY(r->submission.institution_code, request->peer->institution_code);
    COPY(r->submission.terminal_id, request->peer->terminal_id);
    set_state(r, "received", "");
    result outcome = crypt_sha256(request->body, digest);
    hex_encode(BYTES(digest), r->content_hash, sizeof r->content_hash);
    if (outcome == RESULT_OK)
        outcome = uuid_v7(r->submission.id);
    return outcome == RESULT_OK ? history_store_put_submission(r->service->store, &r->submission) : outcome;
}

static void name_submission(registration *r) {
    const visit_encounter *e = &r->record.visit.encounter;
    COPY(r->submission.visit_id, e->visit_id);
    COPY(r->submission.link_id, e->link_id);
    COPY(r->submission.operator_id, e->operator_id);
}

static void unavailable(http_reply *reply) {
    reply_unavailable(reply, "The service cannot keep the record now. Keep it and send again later.");
}

static void reject(registration *r, int status, const char *code, const char *reason, http_reply *reply) {
    history_store *store = r->service->store;
    set_state(r, "rejected", reason);
    log_notice("submission %s of institution %s rejected: %s", r->submission.id, r->submission.institution_code,
               reason);
    if (history_store_set_submission(store, &r->submission) == RESULT_OK)
        reply_outcome(reply, status, code, reason);
    else
        unavailable(reply);
}

static void reply_receipt(http_reply *reply, int status, const buffer *receipt, const buffer *signature) {
    reply->status = status;
    reply->content_type = "application/json";
    buffer_append(&reply->body, buffer_bytes(receipt));
    buffer_append(&reply->signature, buffer_bytes(signature));
}

/* True when the visit is known, and the reply filled: the same receipt for the same content, else a conflict. */
static bool answer_known(registration *r, http_reply *reply) {
    history_store *store = r->service->store;
    history_visit known;
    buffer receipt = BUFFER_INIT(RECEIPT_MAX), signature = BUFFER_INIT(SIGNATURE_MAX);
    result outcome = history_store_find_visit(store, r->record.visit.encounter.visit_id, &known, &receipt, &signature);
    if (outcome == RESULT_OK && strcmp(known.content_hash, r->content_hash) == 0 &&
        strcmp(known.institution_code, r->submission.institution_code) == 0) {
        set_state(r, "duplicate", "");
        /* Its COMMIT vouches for the visit, too, which a standby perhaps does not have yet (store/sql.h). */
        if (history_store_set_submission(store, &r->submission) == RESULT_OK)
            reply_receipt(reply, 200, &receipt, &signature);
        else
            unavailable(reply);
    } else if (outcome == RESULT_OK) {
        reject(r, 409, "conflict",
               "This visit id is registered with other content. Make a new visit id for a new visit.", reply);
    } else if (outcome != RESULT_NOT_FOUND) {
        unavailable(reply);
    }
    buffer_wipe(&receipt);
    buffer_wipe(&signature);
    return outcome != RESULT_NOT_FOUND;
}

static result make_receipt(registration *r, buffer *receipt, buffer *signature) {
    visit_receipt facts = {0};
    COPY(facts.visit_id, r->record.visit.encounter.visit_id);
    COPY(facts.link_id, r->record.visit.encounter.link_id);
    COPY(facts.content_hash, r->content_hash);
    clock_text(r->now, facts.registered_at);
    result outcome = uuid_v7(facts.receipt_id);
    if (outcome == RESULT_OK)
        outcome = visit_receipt_write(&facts, receipt);
    return outcome == RESULT_OK ? service_sign(&r->service->receipts, buffer_bytes(receipt), r->now, signature)
                                : outcome;
}

static result keep(registration *r, bytes bundle, const buffer *receipt, const buffer *signature) {
    const visit_encounter *e = &r->record.visit.encounter;
    history_store *store = r->service->store;
    history_visit visit = {.registered_at = r->now};
    COPY(visit.visit_id, e->visit_id);
    COPY(visit.link_id, e->link_id);
    COPY(visit.evidence_id, e->evidence_id);
    COPY(visit.institution_code, e->institution_code);
    COPY(visit.operator_id, e->operator_id);
    COPY(visit.content_hash, r->content_hash);
    set_state(r, "registered", "");
    return history_store_put_visit(store, &visit, bundle, buffer_bytes(receipt), buffer_bytes(signature),
                                   &r->submission);
}

/* The receipt leaves only after the visit is on disk. */
static void enter(registration *r, bytes bundle, http_reply *reply) {
    buffer receipt = BUFFER_INIT(RECEIPT_MAX), signature = BUFFER_INIT(SIGNATURE_MAX);
    history_store *store = r->service->store;
    set_state(r, "verified", "");
    result outcome = history_store_set_submission(store, &r->submission);
    if (outcome == RESULT_OK)
        outcome = make_receipt(r, &receipt, &signature);
    if (outcome == RESULT_OK)
        outcome = keep(r, bundle, &receipt, &signature);
    if (outcome == RESULT_OK)
        reply_receipt(reply, 201, &receipt, &signature);
    else if (outcome != RESULT_EXISTS || !answer_known(r, reply)) /* the same was sent concurrently */
        unavailable(reply);
    buffer_wipe(&receipt);
    buffer_wipe(&signature);
}

static void register_visit(void *context, const http_request *request, http_reply *reply) {
    registration r = {.service = context};
    if (begin(&r, request) != RESULT_OK) {
        unavailable(reply);
        return;
    }
    bool whole = record_read(request, &r.record);
    name_submission(&r);
    if (whole && !answer_known(&r, reply) && record_verify(r.service, r.now, &r.record))
        enter(&r, request->body, reply);
    if (r.record.refused.status != 0)
        reject(&r, r.record.refused.status, r.record.refused.code, r.record.refused.reason, reply);
    record_wipe(&r.record);
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
    {"POST", "/terminals", register_terminal, ADMISSION_LIVE, TERMINAL_BODY_MAX},
    {NULL, NULL, NULL, ADMISSION_NONE, 0},
};
/* clang-format on */
