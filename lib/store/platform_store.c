#include "store/platform_store.h"

#include "base/clock.h"
#include "base/uuid.h"
#include "store/sqlite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct sqlite_platform {
    platform_store functions; /* first: a platform_store * is a sqlite_platform * */
    database *db;
} sqlite_platform;

static database *db_of(platform_store *store) {
    return ((sqlite_platform *)store)->db;
}

static const char *const migrations[] = {
    "CREATE TABLE person (id TEXT PRIMARY KEY, link_seed TEXT NOT NULL, name TEXT NOT NULL, kana TEXT NOT NULL,"
    "  birth_date TEXT NOT NULL, sex TEXT NOT NULL);"
    "CREATE TABLE certificate (issuer TEXT NOT NULL, serial TEXT NOT NULL, person_id TEXT NOT NULL REFERENCES person (id),"
    "  PRIMARY KEY (issuer, serial));"
    "CREATE TABLE coverage (person_id TEXT NOT NULL REFERENCES person (id), position INTEGER NOT NULL,"
    "  insurer_number TEXT NOT NULL, insurer_name TEXT NOT NULL, symbol TEXT NOT NULL, number TEXT NOT NULL,"
    "  branch TEXT NOT NULL, family INTEGER NOT NULL, valid_from TEXT NOT NULL, valid_to TEXT NOT NULL,"
    "  burden_permille INTEGER NOT NULL, PRIMARY KEY (person_id, position));"
    "CREATE TABLE session (id TEXT PRIMARY KEY, institution_code TEXT NOT NULL, terminal_id TEXT NOT NULL,"
    "  card_id TEXT NOT NULL, challenge TEXT NOT NULL, nonce TEXT NOT NULL, expires INTEGER NOT NULL);"
    "CREATE TABLE answer (evidence_id TEXT PRIMARY KEY, content_hash TEXT NOT NULL, institution_code TEXT NOT NULL,"
    "  terminal_id TEXT NOT NULL, mode TEXT NOT NULL, validity TEXT NOT NULL, at INTEGER NOT NULL,"
    "  evidence BLOB NOT NULL, body BLOB NOT NULL);"
    "CREATE INDEX answer_by_time ON answer (at);"
    "CREATE TABLE refusal (id TEXT PRIMARY KEY, institution_code TEXT NOT NULL, evidence_id TEXT NOT NULL,"
    "  reason TEXT NOT NULL, at INTEGER NOT NULL);",
};

static void close_store(platform_store **store) {
    if (!*store)
        return;
    sqlite_platform *mine = (sqlite_platform *)*store;
    database_close(&mine->db);
    free(mine);
    *store = NULL;
}

/* --- people ------------------------------------------------------------------------------------------------------- */

static result insert_coverage(database *db, const char *id, size_t position, const platform_coverage *one) {
    return database_change(db, "INSERT INTO coverage VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", "titttttitti", id,
                           (int64_t)position, one->insurer_number, one->insurer_name, one->symbol, one->number,
                           one->branch, (int64_t)one->family, one->from, one->to, (int64_t)one->burden_permille);
}

static result insert_person(database *db, const platform_person *person) {
    char id[UUID_TEXT_SIZE];
    result outcome = uuid_v7(id);
    if (outcome == RESULT_OK)
        outcome = database_change(db, "INSERT INTO person VALUES (?, ?, ?, ?, ?, ?)", "tttttt", id, person->link_seed,
                                  person->name, person->kana, person->birth_date, person->sex);
    for (size_t i = 0; outcome == RESULT_OK && i < person->certificate_count; i++)
        outcome = database_change(db, "INSERT INTO certificate VALUES (?, ?, ?)", "ttt", person->certificates[i].issuer,
                                  person->certificates[i].serial, id);
    for (size_t i = 0; outcome == RESULT_OK && i < person->coverage_count; i++)
        outcome = insert_coverage(db, id, i, &person->coverages[i]);
    return outcome;
}

static result replace_people(platform_store *store, const platform_person *people, size_t count) {
    static const char *const emptying[] = {"DELETE FROM coverage", "DELETE FROM certificate", "DELETE FROM person"};
    database *db = db_of(store);
    result outcome = database_begin(db);
    if (outcome != RESULT_OK)
        return outcome;
    for (size_t i = 0; outcome == RESULT_OK && i < sizeof emptying / sizeof emptying[0]; i++)
        outcome = database_change(db, emptying[i], "");
    for (size_t i = 0; outcome == RESULT_OK && i < count; i++)
        outcome = insert_person(db, &people[i]);
    return database_end(db, outcome);
}

static void read_coverage(sqlite3_stmt *row, platform_coverage *out) {
    database_column_text(row, 0, out->insurer_number, sizeof out->insurer_number);
    database_column_text(row, 1, out->insurer_name, sizeof out->insurer_name);
    database_column_text(row, 2, out->symbol, sizeof out->symbol);
    database_column_text(row, 3, out->number, sizeof out->number);
    database_column_text(row, 4, out->branch, sizeof out->branch);
    out->family = sqlite3_column_int(row, 5) != 0;
    database_column_text(row, 6, out->from, sizeof out->from);
    database_column_text(row, 7, out->to, sizeof out->to);
    out->burden_permille = sqlite3_column_int(row, 8);
}

static result read_coverages(database *db, const char *id, platform_person *out) {
    sqlite3_stmt *rows;
    bool row = false;
    result outcome = database_query(db, &rows,
                                    "SELECT insurer_number, insurer_name, symbol, number, branch, family, valid_from,"
                                    " valid_to, burden_permille FROM coverage WHERE person_id = ? ORDER BY position",
                                    "t", id);
    if (outcome != RESULT_OK)
        return outcome;
    while ((outcome = database_step(rows, &row)) == RESULT_OK && row && out->coverage_count < PLATFORM_COVERAGES_MOST)
        read_coverage(rows, &out->coverages[out->coverage_count++]);
    sqlite3_finalize(rows);
    return outcome;
}

static result read_person(database *db, const char *issuer, const char *serial, platform_person *out) {
    char id[UUID_TEXT_SIZE];
    sqlite3_stmt *rows;
    bool row = false;
    result outcome = database_query(db, &rows,
                                    "SELECT p.id, p.link_seed, p.name, p.kana, p.birth_date, p.sex FROM person p JOIN"
                                    " certificate c ON c.person_id = p.id WHERE c.issuer = ? AND c.serial = ?",
                                    "tt", issuer, serial);
    if (outcome != RESULT_OK)
        return outcome;
    outcome = database_step(rows, &row);
    if (outcome == RESULT_OK && !row)
        outcome = RESULT_NOT_FOUND;
    if (outcome == RESULT_OK) {
        database_column_text(rows, 0, id, sizeof id);
        database_column_text(rows, 1, out->link_seed, sizeof out->link_seed);
        database_column_text(rows, 2, out->name, sizeof out->name);
        database_column_text(rows, 3, out->kana, sizeof out->kana);
        database_column_text(rows, 4, out->birth_date, sizeof out->birth_date);
        database_column_text(rows, 5, out->sex, sizeof out->sex);
    }
    sqlite3_finalize(rows);
    return outcome == RESULT_OK ? read_coverages(db, id, out) : outcome;
}

static result find_person(platform_store *store, const char *issuer, const char *serial, platform_person *out) {
    database *db = db_of(store);
    memset(out, 0, sizeof *out);
    result outcome = database_begin(db);
    return outcome == RESULT_OK ? database_end(db, read_person(db, issuer, serial, out)) : outcome;
}

/* --- sessions ----------------------------------------------------------------------------------------------------- */

static result put_session(platform_store *store, const platform_session *session, int64_t now) {
    database *db = db_of(store);
    result outcome = database_begin(db);
    if (outcome != RESULT_OK)
        return outcome;
    outcome = database_change(db, "DELETE FROM session WHERE expires < ?", "i", now);
    if (outcome == RESULT_OK)
        outcome = database_change(db, "INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, ?)", "tttttti", session->id,
                                  session->institution_code, session->terminal_id, session->card_id, session->challenge,
                                  session->nonce, session->expires);
    return database_end(db, outcome);
}

static result read_session(database *db, const char *id, platform_session *out) {
    sqlite3_stmt *rows;
    bool row = false;
    result outcome = database_query(db, &rows,
                                    "SELECT id, institution_code, terminal_id, card_id, challenge, nonce, expires"
                                    " FROM session WHERE id = ?", "t", id);
    if (outcome != RESULT_OK)
        return outcome;
    outcome = database_step(rows, &row);
    if (outcome == RESULT_OK && !row)
        outcome = RESULT_NOT_FOUND;
    if (outcome == RESULT_OK) {
        database_column_text(rows, 0, out->id, sizeof out->id);
        database_column_text(rows, 1, out->institution_code, sizeof out->institution_code);
        database_column_text(rows, 2, out->terminal_id, sizeof out->terminal_id);
        database_column_text(rows, 3, out->card_id, sizeof out->card_id);
        database_column_text(rows, 4, out->challenge, sizeof out->challenge);
        database_column_text(rows, 5, out->nonce, sizeof out->nonce);
        out->expires = sqlite3_column_int64(rows, 6);
    }
    sqlite3_finalize(rows);
    return outcome;
}

static result take_session(platform_store *store, const char *id, platform_session *out) {
    database *db = db_of(store);
    memset(out, 0, sizeof *out);
    result outcome = database_begin(db);
    if (outcome != RESULT_OK)
        return outcome;
    outcome = read_session(db, id, out);
    if (outcome == RESULT_OK)
        outcome = database_change(db, "DELETE FROM session WHERE id = ?", "t", id);
    return database_end(db, outcome);
}

/* --- answers ------------------------------------------------------------------------------------------------------ */

static result put_answer(platform_store *store, const platform_answer *answer, bytes evidence, bytes body) {
    return database_run(db_of(store), "INSERT INTO answer VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", "ttttttibb",
                        answer->evidence_id, answer->content_hash, answer->institution_code, answer->terminal_id,
                        answer->mode, answer->validity, answer->at, evidence, body);
}

#define ANSWER_COLUMNS "evidence_id, content_hash, institution_code, terminal_id, mode, validity, at"

static void read_answer(sqlite3_stmt *row, platform_answer *out) {
    database_column_text(row, 0, out->evidence_id, sizeof out->evidence_id);
    database_column_text(row, 1, out->content_hash, sizeof out->content_hash);
    database_column_text(row, 2, out->institution_code, sizeof out->institution_code);
    database_column_text(row, 3, out->terminal_id, sizeof out->terminal_id);
    database_column_text(row, 4, out->mode, sizeof out->mode);
    database_column_text(row, 5, out->validity, sizeof out->validity);
    out->at = sqlite3_column_int64(row, 6);
}

static result read_stored_answer(database *db, const char *evidence_id, platform_answer *out, buffer *body) {
    sqlite3_stmt *rows;
    bool row = false;
    result outcome = database_query(db, &rows, "SELECT " ANSWER_COLUMNS ", body FROM answer WHERE evidence_id = ?", "t",
                                    evidence_id);
    if (outcome != RESULT_OK)
        return outcome;
    outcome = database_step(rows, &row);
    if (outcome == RESULT_OK && !row)
        outcome = RESULT_NOT_FOUND;
    if (outcome == RESULT_OK) {
        read_answer(rows, out);
        outcome = database_column_append(rows, 7, body);
    }
    sqlite3_finalize(rows);
    return outcome;
}

static result find_answer(platform_store *store, const char *evidence_id, platform_answer *out, buffer *body) {
    database *db = db_of(store);
    memset(out, 0, sizeof *out);
    result outcome = database_begin(db);
    return outcome == RESULT_OK ? database_end(db, read_stored_answer(db, evidence_id, out, body)) : outcome;
}

static result put_refusal(platform_store *store, const char *institution_code, const char *evidence_id,
                          const char *reason, int64_t at) {
    char id[UUID_TEXT_SIZE];
    result outcome = uuid_v7(id);
    return outcome == RESULT_OK ? database_run(db_of(store), "INSERT INTO refusal VALUES (?, ?, ?, ?, ?)", "tttti", id,
                                               institution_code, evidence_id, reason, at)
                                : outcome;
}

/* --- what the operator sees --------------------------------------------------------------------------------------- */

static result count_all(platform_store *store, int64_t now, platform_counts *out) {
    database *db = db_of(store);
    sqlite3_stmt *rows;
    bool row = false;
    memset(out, 0, sizeof *out);
    result outcome = database_begin(db);
    if (outcome != RESULT_OK)
        return outcome;
    outcome = database_query(db, &rows,
                             "SELECT (SELECT count(*) FROM person), (SELECT count(*) FROM coverage),"
                             " (SELECT count(*) FROM answer WHERE mode = 'online'),"
                             " (SELECT count(*) FROM answer WHERE mode = 'offline'), (SELECT count(*) FROM refusal),"
                             " (SELECT count(*) FROM session WHERE expires >= ?)", "i", now);
    if (outcome == RESULT_OK) {
        int64_t *const fields[] = {&out->people, &out->coverages, &out->answers_online, &out->answers_offline,
                                   &out->refusals, &out->sessions_open};
        outcome = database_step(rows, &row);
        for (int i = 0; row && i < (int)(sizeof fields / sizeof fields[0]); i++)
            *fields[i] = sqlite3_column_int64(rows, i);
        sqlite3_finalize(rows);
    }
    return database_end(db, outcome);
}

static result list_answers(platform_store *store, platform_answer *out, size_t most, size_t *count) {
    database *db = db_of(store);
    sqlite3_stmt *rows;
    bool row = false;
    *count = 0;
    result outcome = database_begin(db);
    if (outcome != RESULT_OK)
        return outcome;
    outcome = database_query(db, &rows,
                             "SELECT " ANSWER_COLUMNS " FROM answer ORDER BY at DESC, evidence_id DESC LIMIT ?", "i",
                             (int64_t)most);
    if (outcome == RESULT_OK) {
        while (*count < most && (outcome = database_step(rows, &row)) == RESULT_OK && row)
            read_answer(rows, &out[(*count)++]);
        sqlite3_finalize(rows);
    }
    return database_end(db, outcome);
}

result platform_store_open_sqlite(const char *path, platform_store **out) {
    *out = NULL;
    sqlite_platform *mine = calloc(1, sizeof *mine);
    if (!mine)
        return RESULT_NO_MEMORY;
    mine->functions = (platform_store){close_store, replace_people, find_person, put_session, take_session, put_answer,
                                       find_answer, put_refusal, count_all, list_answers};
    result outcome = database_open(path, migrations, sizeof migrations / sizeof migrations[0], &mine->db);
    if (outcome != RESULT_OK) {
        free(mine);
        return outcome;
    }
    *out = &mine->functions;
    return RESULT_OK;
}
