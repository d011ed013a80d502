/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The final results of provisional receptions, shown to people: at once by reconcile, later by `receptions`. */
#pragma once

#include "core/terminal.h"

#include "delivery/sealed_record.h"

/* A line for people, and an object added to list. now: the coverage that holds, NULL for none. */
void receptions_show(report *r, const reception_record *record, const eligibility_coverage *now, json_t *list);

/* The command: receptions that need attention, the newest first; --all: also those that are marked as done. */
outcome receptions_command(terminal *t);
/* `receptions done NUMBER`: marks it as done by the operator who is logged in; --again: removes the mark. */
outcome receptions_done_command(terminal *t);
