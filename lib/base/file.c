/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "base/file.h"

#include "base/file_guard.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_STEP 4096

static result open_to_read(int folder, const char *name, int flags, int *fd) {
    *fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | flags);
    if (*fd >= 0)
        return RESULT_OK;
    if (errno == ENOENT || errno == ENOTDIR)
        return RESULT_NOT_FOUND;
    if (errno == ELOOP && (flags & O_NOFOLLOW) != 0) /* a link */
        return RESULT_UNSUPPORTED;
    return errno == EACCES ? RESULT_DENIED : RESULT_IO;
}

/* And closes it. */
static result read_all(int fd, buffer *out) {
    size_t before = out->length;
    uint8_t step[READ_STEP];
    result code = RESULT_OK;
    while (code == RESULT_OK) {
        ssize_t got = read(fd, step, sizeof step);
        if (got == 0)
            break;
        if (got > 0)
            code = buffer_append(out, bytes_of(step, (size_t)got));
        else if (errno != EINTR)
            code = RESULT_IO;
    }
    explicit_bzero(step, sizeof step);
    close(fd);
    if (code != RESULT_OK)
        buffer_truncate(out, before);
    return code;
}

result file_read(const char *path, buffer *out) {
    int fd;
    result code = open_to_read(AT_FDCWD, path, 0, &fd);
    return code == RESULT_OK ? read_all(fd, out) : code;
}

/* O_NONBLOCK: a pipe without a writer is not waited for. */
result file_read_entry(int folder, const char *name, int flags, buffer *out) {
    int fd;
    struct stat seen;
    result code = open_to_read(folder, name, O_NONBLOCK | flags, &fd);
    if (code != RESULT_OK)
        return code;
    if (fstat(fd, &seen) == 0 && S_ISREG(seen.st_mode))
        return read_all(fd, out);
    close(fd);
    return RESULT_UNSUPPORTED;
}

result file_read_guarded(const char *path, buffer *out) {
    char culprit[PATH_MAX];
    const file_fault fault = file_guard(path, culprit);
    if (fault == FILE_GUARDED)
        return file_read(path, out);
    log_error("%s %s %s", culprit, file_guard_advice(fault), culprit);
    return RESULT_DENIED;
}

result file_read_secret(const char *path, buffer *out) {
    int fd;
    struct stat seen;
    char culprit[PATH_MAX];
    result code = open_to_read(AT_FDCWD, path, 0, &fd);
    if (code != RESULT_OK)
        return code;
    if (fstat(fd, &seen) != 0 || (seen.st_mode & S_IRWXO) != 0) {
        log_error("%s is open to every user of this machine. Run: chmod o= %s", path, path);
        close(fd);
        return RESULT_DENIED;
    }
    const file_fault fault = file_guard(path, culprit);
    if (fault == FILE_GUARDED)
        return read_all(fd, out);
    close(fd);
    log_error("%s %s %s", culprit, file_guard_advice(fault), culprit);
    return RESULT_DENIED;
}

static result write_all(int fd, bytes content) {
    while (content.length > 0) {
        ssize_t put = write(fd, content.data, content.length);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return RESULT_IO;
        content = bytes_slice(content, (size_t)put, content.length);
    }
    return RESULT_OK;
}

static result sync_folder_of(const char *path) {
    char *copy = strdup(path);
    if (copy == NULL)
        return RESULT_NO_MEMORY;
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(copy);
    if (fd < 0)
        return RESULT_IO;
    result code = fsync(fd) == 0 ? RESULT_OK : RESULT_IO;
    close(fd);
    return code;
}

static result write_file(int fd, bytes content, mode_t mode, bool durably) {
    result code = fchmod(fd, mode) == 0 ? write_all(fd, content) : RESULT_IO;
    if (code == RESULT_OK && durably && fsync(fd) != 0)
        code = RESULT_IO;
    if (close(fd) != 0 && code == RESULT_OK)
        code = RESULT_IO;
    return code;
}

/* Gives a temporary file its name. */
typedef result give_name(const char *temporary, const char *path);

static result instead(const char *temporary, const char *path) {
    return rename(temporary, path) == 0 ? RESULT_OK : RESULT_IO;
}

/* link, because rename would replace what another process made in the same moment. */
static result first(const char *temporary, const char *path) {
    if (link(temporary, path) != 0)
        return errno == EEXIST ? RESULT_EXISTS : RESULT_IO;
    unlink(temporary);
    return RESULT_OK;
}

static result write_named(const char *path, bytes content, mode_t mode, bool durably, give_name *name) {
    size_t size = strlen(path) + sizeof ".XXXXXX";
    char *temporary = malloc(size);
    if (temporary == NULL)
        return RESULT_NO_MEMORY;
    snprintf(temporary, size, "%s.XXXXXX", path);
    int fd = mkostemp(temporary, O_CLOEXEC);
    result code = fd < 0 ? RESULT_IO : write_file(fd, content, mode, durably);
    if (code == RESULT_OK)
        code = name(temporary, path);
    if (fd >= 0 && code != RESULT_OK)
        unlink(temporary);
    free(temporary);
    return code == RESULT_OK && durably ? sync_folder_of(path) : code;
}

result file_replace(const char *path, bytes content, mode_t mode) {
    return write_named(path, content, mode, true, instead);
}

result file_create(const char *path, bytes content, mode_t mode) {
    return write_named(path, content, mode, true, first);
}

result file_replace_later(const char *path, bytes content, mode_t mode) {
    return write_named(path, content, mode, false, instead);
}

result file_sync_all(const char *folder) {
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return RESULT_IO;
    result code = syncfs(fd) == 0 ? RESULT_OK : RESULT_IO;
    close(fd);
    return code;
}

static result overwrite_with_zeros(const char *path) {
    static const uint8_t zeros[4096];
    struct stat found;
    int fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? RESULT_NOT_FOUND : RESULT_IO;
    result code = fstat(fd, &found) == 0 ? RESULT_OK : RESULT_IO;
    for (off_t left = found.st_size; code == RESULT_OK && left > 0; left -= (off_t)sizeof zeros)
        code = write_all(fd, bytes_of(zeros, left < (off_t)sizeof zeros ? (size_t)left : sizeof zeros));
    if (code == RESULT_OK && fsync(fd) != 0)
        code = RESULT_IO;
    close(fd);
    return code;
}

result file_erase(const char *path) {
    result code = overwrite_with_zeros(path);
    if (code == RESULT_NOT_FOUND)
        return RESULT_OK;
    if (unlink(path) != 0)
        return RESULT_IO;
    result synced = sync_folder_of(path);
    return code == RESULT_OK ? synced : code;
}

result file_make_folders(const char *path, mode_t mode) {
    char *copy = strdup(path);
    if (copy == NULL)
        return RESULT_NO_MEMORY;
    result code = RESULT_OK;
    for (char *p = copy + 1; code == RESULT_OK; p++) {
        if (*p != '/' && *p != 0)
            continue;
        char kept = *p;
        *p = 0;
        if (mkdir(copy, mode) != 0 && errno != EEXIST)
            code = RESULT_IO;
        *p = kept;
        if (kept == 0)
            break;
    }
    free(copy);
    return code;
}

char *file_join(const char *folder, const char *name) {
    size_t size = strlen(folder) + 1 + strlen(name) + 1;
    char *joined = malloc(size);
    if (joined != NULL)
        snprintf(joined, size, "%s/%s", folder, name);
    return joined;
}
