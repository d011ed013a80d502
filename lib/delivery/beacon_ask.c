/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A call for the platform's time alone. */
#include "delivery/beacon.h"

#include "base/log.h"

#include <string.h>

#define BODY_MAX 4096

static bool ask(const remote *platform, clock_question *question, time_beacon *heard) {
    buffer body = BUFFER_INIT(BODY_MAX);
    remote_answer answer = {0};
    result code = clock_question_begin(question);
    if (code == RESULT_OK)
        code = time_beacon_request_write(question->nonce, &body);
    if (code == RESULT_OK)
        code = remote_post(platform, "/time-beacon", "application/json", buffer_bytes(&body), REMOTE_SIGNER_PLATFORM,
                           &answer);
    if (code == RESULT_OK && answer.status == 200)
        code = time_beacon_read(buffer_bytes(&answer.body), heard, NULL);
    const bool good = code == RESULT_OK && answer.status == 200 && strcmp(heard->nonce, question->nonce) == 0;
    if (!good)
        log_notice("the platform's time was not heard");
    buffer_wipe(&body);
    remote_answer_wipe(&answer);
    return good;
}

/* The caller has more to do: it waits no longer than for a ping. */
bool clock_beacon_refresh(store_access *s, const remote *platform) {
    clock_question question;
    time_beacon heard;
    if (!s->unlocked || !clock_beacon_is_due(s))
        return false;
    http_client_set_timeouts(platform->client, REMOTE_SILENCE_MS, REMOTE_SILENCE_MS);
    const bool good = ask(platform, &question, &heard);
    http_client_set_timeouts(platform->client, REMOTE_SILENCE_MS, REMOTE_TIMEOUT_MS);
    return good && clock_question_answer(s, &question, &heard);
}
