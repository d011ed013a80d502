/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "delivery/delivery_slot.h"

#include "base/clock.h"
#include "delivery/beacon.h"
#include "fhir/reconcile_slot.h"

#include <string.h>

/* By the platform's clock, as far as it was heard. */
static int64_t platform_now(terminal *t) {
    statement_clock c;
    clock_beacon_state(&t->store, &c);
    return clock_wall_s() - (c.restarted ? 0 : c.offset + c.jump);
}

pacing_wait slot_ask(terminal *t, const remote *platform) {
    remote_answer answer;
    reconcile_slot slot;
    pacing_wait wait = {0};
    result code = remote_get(platform, "/reconcile-slot", REMOTE_SIGNER_PLATFORM, &answer);
    if (code == RESULT_OK && answer.status == 200)
        code = reconcile_slot_read(buffer_bytes(&answer.body), &slot, NULL);
    if (code == RESULT_OK && answer.status == 200 &&
        strcmp(slot.institution_code, t->context.configuration.institution_code) == 0)
        wait = pacing_slot(slot.not_before, slot.not_after, platform_now(t));
    remote_answer_wipe(&answer);
    return wait;
}
