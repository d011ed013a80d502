/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whole files: bounded reading, durable writing. */
#pragma once

#include "base/buffer.h"

#include <sys/types.h>

/* Appends the file's content. RESULT_NOT_FOUND, RESULT_DENIED without the right to read it,
 * RESULT_TOO_LONG when it exceeds the buffer's bound, RESULT_IO. */
result file_read(const char *path, buffer *out);

/* The same for an entry of an open folder (openat(2); AT_FDCWD: of the working folder) that another user may have put
 * there: only a regular file, RESULT_UNSUPPORTED at once for anything else. flags: O_NOFOLLOW, or 0. */
result file_read_entry(int folder, const char *name, int flags, buffer *out);

/* As file_read; RESULT_DENIED, and why in the log, when users other than root and our own can change the file
 * (base/file_guard.h). */
result file_read_guarded(const char *path, buffer *out);

/* The same for a file that holds a secret. RESULT_DENIED, and the next step in the log, when every user of the machine
 * may read it (its group may, as with keys of Debian's group ssl-cert), or when other users can change it. */
result file_read_secret(const char *path, buffer *out);

/* Replaces the file as one durable step: temporary file in the same folder, fsync, rename, fsync of the folder. After
 * RESULT_OK the new content survives a power cut; after a failure the old content is still there. */
result file_replace(const char *path, bytes content, mode_t mode);

/* The same for a new file; RESULT_EXISTS: it exists and was not changed. */
result file_create(const char *path, bytes content, mode_t mode);

/* As file_replace without waiting for the disk: for many files, of which the last is followed by file_sync_all. */
result file_replace_later(const char *path, bytes content, mode_t mode);
/* Waits until the folder's file system is synced to the disk. RESULT_IO: writing failed. */
result file_sync_all(const char *folder);

/* Overwrites the file with zeros and removes it, durably (as far as the file system writes in place). A missing file is
 * RESULT_OK. */
result file_erase(const char *path);

/* mkdir -p. */
result file_make_folders(const char *path, mode_t mode);

/* folder + "/" + name in a fresh string that the caller frees; NULL: out of memory. */
char *file_join(const char *folder, const char *name);
