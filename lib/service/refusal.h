/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Why a request is refused: its HTTP status, and what the OperationOutcome says. */
#pragma once

#include "net/http_server.h"

#include <stdbool.h>

#define REFUSAL_REASON_SIZE 400

typedef struct refusal {
    int status;                       /* 0: not refused */
    const char *code;                 /* of http://hl7.org/fhir/issue-type; static */
    char reason[REFUSAL_REASON_SIZE]; /* what is wrong, and what to do next */
} refusal;

/* Fills it, whatever it held; a longer reason is cut. Returns false, so that a check can end with it. */
bool refuse(refusal *out, int status, const char *code, const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The reply to a refused request: 503 with Retry-After, else the OperationOutcome. */
void refusal_reply(const refusal *r, http_reply *reply);
