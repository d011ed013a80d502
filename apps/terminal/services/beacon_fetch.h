/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Hearing the platform's time. */
#pragma once

#include "core/terminal.h"
#include "services/service_call.h"

/* Asks the platform for its time when that is due (lib/delivery/beacon.h), signed and with a nonce of ours, and keeps it.
 * A platform that does not answer, or falsely, leaves the last one as it is: this is never a reason to stop work. */
void time_beacon_refresh(terminal *t, http_client *platform);
