/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Fetches the platform's signed time. */
#pragma once

#include "delivery/remote.h"
#include "delivery/store_access.h"

/* Asks the platform for its time when that is due (lib/delivery/beacon.h). A clock that is off is noted in the audit
 * log. */
void time_beacon_refresh(store_access *store, const remote *platform);
