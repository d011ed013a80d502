/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Visit records (受診記録) on their way to the history service. */
#pragma once

#include "core/terminal.h"

#include "delivery/pacing.h"

/* Sends the visits that are signed and kept but not registered yet, as far as their reception's eligibility is
 * confirmed. OUTCOME_SERVICE: the service cannot be reached now, or has no capacity; told: when it asked to retry. */
outcome visit_send_waiting(terminal *t, pacing_wait *told);

/* The command; and what it checks before the PIN is typed: that a doctor is logged in, which patient was chosen, and
 * that the doctor has confirmed the patient. */
outcome visit_command(terminal *t);
outcome visit_before_pin(terminal *t);
