/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "pass/outcome_note.h"

#include "base/copy_text.h"
#include "base/hex.h"
#include "crypt/digest.h"
#include "fhir/batch_answer.h"
#include "fhir/visit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct noting {
    relay_outcome sample; /* what is the same in every row */
    relay_outcome *rows;  /* FHIR_BATCH_MAX */
    size_t count;
} noting;

static bool is_answer(int status) {
    return status == 200 || status == 201;
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

/* An entry that says "not now" is no outcome. */
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
    if (status >= 400 && status < 500 && status != 429 && *refusal.evidence_id != 0)
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

/* --- both --------------------------------------------------------------------------------------------------------- */

static void take_receipt(noting *n, bytes body) {
    visit_receipt receipt;
    if (visit_receipt_read(body, &receipt, NULL) == RESULT_OK)
        add(n, receipt.visit_id, "registered");
}

static void take_answer(noting *n, const outcome_answer *a, eligibility_response *answer) {
    if (a->service == KEPT_HISTORY)
        take_receipt(n, a->body);
    else if (a->is_single)
        take_single(n, a->body, answer);
    else
        take_batch(n, a->body, answer);
    if (n->count == 0)
        add(n, "", "unknown");
}

static result begin(noting *n, const outcome_answer *a) {
    uint8_t digest[CRYPT_SHA256_LENGTH];
    const result code = crypt_sha256(a->body, digest);
    COPY_TEXT(n->sample.terminal, a->terminal);
    COPY_TEXT(n->sample.service, a->service == KEPT_HISTORY ? "history" : "pf");
    COPY_TEXT(n->sample.way, a->way);
    hex_encode(BYTES(digest), n->sample.answer, sizeof n->sample.answer);
    return code;
}

result outcome_note(relay_store *store, const outcome_answer *a) {
    noting n = {.rows = calloc(FHIR_BATCH_MAX + 1, sizeof(relay_outcome))};
    eligibility_response *answer = calloc(1, sizeof *answer);
    result code = n.rows != NULL && answer != NULL ? begin(&n, a) : RESULT_NO_MEMORY;
    if (code == RESULT_OK && is_answer(a->status))
        take_answer(&n, a, answer);
    else if (code == RESULT_OK)
        add(&n, "", "refused");
    if (code == RESULT_OK)
        code = relay_store_add_outcomes(store, n.rows, n.count);
    free(n.rows);
    free(answer);
    return code;
}
