/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The files of the pages, read once: only paths of the table are served. */
#pragma once

#include "base/buffer.h"

typedef struct page_file {
    const char *path; /* of the request */
    const char *name; /* in the folder */
    const char *type;
} page_file;

#define PAGE_FILES 14
#define PAGE_FILE_MAX ((size_t)256 * 1024)

extern const page_file page_files[PAGE_FILES];

/* Fills content, one buffer for each row. RESULT_NOT_FOUND, RESULT_IO, RESULT_TOO_LONG; the log names the file. */
result page_files_read(const char *folder, buffer content[PAGE_FILES]);
