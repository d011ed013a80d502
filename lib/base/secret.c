/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "base/secret.h"

#include "base/log.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define STACK_LOCKED 65536 /* more stack than any function that handles a PIN or a key needs */

static atomic_bool some_unlocked; /* locking has failed */
static atomic_bool may_tell;      /* a program with a log, not a plug-in; false again after the warning */

void secret_wipe(void *data, size_t length) {
    if (length > 0)
        explicit_bzero(data, length);
}

void secret_forbid_core_dumps(void) {
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static void note_unlocked(void) {
    const int error = errno;
    atomic_store(&some_unlocked, true);
    if (atomic_exchange(&may_tell, false))
        log_warning("secrets cannot be locked into memory (%s) and may be swapped to disk. Raise the limit of locked"
                    " memory: LimitMEMLOCK=infinity in the unit, or ulimit -l",
                    strerror(error));
}

static size_t in_pages(size_t size) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (size + page - 1) / page * page;
}

void *secret_allocate(size_t size) {
    const size_t whole = in_pages(size);
    void *data = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data == MAP_FAILED)
        return NULL;
    madvise(data, whole, MADV_DONTDUMP);
    if (mlock(data, whole) != 0)
        note_unlocked();
    return data;
}

void secret_free(void *data, size_t size) {
    if (data == NULL)
        return;
    secret_wipe(data, size);
    munmap(data, in_pages(size));
}

void secret_lock(void *data, size_t size) {
    if (mlock(data, size) != 0)
        note_unlocked();
}

bool secret_is_locked(void) {
    return !atomic_load(&some_unlocked);
}

/* Below the current stack pointer: these pages stay mapped and locked. */
static void __attribute__((noinline)) lock_stack(void) {
    uint8_t area[STACK_LOCKED];
    memset(area, 0, sizeof area);
    secret_lock(area, sizeof area);
    secret_wipe(area, 1); /* prevents its removal by the compiler */
}

/* Whether there is no limit, or it does not apply (CAP_IPC_LOCK, which in a namespace may have no effect): tries to
 * lock more than the limit, without touching the pages. */
static bool has_no_limit(void) {
    struct rlimit now;
    if (getrlimit(RLIMIT_MEMLOCK, &now) != 0)
        return false;
    if (now.rlim_cur == RLIM_INFINITY)
        return true;
    const size_t more = in_pages((size_t)now.rlim_cur + 1);
    void *area = mmap(NULL, more, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (area == MAP_FAILED)
        return false;
    const bool locked = mlock2(area, more, MLOCK_ONFAULT) == 0;
    munmap(area, more);
    return locked;
}

/* Only without a limit: with one, MCL_FUTURE would make later allocations fail. */
static bool lock_all(void) {
    return has_no_limit() && mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
}

void secret_keep_in_memory(void) {
    atomic_store(&may_tell, true);
    if (!lock_all())
        lock_stack();
}
