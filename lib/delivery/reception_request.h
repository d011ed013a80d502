/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The CoverageEligibilityRequest that a reception's evidence states itself. */
#pragma once

#include "delivery/sealed_record.h"

/* The evidence in out is the record's own: it lives as long as the record, and is not to be wiped. RESULT_INVALID and the
 * codes of cms_verify: the evidence cannot be read. */
result reception_request(const reception_record *record, eligibility_request *out);
