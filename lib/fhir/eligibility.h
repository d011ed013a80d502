/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* CoverageEligibilityRequest and CoverageEligibilityResponse (FHIR R4, with JP Core names for Coverage), one by one and
 * in batch Bundles: docs/interfaces/http.md. */
#pragma once

#include "base/clock.h"
#include "base/uuid.h"
#include "fhir/eligibility_person.h"

#define FHIR_BATCH_MAX 100
#define FHIR_EVIDENCE_MAX 32768
#define FHIR_COVERAGES_MAX 16
#define FHIR_PUBLIC_EXPENSES_MAX 4 /* as many as a 診療報酬明細書 has places for */
#define FHIR_CONTAINED_MAX (FHIR_COVERAGES_MAX + FHIR_PUBLIC_EXPENSES_MAX + 1)
#define FHIR_SALT_LENGTH 16
#define FHIR_SALTS_MAX 24 /* of an answer with everything (fhir/signed_answer.h) */
#define FHIR_WORD_SIZE 65
#define FHIR_NAME_SIZE 512

typedef struct eligibility_request {
    char evidence_id[UUID_TEXT_SIZE];
    char patient_serial[2 * FHIR_NAME_SIZE]; /* <issuer, RFC 4514>#<serial, hexadecimal> */
    char service_date[CLOCK_DATE_SIZE];
    char created[CLOCK_TEXT_SIZE];
    char institution_code[FHIR_WORD_SIZE];
    buffer evidence; /* DER, empty in a pre-check; start with BUFFER_INIT(FHIR_EVIDENCE_MAX) or let the reader do it */
} eligibility_request;

typedef struct eligibility_coverage {
    char insurer_number[FHIR_WORD_SIZE], insurer_name[FHIR_NAME_SIZE];
    char symbol[FHIR_WORD_SIZE], number[FHIR_WORD_SIZE], branch[FHIR_WORD_SIZE]; /* 記号, 番号, 枝番 */
    bool family;                                     /* 家族, not 本人: a dependant of the insured person */
    char from[CLOCK_DATE_SIZE], to[CLOCK_DATE_SIZE]; /* 資格取得日, 有効期限; both days included; to empty: none */
    int burden_permille;                             /* the patient's own share: 300 is 0.3 */
    bool in_force;                                   /* on the service date */
    char limit_category[FHIR_WORD_SIZE];             /* 限度額適用認定証の適用区分; empty: none */
    bool elderly;                                    /* 高齢受給者証 */
    char loss_reason[FHIR_WORD_SIZE];                /* 喪失理由, a code (docs/interfaces/http.md); empty: none given */
} eligibility_coverage;

/* 公費: a public payer who bears costs beside the insurance, or without one. */
typedef struct eligibility_public_expense {
    char payer_number[FHIR_WORD_SIZE];     /* 公費負担者番号 */
    char recipient_number[FHIR_WORD_SIZE]; /* 公費受給者番号; may be empty */
    char name[FHIR_NAME_SIZE];
    char from[CLOCK_DATE_SIZE], to[CLOCK_DATE_SIZE]; /* both days included; to may be empty */
    bool in_force;                                   /* on the service date */
} eligibility_public_expense;

/* Validity on the day of service, as the live system (オンライン資格確認) numbers it. */
typedef enum eligibility_validity {
    ELIGIBILITY_VALID = 1,        /* 有効 */
    ELIGIBILITY_INVALID = 2,      /* 無効 */
    ELIGIBILITY_NEW_COVERAGE = 3, /* 無効（新しい資格あり）: none on that day, but one that begins later */
    ELIGIBILITY_NONE = 4,         /* 該当資格なし: unknown, or never insured */
    ELIGIBILITY_SEVERAL = 5,      /* 複数該当 */
} eligibility_validity;

typedef struct eligibility_response {
    char evidence_id[UUID_TEXT_SIZE];
    char patient_serial[2 * FHIR_NAME_SIZE];
    char service_date[CLOCK_DATE_SIZE]; /* may be empty when read */
    char created[CLOCK_TEXT_SIZE];
    char as_of[CLOCK_TEXT_SIZE]; /* of the platform's data */
    eligibility_validity validity;
    char link_id[FHIR_WORD_SIZE]; /* empty when no person was found */
    /* why the evidence's time is doubtful (docs/interfaces/evidence.md); empty: it is not */
    char clock_warning[FHIR_WORD_SIZE];
    char disposition[FHIR_NAME_SIZE];
    eligibility_person person; /* unknown: the platform does not know this certificate, or is of an earlier version */
    eligibility_coverage coverages[FHIR_COVERAGES_MAX];
    size_t coverage_count;
    eligibility_public_expense public_expenses[FHIR_PUBLIC_EXPENSES_MAX];
    size_t public_expense_count;
    uint8_t salts[FHIR_SALTS_MAX][FHIR_SALT_LENGTH]; /* of its parts (fhir/signed_answer.h) */
    size_t salt_count;                               /* 0: an answer of the form before */
} eligibility_response;

/* Appends the canonical text. RESULT_INVALID: a text is not UTF-8. RESULT_TOO_LONG: beyond the bound of text. */
result eligibility_request_write(const eligibility_request *request, buffer *text);
/* RESULT_INVALID, and why in problem. out->evidence is made afresh; wipe it with eligibility_request_wipe also
 * after failure. */
result eligibility_request_read(bytes text, eligibility_request *out, fhir_problem *problem);
void eligibility_request_wipe(eligibility_request *request);

/* Appends the canonical text. RESULT_INVALID: a text is not UTF-8. RESULT_TOO_LONG: beyond the bound of text. */
result eligibility_response_write(const eligibility_response *response, buffer *text);
/* RESULT_INVALID, and why in problem. Owns nothing. */
result eligibility_response_read(bytes text, eligibility_response *out, fhir_problem *problem);

/* The coverage in force on that day (YYYY-MM-DD) in an answer, or NULL. */
const eligibility_coverage *eligibility_coverage_on(const eligibility_response *answer, const char *day);

/* --- Bundle, type batch: requests one after the other ------------------------------------------------------------- */

/* At most FHIR_BATCH_MAX; those without evidence are pre-checks. Appends; codes of eligibility_request_write. */
result eligibility_batch_write(const eligibility_request *const requests[], size_t count, buffer *text);
/* The same, and asks for the platform's time beside the answers, as POST /time-beacon does: at most
 * FHIR_BATCH_MAX - 1 requests; nonce as in fhir/time_beacon.h. */
result eligibility_batch_write_asking(const eligibility_request *const requests[], size_t count, const char *nonce,
                                      buffer *text);

/* A batch being read. A faulty entry does not affect the others: eligibility_batch_entry returns RESULT_INVALID for it,
 * and a problem for its 422. */
typedef struct eligibility_batch eligibility_batch;
result eligibility_batch_read(bytes text, eligibility_batch **out, fhir_problem *problem);
size_t eligibility_batch_count(const eligibility_batch *batch);
/* Borrowed; "": the batch does not ask for the time. */
const char *eligibility_batch_nonce(const eligibility_batch *batch);
result eligibility_batch_entry(const eligibility_batch *batch, size_t index, eligibility_request *out,
                               fhir_problem *problem);
/* The same for a batch of pre-checks: no evidence, the identifier is that of evidence the platform answered before. */
result eligibility_batch_pre_check(const eligibility_batch *batch, size_t index, eligibility_request *out,
                                   fhir_problem *problem);
void eligibility_batch_free(eligibility_batch **batch);
