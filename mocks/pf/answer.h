/* The platform's answers: CoverageEligibilityResponse (docs/interfaces/http.md), and the signature over any answer. */
#pragma once

#include "coverage.h"
#include "evidence/evidence.h"
#include "platform.h"

/* Appends the resource as JSON: sorted keys, no white space. */
result answer_append(const platform *p, const statement *s, const platform_person *person,
                     const coverage_ruling *ruling,
                     int64_t now, buffer *out);

/* Sets reply->signature over reply->body. */
result answer_sign(const platform *p, http_reply *reply);
