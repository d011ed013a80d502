/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "services/beacon_fetch.h"

#include "core/audit.h"
#include "delivery/beacon.h"

#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "crypt/digest.h"
#include "fhir/time_beacon.h"

#include <stdlib.h>
#include <string.h>

#define BODY_MAX 4096
#define JOURNEY_MAX_MS 5000 /* an answer that took longer says too little about now */

static bool ask(terminal *t, http_client *platform, time_beacon *answer) {
    uint8_t random[32];
    char nonce[TIME_BEACON_NONCE_SIZE], message[SERVICE_MESSAGE_SIZE];
    buffer body = BUFFER_INIT(BODY_MAX), text = BUFFER_INIT(BODY_MAX), signature = BUFFER_INIT(65536);
    int status = 0;
    result code = crypt_random(random, sizeof random);
    hex_encode(BYTES(random), nonce, sizeof nonce);
    if (code == RESULT_OK)
        code = time_beacon_request_write(nonce, &body);
    if (code == RESULT_OK)
        code = service_post(t, platform, "/time-beacon", "application/json", buffer_bytes(&body),
                            SERVICE_SIGNER_PLATFORM, &status, &text, &signature, message, sizeof message);
    if (code == RESULT_OK && status == 200)
        code = time_beacon_read(buffer_bytes(&text), answer, NULL);
    const bool good = code == RESULT_OK && status == 200 && strcmp(answer->nonce, nonce) == 0;
    if (!good)
        log_notice("the platform's time was not heard");
    buffer_wipe(&body);
    buffer_wipe(&text);
    buffer_wipe(&signature);
    return good;
}

void time_beacon_refresh(terminal *t, http_client *platform) {
    clock_beacon before, b;
    time_beacon answer;
    if (!t->store.unlocked || !clock_beacon_is_due(&t->store))
        return;
    clock_beacon_now(&before);
    http_client_set_timeouts(platform, SERVICE_SILENCE_MS, SERVICE_SILENCE_MS);
    const bool heard = ask(t, platform, &answer);
    http_client_set_timeouts(platform, SERVICE_SILENCE_MS, SERVICE_TIMEOUT_MS);
    if (!heard)
        return;
    clock_beacon_now(&b);
    const int64_t journey = b.boot_ms - before.boot_ms;
    if (journey < 0 || journey > JOURNEY_MAX_MS)
        return;
    b.platform_ms = answer.at_ms;
    b.wall_ms -= journey / 2;
    b.boot_ms -= journey / 2;
    if (llabs(b.wall_ms - b.platform_ms) > CLOCK_BEACON_OFF_S * 1000) {
        log_warning("the clock differs from the platform's by %lld seconds",
                    (long long)((b.wall_ms - b.platform_ms) / 1000));
        audit_note(&t->store, "clock-off", "");
    }
    clock_beacon_keep(&t->store, &b);
}
