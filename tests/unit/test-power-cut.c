/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The store on a disk that loses what was not synchronised: the power is cut before every single write and
 * synchronisation, and of the writes since the last synchronisation of a file none, the last, or every second one is
 * there afterwards (sqlite.org, "Atomic Commit In SQLite", 2). What was committed stays, the rest is not half there. */
#include "base/log.h"
#include "store/sql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#define FILES_MAX 8
#define WRITES_MAX 64
#define SIZE_MAX_OF_FILE (1 << 20)
#define ROWS 6 /* each time that the store is opened */
#define OPENINGS 2

/* --- the disk ----------------------------------------------------------------------------------------------------- */

typedef struct unsynced {
    sqlite3_int64 at;
    int length; /* -1: a truncation to that size */
    uint8_t *data;
} unsynced;

typedef struct disk_file {
    char path[128];
    uint8_t *durable;
    sqlite3_int64 size;
    unsynced writes[WRITES_MAX];
    size_t count;
} disk_file;

typedef struct open_file {
    sqlite3_file base;
    disk_file *on_disk; /* NULL: not one of the database's */
    sqlite3_file *real;
} open_file;

typedef enum survivors { NONE, THE_LAST, EVERY_SECOND, SURVIVORS } survivors;

static disk_file files[FILES_MAX];
static sqlite3_vfs *system_vfs, disk;
static unsigned steps, cut_at;

static bool is_dead(void) {
    return steps >= cut_at;
}

/* A write, a truncation or a synchronisation; false: the power is out. */
static bool step(void) {
    if (is_dead())
        return false;
    steps++;
    return !is_dead();
}

static void forget_writes(disk_file *f) {
    for (size_t i = 0; i < f->count; i++)
        free(f->writes[i].data);
    f->count = 0;
}

static void remember(disk_file *f, const void *data, int length, sqlite3_int64 at) {
    assert_true(f->count < WRITES_MAX);
    unsynced *w = &f->writes[f->count++];
    *w = (unsynced){.at = at, .length = length, .data = length > 0 ? malloc((size_t)length) : NULL};
    if (length > 0)
        memcpy(w->data, data, (size_t)length);
}

static void apply(disk_file *f, const unsynced *w) {
    const sqlite3_int64 end = w->length < 0 ? w->at : w->at + w->length;
    assert_true(end <= SIZE_MAX_OF_FILE);
    if (w->length < 0 && end < f->size)
        memset(f->durable + end, 0, (size_t)(f->size - end));
    if (w->length < 0 || end > f->size)
        f->size = end;
    if (w->length > 0)
        memcpy(f->durable + w->at, w->data, (size_t)w->length);
}

static int disk_write(sqlite3_file *file, const void *data, int length, sqlite3_int64 at) {
    const open_file *f = (open_file *)file;
    if (f->on_disk == NULL)
        return f->real->pMethods->xWrite(f->real, data, length, at);
    if (!step())
        return SQLITE_IOERR_WRITE;
    remember(f->on_disk, data, length, at);
    return f->real->pMethods->xWrite(f->real, data, length, at);
}

static int disk_truncate(sqlite3_file *file, sqlite3_int64 size) {
    const open_file *f = (open_file *)file;
    if (f->on_disk != NULL && !step())
        return SQLITE_IOERR_TRUNCATE;
    if (f->on_disk != NULL)
        remember(f->on_disk, NULL, -1, size);
    return f->real->pMethods->xTruncate(f->real, size);
}

static int disk_sync(sqlite3_file *file, int flags) {
    const open_file *f = (open_file *)file;
    (void)flags;
    if (f->on_disk == NULL)
        return SQLITE_OK;
    if (!step())
        return SQLITE_IOERR_FSYNC;
    for (size_t i = 0; i < f->on_disk->count; i++)
        apply(f->on_disk, &f->on_disk->writes[i]);
    forget_writes(f->on_disk);
    return SQLITE_OK;
}

#define REAL(file) (((open_file *)(file))->real)
#define PASS(function, ...) REAL(file)->pMethods->function(REAL(file), ##__VA_ARGS__)

static int disk_close(sqlite3_file *file) {
    return PASS(xClose);
}
static int disk_read(sqlite3_file *file, void *data, int length, sqlite3_int64 at) {
    return PASS(xRead, data, length, at);
}
static int disk_size(sqlite3_file *file, sqlite3_int64 *size) {
    return PASS(xFileSize, size);
}
static int disk_lock(sqlite3_file *file, int level) {
    return PASS(xLock, level);
}
static int disk_unlock(sqlite3_file *file, int level) {
    return PASS(xUnlock, level);
}
static int disk_check_lock(sqlite3_file *file, int *out) {
    return PASS(xCheckReservedLock, out);
}
static int disk_control(sqlite3_file *file, int what, void *argument) {
    return PASS(xFileControl, what, argument);
}
static int disk_sector(sqlite3_file *file) {
    return PASS(xSectorSize);
}
static int disk_abilities(sqlite3_file *file) {
    (void)file;
    return 0; /* it promises nothing */
}
static int disk_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out) {
    return PASS(xShmMap, page, size, extend, out);
}
static int disk_shm_lock(sqlite3_file *file, int offset, int count, int flags) {
    return PASS(xShmLock, offset, count, flags);
}
static void disk_shm_barrier(sqlite3_file *file) {
    PASS(xShmBarrier);
}
static int disk_shm_unmap(sqlite3_file *file, int delete) {
    return PASS(xShmUnmap, delete);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = disk_close,
    .xRead = disk_read,
    .xWrite = disk_write,
    .xTruncate = disk_truncate,
    .xSync = disk_sync,
    .xFileSize = disk_size,
    .xLock = disk_lock,
    .xUnlock = disk_unlock,
    .xCheckReservedLock = disk_check_lock,
    .xFileControl = disk_control,
    .xSectorSize = disk_sector,
    .xDeviceCharacteristics = disk_abilities,
    .xShmMap = disk_shm_map,
    .xShmLock = disk_shm_lock,
    .xShmBarrier = disk_shm_barrier,
    .xShmUnmap = disk_shm_unmap,
};

static disk_file *file_of(const char *path) {
    for (size_t i = 0; i < FILES_MAX; i++) {
        if (files[i].durable != NULL && strcmp(files[i].path, path) == 0)
            return &files[i];
        if (files[i].durable == NULL) {
            snprintf(files[i].path, sizeof files[i].path, "%s", path);
            files[i].durable = calloc(1, SIZE_MAX_OF_FILE);
            assert_non_null(files[i].durable);
            return &files[i];
        }
    }
    fail_msg("more files than expected");
    return NULL;
}

static int disk_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out_flags) {
    open_file *f = (open_file *)file;
    (void)vfs;
    *f = (open_file){.real = (sqlite3_file *)(f + 1)};
    f->real->pMethods = NULL;
    const int code = system_vfs->xOpen(system_vfs, path, f->real, flags, out_flags);
    if (f->real->pMethods != NULL)
        f->base.pMethods = &methods;
    if (path != NULL && (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0)
        f->on_disk = file_of(path);
    return code;
}

/* A name that is taken away is gone at once: who does not want that synchronises before. */
static int disk_delete(sqlite3_vfs *vfs, const char *path, int sync_folder) {
    (void)vfs;
    if (is_dead())
        return SQLITE_IOERR_DELETE;
    disk_file *f = file_of(path);
    forget_writes(f);
    f->size = 0;
    return system_vfs->xDelete(system_vfs, path, sync_folder);
}

/* What is found when the power is back; the index of the log was in memory only. */
static void come_back(survivors which, const char *store) {
    char index[140];
    for (size_t i = 0; i < FILES_MAX && files[i].durable != NULL; i++) {
        disk_file *f = &files[i];
        for (size_t k = 0; k < f->count; k++)
            if ((which == THE_LAST && k == f->count - 1) || (which == EVERY_SECOND && k % 2 == 1))
                apply(f, &f->writes[k]);
        forget_writes(f);
        FILE *file = f->size > 0 || strcmp(f->path, store) == 0 ? fopen(f->path, "w") : NULL;
        if (file == NULL) {
            unlink(f->path);
            continue;
        }
        assert_true(fwrite(f->durable, 1, (size_t)f->size, file) == (size_t)f->size);
        fclose(file);
    }
    snprintf(index, sizeof index, "%s-shm", store);
    unlink(index);
}

static void empty_disk(void) {
    for (size_t i = 0; i < FILES_MAX && files[i].durable != NULL; i++) {
        forget_writes(&files[i]);
        free(files[i].durable);
        unlink(files[i].path);
    }
    memset(files, 0, sizeof files);
}

/* --- the store ---------------------------------------------------------------------------------------------------- */

static const char *const migrations[] = {"CREATE TABLE one (number BIGINT PRIMARY KEY, text TEXT)"};
static const sql_schema schema = {.name = "one", .migrations = migrations, .count = 1};

static result insert(sql_database *db, int64_t number) {
    sql_transaction t = sql_writing(db);
    while (sql_run(&t)) {
        t.outcome = sql_change(&t, "INSERT INTO one VALUES ($1, $2)", "it", number, "half");
        if (t.outcome == RESULT_OK)
            t.outcome = sql_change(&t, "UPDATE one SET text = $1 WHERE number = $2", "ti", "whole", number);
    }
    return t.outcome;
}

/* Opens, fills and closes it as often as told, until the power is out. How many rows were committed. */
static int64_t work(const char *path) {
    int64_t committed = 0;
    for (int opening = 0; opening < OPENINGS && !is_dead(); opening++) {
        sql_database *db = NULL;
        if (sql_open(path, &schema, &db) == RESULT_OK)
            for (int i = 0; i < ROWS && insert(db, committed) == RESULT_OK; i++)
                committed++;
        sql_close(&db);
    }
    return committed;
}

/* How many rows there are, from 0 on without a gap, each whole. */
static int64_t rows_found(const char *path) {
    static const char *const tables[] = {"one"};
    sql_database *db;
    assert_int_equal(sql_open(path, &schema, &db), RESULT_OK);
    assert_int_equal(sql_check(db, tables, 1), RESULT_OK);
    sql_transaction t = sql_reading(db);
    int64_t found = 0;
    while (sql_run(&t)) {
        sql_rows rows;
        bool row = false;
        found = 0;
        t.outcome = sql_query(&t, &rows, "SELECT number, text FROM one ORDER BY number", "");
        while (t.outcome == RESULT_OK && (t.outcome = sql_step(&rows, &row)) == RESULT_OK && row) {
            char text[16];
            sql_text(&rows, 1, text, sizeof text);
            assert_int_equal(sql_integer(&rows, 0), found);
            assert_string_equal(text, "whole");
            found++;
        }
        t.outcome = sql_finish(&rows, t.outcome);
    }
    assert_int_equal(t.outcome, RESULT_OK);
    sql_close(&db);
    return found;
}

static void what_was_committed_is_there(void **state) {
    char folder[] = "/tmp/test-power-cut.XXXXXX", path[64];
    bool whole = false;
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/store", folder);
    for (unsigned cut = 1; !whole; cut++) {
        assert_true(cut < 1000);
        for (survivors which = NONE; which < SURVIVORS; which++) {
            steps = 0;
            cut_at = cut;
            sqlite3_vfs_register(&disk, 1);
            const int64_t committed = work(path);
            whole = !is_dead();
            come_back(which, path);
            sqlite3_vfs_register(system_vfs, 1);
            const int64_t found = rows_found(path);
            if (found < committed || found > committed + 1)
                fail_msg("cut at step %u, survivors %d: %d committed, %d found", cut, which, (int)committed,
                         (int)found);
            empty_disk();
            unlink(path);
        }
    }
    assert_true(steps > 4 * ROWS * OPENINGS / 2); /* there was something to cut */
    char command[80];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    assert_int_equal(system(command), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_was_committed_is_there)};
    FILE *nowhere = fopen("/dev/null", "w"); /* each cut is an error of the store */
    log_open("test-power-cut", LOG_ERROR, nowhere);
    system_vfs = sqlite3_vfs_find(NULL);
    disk = *system_vfs;
    disk.zName = "losing";
    disk.szOsFile = (int)sizeof(open_file) + system_vfs->szOsFile;
    disk.xOpen = disk_open;
    disk.xDelete = disk_delete;
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    fclose(nowhere);
    return failed;
}
