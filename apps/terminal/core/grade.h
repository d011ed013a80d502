/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The grade of an offline answer (design: confirmed, provisional A, B, C, refused) and the limits of working offline.
 * Pure functions of what is known: no card, no store, no clock. */
#pragma once

#include "evidence/statement.h"
#include "fhir/eligibility.h"

#define GRADE_FRESH_DAYS 30         /* how long a platform answer carries grade A */
#define GRADE_CLOCK_TOLERANCE_S 300 /* how far NTP may have set the clock back since the last contact */

/* What the local store knows of the patient. */
typedef struct grade_knowledge {
    const eligibility_response *answer; /* the platform's last, or NULL */
    int64_t answered_at;                /* seconds since 1970 */
} grade_knowledge;

/* What the last answer says about that day. */
typedef enum grade_basis {
    GRADE_BASIS_NOTHING,  /* there is no answer */
    GRADE_BASIS_COVERAGE, /* one coverage in force */
    GRADE_BASIS_ENDED,    /* one was in force when the answer came, and is not on that day */
    GRADE_BASIS_NONE,     /* none was in force when the answer came, or several were: answer->validity says which */
} grade_basis;
grade_basis grade_basis_of(const grade_knowledge *known, const char *service_date);

/* A: a fresh answer with a coverage on that day (YYYY-MM-DD). B: an older answer with one. C: no answer, or the last one
 * has none for that day: an answer alone is no coverage. now: seconds since 1970. */
statement_grade grade_offline(const grade_knowledge *known, const char *service_date, int64_t now);

typedef enum grade_limit {
    GRADE_WITHIN_LIMITS,
    GRADE_NEVER_ONLINE,     /* this terminal has never reached the platform */
    GRADE_OFFLINE_TOO_LONG, /* maximum offline period exceeded */
    GRADE_TOO_MANY,         /* too many receptions wait for the platform */
    GRADE_CLOCK_BACK,       /* the clock is earlier than the last contact */
} grade_limit;

/* The first limit that is exceeded. Times are seconds since 1970 (last_contact 0: never); waiting counts receptions. */
grade_limit grade_check_limits(int64_t last_contact, int64_t now, long hours_max, int64_t waiting, long waiting_max);
