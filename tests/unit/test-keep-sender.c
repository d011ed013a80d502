/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Delivers what is kept to a service that the test plays: what it does with answers that are no last word, how often it comes
 * again, and that one request is not in the way of the others. The clock is the test's; a turn of the sender takes a moment. */
#include "pass/keep_sender.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define REQUESTS 4
#define TURNS 3        /* after which whoever wants to ask again at once has done so */
#define LONG_MS 600000 /* longer than every pause */

static char folder[] = "/tmp/test-keep-sender-XXXXXX";
static keep_store *store;
static keep_sender *sender;

/* --- time --------------------------------------------------------------------------------------------------------- */

static _Atomic int64_t later_ms;
static atomic_uint turns;

int64_t __real_clock_monotonic_ms(void);
int64_t __wrap_clock_monotonic_ms(void);
int64_t __wrap_clock_monotonic_ms(void) {
    return __real_clock_monotonic_ms() + later_ms;
}

int __wrap_nanosleep(const struct timespec *time, struct timespec *rest);
int __wrap_nanosleep(const struct timespec *time, struct timespec *rest) {
    (void)time, (void)rest;
    turns++;
    return usleep(1000);
}

static void wait_turns(unsigned count) {
    const unsigned begun = turns;
    while (turns - begun <= count)
        usleep(500);
}

/* --- the service ---------------------------------------------------------------------------------------------------- */

static struct service {
    int status;         /* of POST /fhir; 0: no answer */
    int batch_status;   /* of POST /visit-batch */
    const char *silent; /* the body that gets no answer */
    bool offers_batches;
    const char *header; /* value of Content-Type and Uketsuke-Signature */
} service;
static atomic_uint calls, batches;

static result answer_with(int status, http_answer *answer) {
    answer->status = status;
    if (service.header != NULL) {
        snprintf(answer->type, sizeof answer->type, "%s", service.header);
        answer->signature = strdup(service.header);
    }
    return status != 0 ? buffer_append_text(&answer->body, "{}") : RESULT_TIMEOUT;
}

result service_way_call(service_way *way, const char *method, const char *path, const char *type, bytes body,
                        long total_ms, http_answer *answer) {
    (void)way, (void)method, (void)type, (void)total_ms;
    *answer = (http_answer){.body = BUFFER_INIT(1024), .retry_after = -1};
    if (strcmp(path, "/status") == 0) {
        answer->status = 200;
        return buffer_append_text(&answer->body, service.offers_batches ? "{\"visitBatch\":100}" : "{}");
    }
    if (strcmp(path, "/visit-batch") == 0) {
        batches++;
        return answer_with(service.batch_status, answer);
    }
    calls++;
    const bool silent = service.silent != NULL && bytes_equal(body, bytes_of(service.silent, strlen(service.silent)));
    return answer_with(silent ? 0 : service.status, answer);
}

void http_answer_wipe(http_answer *answer) {
    buffer_wipe(&answer->body);
    free(answer->signature);
    *answer = (http_answer){.retry_after = -1};
}

bool service_way_is_up(const service_way *way) {
    (void)way;
    return true;
}

bool service_way_probe(service_way *way) {
    (void)way;
    return true;
}

result remote_take(const remote *r, const remote_kept *kept, const char *signer, remote_answer *out) {
    (void)r, (void)signer;
    *out = (remote_answer){0};
    return *kept->signature != 0 ? RESULT_OK : RESULT_BAD_SIGNATURE;
}

void remote_answer_wipe(remote_answer *answer) {
    (void)answer;
}

/* --- what stands beside ------------------------------------------------------------------------------------------- */

static _Atomic result ledger; /* whether an outcome can be noted */

result relay_store_add_outcomes(relay_store *outcomes, relay_outcome *all, size_t count) {
    (void)outcomes, (void)all, (void)count;
    return ledger;
}

void extraction_note_answer(extraction *e, const char *terminal, bytes answer, bool is_single) {
    (void)e, (void)terminal, (void)answer, (void)is_single;
}

static int begin(void **state) {
    const keep_store_options options = {.folder = folder, .requests_max = 100, .purge_s = 3600};
    (void)state;
    service = (struct service){.status = 422};
    ledger = RESULT_OK;
    calls = batches = 0;
    assert_int_equal(keep_store_open(&options, &store), RESULT_OK);
    for (int i = 0; i < REQUESTS; i++) {
        kept_request r = KEPT_REQUEST_INIT;
        r.service = KEPT_HISTORY;
        snprintf(r.owner, sizeof r.owner, "T-01");
        assert_int_equal(buffer_append_format(&r.body, "{\"n\":%d}", i), RESULT_OK);
        assert_int_equal(keep_store_add(store, &r), RESULT_OK);
        kept_request_wipe(&r);
        usleep(2000); /* their ids rise with the milliseconds */
    }
    return 0;
}

static int end(void **state) {
    static const char *const names[] = {"keep.sqlite", "keep.sqlite-wal", "keep.sqlite-shm", "keep.key", "keep.lock"};
    char path[64];
    (void)state;
    keep_sender_stop(&sender);
    keep_store_close(&store);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    return 0;
}

static void start(void) {
    const keep_sender_options options = {.service = KEPT_HISTORY, .store = store, .call_ms = 1000};
    assert_int_equal(keep_sender_start(&options, &sender), RESULT_OK);
    while (calls + batches == 0)
        usleep(500);
    wait_turns(TURNS);
}

/* The next round. */
static void wait_long(void) {
    later_ms += LONG_MS;
    wait_turns(TURNS);
}

static int64_t queued(void) {
    keep_store_counts counts;
    keep_store_tell(store, KEPT_HISTORY, &counts);
    return counts.queued;
}

/* --- tests -------------------------------------------------------------------------------------------------------- */

static void who_has_no_time_is_not_asked_about_each(void **state) {
    static const int statuses[] = {429, 502, 503, 504};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        service.status = statuses[i];
        start();
        assert_int_equal(calls, 1); /* without Retry-After, too */
        service.status = 422;
        wait_long();
        assert_int_equal(queued(), 0);
        end(state);
        begin(state);
    }
}

/* A status that may be about this one request is not in the way of the others. */
static void what_is_not_taken_waits_alone(void **state) {
    static const int statuses[] = {301, 403, 425, 500};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        service.status = statuses[i];
        start();
        assert_int_equal(calls, REQUESTS);
        assert_int_equal(queued(), REQUESTS);
        end(state);
        begin(state);
    }
}

/* The disk is full: the service is not to pay for that. */
static void what_cannot_be_stored_is_not_asked_for_at_once_again(void **state) {
    (void)state;
    ledger = RESULT_IO;
    start();
    assert_int_equal(calls, 1);
    ledger = RESULT_OK;
    wait_long();
    assert_int_equal(queued(), 0);
}

static void a_header_of_any_bytes_ends_the_waiting(void **state) {
    kept_request r = KEPT_REQUEST_INIT;
    (void)state;
    service.header = "text/\xFF";
    start();
    assert_int_equal(queued(), 0);
    r.service = KEPT_HISTORY;
    snprintf(r.owner, sizeof r.owner, "T-01");
    assert_int_equal(keep_store_next_answer(store, &r), RESULT_OK);
    assert_string_equal(r.type, "");
    assert_int_equal(r.signature.length, 0);
    kept_request_wipe(&r);
}

static void one_at_which_the_service_hangs_is_not_in_the_way(void **state) {
    (void)state;
    service.silent = "{\"n\":0}";
    start();
    for (int round = 0; round < 3 && queued() > 1; round++)
        wait_long();
    assert_int_equal(queued(), 1);
    service.silent = NULL;
    for (int round = 0; round < 3 && queued() > 0; round++)
        wait_long();
    assert_int_equal(queued(), 0); /* nor forgotten */
}

static void a_batch_that_is_refused_is_sent_one_by_one(void **state) {
    static const int statuses[] = {400, 404, 405, 413, 422, 501};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        service.offers_batches = true;
        service.batch_status = statuses[i];
        start();
        assert_int_equal(batches, 1);
        assert_int_equal(queued(), 0);
        end(state);
        begin(state);
    }
}

static void a_batch_at_which_the_service_hangs_is_sent_one_by_one(void **state) {
    (void)state;
    service.offers_batches = true;
    service.silent = "{\"n\":2}";
    start();
    for (int round = 0; round < 6 && queued() > 1; round++)
        wait_long();
    assert_int_equal(queued(), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_has_no_time_is_not_asked_about_each, begin, end),
        cmocka_unit_test_setup_teardown(what_is_not_taken_waits_alone, begin, end),
        cmocka_unit_test_setup_teardown(what_cannot_be_stored_is_not_asked_for_at_once_again, begin, end),
        cmocka_unit_test_setup_teardown(a_header_of_any_bytes_ends_the_waiting, begin, end),
        cmocka_unit_test_setup_teardown(one_at_which_the_service_hangs_is_not_in_the_way, begin, end),
        cmocka_unit_test_setup_teardown(a_batch_that_is_refused_is_sent_one_by_one, begin, end),
        cmocka_unit_test_setup_teardown(a_batch_at_which_the_service_hangs_is_sent_one_by_one, begin, end),
    };
    if (mkdtemp(folder) == NULL)
        return 1;
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(folder);
    return failed;
}
