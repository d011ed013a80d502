/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ledger/chained_rows.h"
#include "ledger/relay_store_internal.h"

#include <string.h>

#define COLUMNS "number, at, terminal, service, subject, outcome, way, answer, chain"
#define WORDS 6

static const chained_rows form = {.all = "SELECT " COLUMNS " FROM outcome ORDER BY number",
                                  .last = "SELECT " COLUMNS " FROM outcome ORDER BY number DESC LIMIT 1",
                                  .insert = "INSERT INTO outcome (" COLUMNS
                                            ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                                  .words = WORDS,
                                  .size = sizeof(relay_outcome)};

_Static_assert(offsetof(relay_outcome, chain) + RELAY_WORD_SIZE == CHAINED_ROW_SIZE(WORDS), "as chained_rows.h has it");
_Static_assert(sizeof(relay_outcome) <= CHAINED_ROW_MAX, "as chained_rows.h has it");

result relay_store_read_last_outcome(relay_store *store) {
    return chained_rows_last(&form, store->db, &store->last_outcome);
}

/* RESULT_EXISTS: the newest of its subject says the same. Whole requests have no subject: their answer tells them apart. */
static result look_for(sql_transaction *t, const relay_outcome *o) {
    sql_rows rows;
    char outcome[RELAY_WORD_SIZE] = "";
    result code = sql_find(t, &rows,
                           "SELECT outcome FROM outcome WHERE service = $1 AND subject = $2 AND terminal = $3"
                           " AND ($2 <> '' OR answer = $4) ORDER BY number DESC LIMIT 1",
                           "tttt", o->service, o->subject, o->terminal, o->answer);
    if (code == RESULT_OK)
        sql_text(&rows, 0, outcome, sizeof outcome);
    code = sql_finish(&rows, code);
    if (code == RESULT_NOT_FOUND)
        return RESULT_OK;
    return code == RESULT_OK && strcmp(outcome, o->outcome) == 0 ? RESULT_EXISTS : code;
}

static result add_one(sql_transaction *t, relay_outcome *o, relay_outcome *last) {
    result code = look_for(t, o);
    o->number = 0;
    if (code != RESULT_OK)
        return code == RESULT_EXISTS ? RESULT_OK : code;
    code = chained_rows_seal(&form, last, o);
    if (code == RESULT_OK)
        code = chained_rows_insert(&form, t, o);
    if (code == RESULT_OK)
        *last = *o;
    return code;
}

/* The outcomes that one thread adds. */
typedef struct entry {
    relay_outcome *all;
    size_t count;
} entry;

static result add_entry(sql_transaction *t, const entry *e, relay_outcome *last) {
    result code = RESULT_OK;
    for (size_t i = 0; i < e->count && code == RESULT_OK; i++)
        code = add_one(t, &e->all[i], last);
    return code;
}

static void write_entries(void *context, group_entrant *const *all, size_t count) {
    relay_store *store = context;
    relay_outcome last;
    sql_transaction t = sql_writing(store->db);
    while (sql_run(&t)) {
        last = store->last_outcome;
        for (size_t i = 0; i < count && t.outcome == RESULT_OK; i++)
            t.outcome = add_entry(&t, all[i]->row, &last);
    }
    if (t.outcome == RESULT_OK)
        store->last_outcome = last;
    for (size_t i = 0; i < count; i++)
        all[i]->outcome = t.outcome;
}

result relay_store_add_outcomes(relay_store *store, relay_outcome *all, size_t count) {
    entry mine = {all, count};
    return count > 0 ? group_commit_add(&store->outcomes, &mine, count, write_entries, store) : RESULT_OK;
}

typedef struct visitor {
    relay_outcome_visit *visit;
    void *context;
} visitor;

static result visit_outcome(void *context, const void *row) {
    const visitor *v = context;
    return v->visit(v->context, row);
}

result relay_store_each_outcome(relay_store *store, relay_outcome_visit *visit, void *context) {
    visitor v = {visit, context};
    return chained_rows_each(&form, store->db, visit_outcome, &v);
}

result relay_store_check_outcomes(relay_store *store, int64_t *broken) {
    return chained_rows_check(&form, store->db, broken);
}
