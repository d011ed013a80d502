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
#define JOURNEY_MAX_MS 5000                       /* an answer that took longer is too inexact */
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

result clock_question_begin(clock_question *out) {
    uint8_t random[32];
    const result code = crypt_random(random, sizeof random);
    hex_encode(BYTES(random), out->nonce, sizeof out->nonce);
    clock_beacon_now(&out->asked);
    return code;
}

bool clock_question_answer(store_access *s, const clock_question *question, const time_beacon *heard) {
    clock_beacon b;
    clock_beacon_now(&b);
    const int64_t journey = b.boot_ms - question->asked.boot_ms;
    if (strcmp(heard->nonce, question->nonce) != 0 || journey < 0 || journey > JOURNEY_MAX_MS)
        return false;
    b.platform_ms = heard->at_ms;
    b.wall_ms -= journey / 2;
    b.boot_ms -= journey / 2;
    clock_beacon_keep(s, &b);
    const int64_t off = b.wall_ms - b.platform_ms;
    if (llabs(off) <= CLOCK_BEACON_OFF_S * 1000)
        return false;
    log_warning("the clock differs from the platform's by %lld seconds", (long long)(off / 1000));
    return true;
}
