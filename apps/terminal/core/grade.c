/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/grade.h"

#include <string.h>

#define DAY_S 86400
#define HOUR_S 3600

grade_basis grade_basis_of(const grade_knowledge *known, const char *service_date) {
    if (known->answer == NULL)
        return GRADE_BASIS_NOTHING;
    if (eligibility_coverage_on(known->answer, service_date) != NULL)
        return GRADE_BASIS_COVERAGE;
    return known->answer->validity == ELIGIBILITY_VALID ? GRADE_BASIS_ENDED : GRADE_BASIS_NONE;
}

statement_grade grade_offline(const grade_knowledge *known, const char *service_date, int64_t now) {
    if (grade_basis_of(known, service_date) != GRADE_BASIS_COVERAGE)
        return STATEMENT_PROVISIONAL_C;
    const int64_t age = now - known->answered_at;
    return age >= 0 && age <= (int64_t)GRADE_FRESH_DAYS * DAY_S ? STATEMENT_PROVISIONAL_A : STATEMENT_PROVISIONAL_B;
}

grade_limit grade_check_limits(int64_t last_contact, int64_t now, long hours_max, int64_t waiting, long waiting_max) {
    if (last_contact == 0)
        return GRADE_NEVER_ONLINE;
    if (now < last_contact - GRADE_CLOCK_TOLERANCE_S)
        return GRADE_CLOCK_BACK;
    if (now - last_contact > (int64_t)hours_max * HOUR_S)
        return GRADE_OFFLINE_TOO_LONG;
    return waiting >= waiting_max ? GRADE_TOO_MANY : GRADE_WITHIN_LIMITS;
}
