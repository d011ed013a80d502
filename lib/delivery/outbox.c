/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "delivery/outbox_internal.h"

#include <stdio.h>

#define ANSWERS_AGAIN_S 15 /* until the relay that has accepted records is asked for answers */

void outbox_tell(const outbox_events *events, void (*event)(void *context, const outbox_item *item),
                 const outbox_item *item) {
    if (event != NULL)
        event(events->context, item);
}

void outbox_note_reply(outbox_run *run, result code, const remote_answer *reply) {
    run->status = reply->status;
    run->code = code;
    run->wait = reply->wait;
    snprintf(run->message, sizeof run->message, "%s", reply->message);
}

void outbox_note_not_taken(outbox_run *run) {
    run->end = run->code == RESULT_OK && run->wait.s > 0 ? OUTBOX_BUSY : OUTBOX_NOT_TAKEN;
}

void outbox_stop(outbox_run *run, outbox_end end, result code) {
    run->end = end;
    run->code = code;
}

bool outbox_may_go_on(const outbox_run *run, const remote *service) {
    return run->end == OUTBOX_DONE && (service->must_stop == NULL || !service->must_stop(service->context));
}

void outbox_finish(outbox_run *run, result code, long long kept) {
    if (code != RESULT_OK)
        outbox_stop(run, OUTBOX_STORE, code);
    if (run->end == OUTBOX_DONE && kept > 0) {
        run->end = OUTBOX_KEPT;
        run->wait = (pacing_wait){.s = ANSWERS_AGAIN_S};
    }
}
