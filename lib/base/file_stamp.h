/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Detects changes of a file: any replacement, and any change in place, gives another stamp. */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

typedef struct file_stamp {
    bool present;
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec modified, changed;
} file_stamp;

/* path NULL, or no such file: not present. */
file_stamp file_stamp_of(const char *path);
bool file_stamp_equal(const file_stamp *a, const file_stamp *b);
