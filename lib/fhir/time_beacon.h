/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The platform's time, signed for one terminal that asked just now: POST /time-beacon (docs/interfaces/http.md). */
#pragma once

#include "fhir/json.h"

#include <stdint.h>

/* 32 bytes of the terminal in capital hexadecimal, and NUL: so that no older answer fits */
#define TIME_BEACON_NONCE_SIZE 65

/* Whether it has the form of one. */
bool time_beacon_is_nonce(const char *text);

/* Appends the canonical text. RESULT_INVALID: a text is not UTF-8. RESULT_TOO_LONG: beyond the bound of text. */
result time_beacon_request_write(const char *nonce, buffer *text);
/* RESULT_INVALID, and why in problem: also for a nonce that is not capital hexadecimal of that length. */
result time_beacon_request_read(bytes text, char nonce[TIME_BEACON_NONCE_SIZE], fhir_problem *problem);

typedef struct time_beacon {
    char nonce[TIME_BEACON_NONCE_SIZE];
    int64_t at_ms; /* since 1970 */
} time_beacon;

/* Appends the canonical text. RESULT_INVALID: a text is not UTF-8. RESULT_TOO_LONG: beyond the bound of text. */
result time_beacon_write(const time_beacon *b, buffer *text);
/* RESULT_INVALID, and why in problem. */
result time_beacon_read(bytes text, time_beacon *out, fhir_problem *problem);
