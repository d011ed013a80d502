/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "base/log.h"

#include "base/hex.h"

#include <pthread.h>
#include <stdarg.h>
#include <string.h>

#define INS_SELECT 0xA4
#define APDU_HEADER_LENGTH 4
#define SHOWN_MAX 16 /* ISO/IEC 7816-4 12.2.3: an AID has at most 16 bytes */

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

void log_write(log_level level, const char *format, ...) {
    if (level > log_state.max)
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

void log_apdu(bytes command, bytes response, long microseconds) {
    if (log_state.max < LOG_DEBUG)
        return;
    char header[2 * APDU_HEADER_LENGTH + 1] = "", shown[2 * SHOWN_MAX + 1] = "", status[5] = "none";
    hex_encode(bytes_slice(command, 0, APDU_HEADER_LENGTH), header, sizeof header);
    size_t body = command.length > APDU_HEADER_LENGTH ? command.length - APDU_HEADER_LENGTH : 0;
    if (body > 1 && command.data[1] == INS_SELECT)
        hex_encode(bytes_slice(command, APDU_HEADER_LENGTH + 1, SHOWN_MAX), shown, sizeof shown);
    if (response.length >= 2)
        hex_encode(bytes_slice(response, response.length - 2, 2), status, sizeof status);
    log_write(LOG_DEBUG, "APDU %s (%zu bytes)%s%s -> %s (%zu bytes) %ld us", header, command.length, *shown ? " " : "",
              shown, status, response.length, microseconds);
}
