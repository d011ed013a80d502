/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The folder that other programs of the hospital share with the terminal ([neighbours] folder): files go out and come
 * in. Other users can write there: files are opened relative to the folder's descriptor, links are not followed, sizes
 * are bounded. A file of ours appears complete: it is written under another name, synced and renamed. */
#pragma once

#include "base/buffer.h"

#define EXCHANGE_NAME_SIZE 128 /* of a file: letters, digits, '-', '_' and one dot before the ending */
#define EXCHANGE_FILES_MAX 256 /* listed in one call */

/* An open folder below root; the descriptor is the caller's, close(2). RESULT_NOT_FOUND: it is not there;
 * RESULT_UNSUPPORTED: a link or a file stands in its place; RESULT_DENIED; RESULT_IO. */
result exchange_open(const char *root, const char *inside, int *folder);

/* Appends a file's content. RESULT_UNSUPPORTED: it is no regular file; RESULT_TOO_LONG: it exceeds the buffer's bound;
 * RESULT_NOT_FOUND, RESULT_DENIED, RESULT_IO. */
result exchange_read(int folder, const char *name, buffer *out);

/* Writes a file, in one step and durably; replaces the one of that name. Mode 0640. */
result exchange_write(int folder, const char *name, bytes content);

/* Removes a file. */
result exchange_remove(int folder, const char *name);

/* The names with this prefix and suffix, sorted, at most EXCHANGE_FILES_MAX. */
result exchange_list(int folder, const char *prefix, const char *suffix, char names[][EXCHANGE_NAME_SIZE],
                     size_t *count);
