/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The log: one line per event on standard error or another stream, "PROGRAM: LEVEL: TEXT". It must never have secrets;
 * log APDUs only with log_apdu (base/apdu_log.h). */
#pragma once

#include <stdbool.h>
#include <stdio.h>

typedef enum log_level { LOG_ERROR = 3, LOG_WARNING = 4, LOG_NOTICE = 5, LOG_INFO = 6, LOG_DEBUG = 7 } log_level;

/* name: the program's name, shown in each line; kept by pointer. stream: kept, not owned; NULL for standard error. */
void log_open(const char *name, log_level max, FILE *stream);
/* From here on each line begins with the time (RFC 3339, UTC), as programs that stay need it; not where the lines go to
 * systemd's journal, which notes it itself. */
void log_with_times(void);
/* From the text of an option: error, warning, notice, info, debug. -1 when it is none of them. */
int log_level_of(const char *text);

/* Whether a line of this level would be written. */
bool log_shows(log_level level);

/* One line, as printf formats it; nothing when level is above the maximum of log_open. */
void log_write(log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define log_error(...) log_write(LOG_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_WARNING, __VA_ARGS__)
#define log_notice(...) log_write(LOG_NOTICE, __VA_ARGS__)
#define log_info(...) log_write(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_DEBUG, __VA_ARGS__)
