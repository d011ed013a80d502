/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <string.h>

static struct {
    const char *name;
    log_level max;
    FILE *stream;
} log_state = {"uketsuke", LOG_WARNING, NULL};
static pthread_mutex_t log_mutex = PTHREAD_MUTEX_INITIALIZER;

static const char *const level_names[] = {
    [LOG_ERROR] = "error", [LOG_WARNING] = "warning", [LOG_NOTICE] = "notice",
    [LOG_INFO] = "info",   [LOG_DEBUG] = "debug",
};

void log_open(const char *name, log_level max, FILE *stream) {
    log_state.name = name;
    log_state.max = max;
    log_state.stream = stream;
}

int log_level_of(const char *text) {
    for (int level = LOG_ERROR; level <= LOG_DEBUG; level++)
        if (strcmp(level_names[level], text) == 0)
            return level;
    return -1;
}

bool log_shows(log_level level) {
    return level <= log_state.max;
}

void log_write(log_level level, const char *format, ...) {
    if (!log_shows(level))
        return;
    FILE *stream = log_state.stream != NULL ? log_state.stream : stderr;
    va_list arguments;
    va_start(arguments, format);
    pthread_mutex_lock(&log_mutex);
    fprintf(stream, "%s: %s: ", log_state.name, level_names[level]);
    vfprintf(stream, format, arguments);
    fputc('\n', stream);
    fflush(stream);
    pthread_mutex_unlock(&log_mutex);
    va_end(arguments);
}
