/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Shows a patient with an appointment whom the desk must call, to people and programs. */
#pragma once

#include "core/report.h"

#include "delivery/appointment.h"

/* Lines for people, and an object added to list. */
void appointment_show(report *r, const appointment *a, json_t *list);
/* How many patients with an appointment today must still be called: a member of the report, and a line if there are
 * any. */
result appointment_show_waiting(report *r, store_access *s);
