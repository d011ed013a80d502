/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "delivery/delivery_slot.h"

#include "core/clock_beacon.h"

#include "base/clock.h"
#include "fhir/reconcile_slot.h"

#include <string.h>

#define ANSWER_MAX 4096
#define WAIT_MAX_S 3600 /* a platform that names a later slot than this is not believed */

/* By the platform's clock, as far as it was heard. */
static int64_t platform_now(terminal *t) {
    statement_clock c;
    clock_beacon_state(t, &c);
    return clock_wall_s() - (c.restarted ? 0 : c.offset + c.jump);
}

bool slot_ask(terminal *t, http_client *platform) {
    char message[SERVICE_MESSAGE_SIZE];
    buffer text = BUFFER_INIT(ANSWER_MAX), signature = BUFFER_INIT(65536);
    reconcile_slot slot;
    int status = 0;
    bool wait = false;
    result code = service_get(t, platform, "/reconcile-slot", SERVICE_SIGNER_PLATFORM, &status, &text, &signature,
                              message, sizeof message);
    if (code == RESULT_OK && status == 200)
        code = reconcile_slot_read(buffer_bytes(&text), &slot, NULL);
    if (code == RESULT_OK && status == 200 && strcmp(slot.institution_code, t->configuration.institution_code) == 0) {
        const int64_t ahead = slot.not_before - platform_now(t);
        wait = ahead > 0 && ahead <= WAIT_MAX_S;
        if (wait) {
            const int64_t half = (slot.not_after - slot.not_before) / 2;
            t->waits[SERVICE_PLATFORM] = (struct told_wait){.s = (long)ahead,
                                                            .spread_s = half <= WAIT_MAX_S ? (long)half : WAIT_MAX_S};
        }
    }
    buffer_wipe(&text);
    buffer_wipe(&signature);
    return wait;
}
