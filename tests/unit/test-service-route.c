/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a route's row says is done around its handler: nobody is admitted by a row that says nothing, the room of a class
 * is taken while its handler works, batches work in the background. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "service/counter_wait.h"
#include "service/service_route.h"
#include "store/sql.h"

#include <pthread.h>
#include <unistd.h>

static admission *doors; /* two calls at once, one of them a batch */
static const http_peer peer = {.institution_code = "1312345678", .terminal_id = "T-01"};
static const http_request request = {"POST", "/a", "", {NULL, 0}, &peer};

static admission *admission_with(const char *settings) {
    char folder[] = "/tmp/test-service-route-XXXXXX", path[sizeof folder + 8];
    configuration *c = NULL;
    admission *opened = NULL;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/conf", folder);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fprintf(file, "[admission]\n%s", settings);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(configuration_read(path, &c), RESULT_OK);
    assert_int_equal(admission_open(c, &opened), RESULT_OK);
    configuration_free(&c);
    unlink(path);
    assert_int_equal(rmdir(folder), 0);
    return opened;
}

static int open_admission(void **state) {
    (void)state;
    log_open("test-service-route", LOG_NOTICE, NULL);
    doors = admission_with("busy-most = 2\nbatches-most = 1\nlive-burst = 1000\nbatch-burst = 1000\nbusy-share = 2\n");
    return 0;
}

static int close_admission(void **state) {
    (void)state;
    admission_close(&doors);
    return 0;
}

typedef struct seen {
    int calls, answers;          /* answers: this status */
    char worker[SQL_OWNER_SIZE]; /* on whose account the handler takes connections to the database */
    pthread_t thread;
    bool live_has_room, batch_has_room; /* while the handler works and one more call is under way */
} seen;

static http_reply empty(void) {
    return (http_reply){.body = BUFFER_INIT(4096), .signature = BUFFER_INIT(16)};
}

static bool has_room(admission_class class) {
    http_reply reply = empty();
    const bool room = admission_admit(doors, class, peer.institution_code, &reply);
    buffer_wipe(&reply.body);
    return room;
}

static void handler(void *service, const http_request *r, http_reply *reply) {
    seen *s = service;
    (void)r;
    s->calls++;
    s->thread = pthread_self();
    snprintf(s->worker, sizeof s->worker, "%s", sql_worker());
    s->batch_has_room = has_room(ADMISSION_BATCH);
    assert_true(admission_enter(doors, ADMISSION_LIVE, peer.institution_code, ADMISSION_WEIGHT_MAX, reply) ||
                reply->status == 503);
    s->live_has_room = has_room(ADMISSION_LIVE);
    if (reply->status != 503)
        admission_leave(doors, ADMISSION_LIVE, peer.institution_code, ADMISSION_WEIGHT_MAX);
    reply->status = s->answers;
}

static seen run_answering(admission_class class, int status) {
    seen s = {.answers = status};
    service_route_context context = {doors, &s};
    const http_route route = {"POST", "/a", handler, class, 10};
    http_reply reply = empty();
    if (service_route_admit(&context, &route, &request, &reply))
        service_route_run(&context, &route, &request, &reply);
    assert_int_equal(reply.status, s.calls == 1 ? status : 503);
    buffer_wipe(&reply.body);
    return s;
}

static seen run(admission_class class) {
    return run_answering(class, 200);
}

static void a_row_without_class_is_refused(void **state) {
    (void)state;
    assert_int_equal(run(ADMISSION_NONE).calls, 0);
    const seen s = run(ADMISSION_FREE);
    assert_int_equal(s.calls, 1);
}

static void a_free_call_takes_no_room(void **state) {
    (void)state;
    const seen s = run(ADMISSION_FREE);
    assert_true(s.live_has_room);
    assert_true(s.batch_has_room);
}

static void a_call_at_the_counter_takes_room(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++) { /* and gives it back */
        const seen s = run(ADMISSION_LIVE);
        assert_int_equal(s.calls, 1);
        assert_false(s.live_has_room);
        assert_true(s.batch_has_room);
        assert_true(pthread_equal(s.thread, pthread_self()));
    }
}

static void a_batch_takes_room_and_works_in_the_background(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++) {
        const seen s = run(ADMISSION_BATCH);
        assert_int_equal(s.calls, 1);
        assert_false(s.batch_has_room);
        assert_false(s.live_has_room);
        assert_false(pthread_equal(s.thread, pthread_self()));
    }
}

/* And nobody's afterwards: the server's threads serve one institution after the other. */
static void connections_are_taken_on_the_institutions_account(void **state) {
    static const admission_class classes[] = {ADMISSION_FREE, ADMISSION_LIVE, ADMISSION_BATCH};
    (void)state;
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        assert_string_equal(run(classes[i]).worker, peer.institution_code);
        assert_string_equal(sql_worker(), "");
    }
}

static void without_room_no_handler_is_called(void **state) {
    (void)state;
    http_reply reply = empty();
    assert_true(admission_enter(doors, ADMISSION_LIVE, peer.institution_code, ADMISSION_WEIGHT_MAX, &reply));
    assert_true(admission_enter(doors, ADMISSION_BATCH, peer.institution_code, ADMISSION_WEIGHT_MAX, &reply));
    assert_int_equal(run(ADMISSION_LIVE).calls, 0);
    assert_int_equal(run(ADMISSION_BATCH).calls, 0);
    assert_int_equal(run(ADMISSION_FREE).calls, 1);
    /* Admitted, and then the room was gone. */
    seen s = {.answers = 200};
    service_route_context context = {doors, &s};
    const http_route route = {"POST", "/a", handler, ADMISSION_LIVE, 10};
    service_route_run(&context, &route, &request, &reply);
    assert_int_equal(s.calls, 0);
    assert_int_equal(reply.status, 503);
    admission_leave(doors, ADMISSION_BATCH, peer.institution_code, ADMISSION_WEIGHT_MAX);
    admission_leave(doors, ADMISSION_LIVE, peer.institution_code, ADMISSION_WEIGHT_MAX);
    assert_int_equal(run(ADMISSION_LIVE).calls, 1);
    buffer_wipe(&reply.body);
}

static void a_call_that_failed_gives_its_room_back(void **state) {
    static const int statuses[] = {400, 403, 422, 500, 503};
    (void)state;
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        assert_int_equal(run_answering(ADMISSION_LIVE, statuses[i]).calls, 1);
        assert_int_equal(run_answering(ADMISSION_BATCH, statuses[i]).calls, 1);
    }
}

/* --- admission by itself ------------------------------------------------------------------------------------------ */

static bool enters(admission *a, admission_class class, const char *institution) {
    http_reply reply = empty();
    const bool entered = admission_enter(a, class, institution, ADMISSION_WEIGHT_MAX, &reply);
    buffer_wipe(&reply.body);
    return entered;
}

static void a_refused_batch_takes_no_room(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++) { /* and one that is done leaves it */
        assert_true(enters(doors, ADMISSION_BATCH, "1"));
        admission_leave(doors, ADMISSION_BATCH, "1", ADMISSION_WEIGHT_MAX);
    }
    assert_true(enters(doors, ADMISSION_BATCH, "1"));
    for (int i = 0; i < 3; i++)
        assert_false(enters(doors, ADMISSION_BATCH, "1"));
    assert_true(enters(doors, ADMISSION_LIVE, "1"));
    assert_false(enters(doors, ADMISSION_LIVE, "1"));
    admission_leave(doors, ADMISSION_LIVE, "1", ADMISSION_WEIGHT_MAX);
    admission_leave(doors, ADMISSION_BATCH, "1", ADMISSION_WEIGHT_MAX);
}

/* Three quarters are taken by whole batches: no further one enters, and small ones do. */
static void small_batches_find_room(void **state) {
    (void)state;
    admission *a = admission_with("busy-most = 400\nbatches-most = 16\nbatches-share = 16\n");
    http_reply reply = empty();
    for (int i = 0; i < 12; i++)
        assert_true(admission_enter(a, ADMISSION_BATCH, "1", ADMISSION_WEIGHT_MAX, &reply));
    assert_false(admission_enter(a, ADMISSION_BATCH, "2", ADMISSION_WEIGHT_MAX, &reply));
    assert_int_equal(reply.status, 503);
    for (int i = 0; i < 12; i++)
        assert_true(admission_enter(a, ADMISSION_BATCH, "2", 2, &reply));
    assert_false(admission_enter(a, ADMISSION_BATCH, "3", 2, &reply)); /* half as many again, and no more */
    for (int i = 0; i < 12; i++) {
        admission_leave(a, ADMISSION_BATCH, "1", ADMISSION_WEIGHT_MAX);
        admission_leave(a, ADMISSION_BATCH, "2", 2);
    }
    assert_true(admission_enter(a, ADMISSION_BATCH, "2", ADMISSION_WEIGHT_MAX, &reply));
    assert_int_equal(admission_weight(0), 1);
    assert_int_equal(admission_weight(SIZE_MAX), ADMISSION_WEIGHT_MAX);
    buffer_wipe(&reply.body);
    admission_close(&a);
}

/* Two slow calls among a hundred and one: batches have a quarter of their room, and one at least. */
static void while_patients_wait_batches_get_a_quarter(void **state) {
    static const struct {
        const char *settings;
        int room;
    } rows[] = {{"busy-most = 400\nbatches-most = 16\nbatches-share = 16\n", 4},
                {"busy-most = 400\nbatches-most = 1\nbatches-share = 1\n", 1}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        admission *a = admission_with(rows[i].settings);
        for (int k = 0; k < 99; k++)
            admission_note_live(a, 1);
        admission_note_live(a, 5000);
        for (int k = 0; k < 2 * rows[i].room && i == 0; k++)
            assert_true(enters(a, ADMISSION_BATCH, "1"));
        for (int k = 0; k < 2 * rows[i].room && i == 0; k++)
            admission_leave(a, ADMISSION_BATCH, "1", ADMISSION_WEIGHT_MAX);
        admission_note_live(a, 5000);
        for (int k = 0; k < rows[i].room; k++)
            assert_true(enters(a, ADMISSION_BATCH, "1"));
        assert_false(enters(a, ADMISSION_BATCH, "1"));
        assert_true(enters(a, ADMISSION_LIVE, "1"));
        admission_leave(a, ADMISSION_BATCH, "1", ADMISSION_WEIGHT_MAX);
        assert_true(enters(a, ADMISSION_BATCH, "1"));
        admission_close(&a);
    }
}

static void nap(void *service, const http_request *r, http_reply *reply) {
    (void)service;
    (void)r;
    usleep((COUNTER_WAIT_SLOW_MS + 20) * 1000);
    reply->status = 200;
}

/* As above, by a call itself. */
static void a_calls_time_is_noted(void **state) {
    static const admission_class classes[] = {ADMISSION_BATCH, ADMISSION_LIVE};
    (void)state;
    admission *a = admission_with("busy-most = 400\nbatches-most = 8\nbatches-share = 8\n");
    for (size_t i = 0; i < 2; i++) {
        service_route_context context = {a, NULL};
        const http_route route = {"POST", "/a", nap, classes[i], 10};
        http_reply reply = empty();
        service_route_run(&context, &route, &request, &reply);
        assert_int_equal(reply.status, 200);
        buffer_wipe(&reply.body);
        for (int k = 0; k < 2; k++)
            assert_true(enters(a, ADMISSION_BATCH, "1"));
        assert_true(enters(a, ADMISSION_BATCH, "1") == (classes[i] == ADMISSION_BATCH));
        for (int k = 0; k < (classes[i] == ADMISSION_BATCH ? 3 : 2); k++)
            admission_leave(a, ADMISSION_BATCH, "1", ADMISSION_WEIGHT_MAX);
    }
    admission_close(&a);
}

/* Somebody has half of the room: whoever comes then gets a quarter. */
static void a_share_is_a_quarter(void **state) {
    static const struct {
        const char *settings;
        admission_class class;
    } rows[] = {{"busy-most = 40\n", ADMISSION_LIVE}, {"busy-most = 400\nbatches-most = 40\n", ADMISSION_BATCH}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        admission *a = admission_with(rows[i].settings);
        for (int k = 0; k < 20; k++)
            assert_true(enters(a, rows[i].class, "1"));
        assert_false(enters(a, rows[i].class, "1"));
        for (int k = 0; k < 10; k++)
            assert_true(enters(a, rows[i].class, "2"));
        assert_false(enters(a, rows[i].class, "2"));
        admission_close(&a);
    }
}

/* In each second of a cycle and of the next. */
static void a_slot_is_now_or_to_come(void **state) {
    (void)state;
    int now_in_slot = 0;
    admission *a = admission_with("slot-seconds = 60\n");
    for (int64_t now = 1795996800; now < 1795996800 + 1200; now++) {
        int64_t from, to;
        admission_slot(a, "1312345678", now, &from, &to);
        assert_int_equal(to - from, 60);
        assert_true(to > now);
        assert_in_range(from, now - 59, now + 540);
        now_in_slot += from <= now;
    }
    assert_int_equal(now_in_slot, 120);
    admission_close(&a);
}

/* Who is refused comes back after a second, and not all in the same one. */
static void who_is_refused_comes_back_spread_out(void **state) {
    static const struct {
        const char *settings;
        bool enters;
        int status;
    } rows[] = {{"busy-most = 1\nretry-spread-seconds = 10\n", true, 503},
                {"live-per-second = 1\nlive-burst = 1\nretry-spread-seconds = 10\n", false, 429}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int min = INT32_MAX, max = 0;
        admission *a = admission_with(rows[i].settings);
        if (rows[i].enters)
            assert_true(enters(a, ADMISSION_LIVE, "1"));
        for (int k = 0; k < 200; k++) {
            http_reply reply = empty();
            if (!admission_admit(a, ADMISSION_LIVE, "1", &reply)) {
                assert_int_equal(reply.status, rows[i].status);
                min = reply.retry_after < min ? reply.retry_after : min;
                max = reply.retry_after > max ? reply.retry_after : max;
            }
            buffer_wipe(&reply.body);
        }
        assert_in_range(min, 1, 5);
        assert_in_range(max, 6, 11);
        admission_close(&a);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_without_class_is_refused),
        cmocka_unit_test(a_free_call_takes_no_room),
        cmocka_unit_test(a_call_at_the_counter_takes_room),
        cmocka_unit_test(a_batch_takes_room_and_works_in_the_background),
        cmocka_unit_test(connections_are_taken_on_the_institutions_account),
        cmocka_unit_test(without_room_no_handler_is_called),
        cmocka_unit_test(a_call_that_failed_gives_its_room_back),
        cmocka_unit_test(a_refused_batch_takes_no_room),
        cmocka_unit_test(small_batches_find_room),
        cmocka_unit_test(while_patients_wait_batches_get_a_quarter),
        cmocka_unit_test(a_calls_time_is_noted),
        cmocka_unit_test(a_share_is_a_quarter),
        cmocka_unit_test(a_slot_is_now_or_to_come),
        cmocka_unit_test(who_is_refused_comes_back_spread_out),
    };
    return cmocka_run_group_tests(tests, open_admission, close_admission);
}
