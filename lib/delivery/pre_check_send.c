/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "delivery/outbox_internal.h"
#include "delivery/pre_check.h"

#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MAX (1024 * 1024) /* docs/interfaces/http.md */

/* --- one batch ---------------------------------------------------------------------------------------------------- */

/* No question is asked twice: one patient may have several appointments on a day. */
typedef struct batch {
    pre_check *items[FHIR_BATCH_MAX];
    size_t count;
    eligibility_response answer;
} batch;

static pre_check *find_asked(const batch *b, const char *evidence_id, const char *day) {
    for (size_t i = 0; i < b->count; i++)
        if (strcmp(b->items[i]->request.evidence_id, evidence_id) == 0 &&
            strcmp(b->items[i]->request.service_date, day) == 0)
            return b->items[i];
    return NULL;
}

static const pre_check *find_same(const batch *b, const pre_check *item) {
    return find_asked(b, item->request.evidence_id, item->request.service_date);
}

static void gather(batch *b, pre_check items[], size_t count) {
    b->count = 0;
    for (size_t i = 0; i < count && b->count < FHIR_BATCH_MAX; i++)
        if (!items[i].asked && find_same(b, &items[i]) == NULL) {
            items[i].asked = true;
            b->items[b->count++] = &items[i];
        }
}

/* The same question has the same answer. */
static void share(const batch *b, pre_check items[], size_t count) {
    for (size_t i = 0; i < count; i++) {
        const pre_check *same = items[i].asked ? NULL : find_same(b, &items[i]);
        if (same == NULL)
            continue;
        items[i].asked = true;
        items[i].finding = same->finding;
        memcpy(items[i].insurer, same->insurer, sizeof items[i].insurer);
    }
}

/* RESULT_INVALID: about something that was not asked. */
static result take_answer(const batch *b) {
    pre_check *item = find_asked(b, b->answer.evidence_id, b->answer.service_date);
    if (item == NULL || strcmp(item->request.patient_serial, b->answer.patient_serial) != 0)
        return RESULT_INVALID;
    const eligibility_coverage *now = eligibility_coverage_on(&b->answer, item->request.service_date);
    item->finding = pre_check_compare(item, &b->answer);
    snprintf(item->insurer, sizeof item->insurer, "%s", now != NULL ? now->insurer_name : "");
    return RESULT_OK;
}

/* A refusal names only the evidence, so it applies to every day. */
static result take_refusal(const batch *b, const remote_answer *reply, size_t index) {
    eligibility_refusal refusal;
    result code = RESULT_INVALID;
    eligibility_batch_answer_refusal(reply->entries, index, &refusal);
    for (size_t i = 0; i < b->count; i++)
        if (strcmp(b->items[i]->request.evidence_id, refusal.evidence_id) == 0) {
            b->items[i]->finding = PRE_CHECK_NOT_FOUND;
            code = RESULT_OK;
        }
    return code;
}

/* 404: the platform has no reception of this patient. Any other refusal says nothing about the coverage. */
static void take_entry(batch *b, const remote_answer *reply, size_t index) {
    int status = 0;
    result code = eligibility_batch_answer_entry(reply->entries, index, &status, &b->answer, NULL);
    if (status == 404)
        code = take_refusal(b, reply, index);
    else if (code == RESULT_OK && (status == 200 || status == 201))
        code = take_answer(b);
    if (code != RESULT_OK)
        log_write(LOG_WARNING, "entry %zu of the platform's answer to a pre-check has status %d and is not used", index,
                  status);
}

static void take_reply(batch *b, result code, const remote_answer *reply, outbox_run *run) {
    outbox_note_reply(run, code, reply);
    if (code != RESULT_OK || reply->status != 200) {
        outbox_note_not_taken(run);
        return;
    }
    const size_t count = eligibility_batch_answer_count(reply->entries);
    for (size_t i = 0; i < count && i < FHIR_BATCH_MAX; i++)
        take_entry(b, reply, i);
}

static void send_batch(const remote *platform, batch *b, outbox_run *run) {
    const eligibility_request *requests[FHIR_BATCH_MAX];
    buffer body = BUFFER_INIT(BODY_MAX);
    remote_answer reply = {0};
    for (size_t i = 0; i < b->count; i++)
        requests[i] = &b->items[i]->request;
    result code = eligibility_batch_write(requests, b->count, &body);
    if (code == RESULT_OK)
        code = remote_post_pre_check(platform, buffer_bytes(&body), &reply);
    take_reply(b, code, &reply, run);
    remote_answer_wipe(&reply);
    buffer_wipe(&body);
}

void pre_check_send(const remote *platform, pre_check items[], size_t count, outbox_run *run) {
    *run = (outbox_run){0};
    batch *b = calloc(1, sizeof *b);
    if (b == NULL)
        outbox_stop(run, OUTBOX_STORE, RESULT_NO_MEMORY);
    for (bool more = b != NULL; more && outbox_may_go_on(run, platform);) {
        gather(b, items, count);
        more = b->count > 0;
        if (more)
            send_batch(platform, b, run);
        share(b, items, count);
    }
    free(b);
}
