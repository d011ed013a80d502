/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The data set, in generations. A new one is loaded in transactions of a thousand people, beside the one in force, and
 * takes its place by one row. A lookup is one statement that names the generation in force, so it sees one data set on
 * any engine and at any isolation. */
#include "store/platform_store_internal.h"

#include "base/clock.h"
#include "base/uuid.h"
#include "store/sql_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOGETHER 1024      /* people in one transaction */
#define SWEPT_AT_ONCE 5000 /* rows in one transaction */
#define ABANDONED_S 3600   /* a generation untouched for this long counts as abandoned */
#define ABANDONED_MAX 16   /* of these, at once */
#define PERSON_COLUMNS 9
#define CERTIFICATE_COLUMNS 4
#define COVERAGE_COLUMNS 16
#define ID_SIZE 24

/* --- rows of one table, as many at once as a statement takes ---------------------------------------------------------- */

typedef struct table_writer {
    sql_transaction *transaction;
    sql_list *list;
    size_t rows;
    sql_value values[SQL_LIST_MAX * COVERAGE_COLUMNS];
} table_writer;

static result write_rows(table_writer *w) {
    const result outcome = sql_list_run(w->transaction, w->list, w->values, w->rows, NULL);
    w->rows = 0;
    return outcome;
}

static result add_row(table_writer *w, const sql_value *values) {
    memcpy(&w->values[w->rows * w->list->columns], values, w->list->columns * sizeof *values);
    return ++w->rows == SQL_LIST_MAX ? write_rows(w) : RESULT_OK;
}

static sql_list person_rows = {"INSERT INTO person VALUES", "", PERSON_COLUMNS, 1, {0}},
                certificate_rows = {"INSERT INTO certificate VALUES", "", CERTIFICATE_COLUMNS, 1, {0}},
                coverage_rows = {"INSERT INTO coverage VALUES", "", COVERAGE_COLUMNS, 1, {0}};

/* --- loading ---------------------------------------------------------------------------------------------------------- */

typedef struct loading {
    platform_store *store;
    char generation[UUID_TEXT_SIZE];
    platform_person *people; /* of this transaction */
    char (*ids)[ID_SIZE];
    size_t count;
    table_writer writer;
} loading;

static result add_person(loading *l, size_t i) {
    const platform_person *p = &l->people[i];
    const sql_value row[PERSON_COLUMNS] = {SQL_TEXT(l->generation), SQL_TEXT(l->ids[i]),      SQL_TEXT(p->link_seed),
                                           SQL_TEXT(p->name),       SQL_TEXT(p->kana),        SQL_TEXT(p->birth_date),
                                           SQL_TEXT(p->sex),        SQL_TEXT(p->postal_code), SQL_TEXT(p->address)};
    return add_row(&l->writer, row);
}

static result add_certificates(loading *l, size_t i) {
    result outcome = RESULT_OK;
    for (size_t j = 0; outcome == RESULT_OK && j < l->people[i].certificate_count; j++) {
        const platform_certificate *c = &l->people[i].certificates[j];
        const sql_value row[CERTIFICATE_COLUMNS] = {SQL_TEXT(l->generation), SQL_TEXT(c->issuer), SQL_TEXT(c->serial),
                                                    SQL_TEXT(l->ids[i])};
        outcome = add_row(&l->writer, row);
    }
    return outcome;
}

static result add_coverages(loading *l, size_t i) {
    result outcome = RESULT_OK;
    for (size_t j = 0; outcome == RESULT_OK && j < l->people[i].coverage_count; j++) {
        const platform_coverage *c = &l->people[i].coverages[j];
        const sql_value row[COVERAGE_COLUMNS] = {SQL_TEXT(l->generation),
                                                 SQL_TEXT(l->ids[i]),
                                                 SQL_INTEGER((int64_t)j),
                                                 SQL_TEXT(c->insurer_number),
                                                 SQL_TEXT(c->insurer_name),
                                                 SQL_TEXT(c->symbol),
                                                 SQL_TEXT(c->number),
                                                 SQL_TEXT(c->branch),
                                                 SQL_INTEGER(c->family),
                                                 SQL_TEXT(c->from),
                                                 SQL_TEXT(c->to),
                                                 SQL_INTEGER(c->burden_permille),
                                                 SQL_TEXT(c->limit_category),
                                                 SQL_INTEGER(c->elderly),
                                                 SQL_TEXT(c->loss_reason),
                                                 SQL_INTEGER(c->public_expense)};
        outcome = add_row(&l->writer, row);
    }
    return outcome;
}

/* Marks the generation as being worked on. RESULT_TIMEOUT: it counted as abandoned and was swept. */
static result touch(sql_transaction *t, const char *generation) {
    int64_t changed = 0;
    result outcome = sql_change_counted(t, &changed, "UPDATE generation SET touched_at = $1 WHERE id = $2", "it",
                                        clock_wall_s(), generation);
    return outcome == RESULT_OK && changed == 0 ? RESULT_TIMEOUT : outcome;
}

static result write_people(loading *l, sql_transaction *t) {
    static const struct {
        sql_list *list;
        result (*add)(loading *l, size_t i);
    } tables[] = {{&person_rows, add_person}, {&certificate_rows, add_certificates}, {&coverage_rows, add_coverages}};
    result outcome = touch(t, l->generation);
    for (size_t table = 0; outcome == RESULT_OK && table < sizeof tables / sizeof *tables; table++) {
        l->writer.transaction = t;
        l->writer.list = tables[table].list;
        l->writer.rows = 0;
        for (size_t i = 0; outcome == RESULT_OK && i < l->count; i++)
            outcome = tables[table].add(l, i);
        if (outcome == RESULT_OK)
            outcome = write_rows(&l->writer);
    }
    return outcome;
}

/* RESULT_NOT_FOUND: these were the last ones. */
static result load_together(loading *l, platform_people *next, void *context, size_t *loaded) {
    result ended = RESULT_OK;
    for (l->count = 0; l->count < TOGETHER; l->count++) {
        ended = next(context, &l->people[l->count]);
        if (ended != RESULT_OK)
            break;
        snprintf(l->ids[l->count], ID_SIZE, "p%zu", *loaded + l->count);
    }
    if (ended != RESULT_OK && ended != RESULT_NOT_FOUND)
        return ended;
    sql_transaction t = sql_writing(l->store->db);
    while (sql_run(&t))
        t.outcome = write_people(l, &t);
    *loaded += l->count;
    return t.outcome == RESULT_OK ? ended : t.outcome;
}

/* --- generations ------------------------------------------------------------------------------------------------------ */

static result begin_generation(platform_store *store, char generation[UUID_TEXT_SIZE]) {
    result outcome = uuid_v7(generation);
    if (outcome != RESULT_OK)
        return outcome;
    sql_transaction t = sql_writing(store->db);
    while (sql_run(&t))
        t.outcome = sql_change(&t, "INSERT INTO generation VALUES ($1, $2)", "ti", generation, clock_wall_s());
    return t.outcome;
}

static result read_generation(sql_transaction *t, char generation[KEPT_VALUE_SIZE]) {
    sql_rows rows;
    result outcome = sql_find(t, &rows, "SELECT value FROM kept_value WHERE name = '" PLATFORM_GENERATION "'", "");
    if (outcome == RESULT_OK)
        sql_text(&rows, 0, generation, KEPT_VALUE_SIZE);
    return sql_finish(&rows, outcome);
}

/* Sets the one row that names the generation in force. */
static result put_in_force(platform_store *store, const char *generation, char before[KEPT_VALUE_SIZE]) {
    sql_transaction t = sql_writing(store->db);
    while (sql_run(&t)) {
        t.outcome = read_generation(&t, before);
        if (t.outcome == RESULT_OK)
            t.outcome = touch(&t, generation);
        if (t.outcome == RESULT_OK)
            t.outcome = sql_change(&t, "UPDATE kept_value SET value = $1 WHERE name = '" PLATFORM_GENERATION "'", "t",
                                   generation);
        if (t.outcome == RESULT_OK)
            t.outcome = sql_change(&t, "DELETE FROM generation WHERE id = $1", "t", generation);
    }
    return t.outcome;
}

#define SWEEP(table, key)                                                                                              \
    "DELETE FROM " table " WHERE (" key ") IN (SELECT " key " FROM " table " WHERE generation = $1 LIMIT $2)"

static result sweep_table(platform_store *store, const char *sql, const char *generation) {
    int64_t swept = 1;
    result outcome = RESULT_OK;
    while (outcome == RESULT_OK && swept > 0) {
        sql_transaction t = sql_writing(store->db);
        while (sql_run(&t))
            t.outcome = sql_change_counted(&t, &swept, sql, "ti", generation, (int64_t)SWEPT_AT_ONCE);
        outcome = t.outcome;
    }
    return outcome;
}

/* Removes a generation that is not in force, step by step, because a nation's rows are too many for one transaction. */
static result sweep_generation(platform_store *store, const char *generation) {
    static const char *const tables[] = {SWEEP("coverage", "generation, person_id, position"),
                                         SWEEP("certificate", "generation, issuer, serial"),
                                         SWEEP("person", "generation, id")};
    result outcome = RESULT_OK;
    for (size_t i = 0; outcome == RESULT_OK && i < sizeof tables / sizeof *tables; i++)
        outcome = sweep_table(store, tables[i], generation);
    if (outcome != RESULT_OK)
        return outcome;
    sql_transaction t = sql_writing(store->db);
    while (sql_run(&t))
        t.outcome = sql_change(&t, "DELETE FROM generation WHERE id = $1", "t", generation);
    return t.outcome;
}

static result list_abandoned(sql_transaction *t, char list[ABANDONED_MAX][UUID_TEXT_SIZE], size_t *count) {
    sql_rows rows;
    bool row = false;
    *count = 0;
    result outcome = sql_query(t, &rows, "SELECT id FROM generation WHERE touched_at < $1 ORDER BY id LIMIT $2", "ii",
                               clock_wall_s() - ABANDONED_S, (int64_t)ABANDONED_MAX);
    while (outcome == RESULT_OK && *count < ABANDONED_MAX && (outcome = sql_step(&rows, &row)) == RESULT_OK && row)
        sql_text(&rows, 0, list[(*count)++], UUID_TEXT_SIZE);
    return sql_finish(&rows, outcome);
}

/* Removes the generations of loads that were killed. */
static result sweep_abandoned(platform_store *store) {
    char list[ABANDONED_MAX][UUID_TEXT_SIZE];
    size_t count = 0;
    sql_transaction t = sql_reading_once(store->db);
    while (sql_run(&t))
        t.outcome = list_abandoned(&t, list, &count);
    result outcome = t.outcome;
    for (size_t i = 0; outcome == RESULT_OK && i < count; i++)
        outcome = sweep_generation(store, list[i]);
    return outcome;
}

/* Notes the replaced generation, so that the next load sweeps it if this process is killed. */
static result set_aside(platform_store *store, const char *generation) {
    sql_transaction t = sql_writing(store->db);
    while (sql_run(&t))
        t.outcome = sql_change(&t, "INSERT INTO generation VALUES ($1, 0) ON CONFLICT (id) DO NOTHING", "t",
                               generation);
    return t.outcome == RESULT_OK ? sweep_generation(store, generation) : t.outcome;
}

result platform_store_replace_people(platform_store *store, platform_people *next, void *context, size_t *count) {
    char before[KEPT_VALUE_SIZE];
    loading *l = calloc(1, sizeof *l);
    *count = 0;
    if (!l)
        return RESULT_NO_MEMORY;
    result outcome = sweep_abandoned(store);
    if (outcome == RESULT_OK)
        outcome = begin_generation(store, l->generation);
    if (outcome != RESULT_OK) {
        free(l);
        return outcome;
    }
    l->store = store;
    l->people = calloc(TOGETHER, sizeof *l->people);
    l->ids = calloc(TOGETHER, sizeof *l->ids);
    outcome = l->people && l->ids ? RESULT_OK : RESULT_NO_MEMORY;
    while (outcome == RESULT_OK)
        outcome = load_together(l, next, context, count);
    if (outcome == RESULT_NOT_FOUND)
        outcome = put_in_force(store, l->generation, before);
    if (outcome == RESULT_OK)
        outcome = set_aside(store, before);
    else
        sweep_generation(store, l->generation);
    free(l->people);
    free(l->ids);
    free(l);
    return outcome;
}

/* --- lookups ---------------------------------------------------------------------------------------------------------- */

static sql_list lookup = {
    "SELECT k.serial, p.link_seed, p.name, p.kana, p.birth_date, p.sex, p.postal_code, p.address,"
    " COALESCE(c.position, -1), c.insurer_number, c.insurer_name, c.symbol, c.number, c.branch, c.family,"
    " c.valid_from, c.valid_to, c.burden_permille, c.limit_category, c.elderly, c.loss_reason, c.public_expense"
    " FROM certificate k JOIN person p ON p.generation = k.generation AND p.id = k.person_id"
    " LEFT JOIN coverage c ON c.generation = p.generation AND c.person_id = p.id"
    " WHERE k.generation = (SELECT value FROM kept_value WHERE name = '" PLATFORM_GENERATION "') AND k.issuer = $1"
    " AND k.serial IN (",
    ") ORDER BY k.serial, c.position",
    1,
    2,
    {0}};

static void read_coverage(const sql_rows *row, platform_coverage *out) {
    sql_text(row, 9, out->insurer_number, sizeof out->insurer_number);
    sql_text(row, 10, out->insurer_name, sizeof out->insurer_name);
    sql_text(row, 11, out->symbol, sizeof out->symbol);
    sql_text(row, 12, out->number, sizeof out->number);
    sql_text(row, 13, out->branch, sizeof out->branch);
    out->family = sql_integer(row, 14) != 0;
    sql_text(row, 15, out->from, sizeof out->from);
    sql_text(row, 16, out->to, sizeof out->to);
    out->burden_permille = (int)sql_integer(row, 17);
    sql_text(row, 18, out->limit_category, sizeof out->limit_category);
    out->elderly = sql_integer(row, 19) != 0;
    sql_text(row, 20, out->loss_reason, sizeof out->loss_reason);
    out->public_expense = sql_integer(row, 21) != 0;
}

static void read_row(const sql_rows *row, platform_lookup *one) {
    platform_person *out = &one->person;
    one->found = true;
    sql_text(row, 1, out->link_seed, sizeof out->link_seed);
    sql_text(row, 2, out->name, sizeof out->name);
    sql_text(row, 3, out->kana, sizeof out->kana);
    sql_text(row, 4, out->birth_date, sizeof out->birth_date);
    sql_text(row, 5, out->sex, sizeof out->sex);
    sql_text(row, 6, out->postal_code, sizeof out->postal_code);
    sql_text(row, 7, out->address, sizeof out->address);
    if (sql_integer(row, 8) >= 0 && out->coverage_count < PLATFORM_COVERAGES_MAX)
        read_coverage(row, &out->coverages[out->coverage_count++]);
}

static result read_people(sql_transaction *t, const char *issuer, const sql_value *values, size_t number,
                          platform_lookup *list, size_t count) {
    sql_rows rows;
    bool row = false;
    char serial[PLATFORM_WORD_SIZE];
    const char *sql = sql_list_text(&lookup, number - 1);
    if (!sql)
        return RESULT_NO_MEMORY;
    for (size_t i = 0; i < count; i++) /* it may be the second try */
        if (strcmp(list[i].certificate.issuer, issuer) == 0)
            memset(&list[i].person, 0, sizeof list[i].person);
    result outcome = sql_query_values(t, &rows, sql, values, number);
    while (outcome == RESULT_OK && (outcome = sql_step(&rows, &row)) == RESULT_OK && row) {
        sql_text(&rows, 0, serial, sizeof serial);
        for (size_t i = 0; i < count; i++)
            if (strcmp(list[i].certificate.serial, serial) == 0 && strcmp(list[i].certificate.issuer, issuer) == 0)
                read_row(&rows, &list[i]);
    }
    return sql_finish(&rows, outcome);
}

/* Those of one CA by one statement. */
static result find_of_issuer(platform_store *store, const char *issuer, platform_lookup *list, size_t count) {
    sql_value values[SQL_LIST_LOOKUP + 1] = {SQL_TEXT(issuer)};
    size_t filled = 1;
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].certificate.issuer, issuer) == 0)
            values[filled++] = SQL_TEXT(list[i].certificate.serial);
    filled = sql_list_fill(values, 1, filled);
    sql_transaction t = sql_reading_once(store->db);
    while (sql_run(&t))
        t.outcome = read_people(&t, issuer, values, filled, list, count);
    return t.outcome;
}

result platform_store_find_people(platform_store *store, platform_lookup *list, size_t count) {
    result outcome = count <= PLATFORM_LOOKUP_MAX ? RESULT_OK : RESULT_TOO_LONG;
    for (size_t i = 0; i < count; i++)
        list[i].found = false;
    for (size_t i = 0; outcome == RESULT_OK && i < count; i++) {
        size_t before = 0;
        while (before < i && strcmp(list[before].certificate.issuer, list[i].certificate.issuer) != 0)
            before++;
        if (before == i)
            outcome = find_of_issuer(store, list[i].certificate.issuer, list, count);
    }
    return outcome;
}

result platform_store_find_person(platform_store *store, const platform_certificate *certificate,
                                  platform_person *out) {
    platform_lookup *one = calloc(1, sizeof *one);
    if (!one)
        return RESULT_NO_MEMORY;
    one->certificate = *certificate;
    result outcome = platform_store_find_people(store, one, 1);
    *out = one->person;
    if (outcome == RESULT_OK && !one->found)
        outcome = RESULT_NOT_FOUND;
    free(one);
    return outcome;
}
