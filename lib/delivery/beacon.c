/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "delivery/beacon.h"

#include "delivery/sealed_record.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/log.h"
#include "crypt/digest.h"
#include "fhir/json.h"
#include "fhir/time_beacon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETTING_BEACON "time-beacon"
#define TEXT_MAX 512
#define BODY_MAX 4096
#define JOURNEY_MAX_MS 5000                       /* an answer that took longer says too little about now */
#define BOOT_ID "/proc/sys/kernel/random/boot_id" /* proc_sys_kernel(5) */

void clock_beacon_now(clock_beacon *out) {
    buffer boot = BUFFER_INIT(CLOCK_BEACON_BOOT_SIZE - 1);
    out->wall_ms = clock_wall_ms();
    out->boot_ms = clock_boot_ms();
    snprintf(out->boot, sizeof out->boot, "%s",
             file_read(BOOT_ID, &boot) == RESULT_OK ? buffer_text(&boot) : "unknown");
    out->boot[strcspn(out->boot, "\n")] = 0;
    buffer_wipe(&boot);
}

result clock_beacon_keep(store_access *s, const clock_beacon *b) {
    buffer text = BUFFER_INIT(TEXT_MAX);
    result code = fhir_dump_and_free(json_pack("{s:I,s:I,s:I,s:s}", "platform", (json_int_t)b->platform_ms, "wall",
                                               (json_int_t)b->wall_ms, "boot", (json_int_t)b->boot_ms, "bootId",
                                               b->boot),
                                     &text);
    if (code == RESULT_OK)
        code = record_set(s, SETTING_BEACON, buffer_bytes(&text));
    buffer_wipe(&text);
    return code;
}

static bool recall(store_access *s, clock_beacon *out) {
    buffer text = BUFFER_INIT(TEXT_MAX);
    json_int_t platform = 0, wall = 0, boot = 0;
    const char *id = "";
    *out = (clock_beacon){0};
    json_t *root = record_setting(s, SETTING_BEACON, &text) == RESULT_OK ? fhir_parse(buffer_bytes(&text), NULL) : NULL;
    bool known = root != NULL && json_unpack(root, "{s:I,s:I,s:I,s:s}", "platform", &platform, "wall", &wall, "boot",
                                             &boot, "bootId", &id) == 0;
    if (known) {
        out->platform_ms = platform;
        out->wall_ms = wall;
        out->boot_ms = boot;
        snprintf(out->boot, sizeof out->boot, "%s", id);
    }
    json_decref(root);
    buffer_wipe(&text);
    return known;
}

/* To the nearest second. */
static int64_t seconds(int64_t ms) {
    return (ms >= 0 ? ms + 500 : ms - 500) / 1000;
}

void clock_beacon_state(store_access *s, statement_clock *out) {
    clock_beacon then, now;
    *out = (statement_clock){0};
    if (!recall(s, &then))
        return;
    clock_beacon_now(&now);
    clock_text(then.platform_ms / 1000, out->beacon);
    out->restarted = strcmp(then.boot, now.boot) != 0 || now.boot_ms < then.boot_ms;
    if (out->restarted)
        return;
    out->age = seconds(now.boot_ms - then.boot_ms);
    out->offset = seconds(then.wall_ms - then.platform_ms);
    out->jump = seconds((now.wall_ms - then.wall_ms) - (now.boot_ms - then.boot_ms));
}

bool clock_beacon_is_due(store_access *s) {
    statement_clock c;
    clock_beacon_state(s, &c);
    return c.beacon[0] == 0 || c.restarted || c.age > CLOCK_BEACON_AGE_S || llabs(c.jump) > EVIDENCE_CLOCK_ROUNDING_S;
}

/* --- hearing it --------------------------------------------------------------------------------------------------- */

static bool ask(const remote *platform, time_beacon *heard) {
    uint8_t random[32];
    char nonce[TIME_BEACON_NONCE_SIZE];
    buffer body = BUFFER_INIT(BODY_MAX);
    remote_answer answer = {0};
    result code = crypt_random(random, sizeof random);
    hex_encode(BYTES(random), nonce, sizeof nonce);
    if (code == RESULT_OK)
        code = time_beacon_request_write(nonce, &body);
    if (code == RESULT_OK)
        code = remote_post(platform, "/time-beacon", "application/json", buffer_bytes(&body), REMOTE_SIGNER_PLATFORM,
                           &answer);
    if (code == RESULT_OK && answer.status == 200)
        code = time_beacon_read(buffer_bytes(&answer.body), heard, NULL);
    const bool good = code == RESULT_OK && answer.status == 200 && strcmp(heard->nonce, nonce) == 0;
    if (!good)
        log_notice("the platform's time was not heard");
    buffer_wipe(&body);
    remote_answer_wipe(&answer);
    return good;
}

/* Whoever waits for what comes after it waits no longer than for a ping. */
static bool ask_briefly(const remote *platform, time_beacon *heard) {
    http_client_set_timeouts(platform->client, REMOTE_SILENCE_MS, REMOTE_SILENCE_MS);
    const bool good = ask(platform, heard);
    http_client_set_timeouts(platform->client, REMOTE_SILENCE_MS, REMOTE_TIMEOUT_MS);
    return good;
}

bool clock_beacon_refresh(store_access *s, const remote *platform) {
    clock_beacon before, b;
    time_beacon heard;
    if (!s->unlocked || !clock_beacon_is_due(s))
        return false;
    clock_beacon_now(&before);
    if (!ask_briefly(platform, &heard))
        return false;
    clock_beacon_now(&b);
    const int64_t journey = b.boot_ms - before.boot_ms;
    if (journey < 0 || journey > JOURNEY_MAX_MS)
        return false;
    b.platform_ms = heard.at_ms;
    b.wall_ms -= journey / 2;
    b.boot_ms -= journey / 2;
    clock_beacon_keep(s, &b);
    const int64_t off = b.wall_ms - b.platform_ms;
    if (llabs(off) <= CLOCK_BEACON_OFF_S * 1000)
        return false;
    log_warning("the clock differs from the platform's by %lld seconds", (long long)(off / 1000));
    return true;
}
