/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Hearing the platform's time. */
#pragma once

#include "core/terminal.h"
#include "services/service_call.h"

/* Asks the platform for its time when that is due (lib/delivery/beacon.h). A clock that is off is noted in the audit
 * log. */
void time_beacon_refresh(terminal *t, const remote *platform);
