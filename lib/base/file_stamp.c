/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "base/file_stamp.h"

#include <stddef.h>

file_stamp file_stamp_of(const char *path) {
    struct stat facts;
    if (path == NULL || stat(path, &facts) != 0)
        return (file_stamp){.present = false};
    return (file_stamp){.present = true,
                        .device = facts.st_dev,
                        .inode = facts.st_ino,
                        .size = facts.st_size,
                        .modified = facts.st_mtim,
                        .changed = facts.st_ctim};
}

static bool same_time(struct timespec a, struct timespec b) {
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool file_stamp_equal(const file_stamp *a, const file_stamp *b) {
    return a->present == b->present && a->device == b->device && a->inode == b->inode && a->size == b->size &&
           same_time(a->modified, b->modified) && same_time(a->changed, b->changed);
}
