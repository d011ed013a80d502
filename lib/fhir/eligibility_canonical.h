/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Batches of requests in the very bytes in which eligibility_batch_write makes them, and answers as
 * eligibility_response_write does, read without a tree of objects: what our programs send. Anything else is for jansson
 * to read or to refuse. For lib/fhir/eligibility.c only. */
#pragma once

#include "base/canonical.h"
#include "fhir/eligibility.h"

/* False: not these bytes. Else *count requests, 1 to FHIR_BATCH_MAX; forms of dates and numbers are not checked yet.
 * eligibility_request_wipe for each of FHIR_BATCH_MAX, also after false. */
bool eligibility_canonical_batch(bytes text, eligibility_request requests[FHIR_BATCH_MAX], size_t *count);

/* False: not these bytes, or not right. Goes on behind the answer. */
bool eligibility_canonical_answer(canonical_reader *r, eligibility_response *out);
