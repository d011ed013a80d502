/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Having provisional receptions confirmed by the platform (オンライン照合). */
#pragma once

#include "core/terminal.h"

#include "delivery/pacing.h"

/* Sends the receptions that wait for the platform. For the daemon: needs no session, and does nothing when none
 * waits. OUTCOME_SERVICE: the platform cannot be reached now, or has no capacity; told: when it asked to retry. */
outcome reconcile_waiting(terminal *t, pacing_wait *told);

/* The command. */
outcome reconcile_command(terminal *t);
/* Whether the platform has answered a patient's reception in time since this was asked last. */
bool reconcile_platform_was_heard(const terminal *t);
