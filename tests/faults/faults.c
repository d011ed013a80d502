/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Bad days for a program under test (LD_PRELOAD): it dies right after its n-th durable step, its disk is full from the
 * n-th write on, or its clock is wrong. The program itself knows nothing of this.
 *
 *   FAULT_FOLDER         only files below this folder count (of their path when opened)
 *   FAULT_DIE_AT_SYNC    n: SIGKILL right after the n-th fsync or fdatasync that succeeded
 *   FAULT_FULL_AT_WRITE  n: from the n-th write on every write fails with ENOSPC
 *   FAULT_FULL_FILE      a file; while it holds a number other than 0 every write fails so: a disk that fills and is
 *                        freed while a process runs
 *   FAULT_CLOCK_SECONDS  seconds that the wall clock is ahead (behind when negative)
 *   FAULT_CLOCK_FILE     the same number in a file, read at each look at the clock
 *   FAULT_COUNT_FILE     at exit: "syncs writes\n" is written there, to know how many steps there are */
#include "cleared-variables.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))

static atomic_long syncs, writes;

__attribute__((constructor)) static void find_variables(void) {
    give_variables_back("FAULT_");
}

/* The number in the file that the variable names: what changes while a process runs. */
static long number_in_file(const char *name) {
    const char *path = getenv(name);
    FILE *file = path != NULL ? fopen(path, "re") : NULL;
    long number = 0;
    if (file != NULL && fscanf(file, "%ld", &number) != 1)
        number = 0;
    if (file != NULL)
        fclose(file);
    return number;
}

static long number_of(const char *name) {
    const char *text = getenv(name);
    return text != NULL ? atol(text) : 0;
}

/* Regular files below FAULT_FOLDER, by what /proc says of the descriptor. */
static int concerns(int fd) {
    char link[64], path[4096];
    const char *folder = getenv("FAULT_FOLDER");
    struct stat seen;
    if (folder == NULL || fstat(fd, &seen) != 0 || !S_ISREG(seen.st_mode))
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    return strncmp(path, folder, strlen(folder)) == 0;
}

static int after_sync(int fd, int code) {
    if (code == 0 && concerns(fd) && atomic_fetch_add(&syncs, 1) + 1 == number_of("FAULT_DIE_AT_SYNC"))
        raise(SIGKILL);
    return code;
}

static int is_full(int fd) {
    const long limit = number_of("FAULT_FULL_AT_WRITE");
    if (!concerns(fd))
        return 0;
    const long count = atomic_fetch_add(&writes, 1) + 1;
    return (limit > 0 && count >= limit) || number_in_file("FAULT_FULL_FILE") != 0;
}

/* Looked up once: dlsym waits for the loader's lock, and a thread that only asks for the time may be what the holder of
 * that lock waits for (GLib in a constructor of a library that is being loaded). The clock's is looked up at the
 * start. */
#define REAL(name)                                                                                                     \
    static _Atomic(uintptr_t) found;                                                                                   \
    if (found == 0)                                                                                                    \
        found = (uintptr_t)dlsym(RTLD_NEXT, #name);                                                                    \
    __typeof__(&name) real = (__typeof__(&name))found
#define FULL(fd)                                                                                                       \
    if (is_full(fd)) {                                                                                                 \
        errno = ENOSPC;                                                                                                \
        return -1;                                                                                                     \
    }

EXPORTED int fsync(int fd) {
    REAL(fsync);
    return after_sync(fd, real(fd));
}

EXPORTED int fdatasync(int fd) {
    REAL(fdatasync);
    return after_sync(fd, real(fd));
}

EXPORTED ssize_t write(int fd, const void *data, size_t length) {
    REAL(write);
    FULL(fd)
    return real(fd, data, length);
}

EXPORTED ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
    REAL(pwrite64);
    FULL(fd)
    return real(fd, data, length, offset);
}

EXPORTED ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) {
    REAL(pwrite);
    FULL(fd)
    return real(fd, data, length, offset);
}

EXPORTED int fallocate64(int fd, int mode, off64_t offset, off64_t length) {
    REAL(fallocate64);
    FULL(fd)
    return real(fd, mode, offset, length);
}

EXPORTED int posix_fallocate64(int fd, off64_t offset, off64_t length) {
    REAL(posix_fallocate64);
    if (is_full(fd))
        return ENOSPC;
    return real(fd, offset, length);
}

EXPORTED int clock_gettime(clockid_t clock, struct timespec *now) {
    REAL(clock_gettime);
    const int code = real(clock, now);
    if (code == 0 && clock == CLOCK_REALTIME)
        now->tv_sec += number_of("FAULT_CLOCK_SECONDS") + number_in_file("FAULT_CLOCK_FILE");
    return code;
}

__attribute__((constructor)) static void look_up_the_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
}

EXPORTED time_t time(time_t *out) {
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    if (out != NULL)
        *out = now.tv_sec;
    return now.tv_sec;
}

EXPORTED int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec exact = {0};
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &exact);
    *now = (struct timeval){exact.tv_sec, exact.tv_nsec / 1000};
    return 0;
}

__attribute__((destructor)) static void tell(void) {
    const char *path = getenv("FAULT_COUNT_FILE");
    FILE *file = path != NULL ? fopen(path, "we") : NULL;
    if (file == NULL)
        return;
    fprintf(file, "%ld %ld\n", atomic_load(&syncs), atomic_load(&writes));
    fclose(file);
}
