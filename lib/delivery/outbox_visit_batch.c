/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Many visits in one call (POST /visit-batch, docs/interfaces/http.md): after an outage they would otherwise be as many
 * calls as there were patients. Each has its own answer, and its receipt is verified as if it had been sent alone. */
#include "delivery/outbox_internal.h"

#include "base/hex.h"
#include "base/log.h"
#include "crypt/digest.h"
#include "fhir/visit_batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A batch in progress: records and their bytes, index by index. */
typedef struct visits {
    terminal_record rows[VISIT_BATCH_MAX];
    buffer bodies[VISIT_BATCH_MAX];
    char hashes[VISIT_BATCH_MAX][VISIT_HASH_SIZE];
    bool answered[VISIT_BATCH_MAX];
    size_t count, max, bytes;
    char last[UUID_TEXT_SIZE]; /* the newest one seen, in this batch or before */
    bool more;                 /* there may be others behind it */
} visits;

static void wipe(visits *v) {
    for (size_t i = 0; i < v->count; i++)
        buffer_wipe(&v->bodies[i]);
    memset(v->answered, 0, sizeof v->answered);
    v->count = v->bytes = 0;
}

/* --- gathering --------------------------------------------------------------------------------------------------- */

static result hash_body(visits *v, size_t at) {
    uint8_t digest[CRYPT_SHA256_LENGTH];
    const result code = crypt_sha256(buffer_bytes(&v->bodies[at]), digest);
    hex_encode(BYTES(digest), v->hashes[at], sizeof v->hashes[at]);
    return code;
}

/* False: the batch is full. */
static bool add(outbox_visit_run *s, visits *v, const terminal_record *row, result *code) {
    buffer body = BUFFER_INIT(OUTBOX_VISIT_MAX);
    terminal_record taken = *row;
    bool room = true;
    if (outbox_visit_take_up(s, &taken, &body)) {
        room = v->bytes + body.length <= VISIT_BATCH_RECORDS_MAX;
        if (room) {
            v->rows[v->count] = taken;
            v->bodies[v->count] = body;
            v->bytes += body.length;
            *code = hash_body(v, v->count++);
            return *code == RESULT_OK;
        }
    }
    buffer_wipe(&body);
    return room;
}

/* Gathers the next batch of queued visits. */
static result gather(outbox_visit_run *s, visits *v) {
    terminal_record rows[VISIT_BATCH_MAX];
    const terminal_filter queued = {.kind = RECORD_VISIT, .state = STATE_QUEUED, .after = v->last};
    size_t count = 0, i = 0;
    result code = terminal_store_list(s->store->file, &queued, rows, v->max, &count);
    while (code == RESULT_OK && i < count && outbox_may_go_on(&s->out->run, s->history) && add(s, v, &rows[i], &code))
        memcpy(v->last, rows[i++].id, sizeof v->last);
    v->more = i < count || count == v->max;
    return code;
}

/* --- what the answer means ---------------------------------------------------------------------------------------- */

/* The visit that an entry is about: by the hash of the bytes that were sent, never by its position. */
static size_t find(const visits *v, const char *content_hash) {
    size_t i = 0;
    while (i < v->count && (v->answered[i] || strcmp(v->hashes[i], content_hash) != 0))
        i++;
    return i;
}

/* An entry that leaves its visit queued does not stop the others: the run ends after the last entry. */
static void take_one(outbox_visit_run *s, visits *v, size_t at, const visit_answer_read *one, outbox_run *worst) {
    const remote_kept kept = {.status = one->status, .body = buffer_bytes(&one->body), .signature = one->signature};
    remote_answer reply;
    const result code = remote_take(s->history, &kept, REMOTE_SIGNER_HISTORY, &reply);
    v->answered[at] = true;
    outbox_visit_take_reply(s, &v->rows[at], &v->bodies[at], code, &reply);
    remote_answer_wipe(&reply);
    if (s->out->run.end != OUTBOX_DONE) {
        *worst = s->out->run;
        s->out->run.end = OUTBOX_DONE;
    }
}

static void take_entry(outbox_visit_run *s, visits *v, const visit_answers *answers, size_t index, outbox_run *worst) {
    visit_answer_read one;
    const result code = visit_answers_entry(answers, index, &one);
    const size_t at = code == RESULT_OK ? find(v, one.content_hash) : v->count;
    if (at < v->count) {
        take_one(s, v, at, &one, worst);
    } else {
        log_write(LOG_ERROR,
                  "entry %zu of the history service's answer cannot be used, or is about no visit that was"
                  " sent",
                  index);
        s->out->unusable++;
    }
    buffer_wipe(&one.body);
}

static void take_answers(outbox_visit_run *s, visits *v, const remote_answer *reply) {
    visit_answers *answers = NULL;
    fhir_problem problem = {""};
    outbox_run worst = {.end = OUTBOX_DONE};
    const result code = visit_answers_read(buffer_bytes(&reply->body), &answers, &problem);
    if (code != RESULT_OK) {
        outbox_stop(&s->out->run, OUTBOX_UNUSABLE, code);
        snprintf(s->out->run.message, sizeof s->out->run.message, "%s", problem.text);
        return;
    }
    for (size_t i = 0; i < visit_answers_count(answers) && worst.end != OUTBOX_STORE; i++)
        take_entry(s, v, answers, i, &worst);
    visit_answers_free(&answers);
    for (size_t i = 0; i < v->count; i++)
        s->out->unusable += !v->answered[i];
    if (worst.end != OUTBOX_DONE)
        s->out->run = worst;
}

/* --- one batch after the other ------------------------------------------------------------------------------------ */

static void send_singly(outbox_visit_run *s, visits *v) {
    for (size_t i = 0; i < v->count && outbox_may_go_on(&s->out->run, s->history); i++)
        outbox_visit_send(s, &v->rows[i], &v->bodies[i]);
}

static void send_together(outbox_visit_run *s, visits *v, buffer *text) {
    remote_answer reply;
    const result code = remote_post(s->history, "/visit-batch", "application/json", buffer_bytes(text),
                                    REMOTE_SIGNER_HISTORY, &reply);
    outbox_note_reply(&s->out->run, code, &reply);
    if (code == RESULT_OK && reply.status == 200)
        take_answers(s, v, &reply);
    else if (code == RESULT_OK && visit_batch_is_refused(reply.status)) {
        v->max = 1;
        send_singly(s, v);
    } else
        outbox_note_not_taken(&s->out->run);
    remote_answer_wipe(&reply);
}

static result send_batch(outbox_visit_run *s, visits *v) {
    bytes records[VISIT_BATCH_MAX];
    buffer text = BUFFER_INIT(VISIT_BATCH_BODY_MAX);
    result code = RESULT_OK;
    for (size_t i = 0; i < v->count; i++)
        records[i] = buffer_bytes(&v->bodies[i]);
    if (v->count > 1)
        code = visit_batch_write(records, v->count, &text);
    if (code == RESULT_OK && v->count > 1)
        send_together(s, v, &text);
    else if (code == RESULT_OK)
        send_singly(s, v);
    buffer_wipe(&text);
    return code;
}

result outbox_visit_send_batches(outbox_visit_run *s, size_t max) {
    visits *v = calloc(1, sizeof *v);
    result code = RESULT_OK;
    if (v == NULL)
        return RESULT_NO_MEMORY;
    v->max = max < VISIT_BATCH_MAX ? max : VISIT_BATCH_MAX;
    v->more = true;
    while (code == RESULT_OK && v->more && outbox_may_go_on(&s->out->run, s->history)) {
        code = gather(s, v);
        if (code == RESULT_OK && outbox_may_go_on(&s->out->run, s->history))
            code = send_batch(s, v);
        wipe(v);
    }
    free(v);
    return code;
}
