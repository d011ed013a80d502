/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The thread that watches tokens, with a module whose every answer is written here. */
#include "p11/token_internal.h"
#include "p11/watch.h"

#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define FAILURES 3 /* so many times the module cannot wait; then it waits until its end */
#define REST_NS 100000000

static atomic_bool session_is_gone, login_is_over, finalized;
static atomic_int failed_waits, rests, looks_without_lock;
static sem_t changes, ends;
static _Thread_local int locks; /* that this thread holds */

/* --- between the code and the C library --------------------------------------------------------------------------- */

int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex);
int __real_pthread_mutex_lock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_unlock(pthread_mutex_t *mutex);
int __real_pthread_mutex_unlock(pthread_mutex_t *mutex);

int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex) {
    locks++;
    return __real_pthread_mutex_lock(mutex);
}

int __wrap_pthread_mutex_unlock(pthread_mutex_t *mutex) {
    locks--;
    return __real_pthread_mutex_unlock(mutex);
}

int nanosleep(const struct timespec *wanted, struct timespec *left) {
    (void)left;
    atomic_fetch_add(&rests, wanted->tv_sec == 0 && wanted->tv_nsec == REST_NS);
    return 0;
}

/* In p11-kit's place, which knows no such module. */
CK_RV p11_kit_module_finalize(CK_FUNCTION_LIST *module) {
    (void)module;
    atomic_store(&finalized, true);
    sem_post(&ends);
    return CKR_OK;
}

void p11_kit_module_release(CK_FUNCTION_LIST *module) {
    (void)module;
}

/* --- the module --------------------------------------------------------------------------------------------------- */

static CK_RV get_session_info(CK_SESSION_HANDLE session, CK_SESSION_INFO_PTR out) {
    (void)session;
    atomic_fetch_add(&looks_without_lock, locks == 0);
    *out = (CK_SESSION_INFO){.state = atomic_load(&login_is_over) ? CKS_RW_PUBLIC_SESSION : CKS_RW_USER_FUNCTIONS};
    return atomic_load(&session_is_gone) ? CKR_SESSION_HANDLE_INVALID : CKR_OK;
}

static CK_RV get_slot_list(CK_BBOOL present, CK_SLOT_ID_PTR list, CK_ULONG_PTR count) {
    (void)present;
    if (list != NULL)
        *list = 1;
    *count = 1;
    return CKR_OK;
}

static CK_RV wait_for_slot_event(CK_FLAGS flags, CK_SLOT_ID_PTR slot, CK_VOID_PTR reserved) {
    (void)flags, (void)slot, (void)reserved;
    if (atomic_fetch_add(&failed_waits, 1) < FAILURES)
        return CKR_FUNCTION_FAILED;
    sem_wait(&ends);
    return atomic_load(&finalized) ? CKR_CRYPTOKI_NOT_INITIALIZED : CKR_OK;
}

static CK_FUNCTION_LIST functions = {
    .C_GetSessionInfo = get_session_info, .C_GetSlotList = get_slot_list, .C_WaitForSlotEvent = wait_for_slot_event};

static void changed(void *context) {
    assert_ptr_equal(context, &changes);
    sem_post(&changes);
}

typedef struct fixture {
    token_module *module;
    token_watch *watch;
    token token;
    atomic_bool gone, lost;
} fixture;

static int begin(void **state) {
    static fixture f;
    f = (fixture){.module = calloc(1, sizeof *f.module), .token = {.functions = &functions, .logged_in = true}};
    assert_non_null(f.module);
    f.module->functions = &functions;
    atomic_store(&session_is_gone, false);
    atomic_store(&login_is_over, false);
    atomic_store(&finalized, false);
    atomic_store(&failed_waits, 0);
    atomic_store(&rests, 0);
    atomic_store(&looks_without_lock, 0);
    sem_init(&changes, 0, 0);
    sem_init(&ends, 0, 0);
    *state = &f;
    assert_int_equal(token_watch_new(f.module, changed, &changes, &f.watch), RESULT_OK);
    for (int i = 0; i < FAILURES; i++)
        sem_wait(&changes);
    return 0;
}

static int end(void **state) {
    fixture *f = *state;
    token_watch_end(&f->watch, &f->module);
    return f->watch != NULL || f->module != NULL;
}

static void look(fixture *f) {
    token_watch_expire(f->watch);
    token_watch_look(f->watch);
}

/* --- tests -------------------------------------------------------------------------------------------------------- */

static void a_failed_wait_is_followed_by_a_rest(void **state) {
    (void)state;
    assert_int_equal(rests, FAILURES);
}

static void what_the_card_has_ended_is_told(void **state) {
    fixture *f = *state;
    assert_int_equal(token_watch_add(f->watch, &f->token, &f->gone, &f->lost), RESULT_OK);
    look(f);
    assert_false(f->gone || f->lost);
    atomic_store(&login_is_over, true);
    look(f);
    assert_true(f->lost);
    assert_false(f->gone);
    atomic_store(&session_is_gone, true);
    look(f);
    assert_true(f->gone);
    token_watch_drop(f->watch, &f->token);
}

/* Who does not ask for the difference hears of both in one way. */
static void a_lost_login_may_count_as_gone(void **state) {
    fixture *f = *state;
    assert_int_equal(token_watch_add(f->watch, &f->token, &f->gone, NULL), RESULT_OK);
    atomic_store(&login_is_over, true);
    look(f);
    assert_true(f->gone);
    token_watch_drop(f->watch, &f->token);
}

static void an_event_makes_the_thread_look(void **state) {
    fixture *f = *state;
    assert_int_equal(token_watch_add(f->watch, &f->token, &f->gone, &f->lost), RESULT_OK);
    atomic_store(&session_is_gone, true);
    sem_post(&ends); /* an event */
    sem_wait(&changes);
    assert_true(f->gone);
    assert_int_equal(rests, FAILURES); /* that wait did not fail */
    token_watch_drop(f->watch, &f->token);
}

static void a_dropped_token_is_not_watched(void **state) {
    fixture *f = *state;
    assert_int_equal(token_watch_add(f->watch, &f->token, &f->gone, &f->lost), RESULT_OK);
    token_watch_drop(f->watch, &f->token);
    token_watch_drop(f->watch, NULL);
    atomic_store(&session_is_gone, true);
    look(f);
    assert_false(f->gone);
}

static void four_are_watched(void **state) {
    fixture *f = *state;
    token more[TOKEN_WATCH_MAX];
    atomic_bool gone[TOKEN_WATCH_MAX];
    for (size_t i = 0; i < TOKEN_WATCH_MAX; i++) {
        more[i] = f->token;
        assert_int_equal(token_watch_add(f->watch, &more[i], &gone[i], NULL), RESULT_OK);
    }
    assert_int_equal(token_watch_add(f->watch, &f->token, &f->gone, NULL), RESULT_EXISTS);
    token_watch_drop(f->watch, &more[1]);
    assert_int_equal(token_watch_add(f->watch, &f->token, &f->gone, NULL), RESULT_OK);
    atomic_store(&session_is_gone, true);
    look(f);
    assert_true(gone[0] && f->gone && gone[3]);
    assert_false(gone[1]);
}

static void the_table_is_read_under_its_lock(void **state) {
    fixture *f = *state;
    assert_int_equal(token_watch_add(f->watch, &f->token, &f->gone, &f->lost), RESULT_OK);
    look(f);
    sem_post(&ends);
    sem_wait(&changes);
    assert_int_equal(looks_without_lock, 0);
    assert_int_equal(locks, 0);
    token_watch_drop(f->watch, &f->token);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_failed_wait_is_followed_by_a_rest, begin, end),
        cmocka_unit_test_setup_teardown(what_the_card_has_ended_is_told, begin, end),
        cmocka_unit_test_setup_teardown(a_lost_login_may_count_as_gone, begin, end),
        cmocka_unit_test_setup_teardown(an_event_makes_the_thread_look, begin, end),
        cmocka_unit_test_setup_teardown(a_dropped_token_is_not_watched, begin, end),
        cmocka_unit_test_setup_teardown(four_are_watched, begin, end),
        cmocka_unit_test_setup_teardown(the_table_is_read_under_its_lock, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
