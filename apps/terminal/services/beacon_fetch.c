/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "services/beacon_fetch.h"

#include "core/audit.h"

#include "delivery/beacon.h"

void time_beacon_refresh(terminal *t, const remote *platform) {
    if (clock_beacon_refresh(&t->store, platform))
        audit_note(&t->store, "clock-off", "");
}
