/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "services/clock_by_platform.h"

#include "core/audit.h"
#include "core/clock_check.h"
#include "services/beacon_fetch.h"
#include "services/service_call.h"

#include "base/clock.h"
#include "delivery/beacon.h"

#include <stdlib.h>

/* Whether the platform answers now. Stores its time when the last one is too old. */
static bool hear(terminal *t) {
    char message[HTTP_CLIENT_MESSAGE_MAX];
    remote platform = {0};
    const report own = report_begin_silent(&t->context.report);
    const bool answers = service_open(t->services, SERVICE_PLATFORM, &platform) == OUTCOME_OK &&
                         remote_ping(&platform, message, sizeof message) == RESULT_OK;
    if (answers)
        time_beacon_refresh(&t->store, &platform);
    service_close(t->services, SERVICE_PLATFORM, &platform);
    report_end_silent(&t->context.report, own);
    return answers;
}

/* Whether the platform's time is recent, from this start of the machine, and the clock agreed with it and was not
 * changed since. */
static bool agrees(store_access *store) {
    statement_clock c;
    clock_beacon_state(store, &c);
    return c.beacon[0] != 0 && !c.restarted && c.age <= CLOCK_BEACON_AGE_S &&
           llabs(c.offset + c.jump) <= CLOCK_BEACON_OFF_S;
}

void clock_by_platform(void *context) {
    terminal *t = context;
    if (hear(t) && agrees(&t->store) && clock_confirm_time(&t->store, clock_wall_s()) == RESULT_OK)
        audit_note(&t->store, "clock-confirmed", "platform");
}
