/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "relay-folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#define FILE_NAME "/relay.sqlite"
#define BUSY_MS 5000

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
    char path[sizeof folder + sizeof FILE_NAME];
    sqlite3 *db = NULL;
    snprintf(path, sizeof path, "%s" FILE_NAME, folder);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_busy_timeout(db, BUSY_MS), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, statement, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}
