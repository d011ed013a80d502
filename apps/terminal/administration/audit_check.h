/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Verifies the audit log: its chain, and the SE's signatures over it. */
#pragma once

#include "core/audit.h"
#include "core/terminal.h"

typedef struct audit_check {
    int64_t broken_at;    /* the first row that does not follow from those before it; 0: none */
    int64_t signed_up_to; /* the newest good checkpoint; 0: none */
    int64_t made;         /* the newest checkpoint that this terminal has made */
} audit_check;

/* Calls use for each row, good or not, in order. Needs the open store and the SE. */
result audit_check_rows(terminal *t, void (*use)(void *context, const terminal_audit_row *row), void *context,
                        audit_check *out);
/* OUTCOME_OK, or the failure: altered, or cut off at its end. */
outcome audit_check_tell(report *r, const audit_check *check);
