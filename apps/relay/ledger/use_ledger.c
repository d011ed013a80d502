/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ledger/chained_rows.h"
#include "ledger/relay_store_internal.h"

#define COLUMNS "number, at, terminal, key_label, role, about, chain"
#define WORDS 4

static const chained_rows form = {.all = "SELECT " COLUMNS " FROM key_use ORDER BY number",
                                  .last = "SELECT " COLUMNS " FROM key_use ORDER BY number DESC LIMIT 1",
                                  .insert = "INSERT INTO key_use (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7)",
                                  .words = WORDS,
                                  .size = sizeof(relay_use)};

_Static_assert(offsetof(relay_use, chain) + RELAY_WORD_SIZE == CHAINED_ROW_SIZE(WORDS), "as chained_rows.h has it");
_Static_assert(sizeof(relay_use) <= CHAINED_ROW_MAX, "as chained_rows.h has it");

result relay_store_read_last_use(relay_store *store) {
    const result code = chained_rows_last(&form, store->db, &store->last);
    atomic_store(&store->use_count, store->last.number);
    return code;
}

static result insert(relay_store *store, const relay_use *uses, size_t count) {
    sql_transaction t = sql_writing(store->db);
    while (sql_run(&t))
        for (size_t i = 0; i < count && t.outcome == RESULT_OK; i++)
            t.outcome = chained_rows_insert(&form, &t, &uses[i]);
    return t.outcome;
}

/* Each names the one before, which may be one of the same group. */
static void write_uses(void *context, group_entrant *const *all, size_t count) {
    relay_store *store = context;
    relay_use rows[GROUP_COMMIT_MAX];
    const relay_use *before = &store->last;
    result code = RESULT_OK;
    for (size_t i = 0; i < count && code == RESULT_OK; i++) {
        rows[i] = *(const relay_use *)all[i]->row;
        code = chained_rows_seal(&form, before, &rows[i]);
        before = &rows[i];
    }
    if (code == RESULT_OK)
        code = insert(store, rows, count);
    for (size_t i = 0; i < count; i++) {
        all[i]->outcome = code;
        if (code == RESULT_OK)
            *(relay_use *)all[i]->row = rows[i];
    }
    if (code == RESULT_OK) {
        store->last = rows[count - 1];
        atomic_store(&store->use_count, store->last.number);
    }
}

result relay_store_add_use(relay_store *store, relay_use *use) {
    return group_commit_add(&store->uses, use, sizeof *use, write_uses, store);
}

int64_t relay_store_count_uses(relay_store *store) {
    return atomic_load(&store->use_count);
}

result relay_store_count_signatures(relay_store *store, const char *terminal, int64_t through, int64_t *count) {
    return FIND_ONE(store, count,
                    "SELECT count(*) FROM key_use WHERE terminal = $1 AND role <> 'unwrap' AND number <= $2", "ti",
                    terminal, through);
}

result relay_store_find_wrapped(relay_store *store, const char *terminal, const char *about) {
    return FIND_ONE(store, NULL, "SELECT 1 FROM key_use WHERE terminal = $1 AND role = 'store' AND about = $2 LIMIT 1",
                    "tt", terminal, about);
}

typedef struct visitor {
    relay_use_visit *visit;
    void *context;
} visitor;

static result visit_use(void *context, const void *row) {
    const visitor *v = context;
    return v->visit(v->context, row);
}

result relay_store_each_use(relay_store *store, relay_use_visit *visit, void *context) {
    visitor v = {visit, context};
    return chained_rows_each(&form, store->db, visit_use, &v);
}

result relay_store_check_uses(relay_store *store, int64_t *broken) {
    return chained_rows_check(&form, store->db, broken);
}
