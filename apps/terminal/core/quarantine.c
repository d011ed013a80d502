/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/quarantine.h"

#include "core/audit.h"

#include "base/log.h"

static bool is_its_own(result code) {
    return code == RESULT_BAD_SIGNATURE || code == RESULT_INVALID || code == RESULT_TRUNCATED ||
           code == RESULT_TOO_LONG;
}

result quarantine_record(terminal *t, const char *id, result code) {
    buffer sealed = BUFFER_INIT(RECORD_SIZE_MAX);
    terminal_record row;
    if (!is_its_own(code))
        return code;
    const result why = code;
    code = terminal_store_get(t->store, id, &row, &sealed);
    buffer_wipe(&sealed);
    if (code == RESULT_OK)
        code = record_set_aside(t, id);
    if (code == RESULT_OK) {
        log_write(LOG_ERROR, "%s %s in the local store cannot be read (%s): set aside", row.kind, row.id,
                  result_text(why));
        audit_note_about(t, "record-damaged", row.kind, row.id);
    }
    return code;
}
