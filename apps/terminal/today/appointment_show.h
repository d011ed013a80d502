/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Somebody with an appointment whom the desk must call, for people and programs. */
#pragma once

#include "core/report.h"

#include "delivery/appointment.h"

/* Lines for people, and an object added to list. */
void appointment_show(report *r, const appointment *a, json_t *list);
/* How many with an appointment today nobody has called yet: a line where there is one, and a member of the report. */
result appointment_show_waiting(report *r, store_access *s);
