/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The platform's answers about the coverage of patients on a future day (事前一括照会). It answers about patients whom this
 * institution authenticated before: a question names the evidence of an earlier reception, but does not carry it. */
#pragma once

#include "delivery/outbox.h"

typedef enum pre_check_finding {
    PRE_CHECK_NOT_ASKED, /* there is no answer */
    PRE_CHECK_UNCHANGED,
    PRE_CHECK_CHANGED,   /* another coverage than before, or one where there was none */
    PRE_CHECK_LOST,      /* none on that day */
    PRE_CHECK_SEVERAL,   /* more than one on that day */
    PRE_CHECK_NOT_FOUND, /* the platform knows no coverage of the person, or not the earlier reception */
} pre_check_finding;

typedef struct pre_check {
    eligibility_request request; /* of the earlier reception, with the future day, without evidence */
    eligibility_coverage before; /* as known before; insurer_number "": none was in force, or it was not known */
    bool asked;
    pre_check_finding finding;
    char insurer[FHIR_NAME_SIZE]; /* of the coverage on that day; "" none */
} pre_check;

/* Makes the question about a reception's patient for that day. RESULT_NOT_FOUND: the platform has not answered to it
 * yet. Codes of reception_request. */
result pre_check_of(const reception_record *record, const char *day, pre_check *out);

/* Compares an answer with what was known. */
pre_check_finding pre_check_compare(const pre_check *asked, const eligibility_response *answer);

/* Asks batch after batch, and gives each answer to those whose evidence and day it names; stops when the platform takes
 * nothing now, or more urgent work comes. What is not answered keeps PRE_CHECK_NOT_ASKED. run is made afresh. */
void pre_check_send(const remote *platform, pre_check items[], size_t count, outbox_run *run);
