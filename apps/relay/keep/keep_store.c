/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "keep/keep_store.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/secret.h"
#include "crypt/secret_file.h"
#include "delivery/ledger.h"
#include "delivery/ledger_load.h"
#include "store/group_commit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define CLOCK_JUMP_MS 5000           /* NTP's gradual corrections stay below */
#define SETTING_ALTERED "altered"    /* in clear: the store was found altered under a relay that was serving */
#define COMPARING_NICE 10            /* the comparison yields to the threads that serve */
#define END_AGAIN_NS (20L * 1000000) /* how often the comparison is asked again to end */

struct keep_store {
    keep_store_options options;
    store_access access;
    pthread_mutex_t guard; /* guards the database, and the members that mirror it */
    group_commit adding;
    int lock;           /* the lock file of the process that uses the folder; -1: not open */
    long long damaged;  /* set aside since the start */
    bool forget_is_due; /* something purged may still be in the files */
    bool warned;        /* that the store is nearly full */
    bool clock_was_set;
    int64_t clock_gap_ms; /* between the wall clock and the monotonic clock */
    pthread_t comparing;
    bool compares; /* the comparing thread was started */
    int64_t since; /* the ledger's number when the store was opened */
    _Atomic bool ending;
    _Atomic keep_store_progress progress;
};

/* --- opening ------------------------------------------------------------------------------------------------------ */

static result lock_folder(keep_store *store) {
    CLEANED_BY(buffer_wipe) buffer path = BUFFER_INIT(4096);
    result code = buffer_append_format(&path, "%s/keep.lock", store->options.folder);
    if (code != RESULT_OK)
        return code;
    store->lock = open(buffer_text(&path), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (store->lock < 0)
        return RESULT_IO;
    return flock(store->lock, LOCK_EX | LOCK_NB) == 0 ? RESULT_OK : RESULT_EXISTS;
}

static result derive(store_access *access, bytes key) {
    return key.length == CRYPT_SEAL_KEY_LENGTH ? store_derive_keys(access, key.data) : RESULT_TRUNCATED;
}

static result open_key(keep_store *store, bool fresh) {
    CLEANED_BY(buffer_wipe) buffer path = BUFFER_INIT(4096), key = BUFFER_SECRET(CRYPT_SEAL_KEY_LENGTH);
    result code = buffer_append_format(&path, "%s/keep.key", store->options.folder);
    if (code == RESULT_OK && fresh)
        code = secret_file_make(buffer_text(&path), CRYPT_SEAL_KEY_LENGTH);
    if (code == RESULT_OK)
        code = file_read_secret(buffer_text(&path), &key);
    if (code == RESULT_OK)
        code = derive(&store->access, buffer_bytes(&key));
    if (code != RESULT_OK)
        log_error("%s: %s. Without this key nothing that is kept can be read; restore it.", buffer_text(&path),
                  result_text(code));
    return code;
}

static result note_any(void *context, const char *name, int64_t version) {
    (void)name;
    (void)version;
    *(bool *)context = true;
    return RESULT_OK;
}

static result told(const keep_store *store, result code, const char *problem) {
    if (code == RESULT_BAD_SIGNATURE)
        log_error("%s/keep.sqlite is not as the relay has left it: %s", store->options.folder, problem);
    return code;
}

/* A store that was found altered once is compared before it is served again. */
static result load_suspected(keep_store *store, char problem[LEDGER_PROBLEM_SIZE]) {
    result code = ledger_load(&store->access, problem);
    if (code == RESULT_OK)
        code = terminal_store_unset(store->access.file, SETTING_ALTERED);
    if (code == RESULT_OK)
        atomic_store(&store->progress, KEEP_STORE_WHOLE);
    return code;
}

static result load_known(keep_store *store) {
    char problem[LEDGER_PROBLEM_SIZE] = "";
    buffer before = BUFFER_INIT(LEDGER_PROBLEM_SIZE);
    result code = terminal_store_setting(store->access.file, SETTING_ALTERED, NULL, &before);
    buffer_wipe(&before);
    if (code == RESULT_NOT_FOUND)
        code = ledger_load_quickly(&store->access, problem);
    else if (code == RESULT_OK)
        code = load_suspected(store, problem);
    return told(store, code, problem);
}

static result load_new(keep_store *store) {
    atomic_store(&store->progress, KEEP_STORE_WHOLE);
    return ledger_begin(&store->access);
}

static result load(keep_store *store) {
    bool any = false;
    result code = terminal_store_each_setting(store->access.file, note_any, &any);
    if (code == RESULT_OK)
        code = open_key(store, !any);
    if (code == RESULT_OK)
        code = any ? load_known(store) : load_new(store);
    return code;
}

/* Compares the rest of the store while other threads use it. */
static void *compare(void *context) {
    keep_store *store = context;
    char problem[LEDGER_PROBLEM_SIZE] = "";
    setpriority(PRIO_PROCESS, 0, COMPARING_NICE); /* of this thread: setpriority(2), "C library/kernel differences" */
    const int64_t begun_ms = clock_monotonic_ms();
    const result code = ledger_compare(&store->access, store->since, &store->ending, problem);
    if (atomic_load(&store->ending))
        return NULL;
    if (told(store, code, problem) == RESULT_OK)
        log_info("%s/keep.sqlite is as it was left; compared in %lld ms", store->options.folder,
                 (long long)(clock_monotonic_ms() - begun_ms));
    else
        log_error("%s/keep.sqlite is not used any more: %s. Keep it for the administrator, move it away, and start the "
                  "relay again: the terminals send again what has no answer yet",
                  store->options.folder, result_text(code));
    if (code == RESULT_BAD_SIGNATURE || code == RESULT_INVALID)
        terminal_store_set(store->access.file, SETTING_ALTERED, bytes_of(problem, strlen(problem)));
    atomic_store(&store->progress, code == RESULT_OK ? KEEP_STORE_WHOLE : KEEP_STORE_ALTERED);
    return NULL;
}

static result begin_comparing(keep_store *store) {
    if (keep_store_compared(store) != KEEP_STORE_COMPARING)
        return RESULT_OK;
    store->since = ledger_next(&store->access) - 1;
    store->compares = pthread_create(&store->comparing, NULL, compare, store) == 0;
    return store->compares ? RESULT_OK : RESULT_NO_MEMORY;
}

/* Interrupts repeatedly: an interrupt has no effect between two statements. */
static void end_comparing(keep_store *store) {
    struct timespec until;
    if (!store->compares)
        return;
    atomic_store(&store->ending, true);
    do {
        terminal_store_interrupt(store->access.file);
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += END_AGAIN_NS;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
    } while (pthread_timedjoin_np(store->comparing, NULL, &until) == ETIMEDOUT);
}

keep_store_progress keep_store_compared(const keep_store *store) {
    return atomic_load(&store->progress);
}

static result open_parts(keep_store *store) {
    CLEANED_BY(buffer_wipe) buffer path = BUFFER_INIT(4096);
    result code = file_make_folders(store->options.folder, 0700);
    if (code == RESULT_OK)
        code = lock_folder(store);
    if (code == RESULT_EXISTS)
        log_error("another relay is at work in %s", store->options.folder);
    if (code == RESULT_OK)
        code = buffer_append_format(&path, "%s/keep.sqlite", store->options.folder);
    if (code == RESULT_OK)
        code = terminal_store_open(buffer_text(&path), &store->access.file);
    if (code == RESULT_OK)
        code = load(store);
    store->access.unlocked = code == RESULT_OK;
    return code == RESULT_OK ? begin_comparing(store) : code;
}

result keep_store_open(const keep_store_options *options, keep_store **out) {
    keep_store *store = *out = calloc(1, sizeof *store);
    if (store == NULL)
        return RESULT_NO_MEMORY;
    *store = (keep_store){.options = *options,
                          .lock = -1,
                          .clock_gap_ms = clock_wall_ms() - clock_boot_ms(),
                          .access.folder = options->folder};
    pthread_mutex_init(&store->guard, NULL);
    group_commit_begin(&store->adding, &store->guard, KEPT_BODY_MAX);
    const result code = open_parts(store);
    if (code != RESULT_OK) {
        log_error("what is kept in %s cannot be opened: %s", options->folder, result_text(code));
        keep_store_close(out);
    }
    return code;
}

void keep_store_close(keep_store **store) {
    keep_store *mine = *store;
    if (mine == NULL)
        return;
    end_comparing(mine);
    ledger_forget(&mine->access);
    terminal_store_close(&mine->access.file);
    if (mine->lock >= 0)
        close(mine->lock);
    group_commit_end(&mine->adding);
    pthread_mutex_destroy(&mine->guard);
    secret_wipe(mine, sizeof *mine);
    free(mine);
    *store = NULL;
}

/* --- one step after the other ------------------------------------------------------------------------------------- */

#define STEP(store, call)                                                                                              \
    __extension__({                                                                                                    \
        pthread_mutex_lock(&(store)->guard);                                                                           \
        const result step_code = (call);                                                                               \
        pthread_mutex_unlock(&(store)->guard);                                                                         \
        step_code;                                                                                                     \
    })

/* What was kept before the start may be used only when all of it is known to be as it was left. */
#define STEP_OF_WHOLE(store, call) (keep_store_compared(store) == KEEP_STORE_WHOLE ? STEP(store, call) : RESULT_TIMEOUT)

/* Reads committed rows only, so it does not wait for a write to the disk. */
result keep_store_find(keep_store *store, kept_request *r) {
    const result code = kept_request_find(&store->access, r);
    return code == RESULT_OK && strcmp(r->state, KEPT_QUEUED) != 0 && keep_store_compared(store) != KEEP_STORE_WHOLE
               ? RESULT_TIMEOUT
               : code;
}

/* --- taking in ---------------------------------------------------------------------------------------------------- */

/* The last free places are reserved for evidence, which cannot be made again. */
static bool has_room(keep_store *store, kept_service service, size_t beside) {
    const long most = store->options.requests_max;
    const int64_t waiting = kept_request_count(&store->access, KEPT_PLATFORM, KEPT_QUEUED) +
                            kept_request_count(&store->access, KEPT_HISTORY, KEPT_QUEUED) + (int64_t)beside;
    const bool little = waiting >= most - most / 5;
    if (little && !store->warned)
        log_warning("%lld of at most %ld requests wait to be delivered", (long long)waiting, most);
    store->warned = little;
    return waiting < (service == KEPT_PLATFORM ? most : most - most / 20);
}

typedef struct group {
    kept_request *fresh[GROUP_COMMIT_MAX];
    /* the caller whose request is stored; a caller with the same request */
    group_entrant *whose[GROUP_COMMIT_MAX], *again[GROUP_COMMIT_MAX];
    size_t count, again_count;
} group;

/* Whether another of the group has brought the same. */
static bool is_again(const group *g, const kept_request *r) {
    for (size_t i = 0; i < g->count; i++)
        if (kept_request_is_same(g->fresh[i], r))
            return true;
    return false;
}

/* The same request may have come twice at once, when neither was stored yet. */
static void sort_in(keep_store *store, group *g, group_entrant *one) {
    kept_request *r = one->row;
    if (is_again(g, r)) {
        g->again[g->again_count++] = one;
        return;
    }
    one->outcome = keep_store_find(store, r);
    if (one->outcome != RESULT_NOT_FOUND)
        return;
    one->outcome = has_room(store, r->service, g->count) ? RESULT_OK : RESULT_TOO_LONG;
    if (one->outcome == RESULT_OK) {
        g->whose[g->count] = one;
        g->fresh[g->count++] = r;
    }
}

static void write_group(void *context, group_entrant *const *all, size_t count) {
    keep_store *store = context;
    group g = {.count = 0};
    for (size_t i = 0; i < count; i++)
        sort_in(store, &g, all[i]);
    const result code = g.count > 0 ? kept_request_add(&store->access, g.fresh, g.count) : RESULT_OK;
    for (size_t i = 0; i < g.count; i++)
        g.whose[i]->outcome = code;
    for (size_t i = 0; i < g.again_count; i++)
        g.again[i]->outcome = code == RESULT_OK ? keep_store_find(store, g.again[i]->row) : code;
}

result keep_store_add(keep_store *store, kept_request *r) {
    return group_commit_add(&store->adding, r, r->body.length, write_group, store);
}

/* --- sending, and handing over ------------------------------------------------------------------------------------ */

result keep_store_next(keep_store *store, kept_request *r) {
    return STEP_OF_WHOLE(store, kept_request_next(&store->access, r, &store->damaged));
}

result keep_store_answer(keep_store *store, kept_request *r) {
    return STEP(store, kept_request_answer(&store->access, r));
}

result keep_store_next_answer(keep_store *store, kept_request *r) {
    return STEP_OF_WHOLE(store, kept_request_next_answer(&store->access, r, &store->damaged));
}

result keep_store_delivered(keep_store *store, const char *owner, const char *id) {
    return STEP(store, kept_request_delivered(&store->access, owner, id));
}

/* --- purge -------------------------------------------------------------------------------------------------------- */

static bool trust_clock(keep_store *store) {
    const int64_t gap = clock_wall_ms() - clock_boot_ms(), jump = llabs(gap - store->clock_gap_ms);
    store->clock_gap_ms = gap;
    if (jump >= CLOCK_JUMP_MS) {
        store->clock_was_set = true;
        log_warning("the clock was set by %lld seconds: nothing is purged until the relay is started again",
                    (long long)(jump / 1000));
    }
    return !store->clock_was_set;
}

static result purge(keep_store *store, long long *purged) {
    result code = trust_clock(store)
                      ? kept_request_purge(&store->access, clock_wall_s() - store->options.purge_s, purged)
                      : RESULT_OK;
    if (code == RESULT_OK && *purged == 0 && store->forget_is_due)
        code = terminal_store_forget(store->access.file);
    if (code == RESULT_OK || code == RESULT_UNAVAILABLE)
        store->forget_is_due = code == RESULT_UNAVAILABLE;
    return code;
}

void keep_store_purge(keep_store *store) {
    long long purged = 0;
    const result code = STEP_OF_WHOLE(store, purge(store, &purged));
    if (purged > 0)
        log_notice("%lld requests were delivered long enough ago, and are purged", purged);
    if (code != RESULT_OK && code != RESULT_UNAVAILABLE && code != RESULT_TIMEOUT)
        log_error("what is due cannot be purged: %s", result_text(code));
}

/* --- counts ------------------------------------------------------------------------------------------------------- */

void keep_store_tell(keep_store *store, kept_service service, keep_store_counts *out) {
    const store_access *s = &store->access;
    pthread_mutex_lock(&store->guard);
    *out = (keep_store_counts){.queued = kept_request_count(s, service, KEPT_QUEUED),
                               .answered = kept_request_count(s, service, KEPT_ANSWERED),
                               .delivered = kept_request_count(s, service, KEPT_DELIVERED),
                               .refused = kept_request_count(s, service, KEPT_REFUSED),
                               .damaged = kept_request_count(s, service, STATE_DAMAGED),
                               .purged = kept_request_count(s, service, KEPT_PURGED),
                               .oldest = kept_request_oldest(&store->access, service)};
    pthread_mutex_unlock(&store->guard);
}

size_t keep_store_waiting_of(keep_store *store, const char *owner, const char *state, size_t max) {
    size_t all = 0;
    for (size_t i = 0; i < KEPT_SERVICES && all < max; i++) {
        size_t count = 0;
        if (kept_request_count_of(&store->access, (kept_service)i, owner, state, max - all, &count) == RESULT_OK)
            all += count;
    }
    return all < max ? all : max;
}

bool keep_store_has_answer(keep_store *store, kept_service service, const char *owner) {
    size_t count = 0;
    return keep_store_compared(store) == KEEP_STORE_WHOLE &&
           kept_request_count_of(&store->access, service, owner, KEPT_ANSWERED, 1, &count) == RESULT_OK && count > 0;
}
