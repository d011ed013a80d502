/* PostgreSQL behind lib/store/sql.h (libpq). Results come in binary form: text and bytea as they are, BIGINT as 8 bytes,
 * big endian. Writing transactions are serializable: engines that distribute rows know no other level. */
#include "store/sql_engine.h"

#include "base/log.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Type numbers of pg_type, the same since the first versions. */
#define TYPE_BYTEA 17
#define TYPE_INT8 20
#define TYPE_TEXT 25

typedef struct connection {
    PGconn *handle;
    bool lost_race;
} connection;

typedef struct cursor {
    PGresult *rows;
    int row;
} cursor;

static const struct {
    const char *state; /* SQLSTATE, or its class of two characters */
    result outcome;
} outcomes[] = {
    {"23505", RESULT_EXISTS},      {"40001", RESULT_UNAVAILABLE}, {"40P01", RESULT_UNAVAILABLE},
    {"53", RESULT_UNAVAILABLE},    {"57", RESULT_UNAVAILABLE},    {"08", RESULT_UNAVAILABLE},
    {"55P03", RESULT_TIMEOUT},     {"58", RESULT_IO},             {"XX", RESULT_INVALID},
    {"42", RESULT_INTERNAL},       {"22", RESULT_INVALID},        {"3D000", RESULT_NOT_FOUND},
};

static result outcome_of(connection *c, const PGresult *answer, const char *doing) {
    ExecStatusType status = PQresultStatus(answer);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        return RESULT_OK;
    const char *state = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
    result outcome = state ? RESULT_INTERNAL : RESULT_UNAVAILABLE; /* none: the connection is gone */
    for (size_t i = 0; state && i < sizeof outcomes / sizeof outcomes[0]; i++)
        if (strncmp(state, outcomes[i].state, strlen(outcomes[i].state)) == 0)
            outcome = outcomes[i].outcome;
    if (state && (strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0))
        c->lost_race = true;
    else if (outcome != RESULT_EXISTS)
        log_error("store: %s: %s", doing, PQresultErrorField(answer, PG_DIAG_MESSAGE_PRIMARY)
                                              ? PQresultErrorField(answer, PG_DIAG_MESSAGE_PRIMARY)
                                              : PQerrorMessage(c->handle));
    return outcome;
}

static result execute(connection *c, const char *sql) {
    PGresult *answer = PQexec(c->handle, sql);
    result outcome = outcome_of(c, answer, sql);
    PQclear(answer);
    return outcome;
}

/* --- transactions ------------------------------------------------------------------------------------------------- */

static result begin(void *handle, bool writes) {
    connection *c = handle;
    c->lost_race = false;
    if (PQstatus(c->handle) != CONNECTION_OK)
        PQreset(c->handle); /* the server was started again */
    return execute(c, writes ? "BEGIN ISOLATION LEVEL SERIALIZABLE" : "BEGIN READ ONLY");
}

static result end(void *handle, result so_far) {
    connection *c = handle;
    if (so_far == RESULT_OK)
        so_far = execute(c, "COMMIT");
    if (so_far != RESULT_OK && PQtransactionStatus(c->handle) != PQTRANS_IDLE)
        execute(c, "ROLLBACK");
    return so_far;
}

static bool lost_race(const void *handle) {
    return ((const connection *)handle)->lost_race;
}

/* --- statements --------------------------------------------------------------------------------------------------- */

static result run(connection *c, const char *sql, const sql_value *values, size_t count, PGresult **out) {
    Oid types[SQL_PARAMETERS_MOST];
    const char *texts[SQL_PARAMETERS_MOST];
    int lengths[SQL_PARAMETERS_MOST], binary[SQL_PARAMETERS_MOST];
    char numbers[SQL_PARAMETERS_MOST][24];
    for (size_t i = 0; i < count; i++) {
        bool blob = values[i].kind == 'b';
        types[i] = blob ? TYPE_BYTEA : values[i].kind == 'i' ? TYPE_INT8 : TYPE_TEXT;
        binary[i] = blob;
        lengths[i] = blob ? (int)values[i].blob.length : 0;
        texts[i] = blob ? (values[i].blob.length ? (const char *)values[i].blob.data : "") : values[i].text;
        if (values[i].kind == 'i') {
            snprintf(numbers[i], sizeof numbers[i], "%lld", (long long)values[i].integer);
            texts[i] = numbers[i];
        }
    }
    *out = PQexecParams(c->handle, sql, (int)count, types, texts, lengths, binary, 1);
    return outcome_of(c, *out, "executing");
}

static result change(void *handle, const char *sql, const sql_value *values, size_t count, int64_t *changed) {
    PGresult *answer;
    result outcome = run(handle, sql, values, count, &answer);
    if (changed)
        *changed = strtoll(PQcmdTuples(answer), NULL, 10);
    PQclear(answer);
    return outcome;
}

static result query(void *handle, const char *sql, const sql_value *values, size_t count, void **out) {
    cursor *one = calloc(1, sizeof *one);
    if (!one)
        return RESULT_NO_MEMORY;
    one->row = -1;
    *out = one;
    return run(handle, sql, values, count, &one->rows);
}

static result step(void *handle, bool *row) {
    cursor *one = handle;
    *row = ++one->row < PQntuples(one->rows);
    return RESULT_OK;
}

static void finish(void *handle) {
    cursor *one = handle;
    PQclear(one->rows);
    free(one);
}

static bytes column(void *handle, int number) {
    const cursor *one = handle;
    return bytes_of(PQgetvalue(one->rows, one->row, number), (size_t)PQgetlength(one->rows, one->row, number));
}

static int64_t integer(void *handle, int number) {
    bytes raw = column(handle, number);
    uint64_t value = 0;
    for (size_t i = 0; i < raw.length && i < 8; i++)
        value = value << 8 | raw.data[i];
    return (int64_t)value;
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

static void ignore_notice(void *unused, const char *message) {
    (void)unused;
    log_debug("store: %s", message);
}

static result schema_version(connection *c, const char *name, int64_t *version) {
    void *rows = NULL;
    bool row = false;
    const sql_value key = {.kind = 't', .text = name};
    result outcome = query(c, "SELECT max(version) FROM schema_version WHERE name = $1", &key, 1, &rows);
    if (outcome == RESULT_OK)
        outcome = step(rows, &row);
    *version = row ? integer(rows, 0) : 0;
    if (rows)
        finish(rows);
    return outcome;
}

/* Two programs that start at once: the second one loses the race, or finds the work done. */
static result migrate(connection *c, const sql_schema *schema) {
    int64_t version = 0;
    result outcome = execute(c, "CREATE TABLE IF NOT EXISTS schema_version (name TEXT NOT NULL, version BIGINT NOT NULL,"
                                " PRIMARY KEY (name, version))");
    if (outcome == RESULT_OK)
        outcome = schema_version(c, schema->name, &version);
    if (outcome == RESULT_OK && (size_t)version > schema->count) {
        log_error("store: schema version %lld is newer than this program. Install the newer program.",
                  (long long)version);
        outcome = RESULT_UNSUPPORTED;
    }
    for (size_t next = (size_t)version; outcome == RESULT_OK && next < schema->count; next++) {
        const sql_value mark[] = {{.kind = 't', .text = schema->name}, {.kind = 'i', .integer = (int64_t)next + 1}};
        outcome = execute(c, schema->migrations[next]);
        if (outcome == RESULT_OK)
            outcome = change(c, "INSERT INTO schema_version VALUES ($1, $2)", mark, 2, NULL);
    }
    return outcome;
}

static result migrate_whole(connection *c, const sql_schema *schema) {
    result outcome = RESULT_UNAVAILABLE;
    for (unsigned tries = 0; outcome != RESULT_OK && tries < 5; tries++) {
        outcome = begin(c, true);
        if (outcome == RESULT_OK)
            outcome = end(c, migrate(c, schema));
        if (outcome != RESULT_EXISTS && !c->lost_race)
            break;
    }
    return outcome;
}

static void close_connection(void *handle) {
    connection *c = handle;
    PQfinish(c->handle);
    free(c);
}

static result open_connection(const char *where, const sql_schema *schema, void **out) {
    connection *c = calloc(1, sizeof *c);
    if (!c)
        return RESULT_NO_MEMORY;
    c->handle = PQconnectdb(where);
    result outcome = RESULT_OK;
    if (PQstatus(c->handle) != CONNECTION_OK) {
        log_error("store: %s", PQerrorMessage(c->handle)); /* names host and database, never the password */
        outcome = RESULT_UNAVAILABLE;
    } else {
        PQsetNoticeProcessor(c->handle, ignore_notice, NULL);
        outcome = migrate_whole(c, schema);
    }
    if (outcome != RESULT_OK) {
        close_connection(c);
        return outcome;
    }
    *out = c;
    return RESULT_OK;
}

const sql_engine sql_engine_postgres = {
    .one_writer = false, .open = open_connection, .close = close_connection, .begin = begin, .end = end,
    .lost_race = lost_race, .change = change, .query = query, .step = step, .finish = finish, .column = column,
    .integer = integer,
};
