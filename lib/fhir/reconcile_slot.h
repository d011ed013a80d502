/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The next slot for an institution's batches: GET /reconcile-slot (docs/interfaces/http.md). */
#pragma once

#include "fhir/json.h"

#include "base/clock.h"

#define RECONCILE_SLOT_CODE_SIZE 65

typedef struct reconcile_slot {
    char institution_code[RECONCILE_SLOT_CODE_SIZE];
    int64_t not_before, not_after; /* seconds since 1970 by the platform's clock */
} reconcile_slot;

/* Appends the canonical text. RESULT_INVALID: a text is not UTF-8. RESULT_TOO_LONG: beyond the bound of text. */
result reconcile_slot_write(const reconcile_slot *slot, buffer *text);
/* RESULT_INVALID also for a slot that ends before it begins. */
result reconcile_slot_read(bytes text, reconcile_slot *out, fhir_problem *problem);
