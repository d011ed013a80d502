/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The registration of a terminal: the report of its enrolment, signed by its Secure Element, and the service's receipt.
 * docs/interfaces/http.md. */
#pragma once

#include "fhir/json.h"

#include "base/clock.h"
#include "base/uuid.h"

#define REGISTRATION_REPORT_MAX 16384
#define REGISTRATION_SIGNATURE_MAX 16384
#define REGISTRATION_TEXT_SIZE 65

/* What is sent: the very bytes of the report and a detached CMS over them. */
typedef struct registration_request {
    buffer report, signature;
} registration_request;

/* Appends the canonical text. RESULT_INVALID: a text is not UTF-8. RESULT_TOO_LONG: beyond the bound of text. */
result registration_request_write(bytes report, bytes signature, buffer *text);
/* RESULT_INVALID, and why in problem; registration_request_wipe also after a failure. */
result registration_request_read(bytes text, registration_request *out, fhir_problem *problem);
void registration_request_wipe(registration_request *r);

/* What a report says; the checks one by one are for people. */
typedef struct registration_report {
    char at[CLOCK_TEXT_SIZE];
    char institution_code[REGISTRATION_TEXT_SIZE], terminal_id[REGISTRATION_TEXT_SIZE];
    char se_serial[REGISTRATION_TEXT_SIZE];
    char holder_reference[REGISTRATION_TEXT_SIZE]; /* CHR of the institution's card-verifiable certificate */
    bool passed;
} registration_report;

/* RESULT_INVALID, and why in problem. The signature over it is the caller's to verify. */
result registration_report_read(bytes text, registration_report *out, fhir_problem *problem);

/* What the service signs and answers. */
typedef struct registration_receipt {
    char receipt_id[UUID_TEXT_SIZE];
    char service[REGISTRATION_TEXT_SIZE]; /* pf, history */
    char institution_code[REGISTRATION_TEXT_SIZE], terminal_id[REGISTRATION_TEXT_SIZE];
    char se_serial[REGISTRATION_TEXT_SIZE];
    char certificate_hash[REGISTRATION_TEXT_SIZE]; /* SHA-256 of the SE's institution certificate */
    char registered_at[CLOCK_TEXT_SIZE];
} registration_receipt;

/* Appends the canonical text. RESULT_INVALID: a text is not UTF-8. RESULT_TOO_LONG: beyond the bound of text. */
result registration_receipt_write(const registration_receipt *r, buffer *text);
/* RESULT_INVALID, and why in problem. */
result registration_receipt_read(bytes text, registration_receipt *out, fhir_problem *problem);
