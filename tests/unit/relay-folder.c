/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "relay-folder.h"

#include "store/sql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define FILE_NAME "/relay.sqlite"

static char folder[] = "/tmp/test-relay-XXXXXX";

int relay_folder_make(void **state) {
    (void)state;
    return mkdtemp(folder) != NULL ? 0 : -1;
}

int relay_folder_remove(void **state) {
    (void)state;
    relay_folder_clear();
    return rmdir(folder);
}

void relay_folder_clear(void) {
    static const char *const ends[] = {"", "-wal", "-shm"};
    char path[sizeof folder + sizeof FILE_NAME + 4];
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        snprintf(path, sizeof path, "%s" FILE_NAME "%s", folder, ends[i]);
        unlink(path);
    }
}

const char *relay_folder(void) {
    return folder;
}

void relay_folder_change(const char *statement) {
    static const char *const none[] = {"", ""};
    const sql_schema schema = {.name = "relay", .migrations = none, .count = 2};
    char path[sizeof folder + sizeof FILE_NAME];
    sql_database *db = NULL;
    snprintf(path, sizeof path, "%s" FILE_NAME, folder);
    assert_int_equal(sql_open(path, &schema, &db), RESULT_OK);
    sql_transaction t = sql_writing(db);
    while (sql_run(&t))
        t.outcome = sql_change(&t, statement, "");
    assert_int_equal(t.outcome, RESULT_OK);
    sql_close(&db);
}
