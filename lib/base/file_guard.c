/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "base/file_guard.h"

#include "base/log.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OTHERS_WRITE (S_IWGRP | S_IWOTH)

static bool is_of_others(const struct stat *seen) {
    return seen->st_uid != 0 && seen->st_uid != geteuid();
}

static bool is_sticky(const struct stat *seen) {
    return (seen->st_mode & S_ISVTX) != 0;
}

static file_fault check_file(const char *path) {
    struct stat seen;
    if (stat(path, &seen) != 0)
        return FILE_GUARDED;
    if (is_of_others(&seen))
        return FILE_OF_OTHERS;
    return (seen.st_mode & OTHERS_WRITE) != 0 ? FILE_OPEN : FILE_GUARDED;
}

/* nearest: the one that the file is in. */
static file_fault check_folder(const char *path, bool nearest) {
    struct stat seen;
    if (stat(path, &seen) != 0)
        return FILE_GUARDED;
    if (nearest && is_of_others(&seen))
        return FOLDER_OF_OTHERS;
    return (seen.st_mode & (nearest ? OTHERS_WRITE : S_IWOTH)) != 0 && !is_sticky(&seen) ? FOLDER_OPEN : FILE_GUARDED;
}

/* Cuts path from its end. */
static file_fault check_folders(char *path, char culprit[PATH_MAX]) {
    file_fault fault = FILE_GUARDED;
    for (bool nearest = true; fault == FILE_GUARDED; nearest = false) {
        char *folder = dirname(path);
        fault = check_folder(folder, nearest);
        if (fault != FILE_GUARDED)
            snprintf(culprit, PATH_MAX, "%s", folder);
        else if (strcmp(folder, "/") == 0 || strcmp(folder, ".") == 0)
            break;
        else if (folder != path)
            memmove(path, folder, strlen(folder) + 1);
    }
    return fault;
}

file_fault file_guard(const char *path, char culprit[PATH_MAX]) {
    char named[PATH_MAX], real[PATH_MAX];
    file_fault fault = check_file(path);
    snprintf(culprit, PATH_MAX, "%s", path);
    if (fault != FILE_GUARDED || strlen(path) >= sizeof named)
        return fault;
    memcpy(named, path, strlen(path) + 1);
    fault = check_folders(named, culprit);
    if (fault == FILE_GUARDED && realpath(path, real) != NULL)
        fault = check_folders(real, culprit);
    return fault;
}

const char *file_guard_advice(file_fault fault) {
    switch (fault) {
    case FILE_OF_OTHERS:
    case FOLDER_OF_OTHERS: return "belongs to another user, who could change what is relied on. Run: chown root";
    case FILE_OPEN:
    case FOLDER_OPEN: return "can be changed by other users. Run: chmod go-w";
    case FILE_GUARDED: break;
    }
    return "is guarded";
}
