/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A random secret in a file of its own, made when a program first needs it. */
#pragma once

#include "base/result.h"

#include <stddef.h>

#define SECRET_FILE_MAX 64 /* bytes */

/* Makes a file of length random bytes, for this user alone (0600), which survives a power cut. RESULT_OK also when there
 * is one already, which stays: another program may make it in the same moment. Read it with file_read_secret
 * (base/file.h), which refuses a file that others can read or change. RESULT_TOO_LONG: more than SECRET_FILE_MAX. */
result secret_file_make(const char *path, size_t length);
