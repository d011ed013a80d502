/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "store/kept_value.h"

#include "base/clock.h"

static result read_value(sql_transaction *t, const char *name, char kept[KEPT_VALUE_SIZE]) {
    sql_rows rows;
    result outcome = sql_find(t, &rows, "SELECT value FROM kept_value WHERE name = $1", "t", name);
    if (outcome == RESULT_OK)
        sql_text(&rows, 0, kept, KEPT_VALUE_SIZE);
    return sql_finish(&rows, outcome);
}

result kept_value_set_if_absent(sql_database *db, const char *name, const char *value, char kept[KEPT_VALUE_SIZE]) {
    sql_transaction t = value ? sql_writing(db) : sql_reading(db);
    while (sql_run(&t)) {
        if (value)
            t.outcome = sql_change(&t, "INSERT INTO kept_value VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", "tt",
                                   name, value);
        if (t.outcome == RESULT_OK)
            t.outcome = read_value(&t, name, kept);
    }
    return t.outcome;
}

result kept_value_delete(sql_database *db, const char *name) {
    sql_transaction t = sql_writing(db);
    while (sql_run(&t))
        t.outcome = sql_change(&t, "DELETE FROM kept_value WHERE name = $1", "t", name);
    return t.outcome;
}

result kept_value_probe(sql_database *db, const char *name) {
    char kept[KEPT_VALUE_SIZE], now[CLOCK_TEXT_SIZE];
    clock_text(clock_wall_s(), now);
    sql_transaction t = sql_reading_once(db);
    while (sql_run(&t))
        t.outcome = read_value(&t, name, kept);
    if (t.outcome != RESULT_OK && t.outcome != RESULT_NOT_FOUND)
        return t.outcome;
    t = sql_writing_once(db);
    while (sql_run(&t))
        t.outcome = sql_change(&t, "INSERT INTO kept_value VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2",
                               "tt", name, now);
    return t.outcome;
}
