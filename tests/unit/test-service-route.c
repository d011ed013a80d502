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
#include "service/service_route.h"

#include <pthread.h>
#include <unistd.h>

static admission *doors; /* two calls at once, one of them a batch */
static const http_peer peer = {.institution_code = "1312345678", .terminal_id = "T-01"};
static const http_request request = {"POST", "/a", "", {NULL, 0}, &peer};

static int open_admission(void **state) {
    char folder[] = "/tmp/test-service-route-XXXXXX", path[sizeof folder + 8];
    configuration *c = NULL;
    (void)state;
    log_open("test-service-route", LOG_NOTICE, NULL);
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/conf", folder);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs("[admission]\nbusy-most = 2\nbatches-most = 1\nlive-burst = 1000\nbatch-burst = 1000\nbusy-share = 2\n",
          file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(configuration_read(path, &c), RESULT_OK);
    assert_int_equal(admission_open(c, &doors), RESULT_OK);
    configuration_free(&c);
    unlink(path);
    return rmdir(folder);
}

static int close_admission(void **state) {
    (void)state;
    admission_close(&doors);
    return 0;
}

typedef struct seen {
    int calls;
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
    s->batch_has_room = has_room(ADMISSION_BATCH);
    assert_true(admission_enter(doors, ADMISSION_LIVE, peer.institution_code, reply) || reply->status == 503);
    s->live_has_room = has_room(ADMISSION_LIVE);
    if (reply->status != 503)
        admission_leave(doors, ADMISSION_LIVE, peer.institution_code);
    reply->status = 200;
}

static seen run(admission_class class) {
    seen s = {0};
    service_route_context context = {doors, &s};
    const http_route route = {"POST", "/a", handler, class, 10};
    http_reply reply = empty();
    if (service_route_admit(&context, &route, &request, &reply))
        service_route_run(&context, &route, &request, &reply);
    assert_int_equal(reply.status, s.calls == 1 ? 200 : 503);
    buffer_wipe(&reply.body);
    return s;
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

static void without_room_no_handler_is_called(void **state) {
    (void)state;
    http_reply reply = empty();
    assert_true(admission_enter(doors, ADMISSION_LIVE, peer.institution_code, &reply));
    assert_true(admission_enter(doors, ADMISSION_BATCH, peer.institution_code, &reply));
    assert_int_equal(run(ADMISSION_LIVE).calls, 0);
    assert_int_equal(run(ADMISSION_BATCH).calls, 0);
    assert_int_equal(run(ADMISSION_FREE).calls, 1);
    /* Admitted, and then the room was gone. */
    seen s = {0};
    service_route_context context = {doors, &s};
    const http_route route = {"POST", "/a", handler, ADMISSION_LIVE, 10};
    service_route_run(&context, &route, &request, &reply);
    assert_int_equal(s.calls, 0);
    assert_int_equal(reply.status, 503);
    admission_leave(doors, ADMISSION_BATCH, peer.institution_code);
    admission_leave(doors, ADMISSION_LIVE, peer.institution_code);
    assert_int_equal(run(ADMISSION_LIVE).calls, 1);
    buffer_wipe(&reply.body);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_without_class_is_refused),
        cmocka_unit_test(a_free_call_takes_no_room),
        cmocka_unit_test(a_call_at_the_counter_takes_room),
        cmocka_unit_test(a_batch_takes_room_and_works_in_the_background),
        cmocka_unit_test(without_room_no_handler_is_called),
    };
    return cmocka_run_group_tests(tests, open_admission, close_admission);
}
