/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "store/platform_store_internal.h"

#include <stdlib.h>

static const char *const migrations[] = {
    "CREATE TABLE person (id TEXT PRIMARY KEY, link_seed TEXT NOT NULL, name TEXT NOT NULL, kana TEXT NOT NULL,"
    "  birth_date TEXT NOT NULL, sex TEXT NOT NULL);"
    "CREATE TABLE certificate (issuer TEXT NOT NULL, serial TEXT NOT NULL, person_id TEXT NOT NULL,"
    "  PRIMARY KEY (issuer, serial));"
    "CREATE TABLE coverage (person_id TEXT NOT NULL, position BIGINT NOT NULL, insurer_number TEXT NOT NULL,"
    "  insurer_name TEXT NOT NULL, symbol TEXT NOT NULL, number TEXT NOT NULL, branch TEXT NOT NULL,"
    "  family BIGINT NOT NULL, valid_from TEXT NOT NULL, valid_to TEXT NOT NULL, burden_permille BIGINT NOT NULL,"
    "  limit_category TEXT NOT NULL, elderly BIGINT NOT NULL, PRIMARY KEY (person_id, position));"
    "CREATE TABLE session (id TEXT PRIMARY KEY, institution_code TEXT NOT NULL, terminal_id TEXT NOT NULL,"
    "  card_id TEXT NOT NULL, challenge TEXT NOT NULL, nonce TEXT NOT NULL, expires BIGINT NOT NULL);"
    "CREATE INDEX session_by_end ON session (expires);"
    "CREATE TABLE answer (evidence_id TEXT PRIMARY KEY, content_hash TEXT NOT NULL, institution_code TEXT NOT NULL,"
    "  terminal_id TEXT NOT NULL, patient_issuer TEXT NOT NULL, patient_serial TEXT NOT NULL, mode TEXT NOT NULL,"
    "  validity TEXT NOT NULL, at BIGINT NOT NULL, evidence BYTEA NOT NULL, body BYTEA NOT NULL);"
    "CREATE INDEX answer_by_time ON answer (at);"
    "CREATE TABLE refusal (id TEXT PRIMARY KEY, institution_code TEXT NOT NULL, evidence_id TEXT NOT NULL,"
    "  reason TEXT NOT NULL, at BIGINT NOT NULL);",
    TERMINAL_REGISTER_MIGRATION,
    KEPT_VALUE_MIGRATION,
    "CREATE INDEX IF NOT EXISTS refusal_by_institution ON refusal (institution_code, id);"
    "CREATE INDEX IF NOT EXISTS refusal_by_time ON refusal (at);",
    /* NULL, which equals nothing: in answers of an earlier version, until platform_store_mark_old, and where there was
     * no SE. */
    "ALTER TABLE answer ADD COLUMN challenge TEXT;"
    "ALTER TABLE answer ADD COLUMN se TEXT;"
    "ALTER TABLE answer ADD COLUMN se_counter BIGINT;"
    "ALTER TABLE answer ADD COLUMN stated_at BIGINT;"
    "ALTER TABLE answer ADD COLUMN clock_at BIGINT;"
    "ALTER TABLE answer ADD COLUMN synchronised BIGINT;"
    "CREATE UNIQUE INDEX answer_by_challenge ON answer (challenge, patient_serial, patient_issuer);"
    "CREATE UNIQUE INDEX answer_by_counter ON answer (se, se_counter);",
    TERMINAL_REGISTER_PAIRS_MIGRATION("pf"),
    "ALTER TABLE person ADD COLUMN postal_code TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE person ADD COLUMN address TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE coverage ADD COLUMN loss_reason TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE coverage ADD COLUMN public_expense BIGINT NOT NULL DEFAULT 0;",
    /* People in generations: a data set is loaded beside the one in force, then takes its place by one row. */
    "ALTER TABLE person RENAME TO person_before;"
    "ALTER TABLE certificate RENAME TO certificate_before;"
    "ALTER TABLE coverage RENAME TO coverage_before;"
    "CREATE TABLE generation (id TEXT PRIMARY KEY, touched_at BIGINT NOT NULL);"
    "CREATE TABLE person (generation TEXT NOT NULL, id TEXT NOT NULL, link_seed TEXT NOT NULL, name TEXT NOT NULL,"
    "  kana TEXT NOT NULL, birth_date TEXT NOT NULL, sex TEXT NOT NULL, postal_code TEXT NOT NULL,"
    "  address TEXT NOT NULL, PRIMARY KEY (generation, id));"
    "CREATE TABLE certificate (generation TEXT NOT NULL, issuer TEXT NOT NULL, serial TEXT NOT NULL,"
    "  person_id TEXT NOT NULL, PRIMARY KEY (generation, issuer, serial));"
    "CREATE TABLE coverage (generation TEXT NOT NULL, person_id TEXT NOT NULL, position BIGINT NOT NULL,"
    "  insurer_number TEXT NOT NULL, insurer_name TEXT NOT NULL, symbol TEXT NOT NULL, number TEXT NOT NULL,"
    "  branch TEXT NOT NULL, family BIGINT NOT NULL, valid_from TEXT NOT NULL, valid_to TEXT NOT NULL,"
    "  burden_permille BIGINT NOT NULL, limit_category TEXT NOT NULL, elderly BIGINT NOT NULL,"
    "  loss_reason TEXT NOT NULL, public_expense BIGINT NOT NULL, PRIMARY KEY (generation, person_id, position));"
    "INSERT INTO kept_value VALUES ('" PLATFORM_GENERATION "', 'first');"
    "INSERT INTO person SELECT 'first', id, link_seed, name, kana, birth_date, sex, postal_code, address"
    "  FROM person_before;"
    "INSERT INTO certificate SELECT 'first', issuer, serial, person_id FROM certificate_before;"
    "INSERT INTO coverage SELECT 'first', person_id, position, insurer_number, insurer_name, symbol, number, branch,"
    "  family, valid_from, valid_to, burden_permille, limit_category, elderly, loss_reason, public_expense"
    "  FROM coverage_before;"
    "DROP TABLE person_before; DROP TABLE certificate_before; DROP TABLE coverage_before;"
    /* Sessions prove themselves (mocks/pf/check_session.h): no row is written for them. */
    "DROP TABLE session;",
};

void platform_store_close(platform_store **store) {
    if (!*store)
        return;
    sql_close(&(*store)->db);
    free(*store);
    *store = NULL;
}

terminal_register *platform_store_terminals(platform_store *store) {
    return &store->terminals;
}

void platform_store_keep_refusals(platform_store *store, int64_t max) {
    store->refusals_kept = max;
}

/* --- upkeep ------------------------------------------------------------------------------------------------------- */

result platform_store_sweep(platform_store *store, int64_t refusals_before) {
    sql_transaction t = sql_writing_once(store->db);
    while (sql_run(&t))
        t.outcome = sql_change(&t, "DELETE FROM refusal WHERE at < $1", "i", refusals_before);
    return t.outcome;
}

/* --- what the operator sees --------------------------------------------------------------------------------------- */

result platform_store_count(platform_store *store, platform_counts *out) {
    sql_transaction t = sql_reading_once(store->db);
    int64_t *const fields[] = {&out->people, &out->coverages, &out->answers_online, &out->answers_offline,
                               &out->refusals};
    while (sql_run(&t)) {
        sql_rows rows;
        t.outcome = sql_find(&t, &rows,
                             "SELECT (SELECT count(*) FROM person WHERE generation = g.value),"
                             " (SELECT count(*) FROM coverage WHERE generation = g.value),"
                             " (SELECT count(*) FROM answer WHERE mode = 'online'),"
                             " (SELECT count(*) FROM answer WHERE mode = 'offline'), (SELECT count(*) FROM refusal)"
                             " FROM kept_value g WHERE g.name = '" PLATFORM_GENERATION "'",
                             "");
        for (size_t i = 0; t.outcome == RESULT_OK && i < sizeof fields / sizeof fields[0]; i++)
            *fields[i] = sql_integer(&rows, (int)i);
        sql_finish(&rows, t.outcome);
    }
    return t.outcome;
}

result platform_store_keep_first(platform_store *store, const char *name, const char *value,
                                 char kept[KEPT_VALUE_SIZE]) {
    return kept_value_set_if_absent(store->db, name, value, kept);
}

result platform_store_forget(platform_store *store, const char *name) {
    return kept_value_delete(store->db, name);
}

bool platform_store_accepts(const platform_store *store) {
    return sql_accepts(store->db);
}

result platform_store_probe(platform_store *store) {
    return kept_value_probe(store->db, "platform probe");
}

void platform_store_set_connections(platform_store *store, sql_pool pool) {
    sql_set_connections(store->db, pool);
}

result platform_store_open(const char *url, platform_store **out) {
    *out = NULL;
    platform_store *store = calloc(1, sizeof *store);
    if (!store)
        return RESULT_NO_MEMORY;
    const sql_schema schema = {"platform", migrations, sizeof migrations / sizeof migrations[0], 0};
    result outcome = sql_open(url, &schema, &store->db);
    if (outcome != RESULT_OK) {
        free(store);
        return outcome;
    }
    store->terminals = (terminal_register){store->db, "pf"};
    *out = store;
    return RESULT_OK;
}
