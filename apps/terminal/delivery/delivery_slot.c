/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "delivery/delivery_slot.h"

#include "delivery/beacon.h"

#include "base/clock.h"
#include "fhir/reconcile_slot.h"

#include <string.h>

#define ANSWER_MAX 4096

/* By the platform's clock, as far as it was heard. */
static int64_t platform_now(terminal *t) {
    statement_clock c;
    clock_beacon_state(&t->store, &c);
    return clock_wall_s() - (c.restarted ? 0 : c.offset + c.jump);
}

bool slot_ask(terminal *t, http_client *platform) {
    char message[SERVICE_MESSAGE_SIZE];
    buffer text = BUFFER_INIT(ANSWER_MAX), signature = BUFFER_INIT(65536);
    reconcile_slot slot;
    pacing_wait wait = {0};
    int status = 0;
    result code = service_get(t, platform, "/reconcile-slot", SERVICE_SIGNER_PLATFORM, &status, &text, &signature,
                              message, sizeof message);
    if (code == RESULT_OK && status == 200)
        code = reconcile_slot_read(buffer_bytes(&text), &slot, NULL);
    if (code == RESULT_OK && status == 200 &&
        strcmp(slot.institution_code, t->context.configuration.institution_code) == 0)
        wait = pacing_slot(slot.not_before, slot.not_after, platform_now(t));
    if (wait.s > 0)
        t->waits[SERVICE_PLATFORM] = wait;
    buffer_wipe(&text);
    buffer_wipe(&signature);
    return wait.s > 0;
}
