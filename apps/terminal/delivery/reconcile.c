/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `reconcile`: sends the evidence of offline receptions to the platform and takes in what it says (オンライン照合). */
#include "delivery/reconcile.h"

#include "core/grade.h"
#include "core/ledger_check.h"
#include "core/local_store_file.h"
#include "core/presence.h"
#include "core/quarantine.h"
#include "delivery/receptions.h"
#include "delivery/delivery_slot.h"
#include "operator/operator_session.h"
#include "se/local_store.h"
#include "services/beacon_fetch.h"

#include "base/log.h"
#include "evidence/evidence.h"
#include "fhir/answer_proof.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_MAX FHIR_BATCH_MAX
#define ANSWER_MAX (4 * 1024 * 1024)

typedef struct counts {
    long long confirmed, changed, lost, needs_call, refused;
    long long damaged;  /* cannot be read any more */
    long long unusable; /* answers that could not be taken in */
    bool unregistered;  /* the platform does not know this terminal, or its SE */
} counts;

/* A batch on its way: records and requests, index by index. */
typedef struct batch {
    reception_record records[BATCH_MAX];
    eligibility_request requests[BATCH_MAX];
    bool answered[BATCH_MAX]; /* finally; the others go on waiting */
    size_t count;
    size_t left;               /* that the platform does not take now, or says nothing about */
    char last[UUID_TEXT_SIZE]; /* the newest that was looked at, in this batch or before */
} batch;

/* What came back, and the signature over the root of its entries. */
typedef struct answer_batch {
    eligibility_batch_answer *entries;
    bytes signature;
} answer_batch;

static void batch_wipe(batch *b) {
    for (size_t i = 0; i < b->count; i++)
        reception_record_wipe(&b->records[i]); /* the requests borrow the evidence */
    memset(b->answered, 0, sizeof b->answered);
    b->count = 0;
}

/* The request that the evidence itself states. */
static result request_of(reception_record *record, eligibility_request *out) {
    cms_message message;
    statement s;
    result code = cms_verify(buffer_bytes(&record->evidence), bytes_of(NULL, 0), &message);
    if (code == RESULT_OK)
        code = statement_read(buffer_bytes(&message.content), &s, NULL);
    cms_message_free(&message);
    if (code != RESULT_OK)
        return code;
    *out = (eligibility_request){.evidence = record->evidence};
    memcpy(out->evidence_id, s.evidence_id, sizeof out->evidence_id);
    snprintf(out->patient_serial, sizeof out->patient_serial, "%s#%s", s.patient_issuer, s.patient_serial);
    memcpy(out->service_date, s.service_date, sizeof out->service_date);
    memcpy(out->created, s.terminal_time, sizeof out->created);
    memcpy(out->institution_code, s.institution_code, sizeof s.institution_code);
    return RESULT_OK;
}

/* Those that wait after the last batch; a record that cannot be read is not in the way of the others. */
static result gather(terminal *t, batch *b, counts *n) {
    terminal_record rows[BATCH_MAX];
    size_t count = 0;
    const terminal_filter pending = {.kind = RECORD_RECEPTION, .state = STATE_PENDING, .after = b->last};
    result code = terminal_store_list(t->store.file, &pending, rows, BATCH_MAX, &count);
    b->left = 0;
    for (size_t i = 0; i < count && code == RESULT_OK; i++) {
        reception_record *record = &b->records[b->count];
        code = record_get_reception(&t->store, rows[i].id, record);
        if (code == RESULT_OK)
            code = request_of(record, &b->requests[b->count]);
        if (code == RESULT_OK) {
            b->count++;
            continue;
        }
        reception_record_wipe(record);
        code = quarantine_record(&t->store, rows[i].id, code);
        n->damaged++;
    }
    if (count > 0)
        snprintf(b->last, sizeof b->last, "%s", rows[count - 1].id);
    return code == RESULT_OK && count == 0 ? RESULT_NOT_FOUND : code;
}

/* --- what an answer means ----------------------------------------------------------------------------------------- */

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

static void tally(counts *n, const char *state) {
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

/* The platform's word about this reception alone, for whoever asks later. */
static result keep_proof(const eligibility_batch_answer *answers, size_t index, bytes signature,
                         reception_record *record) {
    buffer entry = BUFFER_INIT(ANSWER_PROOF_MAX), path = BUFFER_INIT(ANSWER_PATH_SIZE);
    buffer_clear(&record->signature);
    result code = eligibility_batch_answer_leaf(answers, index, &entry, &path);
    if (code == RESULT_OK)
        code = answer_proof_write_entry(buffer_bytes(&entry), buffer_text(&path), signature, &record->signature);
    buffer_wipe(&entry);
    buffer_wipe(&path);
    return code;
}

/* The two ways in which an entry ends its reception's waiting (docs/interfaces/http.md, POST /fhir). Whatever else may
 * come is no last word: it waits, and is sent again. */
static bool is_answer(int status) {
    return status == 200 || status == 201;
}

static bool is_refusal_of_evidence(int status) {
    return status == 409 || status == 422;
}

/* The entry's own reception: by the evidence that it names, never by its place. NULL: none of those that were sent, or
 * one that has its answer. */
static reception_record *find_answered(batch *b, const char *evidence_id, const eligibility_request **request) {
    for (size_t i = 0; i < b->count; i++)
        if (!b->answered[i] && strcmp(b->records[i].evidence_id, evidence_id) == 0) {
            b->answered[i] = true;
            *request = &b->requests[i];
            return &b->records[i];
        }
    return NULL;
}

static result take_entry(terminal *t, const answer_batch *answers, size_t index, batch *b, counts *n, json_t *list) {
    static eligibility_response answer; /* large: kept off the stack */
    const eligibility_request *request = NULL;
    const eligibility_coverage *now = NULL;
    fhir_problem problem = {""};
    eligibility_refusal refusal;
    int status;
    result code = eligibility_batch_answer_entry(answers->entries, index, &status, &answer, &problem);
    if (code != RESULT_OK)
        return code;
    n->unregistered |= status == 403;
    if (!is_answer(status) && !is_refusal_of_evidence(status)) {
        b->left++;
        return RESULT_OK;
    }
    eligibility_batch_answer_refusal(answers->entries, index, &refusal);
    reception_record *record = find_answered(b, is_answer(status) ? answer.evidence_id : refusal.evidence_id, &request);
    if (record == NULL)
        return RESULT_INVALID;
    if (is_answer(status)) {
        if (strcmp(answer.patient_serial, request->patient_serial) != 0)
            return RESULT_INVALID;
        now = grade_coverage(&answer, request->service_date);
        snprintf(record->state, sizeof record->state, "%s", state_of(record, &answer, now));
        buffer_clear(&record->answer);
        code = eligibility_response_write(&answer, &record->answer);
    } else {
        snprintf(record->state, sizeof record->state, "%s", STATE_REFUSED);
        const bool own_words = strcmp(refusal.code, REFUSAL_DUPLICATE) == 0;
        snprintf(record->reason, sizeof record->reason, "%s%s%s", own_words ? refusal.code : "", own_words ? ": " : "",
                 problem.text);
    }
    if (code == RESULT_OK)
        code = keep_proof(answers->entries, index, answers->signature, record);
    if (code == RESULT_OK)
        code = record_replace_reception(&t->store, record);
    if (code == RESULT_OK) {
        tally(n, record->state);
        receptions_show(&t->context.report, record, now, list);
    }
    return code;
}

/* --- one batch ---------------------------------------------------------------------------------------------------- */

/* An answer that cannot be used leaves its own reception pending, not the others. */
static result take_entries(terminal *t, const answer_batch *answers, batch *b, counts *n, json_t *list) {
    const size_t count = eligibility_batch_answer_count(answers->entries);
    result code = count <= BATCH_MAX ? RESULT_OK : RESULT_INVALID;
    for (size_t i = 0; i < count && code == RESULT_OK; i++) {
        code = take_entry(t, answers, i, b, n, list);
        if (code != RESULT_INVALID)
            continue;
        log_write(LOG_ERROR, "entry %zu of the platform's answer cannot be used, or names no evidence that was sent",
                  i);
        n->unusable++;
        code = RESULT_OK;
    }
    b->left += b->count > count ? b->count - count : 0;
    return code;
}

static outcome take_answers(terminal *t, const answer_batch *answers, batch *b, counts *n, json_t *list) {
    result code = take_entries(t, answers, b, n, list);
    if (code == RESULT_OK)
        code = record_note_contact(&t->store, clock_wall_s());
    if (code == RESULT_OK)
        return OUTCOME_OK;
    return report_failure(&t->context.report, code == RESULT_INVALID ? OUTCOME_SERVICE : OUTCOME_INTERNAL, "reconcile",
                          _("The platform's answer could not be taken in (%s). What was not taken stays pending."),
                          store_problem(code));
}

static outcome send_batch(terminal *t, http_client *client, batch *b, counts *n, json_t *list) {
    const eligibility_request *requests[BATCH_MAX];
    buffer body = BUFFER_INIT(ANSWER_MAX), signature = BUFFER_INIT(65536);
    eligibility_batch_answer *entries = NULL;
    char message[SERVICE_MESSAGE_SIZE];
    int status = 0;
    for (size_t i = 0; i < b->count; i++)
        requests[i] = &b->requests[i];
    result code = eligibility_batch_write(requests, b->count, &body);
    if (code == RESULT_OK)
        code = service_post_batch(t, client, buffer_bytes(&body), &status, &entries, &signature, message,
                                  sizeof message);
    outcome done;
    if (code == RESULT_OK && status == 200)
        done = take_answers(t, &(answer_batch){entries, buffer_bytes(&signature)}, b, n, list);
    else if (code == RESULT_OK && t->waits[SERVICE_PLATFORM].s > 0)
        done = report_failure(
            &t->context.report, OUTCOME_SERVICE, "platform-busy",
            _("The platform has no capacity now. Try again in %lld seconds; queued receptions are kept."),
            (long long)t->waits[SERVICE_PLATFORM].s);
    else
        done = report_failure(&t->context.report, OUTCOME_SERVICE, "platform",
                              _("The platform did not take the batch: %s"), message);
    eligibility_batch_answer_free(&entries);
    buffer_wipe(&body);
    buffer_wipe(&signature);
    return done;
}

/* Batch after batch, each waiting reception once; no further when the platform takes nothing now, or something else is to
 * be done first. */
static outcome send_all(terminal *t, http_client *client, counts *n, json_t *list) {
    outcome done = OUTCOME_OK;
    result code = RESULT_OK;
    batch *b = calloc(1, sizeof *b);
    bool more = b != NULL;
    while (more && done == OUTCOME_OK && !presence_must_stop(t->cards.presence) &&
           (code = gather(t, b, n)) == RESULT_OK) {
        if (b->count > 0)
            done = send_batch(t, client, b, n, list);
        more = b->count == 0 || b->left < b->count;
        batch_wipe(b);
    }
    if (b == NULL || (code != RESULT_OK && code != RESULT_NOT_FOUND))
        done = report_failure(&t->context.report, OUTCOME_INTERNAL, "store",
                              _("A waiting reception could not be read."));
    if (b != NULL)
        batch_wipe(b);
    free(b);
    return done;
}

static void report_counts(report *r, const counts *n, json_t *list) {
    report_value(r, "receptions", list);
    report_number(r, "confirmed", NULL, n->confirmed);
    report_number(r, "changed", NULL, n->changed);
    report_number(r, "lost", NULL, n->lost);
    report_number(r, "needsCall", NULL, n->needs_call);
    report_number(r, "refused", NULL, n->refused);
    report_number(r, "damaged", NULL, n->damaged);
}

/* More than one batch waits, and nobody stands at the counter for it: in the institution's slot. */
static outcome wait_for_slot(terminal *t, http_client *client) {
    if (ledger_count(&t->store, RECORD_RECEPTION, STATE_PENDING) <= SLOT_FREE_MAX)
        return OUTCOME_OK;
    if (!slot_ask(t, client))
        return OUTCOME_OK;
    return report_failure(&t->context.report, OUTCOME_SERVICE, "reconcile-slot",
                          _("The platform's slot for this institution is in %lld seconds."),
                          (long long)t->waits[SERVICE_PLATFORM].s);
}

/* by_itself: not asked for by anybody. */
static outcome reconcile(terminal *t, bool by_itself) {
    http_client *client = NULL;
    counts n = {0};
    char message[SERVICE_MESSAGE_SIZE];
    json_t *list = json_array();
    outcome done = service_open(t, SERVICE_PLATFORM, &client);
    if (done == OUTCOME_OK && service_ping(client, message, sizeof message) != RESULT_OK)
        done = report_failure(&t->context.report, OUTCOME_SERVICE, "platform-unreachable",
                              _("The platform cannot be reached: %s"), message);
    if (done == OUTCOME_OK) {
        time_beacon_refresh(t, client);
        done = by_itself ? wait_for_slot(t, client) : OUTCOME_OK;
    }
    if (done == OUTCOME_OK)
        done = send_all(t, client, &n, list);
    if (done == OUTCOME_OK && n.unregistered)
        done = report_failure(
            &t->context.report, OUTCOME_REFUSED, "not-registered",
            _("The platform does not know this terminal with this SE. Queued receptions are kept. Register it: "
              "uketsuke enroll register"));
    if (done == OUTCOME_OK && n.unusable > 0)
        done = report_failure(
            &t->context.report, OUTCOME_SERVICE, "reconcile",
            _("%lld of the platform's answers cannot be used. Their receptions go on waiting; tell the"
              " administrator."),
            n.unusable);
    service_close(t, SERVICE_PLATFORM, &client);
    report_counts(&t->context.report, &n, list);
    if (done == OUTCOME_OK)
        report_line(&t->context.report,
                    _("Reconciled: %lld confirmed, %lld changed, %lld without coverage, %lld to call, %lld refused"),
                    n.confirmed, n.changed, n.lost, n.needs_call, n.refused);
    if (n.damaged > 0)
        report_line(&t->context.report,
                    _("%lld receptions cannot be read any more and were set aside. See: uketsuke receptions"),
                    n.damaged);
    return done;
}

outcome reconcile_command(terminal *t) {
    operator_card actor;
    outcome done = session_require(t, ROLE_RECEPTION | ROLE_ADMINISTRATOR, &actor);
    return done == OUTCOME_OK ? reconcile(t, false) : done;
}

outcome reconcile_waiting(terminal *t) {
    const outcome done = local_store_check(&t->cards, &t->store, &t->context.report);
    if (done != OUTCOME_OK)
        return done;
    return ledger_count(&t->store, RECORD_RECEPTION, STATE_PENDING) > 0 ? reconcile(t, true) : OUTCOME_OK;
}
