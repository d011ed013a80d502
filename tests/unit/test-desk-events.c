/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which card a reception was about, when cards come and go meanwhile: one that lies there is received once, by whoever is
 * first; one that comes later is another's. The reader, the session and the readers of events are the test's. */
#include "desk/desk_events.h"

#include "core/presence.h"
#include "desk/desk_wire.h"
#include "operator/operator_session.h"

#include "base/clock.h"
#include "delivery/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void (*the_reader)(void *context, bool present); /* tells what happens in it */
static int64_t now_ms;
static unsigned left; /* how often "card-left" was told */

int64_t __wrap_clock_monotonic_ms(void);
int64_t __wrap_clock_monotonic_ms(void) {
    return now_ms;
}

outcome presence_watch_reader(presence *p, report *r, const char *reader, void (*told)(void *context, bool present),
                              void *context) {
    (void)p, (void)r, (void)reader, (void)context;
    the_reader = told;
    return OUTCOME_OK;
}

void presence_leave_reader(presence *p) {
    (void)p;
}

void events_tell(events *e, const char *event, const char *reason, json_t *values) {
    (void)e, (void)reason;
    left += strcmp(event, "card-left") == 0;
    json_decref(values);
}

result event_readers_start(events *e, int listener, event_rights rights, event_readers **out) {
    (void)e, (void)listener, (void)rights, (void)out;
    return RESULT_OK;
}

void event_readers_end(event_readers **readers) {
    (void)readers;
}

bool desk_event_socket_path(const char *desk, char out[PATH_MAX]) {
    snprintf(out, PATH_MAX, "%s", desk);
    return true;
}

result desk_wire_listen(const char *path, gid_t group, int *fd) {
    (void)path, (void)group;
    *fd = -1;
    return RESULT_OK;
}

const char *session_operator(const operator_session *s) {
    (void)s;
    return "R-0001";
}

int64_t ledger_count(const store_access *s, const char *kind, const char *state) {
    (void)s, (void)kind, (void)state;
    return 0;
}

static terminal desk;
static desk_events seen;

static int begin(void **state) {
    (void)state;
    desk = (terminal){.store = {.unlocked = true}};
    strcpy(desk.context.configuration.desk_start, "card");
    now_ms = 1000;
    left = 0;
    assert_int_equal(desk_events_start(&desk, &seen, "socket", 0), OUTCOME_OK);
    the_reader(NULL, false);
    desk_events_begin_reception(&desk, &seen); /* what came in another test */
    return 0;
}

static void ten_seconds_later(void) {
    now_ms += 10000;
    desk_events_look(&desk, &seen);
}

static void a_card_that_is_laid_down_is_received(void **state) {
    (void)state;
    assert_false(desk_events_begin_reception(&desk, &seen));
    the_reader(NULL, true);
    assert_true(desk_events_begin_reception(&desk, &seen));
    desk_events_receive(&seen);
    desk_events_received(&seen);
    assert_false(desk_events_begin_reception(&desk, &seen));
    ten_seconds_later();
    assert_int_equal(left, 1);
}

/* While the desk was busy the card was laid down, and the command was given. */
static void it_is_not_received_by_command_and_by_card(void **state) {
    (void)state;
    the_reader(NULL, true);
    desk_events_receive(&seen);
    desk_events_received(&seen);
    assert_false(desk_events_begin_reception(&desk, &seen));
}

static void one_that_takes_its_place_meanwhile_is_another(void **state) {
    (void)state;
    the_reader(NULL, true);
    desk_events_receive(&seen);
    the_reader(NULL, false);
    the_reader(NULL, true);
    desk_events_received(&seen);
    ten_seconds_later();
    assert_int_equal(left, 0); /* it has only just come */
    assert_true(desk_events_begin_reception(&desk, &seen));
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup(test, begin)
        TEST(a_card_that_is_laid_down_is_received),
        TEST(it_is_not_received_by_command_and_by_card),
        TEST(one_that_takes_its_place_meanwhile_is_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
