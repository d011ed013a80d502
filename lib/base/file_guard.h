/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whether other users can change a file. Files that decide about trust, configuration or keys must be writable only for
 * root and our own user. */
#pragma once

#include <limits.h>
#include <stdbool.h>

typedef enum file_fault {
    FILE_GUARDED,
    FILE_OF_OTHERS,   /* belongs to neither root nor our user: chown */
    FILE_OPEN,        /* its group or all users may write to it: chmod go-w */
    FOLDER_OF_OTHERS, /* the same for its folder: with write access there the file can be replaced */
    FOLDER_OPEN,
} file_fault;

/* Checks the file, its folder, and that no folder further up is writable for all users; returns the first fault. In a
 * folder with the sticky bit (/tmp) users cannot replace files of others. The target of a symbolic link is checked,
 * too. culprit: the path to be changed. A missing file is FILE_GUARDED: reading it fails anyway. */
file_fault file_guard(const char *path, char culprit[PATH_MAX]);

/* The next step in English, for logs: what is wrong with the culprit and what to run. */
const char *file_guard_advice(file_fault fault);
