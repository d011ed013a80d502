/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "office.h"

#include "base/file.h"

#include <openssl/rand.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static result set_paths(office *o, const char *folder) {
    o->folder = o->root = folder;
    o->now = clock_wall_s();
    o->secrets = file_join(folder, "ca");
    o->anchors = file_join(folder, "anchors");
    return o->secrets != NULL && o->anchors != NULL ? RESULT_OK : RESULT_NO_MEMORY;
}

static result write_serial(const office *o, uint32_t serial) {
    char text[10], *path = file_join(o->secrets, "serial");
    snprintf(text, sizeof text, "%08X\n", serial);
    result r = path == NULL ? RESULT_NO_MEMORY : file_replace(path, bytes_of(text, 9), 0600);
    free(path);
    return r;
}

/* The first serial is 01xxxxxx, so that two offices hardly ever give the same. */
result office_create(office *o, const char *folder) {
    struct stat there;
    if (lstat(folder, &there) == 0)
        return RESULT_EXISTS;
    uint8_t start[3];
    result r = set_paths(o, folder);
    if (r == RESULT_OK)
        r = file_make_folders(folder, 0700);
    if (r == RESULT_OK)
        r = file_make_folders(o->secrets, 0700);
    if (r == RESULT_OK)
        r = file_make_folders(o->anchors, 0755);
    if (r == RESULT_OK && RAND_bytes(start, sizeof start) != 1)
        r = RESULT_INTERNAL;
    if (r == RESULT_OK)
        r = write_serial(o, 0x01000000u | (uint32_t)start[0] << 16 | (uint32_t)start[1] << 8 | start[2]);
    return r;
}

result office_open(office *o, const char *folder) {
    result r = set_paths(o, folder);
    if (r != RESULT_OK)
        return r;
    char *serial = file_join(o->secrets, "serial");
    if (serial == NULL)
        return RESULT_NO_MEMORY;
    r = access(serial, R_OK | W_OK) == 0 ? RESULT_OK : RESULT_NOT_FOUND;
    free(serial);
    return r;
}

void office_close(office *o) {
    free(o->secrets);
    free(o->anchors);
    *o = (office){0};
}

result office_next_serial(office *o, uint32_t *serial) {
    buffer text = BUFFER_INIT(16);
    char *path = file_join(o->secrets, "serial");
    result r = path == NULL ? RESULT_NO_MEMORY : file_read(path, &text);
    free(path);
    if (r == RESULT_OK) {
        unsigned long last = strtoul(buffer_text(&text), NULL, 16);
        r = last == 0 || last >= 0x7FFFFFFF ? RESULT_INVALID : RESULT_OK;
        *serial = (uint32_t)last + 1;
    }
    buffer_wipe(&text);
    return r == RESULT_OK ? write_serial(o, *serial) : r;
}

result office_append(const char *folder, const char *name, mode_t mode, const char *format, ...) {
    buffer text = BUFFER_INIT(OFFICE_REGISTER_MAX);
    char line[1024], *path = file_join(folder, name);
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    result r = path == NULL ? RESULT_NO_MEMORY : file_read(path, &text);
    if (r == RESULT_NOT_FOUND)
        r = RESULT_OK;
    if (r == RESULT_OK && (length < 0 || (size_t)length >= sizeof line))
        r = RESULT_TOO_LONG;
    if (r == RESULT_OK)
        r = buffer_append_format(&text, "%s\n", line);
    if (r == RESULT_OK)
        r = file_replace(path, buffer_bytes(&text), mode);
    buffer_wipe(&text);
    free(path);
    return r;
}

char *office_folder(const office *o, const char *name, mode_t mode) {
    char *path = file_join(o->folder, name);
    if (path != NULL && file_make_folders(path, mode) != RESULT_OK) {
        free(path);
        path = NULL;
    }
    return path;
}

const char *office_relative(const office *o, const char *path) {
    size_t length = strlen(o->root);
    return strncmp(path, o->root, length) == 0 && path[length] == '/' ? path + length + 1 : path;
}
