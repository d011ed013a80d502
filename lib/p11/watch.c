/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "p11/watch.h"

#include "p11/token_internal.h"

#include "base/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define LOOK_AGAIN_MS 50   /* minimum interval of checks: a check costs several exchanges with pcscd */
#define QUIET_NS 100000000 /* retry interval when the module cannot wait: 100 ms */

typedef struct watched {
    token *token;
    atomic_bool *gone, *lost;
} watched;

struct token_watch {
    token_module *module;
    void (*changed)(void *context);
    void *context;
    pthread_t thread;
    pthread_mutex_t guard; /* of tokens[] */
    watched tokens[TOKEN_WATCH_MAX];
    atomic_bool ending;
    _Atomic int64_t looked_ms; /* monotonic */
};

/* Tokens that are known to be gone are not checked again. */
static void look_at(const watched *one) {
    if (one->token == NULL || atomic_load(one->gone))
        return;
    const token_life life = token_life_of(one->token);
    if (life == TOKEN_LOGIN_LOST && one->lost != NULL)
        atomic_store(one->lost, true);
    else if (life != TOKEN_ALIVE)
        atomic_store(one->gone, true);
}

static void look(token_watch *watch) {
    CK_ULONG count;
    pthread_mutex_lock(&watch->guard);
    /* Without this call a module may return an old state: OpenSC caches a slot's state for a second. It costs a question to
     * pcscd for each reader, with the module's lock held. */
    watch->module->functions->C_GetSlotList(CK_FALSE, NULL, &count);
    for (size_t i = 0; i < TOKEN_WATCH_MAX; i++)
        look_at(&watch->tokens[i]);
    pthread_mutex_unlock(&watch->guard);
    atomic_store(&watch->looked_ms, clock_monotonic_ms());
}

void token_watch_look(token_watch *watch) {
    TOKEN_STEP(false);
    if (clock_monotonic_ms() - atomic_load(&watch->looked_ms) >= LOOK_AGAIN_MS)
        look(watch);
}

void token_watch_expire(token_watch *watch) {
    atomic_store(&watch->looked_ms, INT64_MIN / 2);
}

static void *wait_for_events(void *argument) {
    token_watch *watch = argument;
    CK_FUNCTION_LIST *functions = watch->module->functions;
    CK_SLOT_ID slot;
    while (!atomic_load(&watch->ending)) {
        CK_RV rv = functions->C_WaitForSlotEvent(0, &slot, NULL);
        if (rv == CKR_CRYPTOKI_NOT_INITIALIZED || atomic_load(&watch->ending))
            break;
        /* pcscd restarts, or there is no reader: watched tokens may be gone, and the wait must not become a busy
         * loop. */
        if (rv != CKR_OK)
            nanosleep(&(struct timespec){.tv_nsec = QUIET_NS}, NULL);
        look(watch);
        watch->changed(watch->context);
    }
    return NULL;
}

result token_watch_new(token_module *module, void (*changed)(void *context), void *context, token_watch **out) {
    token_watch *watch = *out = calloc(1, sizeof **out);
    if (watch == NULL)
        return RESULT_NO_MEMORY;
    *watch = (token_watch){.module = module, .changed = changed, .context = context};
    pthread_mutex_init(&watch->guard, NULL);
    if (pthread_create(&watch->thread, NULL, wait_for_events, watch) == 0)
        return RESULT_OK;
    pthread_mutex_destroy(&watch->guard);
    free(watch);
    *out = NULL;
    return RESULT_INTERNAL;
}

static watched *place_of(token_watch *watch, const token *t) {
    for (size_t i = 0; i < TOKEN_WATCH_MAX; i++)
        if (watch->tokens[i].token == t)
            return &watch->tokens[i];
    return NULL;
}

result token_watch_add(token_watch *watch, token *t, atomic_bool *gone, atomic_bool *lost) {
    TOKEN_STEP(false);
    pthread_mutex_lock(&watch->guard);
    watched *free_place = place_of(watch, NULL);
    if (free_place != NULL) {
        atomic_store(gone, false);
        if (lost != NULL)
            atomic_store(lost, false);
        *free_place = (watched){t, gone, lost};
    }
    pthread_mutex_unlock(&watch->guard);
    return free_place != NULL ? RESULT_OK : RESULT_EXISTS;
}

void token_watch_drop(token_watch *watch, const token *t) {
    TOKEN_STEP(false);
    pthread_mutex_lock(&watch->guard);
    watched *place = t != NULL ? place_of(watch, t) : NULL;
    if (place != NULL)
        *place = (watched){0};
    pthread_mutex_unlock(&watch->guard);
}

void token_watch_end(token_watch **watch, token_module **module) {
    token_watch *w = *watch;
    if (w == NULL)
        return;
    atomic_store(&w->ending, true);
    p11_kit_module_finalize(w->module->functions);
    pthread_join(w->thread, NULL);
    p11_kit_module_release(w->module->functions);
    pthread_mutex_destroy(&w->guard);
    free(w->module);
    free(w);
    *watch = NULL;
    *module = NULL;
}
