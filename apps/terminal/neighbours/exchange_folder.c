/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "neighbours/exchange_folder.h"

#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."

static result of_errno(void) {
    switch (errno) {
    case ENOENT: return RESULT_NOT_FOUND;
    case ELOOP:
    case ENOTDIR: return RESULT_UNSUPPORTED;
    case EACCES:
    case EPERM: return RESULT_DENIED;
    default: return RESULT_IO;
    }
}

result exchange_open(const char *root, const char *inside, int *folder) {
    const int above = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (above < 0)
        return of_errno();
    *folder = openat(above, inside, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    const result code = *folder >= 0 ? RESULT_OK : of_errno();
    close(above);
    return code;
}

result exchange_read(int folder, const char *name, buffer *out) {
    return file_read_entry(folder, name, O_NOFOLLOW, out);
}

static result write_all(int file, bytes content) {
    while (content.length > 0) {
        const ssize_t written = write(file, content.data, content.length);
        if (written < 0 && errno != EINTR)
            return of_errno();
        if (written > 0)
            content = bytes_of(content.data + written, content.length - (size_t)written);
    }
    return fsync(file) == 0 ? RESULT_OK : of_errno();
}

/* The temporary name cannot be guessed, and O_EXCL follows nothing that another user has put there. */
result exchange_write(int folder, const char *name, bytes content) {
    char beside[EXCHANGE_NAME_SIZE + 32];
    snprintf(beside, sizeof beside, ".%s.%ld", name, (long)getpid());
    unlinkat(folder, beside, 0);
    const int file = openat(folder, beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
    if (file < 0)
        return of_errno();
    result code = write_all(file, content);
    if (close(file) != 0 && code == RESULT_OK)
        code = of_errno();
    if (code == RESULT_OK && renameat(folder, beside, folder, name) != 0)
        code = of_errno();
    if (code != RESULT_OK)
        unlinkat(folder, beside, 0);
    return code == RESULT_OK && fsync(folder) != 0 ? of_errno() : code;
}

result exchange_remove(int folder, const char *name) {
    return unlinkat(folder, name, 0) == 0 ? RESULT_OK : of_errno();
}

static bool is_wanted(const char *name, const char *prefix, const char *suffix) {
    const size_t length = strlen(name), before = strlen(prefix), after = strlen(suffix);
    return length < EXCHANGE_NAME_SIZE && length >= before + after && name[0] != '.' &&
           strspn(name, LETTERS) == length && strncmp(name, prefix, before) == 0 &&
           strcmp(name + length - after, suffix) == 0;
}

static int by_name(const void *a, const void *b) {
    return strcmp(a, b);
}

result exchange_list(int folder, const char *prefix, const char *suffix, char names[][EXCHANGE_NAME_SIZE],
                     size_t *count) {
    const int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = again >= 0 ? fdopendir(again) : NULL;
    *count = 0;
    if (entries == NULL) {
        if (again >= 0)
            close(again);
        return of_errno();
    }
    for (const struct dirent *e; *count < EXCHANGE_FILES_MAX && (e = readdir(entries)) != NULL;)
        if (is_wanted(e->d_name, prefix, suffix))
            memcpy(names[(*count)++], e->d_name, strlen(e->d_name) + 1);
    closedir(entries);
    qsort(names, *count, EXCHANGE_NAME_SIZE, by_name);
    return RESULT_OK;
}
