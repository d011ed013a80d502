/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "base/log.h"

#include "base/clock.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct {
    const char *name;
    log_level max;
    FILE *stream;
    bool times;
} log_state = {"uketsuke", LOG_WARNING, NULL, false};
static pthread_mutex_t log_mutex = PTHREAD_MUTEX_INITIALIZER;

static const char *const level_names[] = {
    [LOG_ERROR] = "error", [LOG_WARNING] = "warning", [LOG_NOTICE] = "notice",
    [LOG_INFO] = "info",   [LOG_DEBUG] = "debug",
};

void log_open(const char *name, log_level max, FILE *stream) {
    log_state.name = name;
    log_state.max = max;
    log_state.stream = stream;
    log_state.times = false;
}

static FILE *log_stream(void) {
    return log_state.stream != NULL ? log_state.stream : stderr;
}

/* systemd.exec(5): JOURNAL_STREAM has device and inode of what leads there. */
static bool is_journal(FILE *stream) {
    const char *named = getenv("JOURNAL_STREAM");
    char own[64];
    struct stat seen;
    if (named == NULL || fstat(fileno(stream), &seen) != 0)
        return false;
    snprintf(own, sizeof own, "%ju:%ju", (uintmax_t)seen.st_dev, (uintmax_t)seen.st_ino);
    return strcmp(own, named) == 0;
}

void log_with_times(void) {
    log_state.times = !is_journal(log_stream());
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
    FILE *stream = log_stream();
    char time[CLOCK_TEXT_SIZE + 1] = "";
    va_list arguments;
    va_start(arguments, format);
    pthread_mutex_lock(&log_mutex);
    if (log_state.times) {
        clock_text(clock_wall_s(), time);
        strcat(time, " ");
    }
    fprintf(stream, "%s%s: %s: ", time, log_state.name, level_names[level]);
    vfprintf(stream, format, arguments);
    fputc('\n', stream);
    fflush(stream);
    pthread_mutex_unlock(&log_mutex);
    va_end(arguments);
}
