/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Events: numbers without gaps, the oldest forgotten and told, nothing of a session after it, and two streams of which
 * the patient's says no reason, no number of a reception, no name. */
#include "core/events.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define LOTS (EVENT_RING_PLACES + 10)
#define THREADS 4
#define EVENTS_EACH 5000 /* of a thread: enough that they get in each other's way */

static void keeps_the_newest(void **state) {
    static event_ring ring = {.next = 1};
    char line[16];
    (void)state;
    assert_null(event_ring_line(&ring, 0));
    assert_null(event_ring_line(&ring, 1));
    for (int i = 1; i <= LOTS; i++) {
        snprintf(line, sizeof line, "%d", i);
        assert_true(event_ring_add(&ring, line, false));
    }
    assert_int_equal(event_ring_first(&ring), LOTS - EVENT_RING_PLACES + 1);
    assert_null(event_ring_line(&ring, event_ring_first(&ring) - 1));
    assert_string_equal(event_ring_line(&ring, event_ring_first(&ring)), "11");
    snprintf(line, sizeof line, "%d", LOTS);
    assert_string_equal(event_ring_line(&ring, LOTS), line);
    assert_null(event_ring_line(&ring, LOTS + 1));
}

static void takes_no_line_that_is_too_long(void **state) {
    static event_ring ring = {.next = 1};
    char line[EVENT_LINE_SIZE + 1];
    (void)state;
    memset(line, 'x', sizeof line);
    line[EVENT_LINE_SIZE] = 0;
    assert_false(event_ring_add(&ring, line, false));
    assert_int_equal(ring.next, 1);
    line[EVENT_LINE_SIZE - 1] = 0;
    assert_true(event_ring_add(&ring, line, false));
    assert_string_equal(event_ring_line(&ring, 1), line);
}

static void a_place_belongs_to_its_newest_line(void **state) {
    static event_ring ring = {.next = 1};
    (void)state;
    assert_true(event_ring_add(&ring, "of a session", true));
    for (int i = 0; i < EVENT_RING_PLACES; i++)
        assert_true(event_ring_add(&ring, "of none", false));
    event_ring_end_session(&ring);
    assert_string_equal(event_ring_line(&ring, EVENT_RING_PLACES + 1), "of none");
}

static json_t *next(events *e, event_stream stream, uint64_t *number) {
    char line[EVENT_LINE_SIZE];
    return events_after(e, stream, number, line) == RESULT_OK ? json_loads(line, 0, NULL) : NULL;
}

static const char *member(const json_t *event, const char *name) {
    const char *text = json_string_value(json_object_get(event, name));
    return text != NULL ? text : "";
}

static void patients_are_told_a_phrase_only(void **state) {
    uint64_t number = 0;
    events *e = events_new();
    (void)state;
    assert_non_null(e);
    events_tell(e, "done", "not-covered", json_pack("{s:s,s:b,s:s}", "evidenceId", "01a2", "ok", 0, "name", "例示"));
    json_t *event = next(e, STREAM_PATIENT, &number);
    assert_string_equal(member(event, "phrase"), "come");
    assert_string_equal(member(event, "tone"), "come");
    assert_int_equal(json_object_size(event), 4); /* these, the number, the time */
    json_decref(event);
    number = 0;
    event = next(e, STREAM_STAFF, &number);
    assert_string_equal(member(event, "event"), "done");
    assert_string_equal(member(event, "reason"), "not-covered");
    assert_string_equal(member(event, "evidenceId"), "01a2");
    json_decref(event);
    events_tell(e, "queue", NULL, json_pack("{s:i}", "receptions", 3));
    assert_int_equal(events_newest(e, STREAM_PATIENT), 1); /* which nothing changes for */
    assert_int_equal(events_newest(e, STREAM_STAFF), 2);
    events_tell(e, "step", NULL, json_pack("{s:i,s:i}", "step", 2, "of", 4));
    number = 1;
    event = next(e, STREAM_PATIENT, &number);
    assert_int_equal(json_integer_value(json_object_get(event, "step")), 2);
    assert_int_equal(json_object_size(event), 6);
    json_decref(event);
    events_free(&e);
}

static void forgets_with_the_session(void **state) {
    char line[EVENT_LINE_SIZE];
    uint64_t number = 0;
    events *e = events_new();
    (void)state;
    events_tell(e, "done", "confirmed", json_pack("{s:s}", "evidenceId", "01a2"));
    events_tell(e, "card-gone", NULL, NULL);
    events_end_session(e);
    assert_int_equal(events_after(e, STREAM_STAFF, &number, line), RESULT_OK);
    assert_string_equal(line, "{}");
    assert_int_equal(events_after(e, STREAM_STAFF, &number, line), RESULT_OK);
    assert_non_null(strstr(line, "card-gone"));
    assert_int_equal(events_after(e, STREAM_STAFF, &number, line), RESULT_NOT_FOUND);
    assert_int_equal(number, 2);
    events_free(&e);
}

static void tells_what_is_missed(void **state) {
    char line[EVENT_LINE_SIZE];
    uint64_t number = 0;
    events *e = events_new();
    (void)state;
    for (int i = 0; i < LOTS; i++)
        events_tell(e, "card-seen", NULL, NULL);
    assert_int_equal(events_after(e, STREAM_STAFF, &number, line), RESULT_EXPIRED);
    assert_int_equal(number, 10);
    assert_int_equal(events_after(e, STREAM_STAFF, &number, line), RESULT_OK);
    assert_int_equal(number, 11);
    number = LOTS + 1; /* of another run: more than there are */
    assert_int_equal(events_after(e, STREAM_STAFF, &number, line), RESULT_EXPIRED);
    assert_int_equal(number, 10);
    number = UINT64_MAX - 1;
    assert_int_equal(events_after(e, STREAM_STAFF, &number, line), RESULT_EXPIRED);
    events_free(&e);
}

/* Whoever stops reads on from the last number that they have seen: nothing twice, nothing missing. */
static void reads_on_where_one_has_stopped(void **state) {
    uint64_t number = 0, due = 0;
    events *e = events_new();
    (void)state;
    for (int round = 0; round < 3; round++) {
        json_t *event;
        for (int i = 0; i < EVENT_RING_PLACES; i++) /* as many as are kept */
            events_tell(e, "card-seen", NULL, NULL);
        while ((event = next(e, STREAM_STAFF, &number)) != NULL) {
            assert_int_equal(json_integer_value(json_object_get(event, "n")), ++due);
            assert_int_equal(number, due);
            json_decref(event);
        }
        assert_int_equal(due, (uint64_t)(round + 1) * EVENT_RING_PLACES);
    }
    events_free(&e);
}

/* Who reads while more is told than is read: every gap is told, and what is read is in order and what it says it is. */
static void a_slow_reader_is_told_what_is_missed(void **state) {
    char line[EVENT_LINE_SIZE];
    uint64_t number = 0, told = 0, seen = 0, missed = 0;
    events *e = events_new();
    (void)state;
    for (int round = 0; round < 400; round++) {
        for (int i = 0; i < 3; i++, told++)
            events_tell(e, "card-seen", NULL, NULL);
        const uint64_t before = number;
        result code = events_after(e, STREAM_STAFF, &number, line);
        if (code == RESULT_EXPIRED) {
            assert_int_equal(number, told - EVENT_RING_PLACES);
            missed += number - before;
            code = events_after(e, STREAM_STAFF, &number, line);
        }
        assert_int_equal(code, RESULT_OK);
        json_t *event = json_loads(line, 0, NULL);
        assert_int_equal(json_integer_value(json_object_get(event, "n")), number);
        json_decref(event);
        seen++;
    }
    assert_int_equal(seen + missed, number);
    assert_true(missed > 0);
    events_free(&e);
}

/* The phrase that the patient's screen shows last. */
static const char *phrase_after(events *e, const char *event, const char *reason) {
    static char phrase[32];
    json_t *shown;
    uint64_t number = events_newest(e, STREAM_PATIENT);
    events_tell(e, event, reason, NULL);
    while ((shown = next(e, STREAM_PATIENT, &number)) != NULL) {
        snprintf(phrase, sizeof phrase, "%s", member(shown, "phrase"));
        json_decref(shown);
    }
    return phrase;
}

static void the_patient_is_asked_for_what_helps(void **state) {
    events *e = events_new();
    (void)state;
    assert_string_equal(phrase_after(e, "card-seen", NULL), "preparing"); /* nobody is logged in */
    assert_string_equal(phrase_after(e, "card-gone", NULL), "preparing");
    assert_string_equal(phrase_after(e, "operator-in", NULL), "put-card");
    assert_string_equal(phrase_after(e, "card-seen", NULL), "reading");
    assert_string_equal(phrase_after(e, "card-gone", NULL), "put-card");
    assert_string_equal(phrase_after(e, "card-seen", NULL), "reading");
    assert_string_equal(phrase_after(e, "done", "card-removed"), "again");
    assert_string_equal(phrase_after(e, "card-gone", NULL), "again"); /* taken away because we asked for that */
    assert_string_equal(phrase_after(e, "card-seen", NULL), "reading");
    assert_string_equal(phrase_after(e, "card-gone", NULL), "put-card"); /* that was answered */
    assert_string_equal(phrase_after(e, "done", "card-removed"), "again");
    events_end_session(e);
    assert_string_equal(phrase_after(e, "card-gone", NULL), "preparing");
    assert_string_equal(phrase_after(e, "operator-in", NULL), "put-card");
    assert_string_equal(phrase_after(e, "se-back", NULL), "put-card");
    events_free(&e);
}

static void nobody_listens(void **state) {
    (void)state;
    events_tell(NULL, "done", "confirmed", json_pack("{s:s}", "evidenceId", "01a2"));
    events_end_session(NULL);
}

static void *tell_lots(void *context) {
    for (int i = 0; i < EVENTS_EACH; i++)
        events_tell(context, "card-seen", NULL, NULL);
    return NULL;
}

static void many_tell(void **state) {
    const uint64_t last = THREADS * EVENTS_EACH;
    pthread_t threads[THREADS];
    uint64_t number = last - EVENT_RING_PLACES;
    json_t *event;
    events *e = events_new();
    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, tell_lots, e), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    while ((event = next(e, STREAM_STAFF, &number)) != NULL) {
        assert_int_equal(json_integer_value(json_object_get(event, "n")), number);
        json_decref(event);
    }
    assert_int_equal(number, last);
    assert_int_equal(events_newest(e, STREAM_STAFF), last);
    events_free(&e);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_the_newest),
        cmocka_unit_test(takes_no_line_that_is_too_long),
        cmocka_unit_test(a_place_belongs_to_its_newest_line),
        cmocka_unit_test(patients_are_told_a_phrase_only),
        cmocka_unit_test(forgets_with_the_session),
        cmocka_unit_test(tells_what_is_missed),
        cmocka_unit_test(reads_on_where_one_has_stopped),
        cmocka_unit_test(a_slow_reader_is_told_what_is_missed),
        cmocka_unit_test(the_patient_is_asked_for_what_helps),
        cmocka_unit_test(nobody_listens),
        cmocka_unit_test(many_tell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
