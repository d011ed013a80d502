#include "store/terminal_store.h"

#include "store/sqlite.h"

#include <stdio.h>
#include <stdlib.h>

struct terminal_store {
    database *db;
};

static const char *const migrations[] = {
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value BLOB NOT NULL);"
    "CREATE TABLE record (id TEXT PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, state TEXT NOT NULL,"
    " at INTEGER NOT NULL, sealed BLOB NOT NULL);"
    "CREATE INDEX record_by_subject ON record (kind, subject, id);"
    "CREATE INDEX record_by_state ON record (kind, state, id);",
    "CREATE TABLE audit (number INTEGER PRIMARY KEY, at INTEGER NOT NULL, event TEXT NOT NULL, operator TEXT NOT NULL,"
    " outcome TEXT NOT NULL, subject TEXT NOT NULL, chain TEXT NOT NULL, signature BLOB NOT NULL);",
    /* How many records are in each state, kept by the database itself: to count 100,000 costs 8 ms while a patient waits. */
    "CREATE TABLE tally (kind TEXT NOT NULL, state TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (kind, state));"
    "INSERT INTO tally SELECT kind, state, count(*) FROM record GROUP BY kind, state;"
    "CREATE TRIGGER record_added AFTER INSERT ON record BEGIN"
    " INSERT INTO tally VALUES (new.kind, new.state, 1) ON CONFLICT DO UPDATE SET count = count + 1; END;"
    "CREATE TRIGGER record_removed AFTER DELETE ON record BEGIN"
    " UPDATE tally SET count = count - 1 WHERE kind = old.kind AND state = old.state; END;"
    "CREATE TRIGGER record_moved AFTER UPDATE OF kind, state ON record BEGIN"
    " UPDATE tally SET count = count - 1 WHERE kind = old.kind AND state = old.state;"
    " INSERT INTO tally VALUES (new.kind, new.state, 1) ON CONFLICT DO UPDATE SET count = count + 1; END;",
    /* The newest of a kind: `visit` asks for it. */
    "CREATE INDEX record_by_kind ON record (kind, id);",
};

result terminal_store_open(const char *path, terminal_store **out) {
    *out = calloc(1, sizeof **out);
    if (*out == NULL)
        return RESULT_NO_MEMORY;
    result code = database_open(path, migrations, sizeof migrations / sizeof *migrations, &(*out)->db);
    if (code != RESULT_OK)
        terminal_store_close(out);
    return code;
}

void terminal_store_close(terminal_store **store) {
    if (*store != NULL && (*store)->db != NULL)
        database_close(&(*store)->db);
    free(*store);
    *store = NULL;
}

#define SET_SQL "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"

/* Runs a query that gives at most one row; column 0 is appended to value. */
static result read_one(database *db, const char *sql, const char *key, int column, buffer *value, terminal_record *out) {
    sqlite3_stmt *rows;
    bool row = false;
    result code = database_query(db, &rows, sql, "t", key);
    if (code != RESULT_OK)
        return code;
    code = database_step(rows, &row);
    if (code == RESULT_OK && !row)
        code = RESULT_NOT_FOUND;
    if (code == RESULT_OK && out != NULL) {
        database_column_text(rows, 0, out->id, sizeof out->id);
        database_column_text(rows, 1, out->kind, sizeof out->kind);
        database_column_text(rows, 2, out->subject, sizeof out->subject);
        database_column_text(rows, 3, out->state, sizeof out->state);
        out->at = sqlite3_column_int64(rows, 4);
    }
    if (code == RESULT_OK)
        code = database_column_append(rows, column, value);
    sqlite3_finalize(rows);
    return code;
}

result terminal_store_setting(terminal_store *store, const char *name, buffer *value) {
    result code = database_begin(store->db);
    if (code != RESULT_OK)
        return code;
    return database_end(store->db, read_one(store->db, "SELECT value FROM setting WHERE name = ?", name, 0, value, NULL));
}

result terminal_store_set(terminal_store *store, const char *name, bytes value) {
    return database_run(store->db, SET_SQL, "tb", name, value);
}

result terminal_store_unset(terminal_store *store, const char *name) {
    return database_run(store->db, "DELETE FROM setting WHERE name = ?", "t", name);
}

result terminal_store_add(terminal_store *store, const terminal_record *record, bytes sealed, const char *name,
                          bytes value) {
    result code = database_begin(store->db);
    if (code != RESULT_OK)
        return code;
    code = database_change(store->db, "INSERT INTO record (id, kind, subject, state, at, sealed) VALUES (?, ?, ?, ?, ?, ?)",
                           "ttttib", record->id, record->kind, record->subject, record->state, record->at, sealed);
    if (code == RESULT_OK && name != NULL)
        code = database_change(store->db, SET_SQL, "tb", name, value);
    return database_end(store->db, code);
}

result terminal_store_replace(terminal_store *store, const char *id, const char *state, bytes sealed) {
    result code = database_begin(store->db);
    if (code != RESULT_OK)
        return code;
    code = database_change(store->db, "UPDATE record SET state = ?, sealed = ? WHERE id = ?", "tbt", state, sealed, id);
    if (code == RESULT_OK && database_changed(store->db) != 1)
        code = RESULT_NOT_FOUND;
    return database_end(store->db, code);
}

result terminal_store_get(terminal_store *store, const char *id, terminal_record *out, buffer *sealed) {
    result code = database_begin(store->db);
    if (code != RESULT_OK)
        return code;
    return database_end(store->db,
                        read_one(store->db, "SELECT id, kind, subject, state, at, sealed FROM record WHERE id = ?", id, 5,
                                 sealed, out));
}

#define SQL_MOST 256

/* SELECT columns of the records that the filter lets through. Only conditions that are there stand in the text, so that
 * SQLite uses the index made for them; parameter 1 is the kind, 2 the subject, 3 the state, 4 how many, 5 the id before. */
static void select_records(const terminal_filter *filter, const char *columns, char sql[SQL_MOST]) {
    const char *after = filter->newest_first ? "id < ?5" : "id > ?5";
    snprintf(sql, SQL_MOST, "SELECT %s FROM record WHERE kind = ?1 AND %s AND %s AND %s ORDER BY id %s LIMIT ?4", columns,
             filter->subject != NULL ? "subject = ?2" : "?2 IS NULL", filter->state != NULL ? "state = ?3" : "?3 IS NULL",
             filter->after != NULL ? after : "?5 IS NULL", filter->newest_first ? "DESC" : "");
}

static result list_rows(database *db, const terminal_filter *filter, terminal_record *out, size_t most, size_t *count) {
    sqlite3_stmt *rows;
    bool row = true;
    char sql[SQL_MOST];
    select_records(filter, "id, kind, subject, state, at", sql);
    result code = database_query(db, &rows, sql, "tttit", filter->kind, filter->subject, filter->state, (int64_t)most,
                                 filter->after);
    if (code != RESULT_OK)
        return code;
    while (*count < most && (code = database_step(rows, &row)) == RESULT_OK && row) {
        terminal_record *r = &out[(*count)++];
        database_column_text(rows, 0, r->id, sizeof r->id);
        database_column_text(rows, 1, r->kind, sizeof r->kind);
        database_column_text(rows, 2, r->subject, sizeof r->subject);
        database_column_text(rows, 3, r->state, sizeof r->state);
        r->at = sqlite3_column_int64(rows, 4);
    }
    sqlite3_finalize(rows);
    return code;
}

result terminal_store_list(terminal_store *store, const terminal_filter *filter, terminal_record *out, size_t most,
                           size_t *count) {
    *count = 0;
    result code = database_begin(store->db);
    return code == RESULT_OK ? database_end(store->db, list_rows(store->db, filter, out, most, count)) : code;
}

result terminal_store_count(terminal_store *store, const char *kind, const char *state, int64_t *count) {
    sqlite3_stmt *rows;
    bool row = false;
    *count = 0;
    result code = database_begin(store->db);
    if (code != RESULT_OK)
        return code;
    code = database_query(store->db, &rows, "SELECT sum(count) FROM tally WHERE kind = ?1 AND (?2 IS NULL OR state = ?2)", "tt",
                          kind, state);
    if (code == RESULT_OK) {
        code = database_step(rows, &row);
        *count = row ? sqlite3_column_int64(rows, 0) : 0;
        sqlite3_finalize(rows);
    }
    return database_end(store->db, code);
}

/* --- audit ------------------------------------------------------------------------------------------------------------ */

result terminal_store_audit_add(terminal_store *store, const terminal_audit_row *row, bytes signature) {
    return database_run(store->db,
                        "INSERT INTO audit (number, at, event, operator, outcome, subject, chain, signature)"
                        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                        "iitttttb", row->number, row->at, row->event, row->operator_id, row->outcome, row->subject, row->chain,
                        signature);
}

static void take_audit_row(sqlite3_stmt *rows, terminal_audit_row *out) {
    out->number = sqlite3_column_int64(rows, 0);
    out->at = sqlite3_column_int64(rows, 1);
    database_column_text(rows, 2, out->event, sizeof out->event);
    database_column_text(rows, 3, out->operator_id, sizeof out->operator_id);
    database_column_text(rows, 4, out->outcome, sizeof out->outcome);
    database_column_text(rows, 5, out->subject, sizeof out->subject);
    database_column_text(rows, 6, out->chain, sizeof out->chain);
}

static result read_audit(database *db, int64_t from, terminal_audit_visit *visit, void *context) {
    sqlite3_stmt *rows;
    bool row = false;
    buffer signature = BUFFER_INIT(4096);
    terminal_audit_row audit;
    result code = database_query(db, &rows,
                                 "SELECT number, at, event, operator, outcome, subject, chain, signature FROM audit"
                                 " WHERE number >= ? ORDER BY number",
                                 "i", from);
    if (code != RESULT_OK)
        return code;
    while ((code = database_step(rows, &row)) == RESULT_OK && row) {
        take_audit_row(rows, &audit);
        buffer_clear(&signature);
        code = database_column_append(rows, 7, &signature);
        if (code == RESULT_OK)
            code = visit(context, &audit, buffer_bytes(&signature));
        if (code != RESULT_OK)
            break;
    }
    sqlite3_finalize(rows);
    buffer_wipe(&signature);
    return code;
}

result terminal_store_audit_each(terminal_store *store, int64_t from, terminal_audit_visit *visit, void *context) {
    result code = database_begin(store->db);
    return code == RESULT_OK ? database_end(store->db, read_audit(store->db, from, visit, context)) : code;
}

static result read_last_audit(database *db, terminal_audit_row *out) {
    sqlite3_stmt *rows;
    bool row = false;
    result code = database_query(db, &rows,
                                 "SELECT number, at, event, operator, outcome, subject, chain FROM audit"
                                 " ORDER BY number DESC LIMIT 1",
                                 "");
    if (code != RESULT_OK)
        return code;
    code = database_step(rows, &row);
    if (code == RESULT_OK && row)
        take_audit_row(rows, out);
    sqlite3_finalize(rows);
    return code == RESULT_OK && !row ? RESULT_NOT_FOUND : code;
}

result terminal_store_audit_last(terminal_store *store, terminal_audit_row *out) {
    result code = database_begin(store->db);
    return code == RESULT_OK ? database_end(store->db, read_last_audit(store->db, out)) : code;
}
