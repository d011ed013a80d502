/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Extraction: its rules, what is noted of one patient, and when the relay asks. Arithmetic only, so the days are the
 * test's. */
#include "extract/extract_timer.h"
#include "extract/extraction.h"
#include "extract/insured_row.h"
#include "main/pass_settings.h"
#include "pass/keep_sender.h"

#include "base/copy_text.h"
#include "delivery/pacing.h"
#include "extract-examples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int64_t now_s;

/* --- rules -------------------------------------------------------------------------------------------------------- */

static void each_rule_at_its_borders(void **state) {
    static const struct {
        extract_facts facts;
        const char *today;
        unsigned reasons;
    } rows[] = {
        {{0}, "2026-12-15", 0},
        {{.waiting = true}, "2026-12-15", BIT(EXTRACT_PROVISIONAL)},
        {{.answered_on = "2026-12-01", .about_day = "2026-12-01", .validity = ELIGIBILITY_VALID}, "2026-12-31", 0},
        {{.answered_on = "2026-12-01", .about_day = "2026-12-31"}, "2026-12-31", 0},
        {{.answered_on = "2026-11-30", .about_day = "2026-12-31"}, "2026-12-31", BIT(EXTRACT_STALE)},
        {{.answered_on = "2027-01-05", .about_day = "2027-01-05"}, "2026-12-31", 0}, /* a clock that was ahead */
        {{.answered_on = "2026-11-30", .about_day = "2026-11-30"}, "2026-12-01", BIT(EXTRACT_MONTH)},
        {{.answered_on = "2026-11-30", .about_day = "2026-12-01"}, "2026-12-01", 0},
        {{.answered_on = "2025-12-31", .about_day = "2025-12-31"}, "2026-01-01", BIT(EXTRACT_MONTH)},
        {{.answered_on = "2026-12-01", .about_day = "2027-01-01"}, "2026-12-02", 0},
        {{.ends_on = "2026-12-29"}, "2026-12-15", BIT(EXTRACT_ENDING)},
        {{.ends_on = "2026-12-30"}, "2026-12-15", 0},
        {{.ends_on = "2026-12-15"}, "2026-12-15", BIT(EXTRACT_ENDING)},
        {{.ends_on = "2026-12-14"}, "2026-12-15", BIT(EXTRACT_ENDING)},
        {{.validity = ELIGIBILITY_NEW_COVERAGE, .begins_on = "2027-01-01"}, "2026-12-31", 0},
        {{.validity = ELIGIBILITY_NEW_COVERAGE, .begins_on = "2027-01-01"}, "2027-01-01", BIT(EXTRACT_NEW_COVERAGE)},
        {{.validity = ELIGIBILITY_NEW_COVERAGE}, "2026-12-31", BIT(EXTRACT_NEW_COVERAGE)},
        {{.validity = ELIGIBILITY_INVALID, .begins_on = "2026-12-01"}, "2026-12-31", 0},
        {{.appointment = "2026-12-17"}, "2026-12-15", 0},
        {{.appointment = "2026-12-16"}, "2026-12-15", BIT(EXTRACT_APPOINTMENT)},
        {{.appointment = "2026-12-15"}, "2026-12-15", BIT(EXTRACT_APPOINTMENT)},
        {{.appointment = "2026-12-14"}, "2026-12-15", 0},
        /* asked about that day when it was noted, long before; the evening before; about a day before it only */
        {{.appointment = "2026-12-16", .about_day = "2026-12-16", .answered_on = "2026-12-14"},
         "2026-12-15",
         BIT(EXTRACT_APPOINTMENT)},
        {{.appointment = "2026-12-16", .about_day = "2026-12-16", .answered_on = "2026-12-15"}, "2026-12-15", 0},
        {{.appointment = "2026-12-16", .about_day = "2026-12-16", .answered_on = "2026-12-15"}, "2026-12-16", 0},
        {{.appointment = "2026-12-16", .about_day = "2026-12-15", .answered_on = "2026-12-15"},
         "2026-12-15",
         BIT(EXTRACT_APPOINTMENT)},
        {{.answered_on = "2026-10-31", .about_day = "2026-10-31", .ends_on = "2026-12-20", .appointment = "2026-12-16"},
         "2026-12-15",
         BIT(EXTRACT_STALE) | BIT(EXTRACT_MONTH) | BIT(EXTRACT_ENDING) | BIT(EXTRACT_APPOINTMENT)},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (extract_reasons(&extract_example_rules, &rows[i].facts, rows[i].today) != rows[i].reasons)
            fail_msg("row %zu: %x, not %x", i, extract_reasons(&extract_example_rules, &rows[i].facts, rows[i].today),
                     rows[i].reasons);
        for (unsigned one = 0; one < EXTRACT_REASONS; one++) { /* switched off, each by itself */
            const extract_rules without = {EXTRACT_ALL & ~BIT(one), extract_example_rules.stale_days,
                                           extract_example_rules.ending_days};
            assert_int_equal(extract_reasons(&without, &rows[i].facts, rows[i].today), rows[i].reasons & ~BIT(one));
        }
    }
}

static void an_appointment_is_asked_about_its_own_day(void **state) {
    const extract_facts facts = {.appointment = "2026-12-16"};
    (void)state;
    assert_string_equal(extract_day_to_ask(&facts, BIT(EXTRACT_APPOINTMENT) | BIT(EXTRACT_STALE), "2026-12-15"),
                        "2026-12-16");
    assert_string_equal(extract_day_to_ask(&facts, BIT(EXTRACT_STALE), "2026-12-15"), "2026-12-15");
}

static void rules_have_words(void **state) {
    unsigned read = 7;
    (void)state;
    for (unsigned i = 0; i < EXTRACT_REASONS; i++) {
        assert_int_equal(extract_reasons_read(extract_reason_word((extract_reason)i), &read), RESULT_OK);
        assert_int_equal(read, BIT(i));
        assert_true(*extract_reason_english((extract_reason)i) != 0 &&
                    *extract_reason_japanese((extract_reason)i) != 0);
    }
    assert_int_equal(extract_reasons_read(" stale,month-changed ,", &read), RESULT_OK);
    assert_int_equal(read, BIT(EXTRACT_STALE) | BIT(EXTRACT_MONTH));
    assert_int_equal(extract_reasons_read("", &read), RESULT_OK);
    assert_int_equal(read, 0);
    assert_int_equal(extract_reasons_read("stale stal", &read), RESULT_INVALID);
    assert_int_equal(extract_reasons_read("staleness", &read), RESULT_INVALID);
}

/* --- one patient -------------------------------------------------------------------------------------------------- */

static void the_newest_reception_is_asked_by(void **state) {
    insured_row row = {0};
    insured_note n;
    (void)state;
    now_s = extract_noon("2026-12-10");
    n = extract_example_note(INSURED_RECEPTION, "e2", "2026-12-10", now_s);
    insured_row_take(&row, &n, "2026-12-10");
    assert_string_equal(row.evidence_id, "e2");
    now_s = extract_noon("2026-12-11");
    n = extract_example_note(INSURED_RECEPTION, "e1", "2026-12-09", now_s); /* kept meanwhile, and answered late */
    insured_row_take(&row, &n, "2026-12-11");
    assert_string_equal(row.evidence_id, "e2");
    assert_string_equal(row.word.about_day, "2026-12-09"); /* but it is the platform's last word */
    n = extract_example_note(INSURED_CHECK, "e1", "2026-12-20", now_s);
    insured_row_take(&row, &n, "2026-12-11");
    assert_string_equal(row.evidence_id, "e2");
    n = extract_example_note(INSURED_RECEPTION, "e3", "2026-12-10", now_s); /* twice on a day */
    insured_row_take(&row, &n, "2026-12-11");
    assert_string_equal(row.evidence_id, "e3");
    n = extract_example_note(INSURED_RECEPTION, "e3", "2026-12-10", now_s);
    n.row.word.at--; /* an answer from before is no news */
    COPY_TEXT(n.row.word.about_day, "2026-12-01");
    insured_row_take(&row, &n, "2026-12-11");
    assert_string_equal(row.word.about_day, "2026-12-10");
}

static void the_next_appointment_counts(void **state) {
    static const char *const days[][3] = {/* told, on, then the next is */
                                          {"2026-12-20", "2026-12-10", "2026-12-20"},
                                          {"2026-12-25", "2026-12-10", "2026-12-20"},
                                          {"2026-12-15", "2026-12-10", "2026-12-15"},
                                          {"2026-12-20", "2026-12-15", "2026-12-15"},
                                          {"2026-12-20", "2026-12-16", "2026-12-20"}};
    insured_row row = {0};
    (void)state;
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        now_s = extract_noon(days[i][1]);
        const insured_note n = extract_example_note(INSURED_CHECK, "e1", days[i][0], now_s);
        insured_row_take(&row, &n, days[i][1]);
        assert_string_equal(row.appointment, days[i][2]);
    }
}

static void one_question_a_day(void **state) {
    insured_row row = {.evidence_id = "e1", .word = {.about_day = "2026-10-31"}};
    const insured_note asked = {
        .news = INSURED_ASKED,
        .row = {.asked_on = "2026-12-15", .asked_for = BIT(EXTRACT_MONTH), .finding = PRE_CHECK_NOT_FOUND}};
    (void)state;
    now_s = extract_noon("2026-10-31");
    row.word.at = now_s;
    assert_int_equal(insured_row_due(&row, &extract_example_rules, "2026-12-15"),
                     BIT(EXTRACT_STALE) | BIT(EXTRACT_MONTH));
    insured_row_take(&row, &asked, "2026-12-15");
    assert_int_equal(row.finding, PRE_CHECK_NOT_FOUND);
    assert_string_equal(row.word.about_day, "2026-10-31"); /* a refusal is no word */
    assert_int_equal(insured_row_due(&row, &extract_example_rules, "2026-12-15"), 0);
    COPY_TEXT(row.appointment, "2026-12-16"); /* of which nothing was known then */
    assert_int_equal(insured_row_due(&row, &extract_example_rules, "2026-12-15"), BIT(EXTRACT_APPOINTMENT));
    row.asked_for |= BIT(EXTRACT_APPOINTMENT);
    assert_int_equal(insured_row_due(&row, &extract_example_rules, "2026-12-15"), 0);
    assert_true(insured_row_due(&row, &extract_example_rules, "2026-12-16") != 0);
    /* The patient was here today: the coverage that ends soon was seen. */
    insured_row here = {.evidence_id = "e1", .word = {.about_day = "2026-12-15", .coverage = {.to = "2026-12-20"}}};
    now_s = extract_noon("2026-12-15");
    here.word.at = now_s;
    assert_int_equal(insured_row_due(&here, &extract_example_rules, "2026-12-15"), 0);
    assert_int_equal(insured_row_due(&here, &extract_example_rules, "2026-12-16"), BIT(EXTRACT_ENDING));
}

/* --- when --------------------------------------------------------------------------------------------------------- */

static void it_asks_at_its_times(void **state) {
    extract_timer t = {.every_ms = 3600000, .spread_ms = 20000};
    (void)state;
    assert_false(extract_timer_turn(&t, false, true, 0, 0)); /* the platform is away: nothing is asked */
    assert_false(extract_timer_turn(&t, true, false, 1000, UINT16_MAX));
    assert_false(extract_timer_turn(&t, true, false, 20999, 0));
    assert_true(extract_timer_turn(&t, true, false, 21000, 0));
    assert_false(extract_timer_turn(&t, true, false, 21000 + 3599999, 0));
    assert_true(extract_timer_turn(&t, true, false, 21000 + 3600000, 0));
    assert_true(extract_timer_turn(&t, true, true, 21000 + 3600001, 0)); /* somebody wants it */
    extract_timer_again(&t, 4000000);
    assert_false(extract_timer_turn(&t, true, false, 4000000 + EXTRACT_AGAIN_MS - 1, 0));
    assert_true(extract_timer_turn(&t, true, false, 4000000 + EXTRACT_AGAIN_MS, 0));
    /* away again, and back: at random, not at once, and not an hour later */
    assert_false(extract_timer_turn(&t, false, false, 5000000, 0));
    assert_false(extract_timer_turn(&t, true, false, 5000000, UINT16_MAX));
    assert_true(extract_timer_turn(&t, true, false, 5020000, 0));
}

static void without_a_time_only_when_somebody_wants_it(void **state) {
    extract_timer t = {.spread_ms = 20000};
    (void)state;
    assert_false(extract_timer_turn(&t, true, false, 0, 0));
    assert_false(extract_timer_turn(&t, true, false, INT64_MAX / 2, 0));
    assert_true(extract_timer_turn(&t, true, true, 1, 0));
    assert_false(extract_timer_turn(&t, true, false, INT64_MAX / 2, 0));
    extract_timer_again(&t, 1000); /* what somebody wanted, and was broken off, goes on when the platform is back */
    assert_false(extract_timer_turn(&t, false, false, 2000, 0));
    assert_false(extract_timer_turn(&t, true, false, 3000, UINT16_MAX));
    assert_true(extract_timer_turn(&t, true, false, 23000, 0));
}

/* --- how long it takes -------------------------------------------------------------------------------------------- */

/* From the platform's return to the terminal's: the worst chance at every step, whatever the machine does. */
static void within_a_minute_of_the_platforms_return(void **state) {
    extract_timer t = {.every_ms = 3600000, .spread_ms = 1000 * PASS_SPREAD_S};
    pacing kept = {0};
    int64_t relay_ms = KEEP_SENDER_PROBE_MS + KEEP_SENDER_TURN_MS, terminal_ms = 0;
    (void)state;
    extract_timer_turn(&t, true, false, relay_ms, UINT16_MAX);
    while (!extract_timer_turn(&t, true, false, relay_ms, 0))
        relay_ms += EXTRACTION_TURN_MS;
    for (int i = 0; i < 100; i++) { /* a terminal that has been told again and again that its answers come later */
        const int64_t pause = pacing_pause(&kept, (pacing_wait){.s = 15}, false, UINT16_MAX);
        terminal_ms = pause > terminal_ms ? pause : terminal_ms;
    }
    assert_true(relay_ms + terminal_ms <= 60000 - 5000); /* 5 s for the calls */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_at_its_borders),
        cmocka_unit_test(an_appointment_is_asked_about_its_own_day),
        cmocka_unit_test(rules_have_words),
        cmocka_unit_test(the_newest_reception_is_asked_by),
        cmocka_unit_test(the_next_appointment_counts),
        cmocka_unit_test(one_question_a_day),
        cmocka_unit_test(it_asks_at_its_times),
        cmocka_unit_test(without_a_time_only_when_somebody_wants_it),
        cmocka_unit_test(within_a_minute_of_the_platforms_return),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
