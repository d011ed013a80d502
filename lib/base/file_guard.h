/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who can change a file: what decides whom we believe, what we do, or with which key, must be changed by root and our
 * own user only. */
#pragma once

#include <limits.h>
#include <stdbool.h>

typedef enum file_fault {
    FILE_GUARDED,
    FILE_OF_OTHERS,   /* belongs to neither root nor our user: chown */
    FILE_OPEN,        /* its group or everybody may write to it: chmod go-w */
    FOLDER_OF_OTHERS, /* the same of the folder it is in: whoever can write there can put another file in its place */
    FOLDER_OPEN,
} file_fault;

/* The first that is wrong: the file or folder itself, its folder, and for folders further up, that not everybody may
 * write there. A folder with the sticky bit (/tmp) lets nobody replace what others own. Where a symbolic link leads is
 * looked at in the same way. culprit: what is to be changed. A file that is not there is FILE_GUARDED: whoever reads it
 * finds that out. */
file_fault file_guard(const char *path, char culprit[PATH_MAX]);

/* The next step in English, for logs: what is wrong with the culprit and what to run. */
const char *file_guard_advice(file_fault fault);
