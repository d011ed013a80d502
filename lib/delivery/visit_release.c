/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Visits that were signed before their eligibility was known. */
#include "delivery/outbox.h"

#include "delivery/ledger.h"

#include <string.h>

#define PAGE 64

/* The new state of a visit, by its reception's state; NULL: it stays as it is. Unseals the reception, because only the
 * sealed state counts. */
static const char *released_state(store_access *s, const char *evidence_id) {
    reception_record reception = RECEPTION_RECORD_INIT;
    const result code = record_get_reception(s, evidence_id, &reception);
    const bool confirmed = strcmp(reception.state, STATE_CONFIRMED) == 0 || strcmp(reception.state, STATE_CHANGED) == 0;
    const bool waits = strcmp(reception.state, STATE_PENDING) == 0;
    reception_record_wipe(&reception);
    if (code == RESULT_OK)
        return confirmed ? STATE_QUEUED : waits ? NULL : STATE_HELD;
    return code == RESULT_NOT_FOUND || record_is_damage(code) ? STATE_HELD : NULL;
}

static result release_one(store_access *s, const terminal_record *row) {
    const char *state = released_state(s, row->subject);
    terminal_record now;
    buffer body = BUFFER_INIT(OUTBOX_VISIT_MAX);
    result code = state != NULL ? record_read(s, row->id, &now, &body) : RESULT_OK;
    if (state != NULL && code == RESULT_OK)
        code = record_replace(s, row->id, state, buffer_bytes(&body));
    else if (record_is_damage(code))
        code = record_quarantine(s, row->id, code, &now);
    buffer_wipe(&body);
    return code;
}

result outbox_release_visits(store_access *s) {
    terminal_record rows[PAGE];
    char last[UUID_TEXT_SIZE] = "";
    size_t count = ledger_count(s, RECORD_VISIT, STATE_AWAITING) > 0 ? PAGE : 0;
    result code = RESULT_OK;
    while (code == RESULT_OK && count == PAGE) {
        const terminal_filter waiting = {.kind = RECORD_VISIT, .state = STATE_AWAITING, .after = last};
        code = terminal_store_list(s->file, &waiting, rows, PAGE, &count);
        for (size_t i = 0; code == RESULT_OK && i < count; i++) {
            memcpy(last, rows[i].id, sizeof last);
            code = release_one(s, &rows[i]);
        }
    }
    return code;
}
