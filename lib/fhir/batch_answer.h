/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The answer to a batch: a Bundle of type batch-response, each entry with its way to the one root that is signed.
 * docs/interfaces/http.md. */
#pragma once

#include "fhir/eligibility.h"
#include "fhir/time_beacon.h"

/* The status of the entry behind the answers that has the platform's time, where the batch has asked for it. */
#define ELIGIBILITY_TIME 204

typedef struct eligibility_outcome {
    int status; /* 201, 200, 409, 422; ELIGIBILITY_TIME: resource is a time_beacon, the last one */
    bytes
        resource; /* JSON: a CoverageEligibilityResponse or an OperationOutcome, as written here; inserted unchanged */
} eligibility_outcome;

/* In the order of the batch. Appends; RESULT_INVALID: a resource is not in braces, or no answer where one must be;
 * RESULT_UNSUPPORTED: an answer without salts. content receives the bytes to be signed: the root of a hash tree over the
 * entries with the signed form of each answer (fhir/signed_answer.h), so that each entry can be verified alone and
 * without the person (fhir/answer_proof.h). */
result eligibility_batch_answer_write(const eligibility_outcome outcomes[], size_t count, buffer *text,
                                      buffer *content);

/* The same when the signed forms are known. forms: one for each outcome; an empty one is made from the resource. */
result eligibility_batch_answer_write_formed(const eligibility_outcome outcomes[], const bytes forms[], size_t count,
                                             buffer *text, buffer *content);

/* An answer being read, entry by entry; free it. RESULT_INVALID, and why in problem. */
typedef struct eligibility_batch_answer eligibility_batch_answer;
result eligibility_batch_answer_read(bytes text, eligibility_batch_answer **out, fhir_problem *problem);
size_t eligibility_batch_answer_count(const eligibility_batch_answer *answer);
/* The entry's status; for 200 and 201 also its response, else the OperationOutcome's words in problem. */
result eligibility_batch_answer_entry(const eligibility_batch_answer *answer, size_t index, int *status,
                                      eligibility_response *out, fhir_problem *problem);
/* The platform's time, signed with the answers. RESULT_NOT_FOUND: there is none. */
result eligibility_batch_answer_time(const eligibility_batch_answer *answer, time_beacon *out);
/* A refused entry's OperationOutcome, for programs. */
typedef struct eligibility_refusal {
    char code[FHIR_WORD_SIZE]; /* "" when it has none */
    /* which request is refused; "" when it names none (an earlier platform, or a request that could not be read) */
    char evidence_id[UUID_TEXT_SIZE];
} eligibility_refusal;
void eligibility_batch_answer_refusal(const eligibility_batch_answer *answer, size_t index, eligibility_refusal *out);
/* The entry as in the tree, with the signed form of its answer and without its path, and the path as text. Appends.
 * RESULT_UNSUPPORTED: an answer without salts, as of a platform of the version before. */
result eligibility_batch_answer_leaf(const eligibility_batch_answer *answer, size_t index, buffer *entry, buffer *path);
/* What was signed when this answer was written: every entry leads to the same root from its own position, and their
 * number is the tree's. RESULT_INVALID: otherwise. Appends. */
result eligibility_batch_answer_content(const eligibility_batch_answer *answer, buffer *content);
void eligibility_batch_answer_free(eligibility_batch_answer **answer);
