#include "store/history_store.h"

#include "store/sqlite.h"

#include <stdlib.h>
#include <string.h>

typedef struct sqlite_history {
    history_store functions; /* first: a history_store * is a sqlite_history * */
    database *db;
} sqlite_history;

static database *db_of(history_store *store) {
    return ((sqlite_history *)store)->db;
}

static const char *const migrations[] = {
    "CREATE TABLE submission (id TEXT PRIMARY KEY, visit_id TEXT NOT NULL, link_id TEXT NOT NULL,"
    "  institution_code TEXT NOT NULL, terminal_id TEXT NOT NULL, operator_id TEXT NOT NULL, state TEXT NOT NULL,"
    "  reason TEXT NOT NULL, received_at INTEGER NOT NULL, changed_at INTEGER NOT NULL);"
    "CREATE INDEX submission_by_state ON submission (state, id);"
    "CREATE TABLE visit (visit_id TEXT PRIMARY KEY, link_id TEXT NOT NULL, evidence_id TEXT NOT NULL,"
    "  institution_code TEXT NOT NULL, operator_id TEXT NOT NULL, content_hash TEXT NOT NULL,"
    "  registered_at INTEGER NOT NULL, bundle BLOB NOT NULL, receipt BLOB NOT NULL, signature BLOB NOT NULL);"
    "CREATE INDEX visit_by_link ON visit (link_id);",
};

static void close_store(history_store **store) {
    if (!*store)
        return;
    sqlite_history *mine = (sqlite_history *)*store;
    database_close(&mine->db);
    free(mine);
    *store = NULL;
}

static result put_submission(history_store *store, const history_submission *one) {
    return database_run(db_of(store), "INSERT INTO submission VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", "ttttttttii",
                        one->id, one->visit_id, one->link_id, one->institution_code, one->terminal_id, one->operator_id,
                        one->state, one->reason, one->received_at, one->changed_at);
}

static result change_submission(database *db, const history_submission *one) {
    return database_change(db,
                           "UPDATE submission SET visit_id = ?, link_id = ?, institution_code = ?, terminal_id = ?,"
                           " operator_id = ?, state = ?, reason = ?, changed_at = ? WHERE id = ?", "tttttttit",
                           one->visit_id, one->link_id, one->institution_code, one->terminal_id, one->operator_id,
                           one->state, one->reason, one->changed_at, one->id);
}

static result set_submission(history_store *store, const history_submission *one) {
    database *db = db_of(store);
    result outcome = database_begin(db);
    return outcome == RESULT_OK ? database_end(db, change_submission(db, one)) : outcome;
}

static result put_visit(history_store *store, const history_visit *visit, bytes bundle, bytes receipt, bytes signature,
                        const history_submission *submission) {
    database *db = db_of(store);
    result outcome = database_begin(db);
    if (outcome != RESULT_OK)
        return outcome;
    outcome = database_change(db, "INSERT INTO visit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", "ttttttibbb",
                              visit->visit_id, visit->link_id, visit->evidence_id, visit->institution_code,
                              visit->operator_id, visit->content_hash, visit->registered_at, bundle, receipt,
                              signature);
    if (outcome == RESULT_OK)
        outcome = change_submission(db, submission);
    return database_end(db, outcome);
}

static result read_visit(database *db, const char *visit_id, history_visit *out, buffer *receipt, buffer *signature) {
    sqlite3_stmt *rows;
    bool row = false;
    result outcome = database_query(db, &rows,
                                    "SELECT visit_id, link_id, evidence_id, institution_code, operator_id, content_hash,"
                                    " registered_at, receipt, signature FROM visit WHERE visit_id = ?", "t", visit_id);
    if (outcome != RESULT_OK)
        return outcome;
    outcome = database_step(rows, &row);
    if (outcome == RESULT_OK && !row)
        outcome = RESULT_NOT_FOUND;
    if (outcome == RESULT_OK) {
        database_column_text(rows, 0, out->visit_id, sizeof out->visit_id);
        database_column_text(rows, 1, out->link_id, sizeof out->link_id);
        database_column_text(rows, 2, out->evidence_id, sizeof out->evidence_id);
        database_column_text(rows, 3, out->institution_code, sizeof out->institution_code);
        database_column_text(rows, 4, out->operator_id, sizeof out->operator_id);
        database_column_text(rows, 5, out->content_hash, sizeof out->content_hash);
        out->registered_at = sqlite3_column_int64(rows, 6);
        outcome = database_column_append(rows, 7, receipt);
    }
    if (outcome == RESULT_OK)
        outcome = database_column_append(rows, 8, signature);
    sqlite3_finalize(rows);
    return outcome;
}

static result find_visit(history_store *store, const char *visit_id, history_visit *out, buffer *receipt,
                         buffer *signature) {
    database *db = db_of(store);
    memset(out, 0, sizeof *out);
    result outcome = database_begin(db);
    return outcome == RESULT_OK ? database_end(db, read_visit(db, visit_id, out, receipt, signature)) : outcome;
}

static void add_count(history_counts *out, const char *state, int64_t count) {
    const struct {
        const char *state;
        int64_t *field;
    } fields[] = {{"received", &out->received},   {"verified", &out->verified}, {"registered", &out->registered},
                  {"duplicate", &out->duplicate}, {"rejected", &out->rejected}, {"visits", &out->visits}};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (strcmp(fields[i].state, state) == 0)
            *fields[i].field = count;
}

static result count_all(history_store *store, history_counts *out) {
    database *db = db_of(store);
    sqlite3_stmt *rows;
    bool row = false;
    memset(out, 0, sizeof *out);
    result outcome = database_begin(db);
    if (outcome != RESULT_OK)
        return outcome;
    outcome = database_query(db, &rows,
                             "SELECT state, count(*) FROM submission GROUP BY state UNION ALL"
                             " SELECT 'visits', count(*) FROM visit", "");
    if (outcome == RESULT_OK) {
        while ((outcome = database_step(rows, &row)) == RESULT_OK && row) {
            char state[12];
            database_column_text(rows, 0, state, sizeof state);
            add_count(out, state, sqlite3_column_int64(rows, 1));
        }
        sqlite3_finalize(rows);
    }
    return database_end(db, outcome);
}

static void read_submission(sqlite3_stmt *row, history_submission *out) {
    database_column_text(row, 0, out->id, sizeof out->id);
    database_column_text(row, 1, out->visit_id, sizeof out->visit_id);
    database_column_text(row, 2, out->link_id, sizeof out->link_id);
    database_column_text(row, 3, out->institution_code, sizeof out->institution_code);
    database_column_text(row, 4, out->terminal_id, sizeof out->terminal_id);
    database_column_text(row, 5, out->operator_id, sizeof out->operator_id);
    database_column_text(row, 6, out->state, sizeof out->state);
    database_column_text(row, 7, out->reason, sizeof out->reason);
    out->received_at = sqlite3_column_int64(row, 8);
    out->changed_at = sqlite3_column_int64(row, 9);
}

static result list(history_store *store, const char *state, history_submission *out, size_t most, size_t *count) {
    database *db = db_of(store);
    sqlite3_stmt *rows;
    bool row = false;
    *count = 0;
    result outcome = database_begin(db);
    if (outcome != RESULT_OK)
        return outcome;
    outcome = database_query(db, &rows,
                             "SELECT id, visit_id, link_id, institution_code, terminal_id, operator_id, state, reason,"
                             " received_at, changed_at FROM submission WHERE ?1 = '' OR state = ?1"
                             " ORDER BY id DESC LIMIT ?2", "ti", state, (int64_t)most);
    if (outcome == RESULT_OK) {
        while (*count < most && (outcome = database_step(rows, &row)) == RESULT_OK && row)
            read_submission(rows, &out[(*count)++]);
        sqlite3_finalize(rows);
    }
    return database_end(db, outcome);
}

result history_store_open_sqlite(const char *path, history_store **out) {
    *out = NULL;
    sqlite_history *mine = calloc(1, sizeof *mine);
    if (!mine)
        return RESULT_NO_MEMORY;
    mine->functions = (history_store){close_store, put_submission, set_submission, put_visit, find_visit, count_all,
                                      list};
    result outcome = database_open(path, migrations, sizeof migrations / sizeof migrations[0], &mine->db);
    if (outcome != RESULT_OK) {
        free(mine);
        return outcome;
    }
    *out = &mine->functions;
    return RESULT_OK;
}
