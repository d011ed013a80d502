/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/chain_head.h"

#include "core/audit.h"

#include "base/log.h"
#include "evidence/evidence.h"

#include <string.h>

#define PAGE 64

typedef struct search {
    store_access *store;
    report *report;
    char evidence_id[UUID_TEXT_SIZE]; /* "": none found */
    char hash[STATEMENT_HASH_SIZE];
    size_t damaged; /* newer ones that cannot be read */
} search;

static result look_at(search *s, const char *id) {
    reception_record record;
    result code = record_get_reception(s->store, id, &record);
    if (code == RESULT_OK && record.mode == STATEMENT_OFFLINE) {
        code = evidence_hash(buffer_bytes(&record.evidence), s->hash);
        memcpy(s->evidence_id, record.evidence_id, sizeof s->evidence_id);
    } else if (record_is_damage(code)) {
        s->damaged++;
        code = RESULT_OK;
    }
    reception_record_wipe(&record);
    return code;
}

/* From the newest back. Evidence made online is no part of the chain. */
static result find_newest(search *s) {
    terminal_record rows[PAGE];
    terminal_filter filter = {.kind = RECORD_RECEPTION, .newest_first = true};
    char last[UUID_TEXT_SIZE];
    size_t count = PAGE;
    result code = RESULT_OK;
    while (code == RESULT_OK && count == PAGE && s->evidence_id[0] == 0) {
        code = terminal_store_list(s->store->file, &filter, rows, PAGE, &count);
        for (size_t i = 0; code == RESULT_OK && i < count && s->evidence_id[0] == 0; i++)
            code = look_at(s, rows[i].id);
        if (count > 0)
            memcpy(last, rows[count - 1].id, sizeof last);
        filter.after = last;
    }
    return code;
}

static void tell(const search *s, result why) {
    const bool found = s->evidence_id[0] != 0;
    const char *what = !found ? "begun-anew" : s->damaged > 0 ? "past-damaged" : "ok";
    log_write(LOG_ERROR, "the head of the evidence chain cannot be read (%s): it continues from %s (%s)",
              result_text(why), found ? s->evidence_id : "nothing", what);
    audit_note_about(s->store, "chain-mended", what, s->evidence_id);
    report_text(s->report, "chainMended",
                _("The head of the evidence chain could not be read. Check the disk. The chain continues from"),
                found ? s->evidence_id : "-");
}

/* A store that has no head yet gets an empty one, so that a missing head is noticed from then on. */
static result mend(store_access *store, report *r, result why, char head[STATEMENT_HASH_SIZE]) {
    search s = {.store = store, .report = r};
    result code = find_newest(&s);
    if (code == RESULT_OK)
        code = record_set(store, SETTING_CHAIN_HEAD, bytes_of(s.hash, strlen(s.hash)));
    if (code != RESULT_OK)
        return code;
    if (why != RESULT_NOT_FOUND || s.evidence_id[0] != 0 || s.damaged > 0)
        tell(&s, why);
    memcpy(head, s.hash, STATEMENT_HASH_SIZE);
    return RESULT_OK;
}

result chain_head_read(store_access *store, report *r, char head[STATEMENT_HASH_SIZE]) {
    buffer value = BUFFER_INIT(STATEMENT_HASH_SIZE);
    result code = record_setting(store, SETTING_CHAIN_HEAD, &value);
    head[0] = 0;
    if (code == RESULT_OK && value.length != 0 && value.length != STATEMENT_HASH_SIZE - 1)
        code = RESULT_INVALID;
    if (code == RESULT_OK)
        snprintf(head, STATEMENT_HASH_SIZE, "%s", buffer_text(&value));
    buffer_wipe(&value);
    return code == RESULT_NOT_FOUND || record_is_damage(code) ? mend(store, r, code, head) : code;
}
