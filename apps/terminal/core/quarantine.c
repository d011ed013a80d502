/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/quarantine.h"

#include "core/audit.h"

result quarantine_record(store_access *store, const char *id, result why) {
    terminal_record row;
    const result code = record_quarantine(store, id, why, &row);
    if (code == RESULT_OK)
        audit_note_about(store, "record-damaged", row.kind, row.id);
    return code;
}
