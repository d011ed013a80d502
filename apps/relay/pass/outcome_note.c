/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "pass/outcome_note.h"

#include "base/copy_text.h"
#include "base/hex.h"
#include "crypt/digest.h"
#include "fhir/batch_answer.h"
#include "fhir/visit.h"
#include "fhir/visit_batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct noting {
    relay_outcome sample; /* what is the same in every row */
    relay_outcome *rows;  /* FHIR_BATCH_MAX */
    size_t count;
    bool waits; /* something in it is to be asked again */
} noting;

_Static_assert(VISIT_BATCH_MAX <= FHIR_BATCH_MAX, "each visit of a batch has a row");

static bool is_answer(int status) {
    return status == 200 || status == 201;
}

bool outcome_is_final(int status) {
    return is_answer(status) || status == 400 || status == 409 || status == 413 || status == 422;
}

static result name_answer(noting *n, bytes body) {
    uint8_t digest[CRYPT_SHA256_LENGTH];
    const result code = crypt_sha256(body, digest);
    hex_encode(BYTES(digest), n->sample.answer, sizeof n->sample.answer);
    return code;
}

static void add(noting *n, const char *subject, const char *outcome) {
    relay_outcome *row = &n->rows[n->count++];
    *row = n->sample;
    COPY_TEXT(row->subject, subject);
    COPY_TEXT(row->outcome, outcome);
}

static const char *word_of(eligibility_validity validity) {
    static const char *const words[] = {[ELIGIBILITY_VALID] = "valid",
                                        [ELIGIBILITY_INVALID] = "invalid",
                                        [ELIGIBILITY_NEW_COVERAGE] = "new-coverage",
                                        [ELIGIBILITY_NONE] = "none",
                                        [ELIGIBILITY_SEVERAL] = "several"};
    return validity >= ELIGIBILITY_VALID && validity <= ELIGIBILITY_SEVERAL ? words[validity] : "unknown";
}

/* --- the platform's ----------------------------------------------------------------------------------------------- */

static void take_single(noting *n, bytes body, eligibility_response *answer) {
    if (eligibility_response_read(body, answer, NULL) == RESULT_OK)
        add(n, answer->evidence_id, word_of(answer->validity));
}

/* 404: to a pre-check. Another entry, as 403 and 425 (docs/interfaces/http.md, POST /fhir), is sent again, and no outcome. */
static bool is_refusal_of_entry(int status) {
    return status == 404 || status == 409 || status == 422;
}

static void take_entry(noting *n, const eligibility_batch_answer *entries, size_t i, eligibility_response *answer) {
    fhir_problem problem = {""};
    eligibility_refusal refusal;
    int status = 0;
    const result code = eligibility_batch_answer_entry(entries, i, &status, answer, &problem);
    if (code == RESULT_OK && is_answer(status)) {
        add(n, answer->evidence_id, word_of(answer->validity));
        return;
    }
    eligibility_batch_answer_refusal(entries, i, &refusal);
    if (!is_refusal_of_entry(status))
        n->waits |= status != ELIGIBILITY_TIME;
    else if (*refusal.evidence_id != 0)
        add(n, refusal.evidence_id, "refused");
}

static void take_batch(noting *n, bytes body, eligibility_response *answer) {
    eligibility_batch_answer *entries = NULL;
    if (eligibility_batch_answer_read(body, &entries, NULL) != RESULT_OK)
        return;
    const size_t count = eligibility_batch_answer_count(entries);
    for (size_t i = 0; i < count && i < FHIR_BATCH_MAX; i++)
        take_entry(n, entries, i, answer);
    eligibility_batch_answer_free(&entries);
}

/* --- the history service's ---------------------------------------------------------------------------------------- */

static void take_receipt(noting *n, bytes body) {
    visit_receipt receipt;
    if (visit_receipt_read(body, &receipt, NULL) == RESULT_OK)
        add(n, receipt.visit_id, "registered");
}

/* As if it had been sent alone. */
static result take_visit(noting *n, const visit_answer_read *one) {
    const result code = name_answer(n, buffer_bytes(&one->body));
    n->waits |= !outcome_is_final(one->status);
    if (is_answer(one->status))
        take_receipt(n, buffer_bytes(&one->body));
    else if (outcome_is_final(one->status))
        add(n, "", "refused");
    return code;
}

static result take_visits(noting *n, bytes body) {
    visit_answers *answers = NULL;
    result code = RESULT_OK;
    if (visit_answers_read(body, &answers, NULL) != RESULT_OK)
        return RESULT_OK;
    for (size_t i = 0; i < visit_answers_count(answers) && code == RESULT_OK; i++) {
        visit_answer_read one;
        if (visit_answers_entry(answers, i, &one) == RESULT_OK)
            code = take_visit(n, &one);
        buffer_wipe(&one.body);
    }
    visit_answers_free(&answers);
    return code;
}

/* --- both --------------------------------------------------------------------------------------------------------- */

static result take_answer(noting *n, const outcome_answer *a, eligibility_response *answer) {
    result code = RESULT_OK;
    if (a->is_visits)
        code = take_visits(n, a->body);
    else if (a->service == KEPT_HISTORY)
        take_receipt(n, a->body);
    else if (a->is_single)
        take_single(n, a->body, answer);
    else
        take_batch(n, a->body, answer);
    if (n->count == 0 && !n->waits)
        add(n, "", "unknown");
    return code;
}

static result begin(noting *n, const outcome_answer *a) {
    COPY_TEXT(n->sample.terminal, a->terminal);
    COPY_TEXT(n->sample.service, a->service == KEPT_HISTORY ? "history" : "pf");
    COPY_TEXT(n->sample.way, a->way);
    return name_answer(n, a->body);
}

result outcome_note(relay_store *store, const outcome_answer *a) {
    noting n = {.rows = calloc(FHIR_BATCH_MAX + 1, sizeof(relay_outcome))};
    eligibility_response *answer = calloc(1, sizeof *answer);
    result code = n.rows != NULL && answer != NULL ? begin(&n, a) : RESULT_NO_MEMORY;
    if (code == RESULT_OK && is_answer(a->status))
        code = take_answer(&n, a, answer);
    else if (code == RESULT_OK)
        add(&n, "", "refused");
    if (code == RESULT_OK)
        code = relay_store_add_outcomes(store, n.rows, n.count);
    free(n.rows);
    free(answer);
    return code;
}
