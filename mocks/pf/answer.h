/* The platform's answer to one reception: what it knows about the patient on the day of service. */
#pragma once

#include "coverage.h"
#include "evidence/evidence.h"
#include "platform.h"

/* Appends the CoverageEligibilityResponse (docs/interfaces/http.md). person NULL: unknown. */
result answer_append(const platform *p, const statement *s, const platform_person *person,
                     const coverage_ruling *ruling, int64_t now, buffer *out);
