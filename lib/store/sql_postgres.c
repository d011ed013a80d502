/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* PostgreSQL behind lib/store/sql.h (libpq). Results come in binary form: text and bytea as they are, BIGINT as 8
 * bytes, big endian. Writing transactions of several statements are serializable: engines that distribute rows know no
 * other level. Every call has a time limit: a hanging server is treated like a stopped one.
 *
 * Nothing outlives a transaction: no setting, no prepared statement, no option at the connection's start. So a pooler may
 * hand each transaction to another connection (PgBouncer, pool_mode = transaction). */
#include "store/sql_internal.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Type numbers of pg_type, the same since the first versions. */
#define TYPE_BYTEA 17
#define TYPE_INT8 20
#define TYPE_TEXT 25

/* A request to a service is answered within 30 s: BEGIN, a new connection, BEGIN and one statement fit into it. The
 * server ends statements that wait for a lock too long, otherwise waiting processes would accumulate there. */
#define CONNECT_SECONDS "5"
#define LOCK_TIMEOUT "lock_timeout"
#define SET_LOCK_TIMEOUT "; SET LOCAL " LOCK_TIMEOUT " = 8000"
#define BEGIN_MS 5000
#define STATEMENT_MS 10000
#define LONG_STATEMENT_MS 3600000 /* an index over the rows of years */

typedef struct connection {
    PGconn *handle;
    bool lost_race;
    bool once;             /* this transaction is one statement */
    bool read_only;        /* the server is a standby */
    bool own_lock_timeout; /* the URL has one */
    int64_t statement_ms;  /* in this transaction */
    bool warned;           /* the server's answer had a warning */
    int64_t asked;         /* number of calls of others */
    bool abandoned;        /* its answer did not come in time; a late one would be taken for the next statement's */
} connection;

typedef struct cursor {
    PGresult *rows;
    int row;
} cursor;

static const struct {
    const char *state; /* SQLSTATE, or its class of two characters */
    result outcome;
} outcomes[] = {
    /* The last row that fits counts. */
    {"23505", RESULT_EXISTS},      {"40001", RESULT_UNAVAILABLE},
    {"40P01", RESULT_UNAVAILABLE}, {"53", RESULT_UNAVAILABLE},
    {"57", RESULT_UNAVAILABLE},    {"08", RESULT_UNAVAILABLE},
    {"55P03", RESULT_TIMEOUT},     {"58", RESULT_IO},
    {"XX", RESULT_INVALID},        {"42", RESULT_INTERNAL},
    {"42501", RESULT_DENIED},      {"22", RESULT_INVALID},
    {"25006", RESULT_UNAVAILABLE}, {"0A000", RESULT_UNAVAILABLE},
    {"3D000", RESULT_NOT_FOUND},
};

/* --- waiting ------------------------------------------------------------------------------------------------------ */

static bool await_socket(const connection *c, short events, int64_t deadline) {
    for (;;) {
        struct pollfd one = {.fd = PQsocket(c->handle), .events = events};
        int64_t left = deadline - clock_monotonic_ms();
        int ready = poll(&one, 1, left > 0 ? (int)left : 0);
        if (ready >= 0 || errno != EINTR)
            return ready > 0;
    }
}

/* Waits until the query is sent and its whole answer is in, or the connection is broken, which PQgetResult reports. */
static bool await_answer(const connection *c, int64_t deadline) {
    int unsent;
    while ((unsent = PQflush(c->handle)) == 1)
        if (!await_socket(c, POLLIN | POLLOUT, deadline) || !PQconsumeInput(c->handle))
            break;
    while (unsent != 1 && PQisBusy(c->handle)) {
        if (!await_socket(c, POLLIN, deadline))
            return false;
        if (!PQconsumeInput(c->handle))
            break;
    }
    return unsent != 1 || PQstatus(c->handle) == CONNECTION_BAD;
}

/* The last answer to what was sent: a text of several statements ends at the first that fails. NULL: none in time. */
static PGresult *answer_within(connection *c, int64_t ms) {
    int64_t deadline = clock_monotonic_ms() + ms;
    PGresult *last = NULL, *next;
    while (!(c->abandoned = !await_answer(c, deadline)) && (next = PQgetResult(c->handle))) {
        PQclear(last);
        last = next;
    }
    if (c->abandoned) {
        PQclear(last);
        last = NULL;
    }
    return last;
}

static result outcome_of(connection *c, const PGresult *answer, const char *doing) {
    if (c->abandoned) {
        log_error("store: %s: the database server does not answer", doing);
        return RESULT_TIMEOUT;
    }
    ExecStatusType status = PQresultStatus(answer);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        return RESULT_OK;
    const char *state = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
    result outcome = state ? RESULT_INTERNAL : RESULT_UNAVAILABLE; /* none: the connection is gone */
    for (size_t i = 0; state && i < sizeof outcomes / sizeof outcomes[0]; i++)
        if (strncmp(state, outcomes[i].state, strlen(outcomes[i].state)) == 0)
            outcome = outcomes[i].outcome;
    /* 25006 read_only_sql_transaction; 0A000: "cannot use serializable mode in a hot standby". A server that was the
     * primary when the connection was opened may be a standby now, and stay one. */
    c->read_only = c->read_only || (state && (strcmp(state, "25006") == 0 || strcmp(state, "0A000") == 0));
    if (state && (strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0))
        c->lost_race = true;
    else if (outcome != RESULT_EXISTS)
        log_error("store: %s: %s", doing,
                  PQresultErrorField(answer, PG_DIAG_MESSAGE_PRIMARY)
                      ? PQresultErrorField(answer, PG_DIAG_MESSAGE_PRIMARY)
                      : PQerrorMessage(c->handle));
    if (c->read_only)
        log_error("store: this server is a standby, or read-only. Name all servers in the store's URL; the one that"
                  " writes is found (postgresql://HOST,HOST/...).");
    return outcome;
}

static result execute(connection *c, const char *sql, int64_t ms) {
    PGresult *answer = PQsendQuery(c->handle, sql) ? answer_within(c, ms) : NULL;
    result outcome = outcome_of(c, answer, sql);
    PQclear(answer);
    return outcome;
}

/* --- transactions ------------------------------------------------------------------------------------------------- */

/* All statements of a reading transaction see one state of the database, whatever is committed between two of them: at
 * PostgreSQL's own default (READ COMMITTED) each statement sees another one. */
#define BEGIN_READING "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

#define BEGIN_WRITING "BEGIN ISOLATION LEVEL SERIALIZABLE"

/* Reads what the server has sent unasked, such as its shutdown: otherwise the next statement, and its result, would be
 * lost. */
static result look_at(connection *c) {
    for (int i = 0; i < 3 && await_socket(c, POLLIN, 0); i++) /* its message, then the end of the connection */
        if (!PQconsumeInput(c->handle))
            return RESULT_UNAVAILABLE;
    return PQstatus(c->handle) == CONNECTION_OK ? RESULT_OK : RESULT_UNAVAILABLE;
}

static result begin(void *handle, sql_work work) {
    connection *c = handle;
    c->lost_race = c->warned = false;
    c->once = sql_is_once(work);
    c->statement_ms = work == SQL_READS_ONCE ? BEGIN_MS : STATEMENT_MS;
    if (c->once)
        return look_at(c);
    return execute(c,
                   work == SQL_READS     ? BEGIN_READING
                   : c->own_lock_timeout ? BEGIN_WRITING
                                         : BEGIN_WRITING SET_LOCK_TIMEOUT,
                   BEGIN_MS);
}

static bool broken(const void *handle) {
    const connection *c = handle;
    return c->abandoned || c->read_only || PQstatus(c->handle) != CONNECTION_OK;
}

/* Only a COMMIT without a warning counts as done. A cancelled wait for a standby ends as a success with a warning
 * (01000: "committed locally, but might not have been replicated"), and a transaction that had failed before ends in
 * success, too, with the tag ROLLBACK. */
static result commit(connection *c) {
    c->warned = false;
    PGresult *answer = PQsendQuery(c->handle, "COMMIT") ? answer_within(c, c->statement_ms) : NULL;
    result outcome = outcome_of(c, answer, "COMMIT");
    if (outcome == RESULT_OK && (c->warned || strcmp(PQcmdStatus(answer), "COMMIT") != 0)) {
        log_error("store: COMMIT: the database server does not vouch for it (%s)", PQcmdStatus(answer));
        outcome = RESULT_UNAVAILABLE;
    }
    PQclear(answer);
    return outcome;
}

static result end(void *handle, result so_far) {
    connection *c = handle;
    if (c->once)
        return so_far;
    if (so_far == RESULT_OK)
        so_far = commit(c);
    if (so_far != RESULT_OK && !broken(c) && PQtransactionStatus(c->handle) != PQTRANS_IDLE)
        execute(c, "ROLLBACK", c->statement_ms);
    return so_far;
}

static bool lost_race(const void *handle) {
    return ((const connection *)handle)->lost_race;
}

/* --- statements --------------------------------------------------------------------------------------------------- */

static result run(connection *c, const char *sql, const sql_value *values, size_t count, PGresult **out) {
    Oid types[SQL_PARAMETERS_MAX];
    const char *texts[SQL_PARAMETERS_MAX];
    int lengths[SQL_PARAMETERS_MAX], binary[SQL_PARAMETERS_MAX];
    char numbers[SQL_PARAMETERS_MAX][24];
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
    bool sent = PQsendQueryParams(c->handle, sql, (int)count, types, texts, lengths, binary, 1);
    *out = sent ? answer_within(c, c->statement_ms) : NULL;
    result outcome = outcome_of(c, *out, "executing");
    if (outcome == RESULT_OK && c->once && c->warned) { /* its COMMIT is part of it: see commit */
        log_error("store: the database server does not vouch for what it has done");
        outcome = RESULT_UNAVAILABLE;
    }
    return outcome;
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

static char kind(void *handle, int number) {
    const cursor *one = handle;
    const Oid type = PQftype(one->rows, number);
    if (PQgetisnull(one->rows, one->row, number))
        return 0;
    return type == TYPE_TEXT ? 't' : type == TYPE_INT8 ? 'i' : type == TYPE_BYTEA ? 'b' : 0;
}

/* --- whether it is still this program's --------------------------------------------------------------------------- */

/* Finds what could replace a table, hide its rows or change what is written. Indexes are the server's
 * responsibility. */
static const char plain_table[] = "SELECT 1::bigint FROM pg_class WHERE relname = $1 AND pg_table_is_visible(oid)"
                                  " AND relkind IN ('r', 'p') AND NOT relhasrules AND NOT relhastriggers"
                                  " AND NOT relrowsecurity";

static result check_table(connection *c, const char *table) {
    const sql_value name = {.kind = 't', .text = table};
    void *rows = NULL;
    bool row = false;
    result outcome = query(c, plain_table, &name, 1, &rows);
    if (outcome == RESULT_OK)
        outcome = step(rows, &row);
    if (rows)
        finish(rows);
    return outcome == RESULT_OK && !row ? RESULT_BAD_SIGNATURE : outcome;
}

static result check(void *handle, const char *const *tables, size_t count) {
    result outcome = RESULT_OK;
    for (size_t i = 0; outcome == RESULT_OK && i < count; i++)
        outcome = check_table(handle, tables[i]);
    return outcome;
}

/* The server does not report writes of others: always another number. */
static result others(void *handle, int64_t *version) {
    connection *c = handle;
    *version = ++c->asked;
    return RESULT_OK;
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

static void take_notice(void *context, const PGresult *notice) {
    connection *c = context;
    const char *severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char *message = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);
    const bool warning = severity && strcmp(severity, "WARNING") == 0;
    c->warned = c->warned || warning;
    if (warning)
        log_warning("store: %s", message ? message : "a warning without words");
    else
        log_debug("store: %s", message ? message : "");
}

static result read_number(connection *c, const char *sql, const char *name, int64_t *number) {
    void *rows = NULL;
    bool row = false;
    const sql_value key = {.kind = 't', .text = name};
    result outcome = query(c, sql, &key, 1, &rows);
    if (outcome == RESULT_OK)
        outcome = step(rows, &row);
    *number = row ? integer(rows, 0) : 0;
    if (rows)
        finish(rows);
    return outcome;
}

/* 0: there are no tables yet. */
static result schema_version(connection *c, const sql_schema *schema, int64_t *version) {
    int64_t there = 0;
    *version = 0;
    result outcome = read_number(c,
                                 "SELECT count(*) FROM pg_class WHERE relname = $1 AND relkind IN ('r', 'p')"
                                 " AND pg_table_is_visible(oid)",
                                 "schema_version", &there);
    if (outcome == RESULT_OK && there > 0)
        outcome = read_number(c, "SELECT max(version) FROM schema_version WHERE name = $1", schema->name, version);
    if (outcome == RESULT_OK && (size_t)*version > schema->count) {
        log_error("store: schema version %lld is newer than this program. Install the newer program.",
                  (long long)*version);
        return RESULT_UNSUPPORTED;
    }
    return outcome == RESULT_OK && *version > 0 && (size_t)*version < schema->first ? RESULT_EXPIRED : outcome;
}

/* When two programs start at once, the second one loses the race or finds the work done. */
static result migrate(connection *c, const sql_schema *schema) {
    int64_t version = 0;
    result outcome = schema_version(c, schema, &version);
    if (outcome == RESULT_OK && version == 0)
        outcome = execute(c,
                          "CREATE TABLE IF NOT EXISTS schema_version (name TEXT NOT NULL, version BIGINT NOT NULL,"
                          " PRIMARY KEY (name, version))",
                          STATEMENT_MS);
    for (size_t next = (size_t)version; outcome == RESULT_OK && next < schema->count; next++) {
        const sql_value mark[] = {{.kind = 't', .text = schema->name}, {.kind = 'i', .integer = (int64_t)next + 1}};
        outcome = execute(c, schema->migrations[next], LONG_STATEMENT_MS);
        if (outcome == RESULT_OK)
            outcome = change(c, "INSERT INTO schema_version VALUES ($1, $2)", mark, 2, NULL);
    }
    return outcome;
}

static result migrate_whole(connection *c, const sql_schema *schema) {
    result outcome = RESULT_UNAVAILABLE;
    for (unsigned tries = 0; outcome != RESULT_OK && tries < 5; tries++) {
        outcome = begin(c, SQL_WRITES);
        if (outcome == RESULT_OK)
            outcome = end(c, migrate(c, schema));
        if (outcome != RESULT_EXISTS && !c->lost_race)
            break;
    }
    if (outcome == RESULT_DENIED)
        log_error("store: this role may not make the %s service's tables. Make them as their owner first (command"
                  " migrate, setting owner-store).",
                  schema->name);
    return outcome;
}

/* Checks the version first: the service's role need not own the tables, which usually exist already. */
static result bring_up(connection *c, const sql_schema *schema) {
    int64_t version = 0;
    result outcome = begin(c, SQL_READS_ONCE);
    if (outcome == RESULT_OK)
        outcome = schema_version(c, schema, &version);
    return outcome == RESULT_OK && (size_t)version < schema->count ? migrate_whole(c, schema) : outcome;
}

static void close_connection(void *handle) {
    connection *c = handle;
    PQfinish(c->handle);
    free(c);
}

/* libpq's own default, "prefer", accepts any server, even without TLS; PGSSLMODE of the environment would lower it.
 * A socket of the file system needs no TLS and gets none. */
#define NETWORK_TRUST "verify-full"

/* Of several servers in the URL, connects to the primary. */
#define WRITER "read-write"

static void explain_failure(PGconn *handle) {
    const char *host = PQhost(handle);
    log_error("store: %s", PQerrorMessage(handle)); /* names host and database, never the password */
    if (host && host[0] != '\0' && host[0] != '/')
        log_error("store: over a network the database must show a certificate for %s. Name its CA in the store's URL "
                  "(sslrootcert=FILE), or its sslmode.",
                  host);
}

static result open_connection(const char *where, const sql_schema *schema, void **out) {
    connection *c = calloc(1, sizeof *c);
    if (!c)
        return RESULT_NO_MEMORY;
    static const char *const names[] = {"connect_timeout", "sslmode", "target_session_attrs", "dbname", NULL};
    const char *const values[] = {CONNECT_SECONDS, NETWORK_TRUST, WRITER, where, NULL}; /* the URL's own win */
    c->own_lock_timeout = strstr(where, LOCK_TIMEOUT) != NULL;
    c->handle = PQconnectdbParams(names, values, 1);
    result outcome = RESULT_OK;
    if (PQstatus(c->handle) != CONNECTION_OK || PQsetnonblocking(c->handle, 1) != 0) {
        explain_failure(c->handle);
        outcome = RESULT_UNAVAILABLE;
    } else {
        PQsetNoticeReceiver(c->handle, take_notice, c);
        outcome = bring_up(c, schema);
    }
    if (outcome != RESULT_OK) {
        close_connection(c);
        return outcome;
    }
    *out = c;
    return RESULT_OK;
}

/* clang-format off */
static const sql_engine postgres = {
    .one_writer = false, .shows_unsafe = true, .open = open_connection, .close = close_connection, .begin = begin, .end = end,
    .lost_race = lost_race, .broken = broken, .change = change, .query = query, .step = step, .finish = finish, .column = column,
    .integer = integer, .kind = kind, .check = check, .others = others,
};
/* clang-format on */

const sql_engine *sql_server_engine(void) {
    return &postgres;
}
