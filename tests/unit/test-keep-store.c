/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The relay's store of what it has taken on, used by many threads at once: what comes while the file is in use is written
 * together, once, and nobody has an answer before. */
#include "keep/keep_store.h"

#include "base/file.h"
#include "store/group_commit.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define CLIENTS_MAX 40

static char folder[] = "/tmp/test-keep-XXXXXX";
static keep_store *store;

/* --- time --------------------------------------------------------------------------------------------------------- */

/* How much later it is than the clock says, and by how much the clock was set. */
static int64_t later_s, set_by_s;

int64_t __real_clock_wall_s(void);
int64_t __wrap_clock_wall_s(void);
int64_t __wrap_clock_wall_s(void) {
    return __real_clock_wall_s() + later_s + set_by_s;
}

int64_t __real_clock_wall_ms(void);
int64_t __wrap_clock_wall_ms(void);
int64_t __wrap_clock_wall_ms(void) {
    return __real_clock_wall_ms() + 1000 * (later_s + set_by_s);
}

int64_t __real_clock_boot_ms(void);
int64_t __wrap_clock_boot_ms(void);
int64_t __wrap_clock_boot_ms(void) {
    return __real_clock_boot_ms() + 1000 * later_s;
}

/* --- what is written, and when ------------------------------------------------------------------------------------ */

static struct writes {
    pthread_mutex_t guard;
    pthread_cond_t changed;
    unsigned waiting;         /* threads that wait for somebody else's write */
    unsigned hold_for;        /* the first write waits until so many do */
    unsigned count, answered; /* writes; threads that have an answer */
    size_t additions[CLIENTS_MAX];
    unsigned failing; /* which write fails; 0: none */
} writes = {.guard = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

int __real_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex);
int __wrap_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex);
int __wrap_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex) {
    pthread_mutex_lock(&writes.guard);
    writes.waiting++;
    pthread_cond_broadcast(&writes.changed);
    pthread_mutex_unlock(&writes.guard);
    return __real_pthread_cond_wait(cond, mutex);
}

result __real_terminal_store_change(terminal_store *file, const terminal_change *c);
result __wrap_terminal_store_change(terminal_store *file, const terminal_change *c);
result __wrap_terminal_store_change(terminal_store *file, const terminal_change *c) {
    pthread_mutex_lock(&writes.guard);
    const unsigned number = ++writes.count;
    pthread_cond_broadcast(&writes.changed);
    if (number <= CLIENTS_MAX)
        writes.additions[number - 1] = c->addition_count;
    while (number == 1 && writes.waiting < writes.hold_for)
        __real_pthread_cond_wait(&writes.changed, &writes.guard);
    assert_int_equal(writes.answered, number == 1 ? 0 : writes.answered);
    pthread_mutex_unlock(&writes.guard);
    return number == writes.failing ? RESULT_UNAVAILABLE : __real_terminal_store_change(file, c);
}

/* --- clients ------------------------------------------------------------------------------------------------------ */

typedef struct client {
    pthread_t thread;
    kept_request request;
    result outcome;
} client;

static void *bring(void *context) {
    client *c = context;
    c->outcome = keep_store_add(store, &c->request);
    pthread_mutex_lock(&writes.guard);
    writes.answered++;
    pthread_mutex_unlock(&writes.guard);
    return NULL;
}

static void prepare(client *c, kept_service service, const char *owner, int number) {
    *c = (client){.request = KEPT_REQUEST_INIT};
    c->request.service = service;
    snprintf(c->request.owner, sizeof c->request.owner, "%s", owner);
    assert_int_equal(buffer_append_format(&c->request.body, "{\"n\":%d}", number), RESULT_OK);
}

/* The first client's write waits until all others, who come after it has begun, wait for it. */
static void bring_at_once(client *clients, unsigned count, unsigned failing) {
    writes.count = writes.waiting = writes.answered = 0;
    writes.hold_for = count - 1;
    writes.failing = failing;
    for (unsigned i = 0; i < count; i++) {
        assert_int_equal(pthread_create(&clients[i].thread, NULL, bring, &clients[i]), 0);
        pthread_mutex_lock(&writes.guard);
        while (writes.count == 0)
            __real_pthread_cond_wait(&writes.changed, &writes.guard);
        pthread_mutex_unlock(&writes.guard);
    }
    for (unsigned i = 0; i < count; i++)
        pthread_join(clients[i].thread, NULL);
    writes.hold_for = 0;
    writes.failing = 0;
}

static int64_t queued(void) {
    keep_store_counts counts;
    keep_store_tell(store, KEPT_PLATFORM, &counts);
    return counts.queued;
}

static void wipe(client *clients, unsigned count) {
    for (unsigned i = 0; i < count; i++)
        kept_request_wipe(&clients[i].request);
}

/* --- the tests ---------------------------------------------------------------------------------------------------- */

static void remove_files(void) {
    static const char *const names[] = {"keep.sqlite", "keep.sqlite-wal", "keep.sqlite-shm", "keep.key", "keep.lock"};
    char path[64];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
}

static void open_store(long most) {
    const keep_store_options options = {.folder = folder, .requests_max = most, .purge_s = 3600};
    assert_int_equal(keep_store_open(&options, &store), RESULT_OK);
    while (keep_store_compared(store) == KEEP_STORE_COMPARING)
        usleep(100);
    assert_int_equal(keep_store_compared(store), KEEP_STORE_WHOLE);
}

static int begin(void **state) {
    (void)state;
    open_store(1000);
    return 0;
}

static int end(void **state) {
    (void)state;
    keep_store_close(&store);
    remove_files();
    return 0;
}

static void what_comes_at_once_is_written_once(void **state) {
    static client clients[8];
    (void)state;
    for (int i = 0; i < 8; i++)
        prepare(&clients[i], KEPT_PLATFORM, "T-01", i);
    bring_at_once(clients, 8, 0);
    assert_int_equal(writes.count, 2); /* the first client's own, and one for seven */
    assert_int_equal(writes.additions[0], 1);
    assert_int_equal(writes.additions[1], 7);
    for (int i = 0; i < 8; i++) {
        assert_int_equal(clients[i].outcome, RESULT_OK);
        assert_string_equal(clients[i].request.state, KEPT_QUEUED);
    }
    assert_int_equal(queued(), 8);
    keep_store_close(&store);
    open_store(1000); /* the ledger agrees with every row */
    for (int i = 0; i < 8; i++)
        assert_int_equal(keep_store_find(store, &clients[i].request), RESULT_OK);
    wipe(clients, 8);
}

static void a_group_that_cannot_be_written_is_told_to_each(void **state) {
    static client clients[8];
    unsigned failed = 0;
    (void)state;
    for (int i = 0; i < 8; i++)
        prepare(&clients[i], KEPT_PLATFORM, "T-01", i);
    bring_at_once(clients, 8, 2);
    for (int i = 0; i < 8; i++)
        failed += clients[i].outcome == RESULT_UNAVAILABLE;
    assert_int_equal(failed, 7);
    assert_int_equal(queued(), 1);
    keep_store_close(&store);
    open_store(1000);
    assert_int_equal(queued(), 1);
    wipe(clients, 8);
}

static void a_group_has_an_end(void **state) {
    static client clients[CLIENTS_MAX];
    (void)state;
    for (int i = 0; i < CLIENTS_MAX; i++)
        prepare(&clients[i], KEPT_PLATFORM, "T-01", i);
    bring_at_once(clients, CLIENTS_MAX, 0);
    assert_int_equal(writes.count, 3);
    assert_int_equal(writes.additions[1], GROUP_COMMIT_MAX);
    assert_int_equal(writes.additions[2], CLIENTS_MAX - 1 - GROUP_COMMIT_MAX);
    assert_int_equal(queued(), CLIENTS_MAX);
    wipe(clients, CLIENTS_MAX);
}

static void large_requests_are_a_group_of_their_own(void **state) {
    static client clients[4];
    (void)state;
    for (int i = 0; i < 4; i++) {
        prepare(&clients[i], KEPT_PLATFORM, "T-01", i);
        uint8_t block[65536] = {'x'};
        for (int n = 0; i > 0 && n < 40; n++) /* two of these are more than a group may have */
            assert_int_equal(buffer_append(&clients[i].request.body, BYTES(block)), RESULT_OK);
    }
    bring_at_once(clients, 4, 0);
    assert_int_equal(writes.count, 4);
    assert_int_equal(queued(), 4);
    wipe(clients, 4);
}

static void the_same_brought_twice_at_once_is_one(void **state) {
    static client clients[7];
    (void)state;
    for (int i = 0; i < 7;
         i++) /* the first's group, written while the others wait; one of them brings the same as it */
        prepare(&clients[i], KEPT_PLATFORM, i == 5 ? "T-02" : "T-01", i == 0 || i == 6 ? 0 : 1);
    bring_at_once(clients, 7, 0);
    assert_int_equal(queued(), 3);
    for (int i = 0; i < 7; i++)
        assert_int_equal(clients[i].outcome, RESULT_OK);
    for (int i = 2; i < 5; i++)
        assert_string_equal(clients[i].request.id, clients[1].request.id);
    assert_string_equal(clients[6].request.id, clients[0].request.id);
    assert_string_not_equal(clients[5].request.id, clients[1].request.id);
    wipe(clients, 7);
}

static void a_group_fills_the_places_and_no_more(void **state) {
    static client clients[30];
    unsigned refused = 0;
    (void)state;
    keep_store_close(&store);
    remove_files();
    open_store(20);
    for (int i = 0; i < 30; i++)
        prepare(&clients[i], KEPT_PLATFORM, "T-01", i);
    bring_at_once(clients, 30, 0);
    for (int i = 0; i < 30; i++)
        refused += clients[i].outcome == RESULT_TOO_LONG;
    assert_int_equal(refused, 10);
    assert_int_equal(queued(), 20);
    wipe(clients, 30);
}

/* --- who gets an answer, and how long it stays --------------------------------------------------------------------- */

/* Kept for its owner, and answered by the service, with its signature. */
static void keep_and_answer(client *c, const char *owner, int number) {
    kept_request next = KEPT_REQUEST_INIT;
    prepare(c, KEPT_PLATFORM, owner, number);
    assert_int_equal(keep_store_add(store, &c->request), RESULT_OK);
    next.service = KEPT_PLATFORM;
    assert_int_equal(keep_store_next(store, &next), RESULT_OK);
    assert_string_equal(next.id, c->request.id);
    next.status = 200;
    buffer_append_text(&next.signature, "signed");
    buffer_append_text(&next.answer, owner);
    assert_int_equal(keep_store_answer(store, &next), RESULT_OK);
    kept_request_wipe(&next);
}

static result next_answer(const char *owner, kept_request *r) {
    r->service = KEPT_PLATFORM;
    snprintf(r->owner, sizeof r->owner, "%s", owner);
    return keep_store_next_answer(store, r);
}

static void an_answer_is_its_owner_s(void **state) {
    static client clients[2];
    keep_store_counts counts;
    (void)state;
    keep_and_answer(&clients[0], "T-01", 0);
    keep_and_answer(&clients[1], "T-02", 0);
    for (int i = 0; i < 2; i++) {
        kept_request r = KEPT_REQUEST_INIT;
        assert_int_equal(next_answer(clients[i].request.owner, &r), RESULT_OK);
        assert_string_equal(r.id, clients[i].request.id);
        assert_string_equal(buffer_text(&r.answer), clients[i].request.owner);
        kept_request_wipe(&r);
        assert_int_equal(next_answer(clients[i].request.owner, &r), RESULT_NOT_FOUND);
        kept_request_wipe(&r);
    }
    assert_int_equal(keep_store_delivered(store, "T-02", clients[0].request.id), RESULT_NOT_FOUND);
    assert_true(keep_store_has_answer(store, KEPT_PLATFORM, "T-01"));
    assert_int_equal(keep_store_delivered(store, "T-01", clients[0].request.id), RESULT_OK);
    assert_int_equal(keep_store_delivered(store, "T-01", clients[0].request.id), RESULT_OK);
    assert_false(keep_store_has_answer(store, KEPT_PLATFORM, "T-01"));
    keep_store_tell(store, KEPT_PLATFORM, &counts);
    assert_int_equal(counts.answered, 1);
    assert_int_equal(counts.delivered, 1);
    wipe(clients, 2);
}

static result find_again(kept_request *r) {
    kept_request_wipe(r);
    buffer_append_text(&r->body, "{\"n\":0}");
    return keep_store_find(store, r);
}

/* An answer may say "not yet": who has fetched it and sends the same again is not told the same for ever. */
static void what_was_delivered_can_be_sent_again(void **state) {
    static client one, again;
    (void)state;
    keep_and_answer(&one, "T-01", 0);
    assert_int_equal(find_again(&one.request), RESULT_OK);
    assert_string_equal(one.request.state, KEPT_ANSWERED);
    assert_int_equal(keep_store_delivered(store, "T-01", one.request.id), RESULT_OK);
    assert_int_equal(find_again(&one.request), RESULT_NOT_FOUND);
    prepare(&again, KEPT_PLATFORM, "T-01", 0);
    assert_int_equal(keep_store_add(store, &again.request), RESULT_OK);
    assert_string_equal(again.request.state, KEPT_QUEUED);
    assert_int_equal(queued(), 1);
    wipe(&one, 1);
    wipe(&again, 1);
}

static int64_t purged(void) {
    keep_store_counts counts;
    keep_store_purge(store);
    keep_store_tell(store, KEPT_PLATFORM, &counts);
    return counts.purged;
}

static void what_was_delivered_stays_an_hour_after_its_answer(void **state) {
    static client one;
    kept_request next = KEPT_REQUEST_INIT;
    (void)state;
    prepare(&one, KEPT_PLATFORM, "T-01", 0);
    assert_int_equal(keep_store_add(store, &one.request), RESULT_OK);
    later_s = 2000; /* the answer comes later than the request */
    next.service = KEPT_PLATFORM;
    assert_int_equal(keep_store_next(store, &next), RESULT_OK);
    buffer_append_text(&next.signature, "signed");
    assert_int_equal(keep_store_answer(store, &next), RESULT_OK);
    assert_int_equal(keep_store_delivered(store, "T-01", one.request.id), RESULT_OK);
    later_s = 2000 + 3500;
    assert_int_equal(purged(), 0);
    later_s = 2000 + 3700;
    assert_int_equal(purged(), 1);
    kept_request_wipe(&next);
    wipe(&one, 1);
    later_s = 0;
}

/* Nothing is due because somebody has set the clock: not now, and not at the next look, until the start of the next run. */
static void a_clock_that_was_set_purges_nothing(void **state) {
    static client one;
    (void)state;
    keep_and_answer(&one, "T-01", 0);
    assert_int_equal(keep_store_delivered(store, "T-01", one.request.id), RESULT_OK);
    set_by_s = 3700;
    assert_int_equal(purged(), 0);
    assert_int_equal(purged(), 0);
    set_by_s = 3701; /* as NTP does it, bit by bit */
    assert_int_equal(purged(), 0);
    keep_store_close(&store);
    open_store(1000);
    assert_int_equal(purged(), 1);
    wipe(&one, 1);
    set_by_s = 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_comes_at_once_is_written_once, begin, end),
        cmocka_unit_test_setup_teardown(a_group_that_cannot_be_written_is_told_to_each, begin, end),
        cmocka_unit_test_setup_teardown(a_group_has_an_end, begin, end),
        cmocka_unit_test_setup_teardown(large_requests_are_a_group_of_their_own, begin, end),
        cmocka_unit_test_setup_teardown(the_same_brought_twice_at_once_is_one, begin, end),
        cmocka_unit_test_setup_teardown(a_group_fills_the_places_and_no_more, begin, end),
        cmocka_unit_test_setup_teardown(an_answer_is_its_owner_s, begin, end),
        cmocka_unit_test_setup_teardown(what_was_delivered_can_be_sent_again, begin, end),
        cmocka_unit_test_setup_teardown(what_was_delivered_stays_an_hour_after_its_answer, begin, end),
        cmocka_unit_test_setup_teardown(a_clock_that_was_set_purges_nothing, begin, end),
    };
    if (mkdtemp(folder) == NULL)
        return 1;
    const int failures = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(folder);
    return failures;
}
