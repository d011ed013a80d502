/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "losing-disk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#define FILES_MAX 8
#define WRITES_MAX 64
#define SIZE_MAX_OF_FILE (1 << 20)

/* --- the disk ----------------------------------------------------------------------------------------------------- */

typedef struct unsynced {
    sqlite3_int64 at;
    int length; /* -1: a truncation to that size */
    uint8_t *data;
} unsynced;

typedef struct disk_file {
    char path[128];
    bool is_database; /* not its journal or log */
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

static disk_file files[FILES_MAX];
static sqlite3_vfs *system_vfs, disk;
static unsigned steps, cut_at;

bool losing_disk_is_dead(void) {
    return steps >= cut_at;
}

/* A write, a truncation or a synchronisation; false: the power is out. */
static bool step(void) {
    if (losing_disk_is_dead())
        return false;
    steps++;
    return !losing_disk_is_dead();
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
    if (f->on_disk != NULL)
        f->on_disk->is_database = (flags & SQLITE_OPEN_MAIN_DB) != 0;
    return code;
}

/* A name that is taken away is gone at once: who does not want that synchronises before. */
static int disk_delete(sqlite3_vfs *vfs, const char *path, int sync_folder) {
    (void)vfs;
    if (losing_disk_is_dead())
        return SQLITE_IOERR_DELETE;
    disk_file *f = file_of(path);
    forget_writes(f);
    f->size = 0;
    return system_vfs->xDelete(system_vfs, path, sync_folder);
}

/* The index of a log was in memory only. */
static void remove_index(const disk_file *f) {
    char index[sizeof f->path + 8];
    snprintf(index, sizeof index, "%.*s-shm", (int)sizeof f->path - 1, f->path);
    unlink(index);
}

static void write_found(const disk_file *f) {
    FILE *file = f->size > 0 || f->is_database ? fopen(f->path, "w") : NULL;
    if (file == NULL) {
        unlink(f->path);
        return;
    }
    assert_true(fwrite(f->durable, 1, (size_t)f->size, file) == (size_t)f->size);
    fclose(file);
    chmod(f->path, S_IRUSR | S_IWUSR);
}

void losing_disk_come_back(losing_disk_survivors which) {
    for (size_t i = 0; i < FILES_MAX && files[i].durable != NULL; i++) {
        disk_file *f = &files[i];
        for (size_t k = 0; k < f->count; k++)
            if ((which == LOSING_DISK_LAST && k == f->count - 1) || (which == LOSING_DISK_EVERY_SECOND && k % 2 == 1))
                apply(f, &f->writes[k]);
        forget_writes(f);
        write_found(f);
        if (f->is_database)
            remove_index(f);
    }
    sqlite3_vfs_register(system_vfs, 1);
}

void losing_disk_empty(void) {
    for (size_t i = 0; i < FILES_MAX && files[i].durable != NULL; i++) {
        forget_writes(&files[i]);
        free(files[i].durable);
        unlink(files[i].path);
        if (files[i].is_database)
            remove_index(&files[i]);
    }
    memset(files, 0, sizeof files);
}

static void prepare(void) {
    system_vfs = sqlite3_vfs_find(NULL);
    disk = *system_vfs;
    disk.zName = "losing";
    disk.szOsFile = (int)sizeof(open_file) + system_vfs->szOsFile;
    disk.xOpen = disk_open;
    disk.xDelete = disk_delete;
}

void losing_disk_begin(unsigned cut) {
    if (system_vfs == NULL)
        prepare();
    steps = 0;
    cut_at = cut;
    sqlite3_vfs_register(&disk, 1);
}

unsigned losing_disk_steps(void) {
    return steps;
}
