/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "store/terminal_store.h"

#include "store/sql.h"

#include <stdio.h>
#include <stdlib.h>

/* Before this schema version a store was not bound to its SE. */
#define SCHEMA_FIRST_BOUND 5

/* The variants of a list query: with or without subject and state, in four orders (in_order). */
#define LISTS 16
#define LIST_SQL_SIZE 256

struct terminal_store {
    sql_database *db;
    char lists[LISTS][LIST_SQL_SIZE]; /* statements are compiled once and identified by their address */
};

/* A file's. */
static const char *const migrations[] = {
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value BLOB NOT NULL);"
    "CREATE TABLE record (id TEXT PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, state TEXT NOT NULL,"
    " at INTEGER NOT NULL, sealed BLOB NOT NULL);"
    "CREATE INDEX record_by_subject ON record (kind, subject, id);"
    "CREATE INDEX record_by_state ON record (kind, state, id);",
    "CREATE TABLE audit (number INTEGER PRIMARY KEY, at INTEGER NOT NULL, event TEXT NOT NULL, operator TEXT NOT NULL,"
    " outcome TEXT NOT NULL, subject TEXT NOT NULL, chain TEXT NOT NULL, signature BLOB NOT NULL);",
    /* How many records are in each state, maintained by triggers: counting 100,000 takes 8 ms while a patient waits. */
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
    /* The terminal's ledger counts (lib/delivery/ledger.h); the content stands apart, so that walking over what it
     * lists reads none of it. Stores that hold something under an earlier schema are never opened: nothing is dropped
     * here. */
    "DROP TABLE record; DROP TABLE tally; ALTER TABLE setting ADD COLUMN version INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE record (id TEXT PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, state TEXT NOT NULL,"
    " at INTEGER NOT NULL, version INTEGER NOT NULL);"
    "CREATE TABLE content (id TEXT PRIMARY KEY, sealed BLOB NOT NULL);"
    "CREATE INDEX record_by_subject ON record (kind, subject, id);"
    "CREATE INDEX record_by_state ON record (kind, state, id);"
    "CREATE INDEX record_by_kind ON record (kind, id);",
    /* The search index. */
    "CREATE TABLE search (token INTEGER NOT NULL, id TEXT NOT NULL, PRIMARY KEY (token, id)) WITHOUT ROWID;",
};

/* A server's: the same tables. */
static const char *const server_migrations[] = {
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value BYTEA NOT NULL, version BIGINT NOT NULL DEFAULT 0);"
    "CREATE TABLE record (id TEXT PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, state TEXT NOT NULL,"
    " at BIGINT NOT NULL, version BIGINT NOT NULL);"
    "CREATE TABLE content (id TEXT PRIMARY KEY, sealed BYTEA NOT NULL);"
    "CREATE INDEX record_by_subject ON record (kind, subject, id);"
    "CREATE INDEX record_by_state ON record (kind, state, id);"
    "CREATE INDEX record_by_kind ON record (kind, id);"
    "CREATE TABLE audit (number BIGINT PRIMARY KEY, at BIGINT NOT NULL, event TEXT NOT NULL, operator TEXT NOT NULL,"
    " outcome TEXT NOT NULL, subject TEXT NOT NULL, chain TEXT NOT NULL, signature BYTEA NOT NULL);",
    "CREATE TABLE search (token BIGINT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (token, id));",
};

static const sql_schema file_schema = {"terminal", migrations, sizeof migrations / sizeof *migrations,
                                       SCHEMA_FIRST_BOUND},
                        server_schema = {"terminal", server_migrations,
                                         sizeof server_migrations / sizeof *server_migrations, 0};

#define RECORD_COLUMNS "record.id, kind, subject, state, at, version"

static size_t list_number(const terminal_filter *filter) {
    return (filter->subject != NULL ? 8U : 0U) + (filter->state != NULL ? 4U : 0U) + (filter->after != NULL ? 2U : 0U) +
           (filter->newest_first ? 1U : 0U);
}

/* Writes the SELECT for such a filter. The text has only the conditions that are used, so that the engine uses the
 * matching index. */
static void write_list(const terminal_filter *filter, char sql[LIST_SQL_SIZE]) {
    const char *after = filter->newest_first ? "id < $4" : "id > $4";
    snprintf(sql, LIST_SQL_SIZE,
             "SELECT " RECORD_COLUMNS " FROM record WHERE kind = $1 AND %s AND %s AND %s ORDER BY id %s LIMIT $5",
             filter->subject != NULL ? "subject = $2" : "$2 IS NULL",
             filter->state != NULL ? "state = $3" : "$3 IS NULL", filter->after != NULL ? after : "$4 IS NULL",
             filter->newest_first ? "DESC" : "");
}

static void write_lists(terminal_store *store) {
    for (size_t i = 0; i < LISTS; i++) {
        const terminal_filter filter = {.subject = i & 8 ? "" : NULL,
                                        .state = i & 4 ? "" : NULL,
                                        .after = i & 2 ? "" : NULL,
                                        .newest_first = i & 1};
        write_list(&filter, store->lists[i]);
    }
}

result terminal_store_open(const char *url, terminal_store **out) {
    *out = calloc(1, sizeof **out);
    if (*out == NULL)
        return RESULT_NO_MEMORY;
    write_lists(*out);
    const result code = sql_open(url, sql_is_server(url) ? &server_schema : &file_schema, &(*out)->db);
    if (code != RESULT_OK)
        terminal_store_close(out);
    return code;
}

void terminal_store_close(terminal_store **store) {
    if (*store != NULL)
        sql_close(&(*store)->db);
    free(*store);
    *store = NULL;
}

static const char set_sql[] = "INSERT INTO setting (name, version, value) VALUES ($1, $2, $3)"
                              " ON CONFLICT (name) DO UPDATE SET version = excluded.version, value = excluded.value";
static const char unset_sql[] = "DELETE FROM setting WHERE name = $1";

static void take_record(const sql_rows *rows, terminal_record *out) {
    bool ours = sql_word(rows, 0, out->id, sizeof out->id);
    ours = sql_word(rows, 1, out->kind, sizeof out->kind) && ours;
    ours = sql_word(rows, 2, out->subject, sizeof out->subject) && ours;
    ours = sql_word(rows, 3, out->state, sizeof out->state) && ours;
    ours = sql_number(rows, 4, &out->at) && ours;
    ours = sql_number(rows, 5, &out->version) && ours;
    if (!ours)
        out->version = TERMINAL_NO_VERSION;
}

static result read_setting(sql_transaction *t, const char *name, int64_t *version, buffer *value) {
    sql_rows rows;
    result code = sql_find(t, &rows, "SELECT version, value FROM setting WHERE name = $1", "t", name);
    if (code == RESULT_OK && version != NULL)
        *version = sql_integer(&rows, 0);
    if (code == RESULT_OK)
        code = sql_append(&rows, 1, value);
    return sql_finish(&rows, code);
}

result terminal_store_setting(terminal_store *store, const char *name, int64_t *version, buffer *value) {
    const size_t before = value->length;
    sql_transaction t = sql_reading(store->db);
    while (sql_run(&t)) {
        buffer_truncate(value, before);
        t.outcome = read_setting(&t, name, version, value);
    }
    return t.outcome;
}

result terminal_store_set(terminal_store *store, const char *name, bytes value) {
    sql_transaction t = sql_writing(store->db);
    while (sql_run(&t))
        t.outcome = sql_change(&t, set_sql, "tib", name, (int64_t)0, value);
    return t.outcome;
}

result terminal_store_unset(terminal_store *store, const char *name) {
    sql_transaction t = sql_writing(store->db);
    while (sql_run(&t))
        t.outcome = sql_change(&t, unset_sql, "t", name);
    return t.outcome;
}

/* --- changes that belong together --------------------------------------------------------------------------------- */

static result add_record(sql_transaction *t, const terminal_record *r, bytes sealed) {
    const result code = sql_change(
        t, "INSERT INTO record (id, kind, subject, state, at, version) VALUES ($1, $2, $3, $4, $5, $6)", "ttttii",
        r->id, r->kind, r->subject, r->state, r->at, r->version);
    return code == RESULT_OK ? sql_change(t, "INSERT INTO content (id, sealed) VALUES ($1, $2)", "tb", r->id, sealed)
                             : code;
}

static result replace_record(sql_transaction *t, const terminal_record *r, bytes sealed) {
    int64_t changed = 0;
    result code = sql_change_counted(t, &changed, "UPDATE record SET state = $1, version = $2 WHERE id = $3", "tit",
                                     r->state, r->version, r->id);
    if (code == RESULT_OK && changed != 1)
        code = RESULT_NOT_FOUND;
    return code == RESULT_OK && sealed.length > 0
               ? sql_change(t, "UPDATE content SET sealed = $1 WHERE id = $2", "bt", sealed, r->id)
               : code;
}

static result change_setting(sql_transaction *t, const terminal_setting *s) {
    return s->gone ? sql_change(t, unset_sql, "t", s->name)
                   : sql_change(t, set_sql, "tib", s->name, s->version, s->value);
}

static result add_tokens(sql_transaction *t, const char *id, const terminal_tokens *tokens) {
    result code = RESULT_OK;
    for (size_t i = 0; code == RESULT_OK && tokens != NULL && i < tokens->count; i++)
        code = sql_change(t, "INSERT INTO search (token, id) VALUES ($1, $2) ON CONFLICT (token, id) DO NOTHING", "it",
                          tokens->token[i], id);
    return code;
}

static result add_listed(sql_transaction *t, const terminal_addition *one) {
    const result code = add_record(t, &one->record, one->sealed);
    return code == RESULT_OK ? add_tokens(t, one->record.id, one->tokens) : code;
}

static result change_all(sql_transaction *t, const terminal_change *c) {
    result code = RESULT_OK;
    if (c->record != NULL)
        code = c->is_new ? add_record(t, c->record, c->sealed) : replace_record(t, c->record, c->sealed);
    if (code == RESULT_OK && c->record != NULL)
        code = add_tokens(t, c->record->id, c->tokens);
    for (size_t i = 0; code == RESULT_OK && i < c->addition_count; i++)
        code = add_listed(t, &c->additions[i]);
    for (size_t i = 0; code == RESULT_OK && i < TERMINAL_SETTINGS && c->settings[i].name != NULL; i++)
        code = change_setting(t, &c->settings[i]);
    return code;
}

result terminal_store_change(terminal_store *store, const terminal_change *c) {
    sql_transaction t = sql_writing(store->db);
    while (sql_run(&t))
        t.outcome = change_all(&t, c);
    return t.outcome;
}

static result read_record(sql_transaction *t, const char *id, terminal_record *out, buffer *sealed) {
    sql_rows rows;
    result code = sql_find(t, &rows,
                           "SELECT " RECORD_COLUMNS ", sealed FROM record LEFT JOIN content USING (id)"
                           " WHERE record.id = $1",
                           "t", id);
    if (code == RESULT_OK) {
        take_record(&rows, out);
        code = sql_append(&rows, 6, sealed);
    }
    return sql_finish(&rows, code);
}

result terminal_store_get(terminal_store *store, const char *id, terminal_record *out, buffer *sealed) {
    const size_t before = sealed->length;
    sql_transaction t = sql_reading(store->db);
    while (sql_run(&t)) {
        buffer_truncate(sealed, before);
        t.outcome = read_record(&t, id, out, sealed);
    }
    return t.outcome;
}

/* --- everything there is ------------------------------------------------------------------------------------------ */

static result visit_records(sql_transaction *t, terminal_record_visit *visit, void *context) {
    sql_rows rows;
    bool row = false;
    terminal_record record;
    result code = sql_query(t, &rows, "SELECT " RECORD_COLUMNS " FROM record", "");
    while (code == RESULT_OK && (code = sql_step(&rows, &row)) == RESULT_OK && row) {
        take_record(&rows, &record);
        code = visit(context, &record);
    }
    return sql_finish(&rows, code);
}

result terminal_store_each(terminal_store *store, terminal_record_visit *visit, void *context) {
    sql_transaction t = sql_reading(store->db);
    while (sql_run(&t))
        t.outcome = visit_records(&t, visit, context);
    return t.outcome;
}

result terminal_store_each_beside(terminal_store *store, const char *name, int64_t *version, buffer *value,
                                  terminal_record_visit *visit, void *context) {
    const size_t before = value->length;
    sql_transaction t = sql_reading(store->db);
    while (sql_run(&t)) {
        buffer_truncate(value, before);
        t.outcome = read_setting(&t, name, version, value);
        if (t.outcome == RESULT_OK)
            t.outcome = visit_records(&t, visit, context);
    }
    return t.outcome;
}

static result visit_settings(sql_transaction *t, terminal_setting_visit *visit, void *context) {
    sql_rows rows;
    bool row = false, ours;
    int64_t version;
    char name[TERMINAL_WORD_SIZE];
    result code = sql_query(t, &rows, "SELECT name, version FROM setting WHERE version <> 0", "");
    while (code == RESULT_OK && (code = sql_step(&rows, &row)) == RESULT_OK && row) {
        ours = sql_word(&rows, 0, name, sizeof name);
        ours = sql_number(&rows, 1, &version) && ours;
        code = visit(context, name, ours ? version : TERMINAL_NO_VERSION);
    }
    return sql_finish(&rows, code);
}

result terminal_store_each_setting(terminal_store *store, terminal_setting_visit *visit, void *context) {
    sql_transaction t = sql_reading(store->db);
    while (sql_run(&t))
        t.outcome = visit_settings(&t, visit, context);
    return t.outcome;
}

result terminal_store_check(terminal_store *store) {
    static const char *const tables[] = {"record", "setting", "audit"};
    return sql_check(store->db, tables, sizeof tables / sizeof *tables);
}

result terminal_store_check_form(terminal_store *store) {
    return sql_check(store->db, NULL, 0);
}

void terminal_store_interrupt(terminal_store *store) {
    sql_interrupt(store->db);
}

result terminal_store_others(terminal_store *store, int64_t *version) {
    return sql_others(store->db, version);
}

result terminal_store_forget(terminal_store *store) {
    return sql_forget(store->db);
}

/* --- lists -------------------------------------------------------------------------------------------------------- */

static result list_rows(sql_transaction *t, const char *sql, const terminal_filter *filter, terminal_record *out,
                        size_t max, size_t *count) {
    sql_rows rows;
    bool row = true;
    result code = sql_query(t, &rows, sql, "tttti", filter->kind, filter->subject, filter->state, filter->after,
                            (int64_t)max);
    while (code == RESULT_OK && *count < max && (code = sql_step(&rows, &row)) == RESULT_OK && row)
        take_record(&rows, &out[(*count)++]);
    return sql_finish(&rows, code);
}

result terminal_store_list(terminal_store *store, const terminal_filter *filter, terminal_record *out, size_t max,
                           size_t *count) {
    const char *sql = store->lists[list_number(filter)];
    sql_transaction t = sql_reading(store->db);
    *count = 0;
    while (sql_run(&t)) {
        *count = 0;
        t.outcome = list_rows(&t, sql, filter, out, max, count);
    }
    return t.outcome;
}

/* The rows of one token are in the order of time, so the newest come first without sorting. The tokens of the sets are
 * looked up for each row; a set's empty places repeat its first token. */
#define FIND_SQL(before, also)                                                                                         \
    "SELECT a.id FROM search AS a WHERE a.token = $1" before also " ORDER BY a.id DESC LIMIT $9"
#define FIND_BEFORE " AND a.id < $2"
#define FIND_ANY " AND $2 IS NULL"
#define FIND_ONE(n1, n2, n3)                                                                                           \
    " AND EXISTS (SELECT 1 FROM search AS b WHERE b.id = a.id AND b.token IN (" n1 ", " n2 ", " n3 "))"
#define FIND_NONE(n1, n2, n3) " AND " n1 " IS NOT NULL AND " n2 " IS NOT NULL AND " n3 " IS NOT NULL"

static const char *const find_sql[2][3] = {
    {FIND_SQL(FIND_ANY, FIND_NONE("$3", "$4", "$5") FIND_NONE("$6", "$7", "$8")),
     FIND_SQL(FIND_ANY, FIND_ONE("$3", "$4", "$5") FIND_NONE("$6", "$7", "$8")),
     FIND_SQL(FIND_ANY, FIND_ONE("$3", "$4", "$5") FIND_ONE("$6", "$7", "$8"))},
    {FIND_SQL(FIND_BEFORE, FIND_NONE("$3", "$4", "$5") FIND_NONE("$6", "$7", "$8")),
     FIND_SQL(FIND_BEFORE, FIND_ONE("$3", "$4", "$5") FIND_NONE("$6", "$7", "$8")),
     FIND_SQL(FIND_BEFORE, FIND_ONE("$3", "$4", "$5") FIND_ONE("$6", "$7", "$8"))},
};

static int64_t place(const terminal_tokens *set, size_t i) {
    return set->count == 0 ? 0 : set->token[i < set->count ? i : 0];
}

static result find_rows(sql_transaction *t, const terminal_search *s, char out[][37], size_t max, size_t *count) {
    sql_rows rows;
    bool row = true;
    const terminal_tokens *a = &s->also[0], *b = &s->also[1];
    const size_t sets = a->count == 0 ? 0 : b->count == 0 ? 1 : 2;
    result code = sql_query(t, &rows, find_sql[s->before != NULL][sets], "itiiiiiii", s->token, s->before, place(a, 0),
                            place(a, 1), place(a, 2), place(b, 0), place(b, 1), place(b, 2), (int64_t)max);
    while (code == RESULT_OK && *count < max && (code = sql_step(&rows, &row)) == RESULT_OK && row)
        sql_text(&rows, 0, out[(*count)++], 37);
    return sql_finish(&rows, code);
}

result terminal_store_find(terminal_store *store, const terminal_search *wanted, char out[][37], size_t max,
                           size_t *count) {
    sql_transaction t = sql_reading(store->db);
    *count = 0;
    while (sql_run(&t)) {
        *count = 0;
        t.outcome = find_rows(&t, wanted, out, max, count);
    }
    return t.outcome;
}

result terminal_store_index(terminal_store *store, const char *id, const terminal_tokens *tokens) {
    sql_transaction t = sql_writing(store->db);
    while (sql_run(&t))
        t.outcome = add_tokens(&t, id, tokens);
    return t.outcome;
}

static result remove_tokens(sql_transaction *t, const char *id, const terminal_tokens *tokens) {
    result code = RESULT_OK;
    for (size_t i = 0; code == RESULT_OK && i < tokens->count; i++)
        code = sql_change(t, "DELETE FROM search WHERE token = $1 AND id = $2", "it", tokens->token[i], id);
    return code;
}

result terminal_store_unindex(terminal_store *store, const char *id, const terminal_tokens *tokens) {
    sql_transaction t = sql_writing(store->db);
    while (sql_run(&t))
        t.outcome = tokens != NULL ? remove_tokens(&t, id, tokens)
                                   : sql_change(&t, "DELETE FROM search WHERE id = $1", "t", id);
    return t.outcome;
}

static result read_count(sql_transaction *t, const char *kind, const char *state, int64_t *count) {
    sql_rows rows;
    const result code = sql_find(t, &rows, "SELECT count(*) FROM record WHERE kind = $1 AND ($2 IS NULL OR state = $2)",
                                 "tt", kind, state);
    *count = code == RESULT_OK ? sql_integer(&rows, 0) : 0;
    return sql_finish(&rows, code);
}

result terminal_store_count(terminal_store *store, const char *kind, const char *state, int64_t *count) {
    sql_transaction t = sql_reading(store->db);
    *count = 0;
    while (sql_run(&t))
        t.outcome = read_count(&t, kind, state, count);
    return t.outcome;
}

/* --- audit ------------------------------------------------------------------------------------------------------------ */

result terminal_store_audit_add(terminal_store *store, const terminal_audit_row *row, bytes signature) {
    sql_transaction t = sql_writing(store->db);
    while (sql_run(&t))
        t.outcome = sql_change(&t,
                               "INSERT INTO audit (number, at, event, operator, outcome, subject, chain, signature)"
                               " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                               "iitttttb", row->number, row->at, row->event, row->operator_id, row->outcome,
                               row->subject, row->chain, signature);
    return t.outcome;
}

static void take_audit_row(const sql_rows *rows, terminal_audit_row *out) {
    out->number = sql_integer(rows, 0);
    out->at = sql_integer(rows, 1);
    sql_text(rows, 2, out->event, sizeof out->event);
    sql_text(rows, 3, out->operator_id, sizeof out->operator_id);
    sql_text(rows, 4, out->outcome, sizeof out->outcome);
    sql_text(rows, 5, out->subject, sizeof out->subject);
    sql_text(rows, 6, out->chain, sizeof out->chain);
}

static result read_audit(sql_transaction *t, int64_t from, terminal_audit_visit *visit, void *context) {
    sql_rows rows;
    bool row = false;
    buffer signature = BUFFER_INIT(4096);
    terminal_audit_row audit;
    result code = sql_query(t, &rows,
                            "SELECT number, at, event, operator, outcome, subject, chain, signature FROM audit"
                            " WHERE number >= $1 ORDER BY number",
                            "i", from);
    while (code == RESULT_OK && (code = sql_step(&rows, &row)) == RESULT_OK && row) {
        take_audit_row(&rows, &audit);
        buffer_clear(&signature);
        code = sql_append(&rows, 7, &signature);
        if (code == RESULT_OK)
            code = visit(context, &audit, buffer_bytes(&signature));
    }
    buffer_wipe(&signature);
    return sql_finish(&rows, code);
}

result terminal_store_audit_each(terminal_store *store, int64_t from, terminal_audit_visit *visit, void *context) {
    sql_transaction t = sql_reading(store->db);
    while (sql_run(&t))
        t.outcome = read_audit(&t, from, visit, context);
    return t.outcome;
}

static result read_last_audit(sql_transaction *t, terminal_audit_row *out) {
    sql_rows rows;
    const result code = sql_find(t, &rows,
                                 "SELECT number, at, event, operator, outcome, subject, chain FROM audit"
                                 " ORDER BY number DESC LIMIT 1",
                                 "");
    if (code == RESULT_OK)
        take_audit_row(&rows, out);
    return sql_finish(&rows, code);
}

result terminal_store_audit_last(terminal_store *store, terminal_audit_row *out) {
    sql_transaction t = sql_reading(store->db);
    while (sql_run(&t))
        t.outcome = read_last_audit(&t, out);
    return t.outcome;
}

static result read_audit_since(sql_transaction *t, const char *event, int64_t *count, int64_t *oldest) {
    sql_rows rows;
    const result code = sql_find(
        t, &rows,
        "SELECT count(*), coalesce(min(at), 0) FROM audit WHERE number > coalesce((SELECT number FROM audit"
        " WHERE event = $1 ORDER BY number DESC LIMIT 1), 0)",
        "t", event);
    *count = code == RESULT_OK ? sql_integer(&rows, 0) : 0;
    *oldest = code == RESULT_OK ? sql_integer(&rows, 1) : 0;
    return sql_finish(&rows, code);
}

result terminal_store_audit_since(terminal_store *store, const char *event, int64_t *rows, int64_t *oldest) {
    sql_transaction t = sql_reading(store->db);
    while (sql_run(&t))
        t.outcome = read_audit_since(&t, event, rows, oldest);
    return t.outcome;
}
