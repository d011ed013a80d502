/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Answers that an earlier version has stored without marks. */
#include "store/platform_store_internal.h"

#include "base/uuid.h"

#include <stdlib.h>
#include <string.h>

#define OLD_AT_ONCE 50
#define OLD_EVIDENCE_MAX 65536

typedef struct old_answer {
    char id[UUID_TEXT_SIZE];
    platform_marks marks;
    bool readable;
} old_answer;

static result list_old(sql_transaction *t, platform_marker *read, void *context, old_answer list[OLD_AT_ONCE],
                       size_t *count) {
    sql_rows rows;
    bool row = false;
    buffer evidence = BUFFER_INIT(OLD_EVIDENCE_MAX);
    result outcome = sql_query(t, &rows, "SELECT evidence_id, evidence FROM answer WHERE challenge IS NULL LIMIT $1",
                               "i", (int64_t)OLD_AT_ONCE);
    *count = 0;
    while (outcome == RESULT_OK && *count < OLD_AT_ONCE && (outcome = sql_step(&rows, &row)) == RESULT_OK && row) {
        old_answer *one = &list[(*count)++];
        memset(one, 0, sizeof *one);
        sql_text(&rows, 0, one->id, sizeof one->id);
        buffer_clear(&evidence);
        one->readable = sql_append(&rows, 1, &evidence) == RESULT_OK &&
                        read(context, buffer_bytes(&evidence), &one->marks) == RESULT_OK;
    }
    buffer_wipe(&evidence);
    return sql_finish(&rows, outcome);
}

static result mark_one(sql_transaction *t, const old_answer *one) {
    const platform_marks *m = &one->marks;
    int64_t changed = 0;
    result outcome = RESULT_OK;
    if (one->readable)
        outcome = sql_change_counted(
            t, &changed,
            "UPDATE answer SET challenge = $1, se = $2, se_counter = $3, stated_at = $4, clock_at = $5,"
            " synchronised = $6 WHERE evidence_id = $7 AND challenge IS NULL AND NOT EXISTS (SELECT 1 FROM answer other"
            " WHERE other.challenge = $1 AND other.patient_serial = answer.patient_serial AND other.patient_issuer ="
            " answer.patient_issuer) AND NOT EXISTS (SELECT 1 FROM answer other WHERE other.se = $2 AND"
            " other.se_counter = $3)",
            "ttiiiit", m->challenge, m->se[0] ? m->se : NULL, m->se_counter, m->stated_at, m->clock_at,
            (int64_t)m->synchronised, one->id);
    /* Uses its own id, which is unique and cannot be a challenge. */
    if (outcome == RESULT_OK && changed == 0)
        outcome = sql_change(t, "UPDATE answer SET challenge = $1 WHERE evidence_id = $1 AND challenge IS NULL", "t",
                             one->id);
    return outcome;
}

result platform_store_mark_old(platform_store *store, platform_marker *read, void *context, size_t *count) {
    old_answer *list = calloc(OLD_AT_ONCE, sizeof *list);
    if (!list)
        return RESULT_NO_MEMORY;
    sql_transaction t = sql_reading(store->db);
    while (sql_run(&t))
        t.outcome = list_old(&t, read, context, list, count);
    if (t.outcome == RESULT_OK && *count > 0) {
        t = sql_writing(store->db);
        while (sql_run(&t))
            for (size_t i = 0; t.outcome == RESULT_OK && i < *count; i++)
                t.outcome = mark_one(&t, &list[i]);
    }
    free(list);
    return t.outcome;
}
