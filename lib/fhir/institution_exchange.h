/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The call in which the platform authenticates itself to a card: POST /institution-authentication
 * (docs/interfaces/http.md). Plain JSON, no FHIR resource, because a challenge is not clinical data. */
#pragma once

#include "base/clock.h"
#include "base/uuid.h"
#include "fhir/json.h"

#define EXCHANGE_TEXT_SIZE 65
#define EXCHANGE_SIGNATURE_LENGTH 256

typedef struct institution_request {
    char card_id[17];
    char challenge[33]; /* capital hexadecimal */
    char institution_code[EXCHANGE_TEXT_SIZE];
    char terminal_id[EXCHANGE_TEXT_SIZE];
} institution_request;

typedef struct institution_answer {
    char session[UUID_TEXT_SIZE];
    char nonce[65];            /* capital hexadecimal */
    char holder_reference[33]; /* CHR, capital hexadecimal */
    uint8_t signature[EXCHANGE_SIGNATURE_LENGTH];
    char expires[CLOCK_TEXT_SIZE];
} institution_answer;

/* Writing appends the canonical text (RESULT_INVALID: a text is not UTF-8; RESULT_TOO_LONG: beyond the bound of text).
 * Reading: RESULT_INVALID, and why in problem. */
result institution_request_write(const institution_request *request, buffer *text);
result institution_request_read(bytes text, institution_request *out, fhir_problem *problem);
result institution_answer_write(const institution_answer *answer, buffer *text);
result institution_answer_read(bytes text, institution_answer *out, fhir_problem *problem);
