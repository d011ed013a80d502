/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "store/platform_store.h"

#include "base/uuid.h"
#include "store/sql.h"

#include <stdlib.h>
#include <string.h>

struct platform_store {
    sql_database *db;
    terminal_register terminals;
    int64_t refusals_kept; /* 0: all */
};

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
    /* NULL, which equals nothing: in answers of before, until mark_old, and where there was no SE. */
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

/* --- people ------------------------------------------------------------------------------------------------------- */

static result insert_coverage(sql_transaction *t, const char *id, size_t position, const platform_coverage *one) {
    return sql_change(t,
                      "INSERT INTO coverage VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
                      "titttttittititi", id, (int64_t)position, one->insurer_number, one->insurer_name, one->symbol,
                      one->number, one->branch, (int64_t)one->family, one->from, one->to, (int64_t)one->burden_permille,
                      one->limit_category, (int64_t)one->elderly, one->loss_reason, (int64_t)one->public_expense);
}

static result insert_person(sql_transaction *t, const platform_person *person) {
    char id[UUID_TEXT_SIZE];
    result outcome = uuid_v7(id);
    if (outcome == RESULT_OK)
        outcome = sql_change(t, "INSERT INTO person VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", "tttttttt", id,
                             person->link_seed, person->name, person->kana, person->birth_date, person->sex,
                             person->postal_code, person->address);
    for (size_t i = 0; outcome == RESULT_OK && i < person->certificate_count; i++)
        outcome = sql_change(t, "INSERT INTO certificate VALUES ($1, $2, $3)", "ttt", person->certificates[i].issuer,
                             person->certificates[i].serial, id);
    for (size_t i = 0; outcome == RESULT_OK && i < person->coverage_count; i++)
        outcome = insert_coverage(t, id, i, &person->coverages[i]);
    return outcome;
}

static result replace(sql_transaction *t, platform_people *next, void *context, size_t *count) {
    static const char *const emptying[] = {"DELETE FROM coverage", "DELETE FROM certificate", "DELETE FROM person"};
    platform_person *person = calloc(1, sizeof *person);
    result outcome = person ? RESULT_OK : RESULT_NO_MEMORY;
    for (size_t i = 0; outcome == RESULT_OK && i < sizeof emptying / sizeof emptying[0]; i++)
        outcome = sql_change(t, emptying[i], "");
    while (outcome == RESULT_OK && (outcome = next(context, person)) == RESULT_OK) {
        outcome = insert_person(t, person);
        ++*count;
    }
    free(person);
    return outcome == RESULT_NOT_FOUND ? RESULT_OK : outcome;
}

result platform_store_replace_people(platform_store *store, platform_people *next, void *context, size_t *count) {
    sql_transaction t = sql_replacing(store->db);
    *count = 0;
    while (sql_run(&t)) /* a data set is read once: a lost race cannot be repeated */
        t.outcome = t.tries == 0 ? replace(&t, next, context, count) : RESULT_TIMEOUT;
    return t.outcome;
}

static void read_coverage(const sql_rows *row, platform_coverage *out) {
    sql_text(row, 0, out->insurer_number, sizeof out->insurer_number);
    sql_text(row, 1, out->insurer_name, sizeof out->insurer_name);
    sql_text(row, 2, out->symbol, sizeof out->symbol);
    sql_text(row, 3, out->number, sizeof out->number);
    sql_text(row, 4, out->branch, sizeof out->branch);
    out->family = sql_integer(row, 5) != 0;
    sql_text(row, 6, out->from, sizeof out->from);
    sql_text(row, 7, out->to, sizeof out->to);
    out->burden_permille = (int)sql_integer(row, 8);
    sql_text(row, 9, out->limit_category, sizeof out->limit_category);
    out->elderly = sql_integer(row, 10) != 0;
    sql_text(row, 11, out->loss_reason, sizeof out->loss_reason);
    out->public_expense = sql_integer(row, 12) != 0;
}

static result read_coverages(sql_transaction *t, const char *id, platform_person *out) {
    sql_rows rows;
    bool row = false;
    result outcome = sql_query(t, &rows,
                               "SELECT insurer_number, insurer_name, symbol, number, branch, family, valid_from,"
                               " valid_to, burden_permille, limit_category, elderly, loss_reason, public_expense"
                               " FROM coverage WHERE person_id = $1 ORDER BY position",
                               "t", id);
    while (outcome == RESULT_OK && (outcome = sql_step(&rows, &row)) == RESULT_OK && row &&
           out->coverage_count < PLATFORM_COVERAGES_MAX)
        read_coverage(&rows, &out->coverages[out->coverage_count++]);
    return sql_finish(&rows, outcome);
}

static result read_person(sql_transaction *t, const platform_certificate *certificate, platform_person *out) {
    char id[UUID_TEXT_SIZE];
    sql_rows rows;
    memset(out, 0, sizeof *out);
    result outcome = sql_find(
        t, &rows,
        "SELECT p.id, p.link_seed, p.name, p.kana, p.birth_date, p.sex, p.postal_code, p.address"
        " FROM person p JOIN certificate c ON c.person_id = p.id WHERE c.issuer = $1 AND c.serial = $2",
        "tt", certificate->issuer, certificate->serial);
    if (outcome == RESULT_OK) {
        sql_text(&rows, 0, id, sizeof id);
        sql_text(&rows, 1, out->link_seed, sizeof out->link_seed);
        sql_text(&rows, 2, out->name, sizeof out->name);
        sql_text(&rows, 3, out->kana, sizeof out->kana);
        sql_text(&rows, 4, out->birth_date, sizeof out->birth_date);
        sql_text(&rows, 5, out->sex, sizeof out->sex);
        sql_text(&rows, 6, out->postal_code, sizeof out->postal_code);
        sql_text(&rows, 7, out->address, sizeof out->address);
    }
    sql_finish(&rows, outcome);
    return outcome == RESULT_OK ? read_coverages(t, id, out) : outcome;
}

result platform_store_find_person(platform_store *store, const platform_certificate *certificate,
                                  platform_person *out) {
    sql_transaction t = sql_reading(store->db);
    while (sql_run(&t))
        t.outcome = read_person(&t, certificate, out);
    return t.outcome;
}

/* --- sessions ----------------------------------------------------------------------------------------------------- */

/* One row in, one row out, each by one statement: sessions are made and used at every counter of the country at once, and
 * a statement about a range of them (those that are over) would make all of them lose races. sweep does that. */
result platform_store_put_session(platform_store *store, const platform_session *session) {
    sql_transaction t = sql_writing(store->db);
    while (sql_run(&t))
        t.outcome = sql_change(&t, "INSERT INTO session VALUES ($1, $2, $3, $4, $5, $6, $7)", "tttttti", session->id,
                               session->institution_code, session->terminal_id, session->card_id, session->challenge,
                               session->nonce, session->expires);
    return t.outcome;
}

static result remove_session(sql_transaction *t, const char *id, platform_session *out) {
    sql_rows rows;
    memset(out, 0, sizeof *out);
    result outcome = sql_find(t, &rows,
                              "DELETE FROM session WHERE id = $1 RETURNING id, institution_code, terminal_id, card_id,"
                              " challenge, nonce, expires",
                              "t", id);
    if (outcome == RESULT_OK) {
        sql_text(&rows, 0, out->id, sizeof out->id);
        sql_text(&rows, 1, out->institution_code, sizeof out->institution_code);
        sql_text(&rows, 2, out->terminal_id, sizeof out->terminal_id);
        sql_text(&rows, 3, out->card_id, sizeof out->card_id);
        sql_text(&rows, 4, out->challenge, sizeof out->challenge);
        sql_text(&rows, 5, out->nonce, sizeof out->nonce);
        out->expires = sql_integer(&rows, 6);
    }
    return sql_finish(&rows, outcome);
}

result platform_store_take_session(platform_store *store, const char *id, platform_session *out) {
    sql_transaction t = sql_writing(store->db);
    while (sql_run(&t))
        t.outcome = remove_session(&t, id, out);
    return t.outcome;
}

static result delete_before(platform_store *store, const char *sql, int64_t time) {
    sql_transaction t = sql_writing(store->db);
    while (sql_run(&t))
        t.outcome = sql_change(&t, sql, "i", time);
    return t.outcome;
}

result platform_store_sweep(platform_store *store, int64_t sessions_before, int64_t refusals_before) {
    result outcome = delete_before(store, "DELETE FROM session WHERE expires < $1", sessions_before);
    return outcome == RESULT_OK ? delete_before(store, "DELETE FROM refusal WHERE at < $1", refusals_before) : outcome;
}

/* --- answers ------------------------------------------------------------------------------------------------------ */

/* Whether a piece with the lower counter is the later one by every clock that both know of. */
static bool contradicts(const platform_marks *lower, const platform_marks *higher) {
    if (lower->stated_at <= higher->stated_at)
        return false;
    return lower->clock_at != 0 && higher->clock_at != 0 ? lower->clock_at > higher->clock_at
                                                         : lower->synchronised && higher->synchronised;
}

#define NEIGHBOUR "SELECT se_counter, stated_at, clock_at, synchronised FROM answer WHERE se = $1 AND terminal_id = $2"

/* The pieces of this SE and terminal before and after: a backlog comes in any order. */
static result check_order(sql_transaction *t, platform_ruling *ruling) {
    const platform_marks *mine = &ruling->marks;
    sql_rows rows;
    bool row = false;
    result outcome = sql_query(t, &rows,
                               "SELECT * FROM (" NEIGHBOUR " AND se_counter < $3 ORDER BY se_counter DESC LIMIT 1)"
                               " AS one_before UNION ALL SELECT * FROM (" NEIGHBOUR
                               " AND se_counter > $3 ORDER BY se_counter LIMIT 1) AS one_after",
                               "tti", mine->se, ruling->answer.terminal_id, mine->se_counter);
    while (outcome == RESULT_OK && (outcome = sql_step(&rows, &row)) == RESULT_OK && row) {
        const platform_marks other = {.se_counter = sql_integer(&rows, 0),
                                      .stated_at = sql_integer(&rows, 1),
                                      .clock_at = sql_integer(&rows, 2),
                                      .synchronised = sql_integer(&rows, 3) != 0};
        const bool is_after = other.se_counter > mine->se_counter;
        if (contradicts(is_after ? mine : &other, is_after ? &other : mine))
            ruling->conflict = PLATFORM_CONFLICT_ORDER;
    }
    return sql_finish(&rows, outcome);
}

/* Something of it was there already: the evidence itself, or what it shares with another. */
static result find_conflict(sql_transaction *t, platform_ruling *ruling) {
    const platform_answer *a = &ruling->answer;
    sql_rows rows;
    result outcome = sql_find(
        t, &rows,
        "SELECT CAST(CASE WHEN evidence_id = $1 THEN 0 WHEN challenge = $2 AND"
        " patient_serial = $3 AND patient_issuer = $4 THEN 1 ELSE 2 END AS BIGINT) FROM answer"
        " WHERE evidence_id = $1 OR (challenge = $2 AND patient_serial = $3 AND patient_issuer = $4) OR"
        " (se = $5 AND se_counter = $6) ORDER BY 1 LIMIT 1",
        "ttttti", a->evidence_id, ruling->marks.challenge, a->patient.serial, a->patient.issuer,
        ruling->marks.se[0] ? ruling->marks.se : NULL, ruling->marks.se_counter);
    if (outcome == RESULT_OK) {
        const int64_t what = sql_integer(&rows, 0);
        ruling->known = what == 0;
        ruling->conflict = what == 1   ? PLATFORM_CONFLICT_CHALLENGE
                           : what == 2 ? PLATFORM_CONFLICT_COUNTER
                                       : PLATFORM_CONFLICT_NONE;
    }
    ruling->known |= outcome == RESULT_NOT_FOUND; /* not to be seen from in here: whoever asks finds out */
    return sql_finish(&rows, outcome == RESULT_NOT_FOUND ? RESULT_OK : outcome);
}

static result insert_answer(sql_transaction *t, platform_ruling *ruling) {
    const platform_answer *a = &ruling->answer;
    const platform_marks *m = &ruling->marks;
    int64_t inserted = 0;
    ruling->known = false;
    ruling->conflict = PLATFORM_CONFLICT_NONE;
    result outcome = m->se[0] ? check_order(t, ruling) : RESULT_OK;
    if (outcome != RESULT_OK || ruling->conflict != PLATFORM_CONFLICT_NONE)
        return outcome;
    outcome = sql_change_counted(
        t, &inserted,
        "INSERT INTO answer VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)"
        " ON CONFLICT DO NOTHING",
        "ttttttttibbttiiii", a->evidence_id, a->content_hash, a->institution_code, a->terminal_id, a->patient.issuer,
        a->patient.serial, a->mode, a->validity, a->at, ruling->evidence, ruling->body, m->challenge,
        m->se[0] ? m->se : NULL, m->se_counter, m->stated_at, m->clock_at, (int64_t)m->synchronised);
    return outcome == RESULT_OK && inserted == 0 ? find_conflict(t, ruling) : outcome;
}

/* Keeps an institution's newest refusals, so that a sender of invalid data displaces only its own. Ids rise with time
 * (RFC 9562 5.7). */
static result trim_refusals(sql_transaction *t, const char *institution_code, int64_t kept) {
    return sql_change(t,
                      "DELETE FROM refusal WHERE institution_code = $1 AND id <= (SELECT id FROM refusal"
                      " WHERE institution_code = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)",
                      "ti", institution_code, kept);
}

static result insert_refusal(sql_transaction *t, const platform_ruling *ruling, int64_t kept) {
    char id[UUID_TEXT_SIZE];
    result outcome = uuid_v7(id);
    if (outcome == RESULT_OK)
        outcome = sql_change(t, "INSERT INTO refusal VALUES ($1, $2, $3, $4, $5)", "tttti", id,
                             ruling->answer.institution_code, ruling->answer.evidence_id, ruling->refusal,
                             ruling->answer.at);
    return outcome == RESULT_OK && kept > 0 ? trim_refusals(t, ruling->answer.institution_code, kept) : outcome;
}

result platform_store_keep(platform_store *store, platform_ruling *rulings, size_t count) {
    sql_transaction t = sql_writing(store->db);
    while (sql_run(&t))
        for (size_t i = 0; t.outcome == RESULT_OK && i < count; i++)
            t.outcome = rulings[i].refusal ? insert_refusal(&t, &rulings[i], store->refusals_kept)
                                           : insert_answer(&t, &rulings[i]);
    return t.outcome;
}

#define ANSWER_COLUMNS                                                                                                 \
    "evidence_id, content_hash, institution_code, terminal_id, patient_issuer, patient_serial, mode, validity, at"

static void read_answer(const sql_rows *row, platform_answer *out) {
    sql_text(row, 0, out->evidence_id, sizeof out->evidence_id);
    sql_text(row, 1, out->content_hash, sizeof out->content_hash);
    sql_text(row, 2, out->institution_code, sizeof out->institution_code);
    sql_text(row, 3, out->terminal_id, sizeof out->terminal_id);
    sql_text(row, 4, out->patient.issuer, sizeof out->patient.issuer);
    sql_text(row, 5, out->patient.serial, sizeof out->patient.serial);
    sql_text(row, 6, out->mode, sizeof out->mode);
    sql_text(row, 7, out->validity, sizeof out->validity);
    out->at = sql_integer(row, 8);
}

result platform_store_find_answer(platform_store *store, const char *evidence_id, platform_answer *out, buffer *body) {
    sql_transaction t = sql_reading(store->db);
    size_t before = body->length;
    while (sql_run(&t)) {
        sql_rows rows;
        memset(out, 0, sizeof *out);
        buffer_truncate(body, before);
        t.outcome = sql_find(&t, &rows, "SELECT " ANSWER_COLUMNS ", body FROM answer WHERE evidence_id = $1", "t",
                             evidence_id);
        if (t.outcome == RESULT_OK) {
            read_answer(&rows, out);
            t.outcome = sql_append(&rows, 9, body);
        }
        sql_finish(&rows, t.outcome);
    }
    return t.outcome;
}

/* --- answers of the version before -------------------------------------------------------------------------------- */

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
    /* Its own id is not a challenge, and unique. */
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

result platform_store_confirm(platform_store *store, const char *evidence_id) {
    if (!sql_shows_unsafe(store->db))
        return RESULT_OK;
    sql_transaction t = sql_writing(store->db);
    while (sql_run(&t)) {
        sql_rows rows;
        t.outcome = sql_find(&t, &rows, "SELECT at FROM answer WHERE evidence_id = $1 FOR UPDATE", "t", evidence_id);
        sql_finish(&rows, t.outcome);
    }
    return t.outcome;
}

/* --- what the operator sees --------------------------------------------------------------------------------------- */

result platform_store_count(platform_store *store, int64_t now, platform_counts *out) {
    sql_transaction t = sql_reading(store->db);
    int64_t *const fields[] = {&out->people,          &out->coverages, &out->answers_online,
                               &out->answers_offline, &out->refusals,  &out->sessions_open};
    while (sql_run(&t)) {
        sql_rows rows;
        t.outcome = sql_find(&t, &rows,
                             "SELECT (SELECT count(*) FROM person), (SELECT count(*) FROM coverage),"
                             " (SELECT count(*) FROM answer WHERE mode = 'online'),"
                             " (SELECT count(*) FROM answer WHERE mode = 'offline'), (SELECT count(*) FROM refusal),"
                             " (SELECT count(*) FROM session WHERE expires >= $1)",
                             "i", now);
        for (size_t i = 0; t.outcome == RESULT_OK && i < sizeof fields / sizeof fields[0]; i++)
            *fields[i] = sql_integer(&rows, (int)i);
        sql_finish(&rows, t.outcome);
    }
    return t.outcome;
}

result platform_store_list_answers(platform_store *store, platform_answer *out, size_t max, size_t *count) {
    sql_transaction t = sql_reading(store->db);
    while (sql_run(&t)) {
        sql_rows rows;
        bool row = false;
        *count = 0;
        t.outcome = sql_query(&t, &rows,
                              "SELECT " ANSWER_COLUMNS " FROM answer ORDER BY at DESC, evidence_id DESC LIMIT $1", "i",
                              (int64_t)max);
        while (t.outcome == RESULT_OK && *count < max && (t.outcome = sql_step(&rows, &row)) == RESULT_OK && row)
            read_answer(&rows, &out[(*count)++]);
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
