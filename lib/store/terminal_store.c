/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "store/terminal_store.h"

#include "store/sqlite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Before this version of the schema nothing bound a store to the SE that made it. */
#define SCHEMA_FIRST_BOUND 5

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
    /* The terminal's ledger counts (core/ledger.h); the content stands apart, so that walking over what it lists reads
     * none of it. Stores that hold something under an earlier schema are never opened: nothing is dropped here. */
    "DROP TABLE record; DROP TABLE tally; ALTER TABLE setting ADD COLUMN version INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE record (id TEXT PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, state TEXT NOT NULL,"
    " at INTEGER NOT NULL, version INTEGER NOT NULL);"
    "CREATE TABLE content (id TEXT PRIMARY KEY, sealed BLOB NOT NULL);"
    "CREATE INDEX record_by_subject ON record (kind, subject, id);"
    "CREATE INDEX record_by_state ON record (kind, state, id);"
    "CREATE INDEX record_by_kind ON record (kind, id);",
};

/* Looked at before anything is changed in it, so that the program that wrote it can still be used. */
static result check_version(const char *path) {
    sqlite3 *file = NULL;
    sqlite3_stmt *rows = NULL;
    int version = 0;
    if (access(path, F_OK) != 0)
        return RESULT_OK;
    if (sqlite3_open_v2(path, &file, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(file, "PRAGMA user_version", -1, &rows, NULL) == SQLITE_OK &&
        sqlite3_step(rows) == SQLITE_ROW)
        version = sqlite3_column_int(rows, 0);
    sqlite3_finalize(rows);
    sqlite3_close(file);
    return version > 0 && version < SCHEMA_FIRST_BOUND ? RESULT_EXPIRED : RESULT_OK;
}

result terminal_store_open(const char *path, terminal_store **out) {
    *out = NULL;
    result code = check_version(path);
    if (code != RESULT_OK)
        return code;
    *out = calloc(1, sizeof **out);
    if (*out == NULL)
        return RESULT_NO_MEMORY;
    code = database_open(path, migrations, sizeof migrations / sizeof *migrations, &(*out)->db);
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

#define SET_SQL                                                                                                        \
    "INSERT INTO setting (name, version, value) VALUES (?, ?, ?)"                                                      \
    " ON CONFLICT (name) DO UPDATE SET version = excluded.version, value = excluded.value"

/* Whether the column is the whole text and of that type: SQLite finds '1' by no X'31', and "1" by no "1<NUL>2". */
static bool take_word(sqlite3_stmt *rows, int column, char *text, size_t size) {
    const bool is_text = sqlite3_column_type(rows, column) == SQLITE_TEXT; /* before it is converted */
    database_column_text(rows, column, text, size);
    return is_text && (size_t)sqlite3_column_bytes(rows, column) == strlen(text);
}

static bool take_number(sqlite3_stmt *rows, int column, int64_t *number) {
    const bool is_integer = sqlite3_column_type(rows, column) == SQLITE_INTEGER;
    *number = sqlite3_column_int64(rows, column);
    return is_integer;
}

static void take_record(sqlite3_stmt *rows, terminal_record *out) {
    bool ours = take_word(rows, 0, out->id, sizeof out->id);
    ours = take_word(rows, 1, out->kind, sizeof out->kind) && ours;
    ours = take_word(rows, 2, out->subject, sizeof out->subject) && ours;
    ours = take_word(rows, 3, out->state, sizeof out->state) && ours;
    ours = take_number(rows, 4, &out->at) && ours;
    ours = take_number(rows, 5, &out->version) && ours;
    if (!ours)
        out->version = TERMINAL_NO_VERSION;
}

#define RECORD_COLUMNS "record.id, kind, subject, state, at, version"

static result read_setting(database *db, const char *name, int64_t *version, buffer *value) {
    sqlite3_stmt *rows;
    bool row = false;
    result code = database_query(db, &rows, "SELECT version, value FROM setting WHERE name = ?", "t", name);
    if (code != RESULT_OK)
        return code;
    code = database_step(rows, &row);
    if (code == RESULT_OK && !row)
        code = RESULT_NOT_FOUND;
    if (code == RESULT_OK && version != NULL)
        *version = sqlite3_column_int64(rows, 0);
    if (code == RESULT_OK)
        code = database_column_append(rows, 1, value);
    sqlite3_finalize(rows);
    return code;
}

result terminal_store_setting(terminal_store *store, const char *name, int64_t *version, buffer *value) {
    result code = database_begin(store->db);
    return code == RESULT_OK ? database_end(store->db, read_setting(store->db, name, version, value)) : code;
}

result terminal_store_set(terminal_store *store, const char *name, bytes value) {
    return database_run(store->db, SET_SQL, "tib", name, (int64_t)0, value);
}

result terminal_store_unset(terminal_store *store, const char *name) {
    return database_run(store->db, "DELETE FROM setting WHERE name = ?", "t", name);
}

/* --- changes that belong together --------------------------------------------------------------------------------- */

static result add_record(database *db, const terminal_record *r, bytes sealed) {
    result code = database_change(
        db, "INSERT INTO record (id, kind, subject, state, at, version) VALUES (?, ?, ?, ?, ?, ?)", "ttttii", r->id,
        r->kind, r->subject, r->state, r->at, r->version);
    return code == RESULT_OK
               ? database_change(db, "INSERT INTO content (id, sealed) VALUES (?, ?)", "tb", r->id, sealed)
               : code;
}

static result replace_record(database *db, const terminal_record *r, bytes sealed) {
    result code = database_change(db, "UPDATE record SET state = ?, version = ? WHERE id = ?", "tit", r->state,
                                  r->version, r->id);
    if (code == RESULT_OK && database_changed(db) != 1)
        code = RESULT_NOT_FOUND;
    return code == RESULT_OK && sealed.length > 0
               ? database_change(db, "UPDATE content SET sealed = ? WHERE id = ?", "bt", sealed, r->id)
               : code;
}

static result change_setting(database *db, const terminal_setting *s) {
    return s->gone ? database_change(db, "DELETE FROM setting WHERE name = ?", "t", s->name)
                   : database_change(db, SET_SQL, "tib", s->name, s->version, s->value);
}

result terminal_store_change(terminal_store *store, const terminal_change *c) {
    result code = database_begin(store->db);
    if (code != RESULT_OK)
        return code;
    if (c->record != NULL)
        code = c->is_new ? add_record(store->db, c->record, c->sealed)
                         : replace_record(store->db, c->record, c->sealed);
    for (size_t i = 0; code == RESULT_OK && i < TERMINAL_SETTINGS && c->settings[i].name != NULL; i++)
        code = change_setting(store->db, &c->settings[i]);
    return database_end(store->db, code);
}

static result read_record(database *db, const char *id, terminal_record *out, buffer *sealed) {
    sqlite3_stmt *rows;
    bool row = false;
    result code = database_query(db, &rows,
                                 "SELECT " RECORD_COLUMNS ", sealed FROM record LEFT JOIN content USING (id)"
                                 " WHERE record.id = ?",
                                 "t", id);
    if (code != RESULT_OK)
        return code;
    code = database_step(rows, &row);
    if (code == RESULT_OK && !row)
        code = RESULT_NOT_FOUND;
    if (code == RESULT_OK) {
        take_record(rows, out);
        code = database_column_append(rows, 6, sealed);
    }
    sqlite3_finalize(rows);
    return code;
}

result terminal_store_get(terminal_store *store, const char *id, terminal_record *out, buffer *sealed) {
    result code = database_begin(store->db);
    return code == RESULT_OK ? database_end(store->db, read_record(store->db, id, out, sealed)) : code;
}

/* --- everything there is ------------------------------------------------------------------------------------------ */

static result visit_records(database *db, terminal_record_visit *visit, void *context) {
    sqlite3_stmt *rows;
    bool row = false;
    terminal_record record;
    result code = database_query(db, &rows, "SELECT " RECORD_COLUMNS " FROM record", "");
    if (code != RESULT_OK)
        return code;
    while ((code = database_step(rows, &row)) == RESULT_OK && row) {
        take_record(rows, &record);
        if ((code = visit(context, &record)) != RESULT_OK)
            break;
    }
    sqlite3_finalize(rows);
    return code;
}

result terminal_store_each(terminal_store *store, terminal_record_visit *visit, void *context) {
    result code = database_begin(store->db);
    return code == RESULT_OK ? database_end(store->db, visit_records(store->db, visit, context)) : code;
}

static result visit_settings(database *db, terminal_setting_visit *visit, void *context) {
    sqlite3_stmt *rows;
    bool row = false, ours;
    int64_t version;
    char name[TERMINAL_WORD_SIZE];
    result code = database_query(db, &rows, "SELECT name, version FROM setting WHERE version <> 0", "");
    if (code != RESULT_OK)
        return code;
    while ((code = database_step(rows, &row)) == RESULT_OK && row) {
        ours = take_word(rows, 0, name, sizeof name);
        ours = take_number(rows, 1, &version) && ours;
        if ((code = visit(context, name, ours ? version : TERMINAL_NO_VERSION)) != RESULT_OK)
            break;
    }
    sqlite3_finalize(rows);
    return code;
}

result terminal_store_each_setting(terminal_store *store, terminal_setting_visit *visit, void *context) {
    result code = database_begin(store->db);
    return code == RESULT_OK ? database_end(store->db, visit_settings(store->db, visit, context)) : code;
}

/* --- whether it is the store that this program made --------------------------------------------------------------- */

#define SCHEMA_MAX 16384
/* The name of what an index belongs to is part of its text. */
#define SCHEMA_SQL                                                                                                     \
    "SELECT type || ' ' || name || ' ' || coalesce(sql, '') || ';' FROM sqlite_schema ORDER BY type, name"

static result append_rows(sqlite3 *handle, const char *sql, buffer *out) {
    sqlite3_stmt *rows = NULL;
    bool row = true;
    if (sqlite3_prepare_v2(handle, sql, -1, &rows, NULL) != SQLITE_OK)
        return RESULT_INVALID;
    result code = RESULT_OK;
    while (code == RESULT_OK && (code = database_step(rows, &row)) == RESULT_OK && row)
        code = database_column_append(rows, 0, out);
    sqlite3_finalize(rows);
    return code;
}

static result expected_schema(buffer *out) {
    sqlite3 *fresh = NULL;
    result code = sqlite3_open_v2(":memory:", &fresh, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY, NULL) == SQLITE_OK
                      ? RESULT_OK
                      : RESULT_NO_MEMORY;
    for (size_t i = 0; code == RESULT_OK && i < sizeof migrations / sizeof *migrations; i++)
        if (sqlite3_exec(fresh, migrations[i], NULL, NULL, NULL) != SQLITE_OK)
            code = RESULT_INTERNAL;
    if (code == RESULT_OK)
        code = append_rows(fresh, SCHEMA_SQL, out);
    sqlite3_close(fresh);
    return code;
}

/* A trigger or a view of somebody else's would answer for the tables; an index that leaves rows out would hide them. */
result terminal_store_check(terminal_store *store) {
    static const char *const tables[] = {"PRAGMA integrity_check(record)", "PRAGMA integrity_check(setting)",
                                         "PRAGMA integrity_check(audit)"};
    buffer wanted = BUFFER_INIT(SCHEMA_MAX), found = BUFFER_INIT(SCHEMA_MAX);
    sqlite3 *handle = database_handle(store->db);
    result code = expected_schema(&wanted);
    if (code == RESULT_OK)
        code = append_rows(handle, SCHEMA_SQL, &found);
    if (code == RESULT_OK && !bytes_equal(buffer_bytes(&wanted), buffer_bytes(&found)))
        code = RESULT_BAD_SIGNATURE;
    for (size_t i = 0; code == RESULT_OK && i < sizeof tables / sizeof *tables; i++) {
        buffer_clear(&found);
        code = append_rows(handle, tables[i], &found);
        if (code == RESULT_OK && !bytes_equal(buffer_bytes(&found), bytes_of("ok", 2)))
            code = RESULT_INVALID;
    }
    buffer_wipe(&wanted);
    buffer_wipe(&found);
    return code == RESULT_TOO_LONG ? RESULT_BAD_SIGNATURE : code;
}

/* PRAGMA data_version: another value whenever another connection has changed the file. */
result terminal_store_others(terminal_store *store, int64_t *version) {
    sqlite3_stmt *rows;
    bool row = false;
    result code = database_begin(store->db);
    if (code != RESULT_OK)
        return code;
    code = database_query(store->db, &rows, "PRAGMA data_version", "");
    if (code == RESULT_OK) {
        code = database_step(rows, &row);
        *version = row ? sqlite3_column_int64(rows, 0) : -1;
        sqlite3_finalize(rows);
    }
    return database_end(store->db, code);
}

#define SQL_MAX 256

/* SELECT columns of the records that the filter lets through. Only conditions that are there stand in the text, so that
 * SQLite uses the index made for them; parameter 1 is the kind, 2 the subject, 3 the state, 4 how many, 5 the id before. */
static void select_records(const terminal_filter *filter, const char *columns, char sql[SQL_MAX]) {
    const char *after = filter->newest_first ? "id < ?5" : "id > ?5";
    snprintf(sql, SQL_MAX, "SELECT %s FROM record WHERE kind = ?1 AND %s AND %s AND %s ORDER BY id %s LIMIT ?4",
             columns, filter->subject != NULL ? "subject = ?2" : "?2 IS NULL",
             filter->state != NULL ? "state = ?3" : "?3 IS NULL", filter->after != NULL ? after : "?5 IS NULL",
             filter->newest_first ? "DESC" : "");
}

static result list_rows(database *db, const terminal_filter *filter, terminal_record *out, size_t max, size_t *count) {
    sqlite3_stmt *rows;
    bool row = true;
    char sql[SQL_MAX];
    select_records(filter, RECORD_COLUMNS, sql);
    result code = database_query(db, &rows, sql, "tttit", filter->kind, filter->subject, filter->state, (int64_t)max,
                                 filter->after);
    if (code != RESULT_OK)
        return code;
    while (*count < max && (code = database_step(rows, &row)) == RESULT_OK && row)
        take_record(rows, &out[(*count)++]);
    sqlite3_finalize(rows);
    return code;
}

result terminal_store_list(terminal_store *store, const terminal_filter *filter, terminal_record *out, size_t max,
                           size_t *count) {
    *count = 0;
    result code = database_begin(store->db);
    return code == RESULT_OK ? database_end(store->db, list_rows(store->db, filter, out, max, count)) : code;
}

result terminal_store_count(terminal_store *store, const char *kind, const char *state, int64_t *count) {
    sqlite3_stmt *rows;
    bool row = false;
    *count = 0;
    result code = database_begin(store->db);
    if (code != RESULT_OK)
        return code;
    code = database_query(store->db, &rows,
                          "SELECT count(*) FROM record WHERE kind = ?1 AND (?2 IS NULL OR state = ?2)", "tt", kind,
                          state);
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
                        "iitttttb", row->number, row->at, row->event, row->operator_id, row->outcome, row->subject,
                        row->chain, signature);
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

static result read_audit_since(database *db, const char *event, int64_t *rows_since, int64_t *oldest) {
    sqlite3_stmt *rows;
    bool row = false;
    result code = database_query(
        db, &rows,
        "SELECT count(*), coalesce(min(at), 0) FROM audit WHERE number > coalesce((SELECT number FROM audit"
        " WHERE event = ? ORDER BY number DESC LIMIT 1), 0)",
        "t", event);
    if (code != RESULT_OK)
        return code;
    code = database_step(rows, &row);
    *rows_since = row ? sqlite3_column_int64(rows, 0) : 0;
    *oldest = row ? sqlite3_column_int64(rows, 1) : 0;
    sqlite3_finalize(rows);
    return code;
}

result terminal_store_audit_since(terminal_store *store, const char *event, int64_t *rows, int64_t *oldest) {
    result code = database_begin(store->db);
    return code == RESULT_OK ? database_end(store->db, read_audit_since(store->db, event, rows, oldest)) : code;
}
