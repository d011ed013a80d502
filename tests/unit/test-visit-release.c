/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A visit that was signed before its eligibility was known, and what becomes of it when it is. The same on every engine:
 * tests/services/terminal-store.test runs this against PostgreSQL. */
#include "delivery/outbox.h"
#include "delivery/sealed_record.h"
#include "test_record_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void put_receptions(int count) {
    for (int i = 1; i <= count; i++) {
        reception_record record = RECEPTION_RECORD_INIT;
        snprintf(record.evidence_id, sizeof record.evidence_id, "%s", test_record_id(i));
        snprintf(record.state, sizeof record.state, "%s", STATE_PENDING);
        record.at = 1;
        buffer_append_text(&record.evidence, "evidence");
        assert_int_equal(record_add_reception(&test_store, &record, "subject", NULL, NULL), RESULT_OK);
        reception_record_wipe(&record);
    }
}

static void put_awaiting(int number, int reception) {
    terminal_record row = {.at = 1, .kind = RECORD_VISIT, .state = STATE_AWAITING};
    snprintf(row.id, sizeof row.id, "%s", test_record_id(number));
    snprintf(row.subject, sizeof row.subject, "%s", test_record_id(reception));
    assert_int_equal(record_add(&test_store, &row, bytes_of("{}", 2), NULL, NULL), RESULT_OK);
}

static void becomes(int number, const char *state) {
    reception_record record;
    assert_int_equal(record_get_reception(&test_store, test_record_id(number), &record), RESULT_OK);
    snprintf(record.state, sizeof record.state, "%s", state);
    assert_int_equal(record_replace_reception(&test_store, &record), RESULT_OK);
    reception_record_wipe(&record);
}

static void a_visit_waits_for_its_eligibility(void **state) {
    static const char *const ends[] = {STATE_PENDING, STATE_CONFIRMED,  STATE_CHANGED,
                                       STATE_LOST,    STATE_NEEDS_CALL, STATE_REFUSED};
    static const char *const visits[] = {STATE_AWAITING, STATE_QUEUED, STATE_QUEUED,
                                         STATE_HELD,     STATE_HELD,   STATE_HELD};
    enum { ENDS = sizeof ends / sizeof *ends };
    (void)state;
    put_receptions(ENDS);
    for (int i = 0; i < ENDS; i++)
        put_awaiting(100 + i, 1 + i);
    put_awaiting(100 + ENDS, 99); /* of a reception that is not there */
    assert_int_equal(outbox_release_visits(&test_store), RESULT_OK);
    for (int i = 0; i < ENDS; i++)
        assert_string_equal(test_record_state(100 + i), STATE_AWAITING);
    assert_string_equal(test_record_state(100 + ENDS), STATE_HELD);
    for (int i = 0; i < ENDS; i++)
        becomes(1 + i, ends[i]);
    assert_int_equal(outbox_release_visits(&test_store), RESULT_OK);
    for (int i = 0; i < ENDS; i++)
        assert_string_equal(test_record_state(100 + i), visits[i]);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_visit_waits_for_its_eligibility, test_store_begin, test_store_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
