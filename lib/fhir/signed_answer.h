/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the platform signs of an answer. The answer is about a person and their insurance; the history service needs
 * neither, only that the platform gave this link id for this evidence. So the platform signs a form in which everything
 * else is a salted SHA-256 digest, as in selective disclosure (RFC 9901, SD-JWT). With the whole answer the digests can
 * be computed; from the signed form alone nothing can be learned. docs/interfaces/http.md. */
#pragma once

#include "crypt/digest.h"
#include "fhir/eligibility.h"

/* The parts of an answer, in this order: the answer itself without what is contained and without the salts, then each
 * contained resource, then empty ones up to a multiple of ANSWER_DIGESTS_STEP, so that the number says nothing about
 * the person: one coverage, all public expenses and a Patient are within the first step. */
#define ANSWER_DIGESTS_STEP 8

typedef struct signed_answer {
    char evidence_id[UUID_TEXT_SIZE];
    char patient_serial[2 * FHIR_NAME_SIZE];
    char service_date[CLOCK_DATE_SIZE]; /* may be empty */
    char created[CLOCK_TEXT_SIZE];
    char link_id[FHIR_WORD_SIZE]; /* empty: the platform knows no such person */
    uint8_t digests[FHIR_SALTS_MAX][CRYPT_SHA256_LENGTH];
    size_t digest_count;
} signed_answer;

/* How many salts an answer has with so many contained resources. */
size_t answer_salts_needed(size_t contained);
/* Fresh random salts for this answer, the last thing before it is written. RESULT_INTERNAL: no random bytes. */
result answer_salt(eligibility_response *answer);

/* SHA-256("uketsuke-answer-part-2" || 00 || salt || part). */
result answer_part_digest(const uint8_t salt[FHIR_SALT_LENGTH], bytes part, uint8_t digest[CRYPT_SHA256_LENGTH]);

/* As eligibility_response_write, and appends to form what signed_answer_of makes of the text, without reading it again.
 * RESULT_UNSUPPORTED: the answer has no salts. */
result eligibility_response_write_signed(const eligibility_response *response, buffer *text, buffer *form);

/* Appends what the platform signs of an answer as it is in full. RESULT_INVALID, and why in problem: no answer.
 * RESULT_UNSUPPORTED, likewise: one of the form before, without salts. */
result signed_answer_of(bytes answer, buffer *out, fhir_problem *problem);

/* The signed form alone, as signed_answer_of wrote it: exactly its bytes. RESULT_INVALID, and why in problem: also for
 * an answer in full. */
result signed_answer_read(bytes text, signed_answer *out, fhir_problem *problem);
