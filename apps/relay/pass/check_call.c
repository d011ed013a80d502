/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "pass/check_call.h"

#include "pass/outcome_note.h"

#include "base/log.h"

#include <stdio.h>

#define CALL_MS 20000 /* no patient waits at the counter for it */
#define PATH "/fhir/CoverageEligibilityRequest/$pre-check"
#define TYPE "application/fhir+json"

bool check_call_may_ask(void *context) {
    const pass_context *s = context;
    return service_way_is_up(s->ways[KEPT_PLATFORM]) && !keep_sender_must_wait(s->senders[KEPT_PLATFORM]);
}

/* Noted before the terminal can fetch it, like every outcome. */
static result hand_over(pass_context *s, const char *terminal, bytes request, const http_answer *answer) {
    const outcome_answer one = {.service = KEPT_PLATFORM,
                                .terminal = terminal,
                                .way = "check",
                                .status = answer->status,
                                .body = buffer_bytes(&answer->body)};
    kept_request r = KEPT_REQUEST_INIT;
    r.service = KEPT_PLATFORM;
    r.status = answer->status;
    snprintf(r.owner, sizeof r.owner, "%s", terminal);
    snprintf(r.type, sizeof r.type, "%s", answer->type);
    result code = outcome_note(s->terminals, &one);
    if (code == RESULT_OK)
        code = buffer_append(&r.body, request);
    if (code == RESULT_OK)
        code = buffer_append(&r.answer, buffer_bytes(&answer->body));
    if (code == RESULT_OK)
        code = buffer_append_text(&r.signature, answer->signature);
    if (code == RESULT_OK)
        code = keep_store_add(s->store, &r);
    kept_request_wipe(&r);
    if (code != RESULT_OK)
        log_error("an answer about patients of %s cannot be kept: %s", terminal, result_text(code));
    return code;
}

static result take(pass_context *s, const char *terminal, bytes request, const http_answer *answer) {
    if (answer->status != 200) {
        log_warning("the platform does not answer a pre-check of the relay (%d); it is asked again", answer->status);
        return answer->status == 429 || answer->status >= 500 ? RESULT_UNAVAILABLE : RESULT_REFUSED;
    }
    if (!keep_sender_verifies(s->senders[KEPT_PLATFORM], answer, false))
        return RESULT_BAD_SIGNATURE;
    return hand_over(s, terminal, request, answer);
}

result check_call_ask(void *context, const char *terminal, bytes request, buffer *answer) {
    pass_context *s = context;
    http_answer reply;
    result code = service_way_call(s->ways[KEPT_PLATFORM], "POST", PATH, TYPE, request, CALL_MS, &reply);
    if (code == RESULT_OK) {
        keep_sender_note(s->senders[KEPT_PLATFORM], reply.status, reply.retry_after);
        code = take(s, terminal, request, &reply);
    }
    if (code == RESULT_OK)
        code = buffer_append(answer, buffer_bytes(&reply.body));
    http_answer_wipe(&reply);
    return code;
}
