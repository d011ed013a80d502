/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "delivery/outbox_internal.h"

#include "delivery/beacon.h"
#include "delivery/ledger.h"
#include "delivery/pre_check_result.h"
#include "delivery/reception_request.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/uuid.h"
#include "evidence/evidence.h"
#include "fhir/answer_proof.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_MAX FHIR_BATCH_MAX
#define BODY_MAX (4 * 1024 * 1024)

/* A batch on its way: records and requests, index by index. */
typedef struct batch {
    reception_record records[BATCH_MAX];
    eligibility_request requests[BATCH_MAX];
    bool answered[BATCH_MAX]; /* finally; the others stay pending */
    size_t count;
    size_t left;               /* that the platform does not take now, or does not answer */
    char last[UUID_TEXT_SIZE]; /* the newest one seen, in this batch or before */
    eligibility_response answer;
} batch;

/* A run. */
typedef struct sending {
    store_access *store;
    const remote *platform;
    const outbox_events *events;
    outbox_receptions *out;
    batch *batch;
    bool late;               /* the answer came through a relay: its reception may have an answer already */
    long long passed;        /* how many were accepted (202) a short while ago and are not sent again */
    bool asks;               /* whether to ask for the platform's time, too, when that is due */
    clock_question question; /* of the batch in progress; nonce "": it does not ask */
} sending;

static void batch_wipe(batch *b) {
    for (size_t i = 0; i < b->count; i++)
        reception_record_wipe(&b->records[i]); /* the requests borrow the evidence */
    memset(b->answered, 0, sizeof b->answered);
    b->count = 0;
    b->left = 0;
}

/* --- pending ones ------------------------------------------------------------------------------------------------ */

/* A record that cannot be read does not delay the others. */
static result take_up(sending *s, const char *id) {
    batch *b = s->batch;
    terminal_record row;
    reception_record *record = &b->records[b->count];
    result code = record_get_reception(s->store, id, record);
    if (code == RESULT_OK)
        code = reception_request(record, &b->requests[b->count]);
    if (code == RESULT_OK) {
        b->count++;
        return RESULT_OK;
    }
    reception_record_wipe(record);
    code = record_quarantine(s->store, id, code, &row);
    if (code != RESULT_OK)
        return code;
    s->out->damaged++;
    outbox_tell(s->events, s->events->damaged, &(outbox_item){.kind = row.kind, .id = row.id});
    return RESULT_OK;
}

/* Gathers the next batch of pending receptions. */
static result gather(sending *s) {
    batch *b = s->batch;
    terminal_record rows[BATCH_MAX];
    size_t count = 0;
    const terminal_filter pending = {.kind = RECORD_RECEPTION, .state = STATE_PENDING, .after = b->last};
    result code = terminal_store_list(s->store->file, &pending, rows, BATCH_MAX, &count);
    for (size_t i = 0; i < count && code == RESULT_OK; i++)
        code = take_up(s, rows[i].id);
    if (count > 0)
        snprintf(b->last, sizeof b->last, "%s", rows[count - 1].id);
    return code == RESULT_OK && count == 0 ? RESULT_NOT_FOUND : code;
}

/* --- what an answer means ----------------------------------------------------------------------------------------- */

/* An entry is final in two cases, an answer and a refusal (docs/interfaces/http.md, POST /fhir); with any other status
 * the reception stays pending. */
static bool is_answer(int status) {
    return status == 200 || status == 201;
}

static bool is_refusal_of_evidence(int status) {
    return status == 409 || status == 422;
}

static const char *state_of(const reception_record *record, const eligibility_response *answer,
                            const eligibility_coverage *now) {
    if (answer->validity == ELIGIBILITY_SEVERAL)
        return STATE_NEEDS_CALL;
    if (now == NULL)
        return STATE_LOST;
    if (record->assumed_number[0] == 0)
        return answer->validity == ELIGIBILITY_NEW_COVERAGE ? STATE_CHANGED : STATE_CONFIRMED;
    bool same = strcmp(record->assumed_insurer, now->insurer_name) == 0 &&
                strcmp(record->assumed_number, now->number) == 0;
    return same ? STATE_CONFIRMED : STATE_CHANGED;
}

static void tally(outbox_receptions *n, const char *state) {
    const struct {
        const char *state;
        long long *counter;
    } counters[] = {{STATE_CONFIRMED, &n->confirmed},
                    {STATE_CHANGED, &n->changed},
                    {STATE_LOST, &n->lost},
                    {STATE_REFUSED, &n->refused},
                    {STATE_NEEDS_CALL, &n->needs_call}};
    for (size_t i = 0; i < sizeof counters / sizeof *counters; i++)
        if (strcmp(counters[i].state, state) == 0)
            (*counters[i].counter)++;
}

/* Stores the proof for this reception alone, for later use. */
static result keep_proof(const remote_answer *answers, size_t index, reception_record *record) {
    buffer entry = BUFFER_INIT(ANSWER_PROOF_MAX), path = BUFFER_INIT(ANSWER_PATH_SIZE);
    buffer_clear(&record->signature);
    result code = eligibility_batch_answer_leaf(answers->entries, index, &entry, &path);
    if (code == RESULT_OK)
        code = answer_proof_write_entry(buffer_bytes(&entry), buffer_text(&path), buffer_bytes(&answers->signature),
                                        &record->signature);
    buffer_wipe(&entry);
    buffer_wipe(&path);
    return code;
}

/* Stores answer and proof in one step, and only then reports it. */
static result keep(sending *s, const remote_answer *answers, size_t index, reception_record *record,
                   const eligibility_coverage *now) {
    result code = keep_proof(answers, index, record);
    if (code == RESULT_OK)
        code = record_replace_reception(s->store, record);
    if (code != RESULT_OK)
        return code;
    const bool refused = strcmp(record->state, STATE_REFUSED) == 0;
    const outbox_item item = {.kind = RECORD_RECEPTION,
                              .id = record->evidence_id,
                              .reception = record,
                              .now = now,
                              .message = record->reason};
    tally(s->out, record->state);
    outbox_tell(s->events, refused ? s->events->refused : s->events->changed, &item);
    return RESULT_OK;
}

/* --- entry by entry ----------------------------------------------------------------------------------------------- */

/* Whether the answer is about that day. A platform of an earlier version may not say. */
static bool is_about(const eligibility_response *answer, const char *day) {
    return answer->service_date[0] == 0 || strcmp(answer->service_date, day) == 0;
}

/* The reception that an entry is about: by the evidence that it names, never by its position. Returns the number of
 * records when it is none of those sent, or has its answer already. */
static size_t find_named(const batch *b, const char *evidence_id) {
    size_t i = 0;
    while (i < b->count && (b->answered[i] || strcmp(b->records[i].evidence_id, evidence_id) != 0))
        i++;
    return i;
}

static result take_answer(sending *s, const remote_answer *answers, size_t index) {
    batch *b = s->batch;
    const size_t i = find_named(b, b->answer.evidence_id);
    if (s->late && (i == b->count || !is_about(&b->answer, b->requests[i].service_date)))
        return RESULT_OK;
    if (i == b->count || !is_about(&b->answer, b->requests[i].service_date) ||
        strcmp(b->answer.patient_serial, b->requests[i].patient_serial) != 0)
        return RESULT_INVALID;
    reception_record *record = &b->records[i];
    const eligibility_coverage *now = eligibility_coverage_on(&b->answer, b->requests[i].service_date);
    snprintf(record->state, sizeof record->state, "%s", state_of(record, &b->answer, now));
    if (eligibility_person_is_known(&b->answer.person))
        record->person = b->answer.person;
    buffer_clear(&record->answer);
    const result code = eligibility_response_write(&b->answer, &record->answer);
    b->answered[i] = true;
    return code == RESULT_OK ? keep(s, answers, index, record, now) : code;
}

/* "CODE: the platform's text": messages for people follow from the code; the text is for programs. */
static void write_reason(reception_record *record, int status, const char *code, const char *words) {
    char whole[sizeof record->reason + FHIR_WORD_SIZE + 4];
    snprintf(whole, sizeof whole, "%s: %.*s",
             status == 409 ? "conflict"
             : *code != 0  ? code
                           : "processing",
             (int)sizeof record->reason - 1, words);
    snprintf(record->reason, sizeof record->reason, "%.*s", (int)sizeof record->reason - 1, whole);
}

static result take_refusal(sending *s, const remote_answer *answers, size_t index, int status, const char *words) {
    batch *b = s->batch;
    eligibility_refusal refusal;
    eligibility_batch_answer_refusal(answers->entries, index, &refusal);
    const size_t i = find_named(b, refusal.evidence_id);
    if (i == b->count)
        return s->late ? RESULT_OK : RESULT_INVALID;
    reception_record *record = &b->records[i];
    snprintf(record->state, sizeof record->state, "%s", STATE_REFUSED);
    write_reason(record, status, refusal.code, words);
    b->answered[i] = true;
    return keep(s, answers, index, record, NULL);
}

static void keep_waiting(sending *s, const remote_answer *answers, size_t index, int status) {
    eligibility_refusal named;
    s->out->unregistered |= status == 403;
    if (status != 202) {
        s->batch->left++;
        return;
    }
    eligibility_batch_answer_refusal(answers->entries, index, &named);
    s->out->kept++;
    outbox_tell(s->events, s->events->kept, &(outbox_item){.kind = RECORD_RECEPTION, .id = named.evidence_id});
}

static result take_entry(sending *s, const remote_answer *answers, size_t index) {
    fhir_problem problem = {""};
    int status = 0;
    const result code = eligibility_batch_answer_entry(answers->entries, index, &status, &s->batch->answer, &problem);
    if (status != 0 && !is_answer(status) && !is_refusal_of_evidence(status)) {
        keep_waiting(s, answers, index, status); /* with or without a text */
        return RESULT_OK;
    }
    if (code != RESULT_OK)
        return code;
    return is_answer(status) ? take_answer(s, answers, index) : take_refusal(s, answers, index, status, problem.text);
}

/* An entry that cannot be used leaves its own reception pending, not the others. */
static result take_entries(sending *s, const remote_answer *answers, bool timed) {
    const size_t count = eligibility_batch_answer_count(answers->entries) - timed;
    batch *b = s->batch;
    result code = count <= BATCH_MAX ? RESULT_OK : RESULT_INVALID;
    for (size_t i = 0; i < count && code == RESULT_OK; i++) {
        code = take_entry(s, answers, i);
        if (code != RESULT_INVALID)
            continue;
        log_write(LOG_ERROR, "entry %zu of the platform's answer cannot be used, or names no evidence that was sent",
                  i);
        s->out->unusable++;
        code = RESULT_OK;
    }
    b->left += b->count > count ? b->count - count : 0;
    return code;
}

/* --- one batch ---------------------------------------------------------------------------------------------------- */

/* Takes the platform's time that comes with the answers. */
static bool take_time(sending *s, const remote_answer *answers) {
    time_beacon heard;
    const result code = eligibility_batch_answer_time(answers->entries, &heard);
    if (code == RESULT_OK && s->question.nonce[0] != 0)
        s->out->clock_off |= clock_question_answer(s->store, &s->question, &heard);
    return code != RESULT_NOT_FOUND;
}

static void take_answers(sending *s, const remote_answer *answers) {
    result code = take_entries(s, answers, take_time(s, answers));
    if (code == RESULT_OK)
        code = record_note_contact(s->store, clock_wall_s());
    if (code != RESULT_OK)
        outbox_stop(&s->out->run, OUTBOX_UNUSABLE, code);
}

/* Remembers how far the run came, so that the same receptions are not sent repeatedly before their answers come. */
static void remember_kept(sending *s) {
    char text[UUID_TEXT_SIZE + 24];
    const int length = snprintf(text, sizeof text, "%s %lld", s->batch->last, (long long)clock_wall_s());
    const result code = record_set(s->store, SETTING_KEPT, bytes_of(text, (size_t)length));
    if (code != RESULT_OK)
        log_write(LOG_WARNING, "what was taken cannot be noted (%s): it is sent again", result_text(code));
}

/* The batch was accepted as a whole (202), to be answered later. */
static void note_kept(sending *s) {
    for (size_t i = 0; i < s->batch->count; i++)
        outbox_tell(s->events, s->events->kept,
                    &(outbox_item){.kind = RECORD_RECEPTION,
                                   .id = s->batch->records[i].evidence_id,
                                   .reception = &s->batch->records[i]});
    s->out->kept += (long long)s->batch->count;
    remember_kept(s);
}

static void take_reply(sending *s, result code, const remote_answer *reply) {
    outbox_run *run = &s->out->run;
    outbox_note_reply(run, code, reply);
    if (code == RESULT_OK && reply->status == 200)
        take_answers(s, reply);
    else if (code == RESULT_OK && reply->status == 202)
        note_kept(s);
    else
        outbox_note_not_taken(run);
}

/* A full batch has no room for the answer to a question. */
static result write_batch(sending *s, const eligibility_request *const requests[], buffer *body) {
    const size_t count = s->batch->count;
    s->question.nonce[0] = 0;
    if (!s->asks || count == BATCH_MAX || !clock_beacon_is_due(s->store) ||
        clock_question_begin(&s->question) != RESULT_OK)
        return eligibility_batch_write(requests, count, body);
    return eligibility_batch_write_asking(requests, count, s->question.nonce, body);
}

static void send_batch(sending *s) {
    const eligibility_request *requests[BATCH_MAX];
    const batch *b = s->batch;
    buffer body = BUFFER_INIT(BODY_MAX);
    remote_answer reply = {0};
    for (size_t i = 0; i < b->count; i++)
        requests[i] = &b->requests[i];
    result code = write_batch(s, requests, &body);
    if (code == RESULT_OK)
        code = remote_post_batch(s->platform, buffer_bytes(&body), &reply);
    take_reply(s, code, &reply);
    remote_answer_wipe(&reply);
    buffer_wipe(&body);
}

/* Sends each pending reception once; stops when the platform takes nothing now, or more urgent work comes. */
static result send_all(sending *s) {
    batch *b = s->batch;
    result code = RESULT_OK;
    bool more = true;
    while (more && outbox_may_go_on(&s->out->run, s->platform) && (code = gather(s)) == RESULT_OK) {
        if (b->count > 0)
            send_batch(s);
        more = b->count == 0 || b->left < b->count;
        batch_wipe(b);
    }
    return code == RESULT_NOT_FOUND ? RESULT_OK : code;
}

/* Skips the receptions that were accepted a short while ago. A clock that was set back ends that. */
static void pass_kept(sending *s) {
    char id[UUID_TEXT_SIZE] = "", text[UUID_TEXT_SIZE + 24];
    long long at = 0;
    buffer value = BUFFER_INIT(sizeof text - 1);
    if (record_setting(s->store, SETTING_KEPT, &value) == RESULT_OK &&
        sscanf(buffer_text(&value), "%36s %lld", id, &at) == 2 && uuid_is_valid(id) && at <= clock_wall_s() &&
        clock_wall_s() - at < OUTBOX_KEPT_S) {
        memcpy(s->batch->last, id, sizeof id);
        s->passed = ledger_count(s->store, RECORD_RECEPTION, STATE_PENDING);
    }
    buffer_wipe(&value);
}

/* made: the store and the platform. */
static void send(const sending *made, bool all) {
    sending s = *made;
    *s.out = (outbox_receptions){0};
    s.batch = calloc(1, sizeof *s.batch);
    result code = s.batch != NULL ? RESULT_OK : RESULT_NO_MEMORY;
    if (code == RESULT_OK && !all)
        pass_kept(&s);
    if (code == RESULT_OK)
        code = send_all(&s);
    outbox_finish(&s.out->run, code, s.out->kept + s.passed);
    if (s.batch != NULL)
        batch_wipe(s.batch);
    free(s.batch);
}

void outbox_send_receptions(store_access *store, const remote *platform, const outbox_events *events, bool asks_time,
                            outbox_receptions *out) {
    send(&(sending){.store = store, .platform = platform, .events = events, .out = out, .asks = asks_time}, true);
}

void outbox_send_new_receptions(store_access *store, const remote *platform, const outbox_events *events,
                                bool asks_time, outbox_receptions *out) {
    send(&(sending){.store = store, .platform = platform, .events = events, .out = out, .asks = asks_time}, false);
}

void outbox_add_receptions(outbox_receptions *sum, const outbox_receptions *more) {
    sum->confirmed += more->confirmed;
    sum->changed += more->changed;
    sum->lost += more->lost;
    sum->needs_call += more->needs_call;
    sum->refused += more->refused;
    sum->damaged += more->damaged;
    sum->unusable += more->unusable;
    sum->kept += more->kept;
    sum->to_call += more->to_call;
    sum->unregistered |= more->unregistered;
    sum->clock_off |= more->clock_off;
}

/* --- answers that a relay has kept -------------------------------------------------------------------------------- */

/* The evidence id that an entry names, "" when it names none. */
static void name_of(const remote_answer *answers, size_t index, eligibility_response *answer,
                    char evidence_id[UUID_TEXT_SIZE]) {
    eligibility_refusal refusal;
    int status = 0;
    *evidence_id = 0;
    if (eligibility_batch_answer_entry(answers->entries, index, &status, answer, NULL) == RESULT_OK &&
        is_answer(status)) {
        snprintf(evidence_id, UUID_TEXT_SIZE, "%s", answer->evidence_id);
        return;
    }
    eligibility_batch_answer_refusal(answers->entries, index, &refusal);
    snprintf(evidence_id, UUID_TEXT_SIZE, "%s", refusal.evidence_id);
}

/* Gathers the named receptions that are still pending: the batch that is answered. */
static result gather_named(sending *s, const remote_answer *answers) {
    const size_t count = eligibility_batch_answer_count(answers->entries);
    buffer sealed = BUFFER_INIT(RECORD_SIZE_MAX);
    result code = RESULT_OK;
    for (size_t i = 0; i < count && i < BATCH_MAX && code == RESULT_OK; i++) {
        char id[UUID_TEXT_SIZE];
        terminal_record row;
        name_of(answers, i, &s->batch->answer, id);
        buffer_clear(&sealed);
        code = terminal_store_get(s->store->file, id, &row, &sealed);
        if (code == RESULT_OK && strcmp(row.kind, RECORD_RECEPTION) == 0 && strcmp(row.state, STATE_PENDING) == 0)
            code = take_up(s, id);
        if (code == RESULT_NOT_FOUND)
            code = RESULT_OK;
    }
    buffer_wipe(&sealed);
    return code;
}

/* A refusal of the whole batch says nothing about its receptions: they are sent again. */
static bool take_kept(void *context, const char *request_hash, result code, const remote_answer *reply) {
    sending *s = context;
    (void)request_hash;
    if (code != RESULT_OK) {
        s->out->unusable++;
        return false;
    }
    if (reply->status != 200)
        return true;
    const result gathered = gather_named(s, reply);
    if (gathered == RESULT_OK)
        take_answers(s, reply);
    const result checked = gathered == RESULT_OK ? pre_check_take_result(s->store, reply, &s->out->to_call) : gathered;
    if (checked != RESULT_OK)
        outbox_stop(&s->out->run, OUTBOX_STORE, checked);
    batch_wipe(s->batch);
    return s->out->run.end == OUTBOX_DONE;
}

void outbox_fetch_receptions(store_access *store, const remote *platform, const outbox_events *events,
                             outbox_receptions *out) {
    *out = (outbox_receptions){0};
    sending s = {.store = store,
                 .platform = platform,
                 .events = events,
                 .out = out,
                 .batch = calloc(1, sizeof(batch)),
                 .late = true};
    if (s.batch != NULL)
        outbox_fetch_results(platform, REMOTE_SIGNER_PLATFORM, true, take_kept, &s, &out->run);
    else
        outbox_stop(&out->run, OUTBOX_STORE, RESULT_NO_MEMORY);
    free(s.batch);
}
