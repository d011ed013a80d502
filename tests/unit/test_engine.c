/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test_engine.h"

#include "store/sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

char test_engine_url[512], test_engine_path[96];
static char folder[64];

/* A server keeps its tables between two tests. */
static int empty_server(void) {
    static const char *const drops[] = {"DROP TABLE IF EXISTS setting", "DROP TABLE IF EXISTS record",
                                        "DROP TABLE IF EXISTS content", "DROP TABLE IF EXISTS search",
                                        "DROP TABLE IF EXISTS audit",   "DROP TABLE IF EXISTS schema_version"};
    sql_database *db;
    if (sql_open(test_engine_url, &(sql_schema){"none", NULL, 0, 0}, &db) != RESULT_OK)
        return -1;
    sql_transaction t = sql_writing(db);
    while (sql_run(&t))
        for (size_t i = 0; t.outcome == RESULT_OK && i < sizeof drops / sizeof *drops; i++)
            t.outcome = sql_change(&t, drops[i], "");
    sql_close(&db);
    return t.outcome == RESULT_OK ? 0 : -1;
}

int test_engine_begin(void **state) {
    (void)state;
    const char *given = getenv("UKETSUKE_STORE_URL");
    if (given) {
        snprintf(test_engine_url, sizeof test_engine_url, "%s", given);
        return empty_server();
    }
    snprintf(folder, sizeof folder, "/tmp/uketsuke-store.XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(test_engine_path, sizeof test_engine_path, "%s/test.sqlite", folder);
    snprintf(test_engine_url, sizeof test_engine_url, "%s", test_engine_path);
    return 0;
}

int test_engine_end(void **state) {
    static const char *const names[] = {"", "-wal", "-shm"};
    (void)state;
    for (size_t i = 0; folder[0] && i < 3; i++) {
        char name[128];
        snprintf(name, sizeof name, "%s%s", test_engine_path, names[i]);
        unlink(name);
    }
    return folder[0] ? rmdir(folder) : 0;
}
