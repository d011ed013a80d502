/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ledger/relay_store_internal.h"

#include "base/clock.h"
#include "base/hex.h"
#include "crypt/digest.h"

#include <string.h>

#define COLUMNS "number, at, terminal, service, subject, outcome, way, answer, chain"

static void read_outcome(const sql_rows *rows, relay_outcome *out) {
    out->number = sql_integer(rows, 0);
    out->at = sql_integer(rows, 1);
    sql_text(rows, 2, out->terminal, sizeof out->terminal);
    sql_text(rows, 3, out->service, sizeof out->service);
    sql_text(rows, 4, out->subject, sizeof out->subject);
    sql_text(rows, 5, out->outcome, sizeof out->outcome);
    sql_text(rows, 6, out->way, sizeof out->way);
    sql_text(rows, 7, out->answer, sizeof out->answer);
    sql_text(rows, 8, out->chain, sizeof out->chain);
}

result relay_store_read_last_outcome(relay_store *store) {
    sql_transaction t = sql_reading(store->db);
    while (sql_run(&t)) {
        sql_rows rows;
        t.outcome = sql_find(&t, &rows, "SELECT " COLUMNS " FROM outcome ORDER BY number DESC LIMIT 1", "");
        if (t.outcome == RESULT_OK)
            read_outcome(&rows, &store->last_outcome);
        t.outcome = sql_finish(&rows, t.outcome);
    }
    return t.outcome == RESULT_NOT_FOUND ? RESULT_OK : t.outcome;
}

/* No field can have a line's end: all are ids, words of this program or hexadecimal. */
static result chain_of(const relay_outcome *o, const char *before, char chain[RELAY_WORD_SIZE]) {
    uint8_t digest[CRYPT_SHA256_LENGTH];
    buffer text = BUFFER_INIT(1024);
    result code = buffer_append_format(&text, "%s\n%lld\n%lld\n%s\n%s\n%s\n%s\n%s\n%s\n", before, (long long)o->number,
                                       (long long)o->at, o->terminal, o->service, o->subject, o->outcome, o->way,
                                       o->answer);
    if (code == RESULT_OK)
        code = crypt_sha256(buffer_bytes(&text), digest);
    if (code == RESULT_OK)
        hex_encode(BYTES(digest), chain, RELAY_WORD_SIZE);
    buffer_wipe(&text);
    return code;
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

static result insert(sql_transaction *t, const relay_outcome *o) {
    return sql_change(t, "INSERT INTO outcome VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)", "iittttttt", o->number,
                      o->at, o->terminal, o->service, o->subject, o->outcome, o->way, o->answer, o->chain);
}

static result add_one(sql_transaction *t, relay_outcome *o, relay_outcome *last) {
    result code = look_for(t, o);
    o->number = 0;
    if (code != RESULT_OK)
        return code == RESULT_EXISTS ? RESULT_OK : code;
    o->number = last->number + 1;
    o->at = clock_wall_s();
    code = chain_of(o, last->chain, o->chain);
    if (code == RESULT_OK)
        code = insert(t, o);
    if (code == RESULT_OK)
        *last = *o;
    return code;
}

/* What one thread brings. */
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

result relay_store_each_outcome(relay_store *store, relay_outcome_visit *visit, void *context) {
    sql_transaction t = sql_reading(store->db);
    while (sql_run(&t)) {
        sql_rows rows;
        bool more = false;
        t.outcome = sql_query(&t, &rows, "SELECT " COLUMNS " FROM outcome ORDER BY number", "");
        while (t.outcome == RESULT_OK && (t.outcome = sql_step(&rows, &more)) == RESULT_OK && more) {
            relay_outcome one;
            read_outcome(&rows, &one);
            t.outcome = visit(context, &one);
        }
        t.outcome = sql_finish(&rows, t.outcome);
    }
    return t.outcome;
}

typedef struct checking {
    relay_outcome before;
    int64_t broken;
} checking;

static result check_one(void *context, const relay_outcome *o) {
    checking *c = context;
    char chain[RELAY_WORD_SIZE] = "";
    c->broken = c->before.number + 1;
    if (o->number != c->broken || chain_of(o, c->before.chain, chain) != RESULT_OK || strcmp(chain, o->chain) != 0)
        return RESULT_BAD_SIGNATURE;
    c->before = *o;
    return RESULT_OK;
}

result relay_store_check_outcomes(relay_store *store, int64_t *broken) {
    checking c = {.broken = 0};
    const result code = relay_store_each_outcome(store, check_one, &c);
    *broken = c.broken;
    return code;
}
