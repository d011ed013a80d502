/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who is to be called before an appointment: the list of each day, sealed in the store; and whose appointment it is, among
 * those who were received here before. */
#include "delivery/appointment.h"
#include "neighbours/appointment_person.h"
#include "outbox-fixture.h"

#include "base/clock.h"
#include "delivery/ledger_load.h"
#include "delivery/search_index.h"
#include "fhir/signed_answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define TOMORROW "2026-12-02"
#define DAY_AFTER "2026-12-03"

/* Nobody is asked here. */
result remote_post_pre_check(const remote *r, bytes body, remote_answer *out) {
    (void)r;
    (void)body;
    (void)out;
    fail();
    return RESULT_INTERNAL;
}

/* --- the list of a day -------------------------------------------------------------------------------------------- */

static appointment made(const char *day, const char *at, const char *number, pre_check_finding finding) {
    appointment a = {.finding = finding, .before = "Kenpo", .insurer = "Other"};
    snprintf(a.day, sizeof a.day, "%s", day);
    snprintf(a.time, sizeof a.time, "%s", at);
    snprintf(a.note.hospital_number, sizeof a.note.hospital_number, "%s", number);
    strcpy(a.note.said.name, "例示 太郎");
    strcpy(a.note.said.birth_date, "1972-11-03");
    strcpy(a.note.department, "内科");
    return a;
}

static void take(const char *day, appointment a) {
    assert_int_equal(appointments_take(&test_store, day, &a, 1), RESULT_OK);
}

static appointment listed[64];

static result note_listed(void *context, const appointment *one) {
    size_t *count = context;
    assert_true(*count < 64);
    listed[(*count)++] = *one;
    return RESULT_OK;
}

/* Into listed. */
static size_t list(const char *day) {
    size_t count = 0;
    assert_int_equal(appointments_each(&test_store, day, note_listed, &count), RESULT_OK);
    return count;
}

/* "1 2": the hospital numbers of that day's list. */
static const char *numbers(const char *day) {
    static char text[1024];
    const size_t count = list(day);
    text[0] = 0;
    for (size_t i = 0; i < count; i++) {
        strcat(text, i > 0 ? " " : "");
        strcat(text, listed[i].note.hospital_number);
    }
    return text;
}

static size_t waiting(const char *day) {
    size_t count = 99;
    assert_int_equal(appointments_waiting(&test_store, day, &count), RESULT_OK);
    return count;
}

static void an_appointment_comes_back_as_it_was(void **state) {
    (void)state;
    take(TOMORROW, made(TOMORROW, "09:30", "1001", PRE_CHECK_CHANGED));
    assert_int_equal(list(TOMORROW), 1);
    const appointment *a = &listed[0];
    assert_true(uuid_is_valid(a->id) && a->finding == PRE_CHECK_CHANGED);
    assert_string_equal(a->day, TOMORROW);
    assert_string_equal(a->time, "09:30");
    assert_string_equal(a->before, "Kenpo");
    assert_string_equal(a->insurer, "Other");
    assert_string_equal(a->note.hospital_number, "1001");
    assert_string_equal(a->note.said.name, "例示 太郎");
    assert_string_equal(a->note.said.birth_date, "1972-11-03");
    assert_string_equal(a->note.department, "内科");
    assert_int_equal(list(DAY_AFTER), 0);
}

static void only_those_to_be_called_are_kept(void **state) {
    static const struct {
        pre_check_finding finding;
        const char *word;
        bool to_call;
    } rows[] = {
        {PRE_CHECK_NOT_ASKED, "not-asked", false}, {PRE_CHECK_UNCHANGED, "unchanged", false},
        {PRE_CHECK_CHANGED, "changed", true},      {PRE_CHECK_LOST, "lost", true},
        {PRE_CHECK_SEVERAL, "several", true},      {PRE_CHECK_NOT_FOUND, "not-found", true},
    };
    size_t kept = 0;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char at[8];
        snprintf(at, sizeof at, "09:%02zu", i);
        take(TOMORROW, made(TOMORROW, at, "1", rows[i].finding));
        kept += rows[i].to_call;
        assert_int_equal(list(TOMORROW), kept);
        assert_true(!rows[i].to_call || listed[kept - 1].finding == rows[i].finding);
        assert_string_equal(appointment_finding_word(rows[i].finding), rows[i].word);
        assert_int_equal(appointment_is_to_call(rows[i].finding), rows[i].to_call);
    }
}

static void the_list_is_by_time(void **state) {
    static const char *const times[] = {"10:00", "09:00", "", "17:30", "09:30", "09:00"};
    (void)state;
    for (int i = 0; i < 6; i++) {
        char number[8];
        snprintf(number, sizeof number, "%d", i);
        take(TOMORROW, made(TOMORROW, times[i], number, PRE_CHECK_LOST));
    }
    assert_string_equal(numbers(TOMORROW), "2 1 5 4 0 3");
}

static void another_days_are_passed_over(void **state) {
    const appointment both[] = {made(TOMORROW, "09:00", "1", PRE_CHECK_LOST),
                                made(DAY_AFTER, "09:00", "2", PRE_CHECK_LOST)};
    (void)state;
    assert_int_equal(appointments_take(&test_store, DAY_AFTER, both, 2), RESULT_OK);
    assert_string_equal(numbers(TOMORROW), "");
    assert_string_equal(numbers(DAY_AFTER), "2");
    assert_int_equal(appointments_take(&test_store, TOMORROW, both, 2), RESULT_OK);
    assert_string_equal(numbers(TOMORROW), "1");
}

/* --- a second check ----------------------------------------------------------------------------------------------- */

static void who_is_well_again_leaves_the_list(void **state) {
    (void)state;
    take(TOMORROW, made(TOMORROW, "09:00", "1", PRE_CHECK_LOST));
    take(TOMORROW, made(TOMORROW, "09:00", "2", PRE_CHECK_LOST));
    take(TOMORROW, made(TOMORROW, "09:00", "1", PRE_CHECK_NOT_ASKED)); /* nothing is known of it */
    assert_string_equal(numbers(TOMORROW), "1 2");
    take(TOMORROW, made(TOMORROW, "09:00", "1", PRE_CHECK_UNCHANGED));
    assert_string_equal(numbers(TOMORROW), "2");
    take(TOMORROW, made(TOMORROW, "09:00", "2", PRE_CHECK_UNCHANGED));
    assert_string_equal(numbers(TOMORROW), "");
    size_t lists = 99;
    assert_int_equal(appointments_purge(&test_store, "9999-12-31", &lists), RESULT_OK);
    assert_int_equal(lists, 0); /* an empty list is none */
}

static void mark(size_t at) {
    desk_note_mark(&listed[at].note, &(desk_worker){"R-0001", "受付"}, time(NULL));
    assert_int_equal(appointments_keep_note(&test_store, &listed[at]), RESULT_OK);
}

/* As long as the same is to be said. */
static void a_mark_stays_while_the_finding_is_the_same(void **state) {
    char id[UUID_TEXT_SIZE];
    appointment a = made(TOMORROW, "09:00", "1", PRE_CHECK_CHANGED);
    (void)state;
    take(TOMORROW, a);
    assert_int_equal(waiting(TOMORROW), 1);
    assert_int_equal(list(TOMORROW), 1);
    memcpy(id, listed[0].id, sizeof id);
    mark(0);
    assert_int_equal(waiting(TOMORROW), 0);
    strcpy(a.before, "Third");
    take(TOMORROW, a);
    assert_true(list(TOMORROW) == 1 && waiting(TOMORROW) == 0);
    assert_string_equal(listed[0].id, id);
    assert_string_equal(listed[0].note.done_by, "R-0001");
    strcpy(a.insurer, "Fourth");
    take(TOMORROW, a);
    assert_true(list(TOMORROW) == 1 && waiting(TOMORROW) == 1);
    assert_string_not_equal(listed[0].id, id);
    mark(0);
    a.finding = PRE_CHECK_LOST;
    take(TOMORROW, a);
    assert_int_equal(waiting(TOMORROW), 1);
}

/* Whoever differs in one thing is somebody else, and one mark is not for both. */
static void who_is_another_stays_beside(void **state) {
    appointment others[6];
    (void)state;
    take(TOMORROW, made(TOMORROW, "09:00", "1", PRE_CHECK_LOST));
    assert_int_equal(list(TOMORROW), 1);
    mark(0);
    for (size_t i = 0; i < 6; i++)
        others[i] = made(TOMORROW, "09:00", "1", PRE_CHECK_LOST);
    strcpy(others[0].time, "09:01");
    strcpy(others[1].note.hospital_number, "2");
    strcpy(others[2].note.department, "外科");
    strcpy(others[3].note.said.name, "例示 花子");
    strcpy(others[4].note.said.kana, "レイジ");
    strcpy(others[5].note.said.birth_date, "1972-11-04");
    assert_int_equal(appointments_take(&test_store, TOMORROW, others, 6), RESULT_OK);
    assert_int_equal(list(TOMORROW), 7);
    assert_int_equal(waiting(TOMORROW), 6);
    assert_int_equal(appointments_take(&test_store, TOMORROW, others, 6), RESULT_OK);
    assert_int_equal(list(TOMORROW), 7);
}

/* --- one of them -------------------------------------------------------------------------------------------------- */

static void one_is_found_by_its_number(void **state) {
    char number[RECEPTION_NUMBER_SIZE];
    static appointment out;
    (void)state;
    take(TOMORROW, made(TOMORROW, "09:00", "1", PRE_CHECK_LOST));
    take(DAY_AFTER, made(DAY_AFTER, "09:00", "2", PRE_CHECK_SEVERAL));
    assert_int_equal(list(DAY_AFTER), 1);
    reception_number(listed[0].id, number);
    assert_int_equal(appointments_find(&test_store, number, &out), RESULT_OK);
    assert_string_equal(out.note.hospital_number, "2");
    assert_string_equal(out.day, DAY_AFTER);
    assert_int_equal(appointments_find(&test_store, "00000000", &out), RESULT_NOT_FOUND);
    assert_int_equal(appointments_find(&test_store, "", &out), RESULT_NOT_FOUND);
    take(DAY_AFTER, made(DAY_AFTER, "09:00", "2", PRE_CHECK_UNCHANGED)); /* somebody else has checked meanwhile */
    assert_int_equal(appointments_keep_note(&test_store, &listed[0]), RESULT_NOT_FOUND);
    assert_int_equal(list(DAY_AFTER), 0);
    assert_string_equal(numbers(TOMORROW), "1");
}

static result stop_at_first(void *context, const appointment *one) {
    (void)one;
    *(size_t *)context += 1;
    return RESULT_UNAVAILABLE;
}

static void whoever_looks_may_stop(void **state) {
    size_t seen = 0;
    (void)state;
    take(TOMORROW, made(TOMORROW, "09:00", "1", PRE_CHECK_LOST));
    take(TOMORROW, made(TOMORROW, "10:00", "2", PRE_CHECK_LOST));
    assert_int_equal(appointments_each(&test_store, TOMORROW, stop_at_first, &seen), RESULT_UNAVAILABLE);
    assert_int_equal(seen, 1);
}

/* --- how long ----------------------------------------------------------------------------------------------------- */

static void a_list_is_gone_after_its_day(void **state) {
    size_t lists = 99;
    (void)state;
    take("2026-11-30", made("2026-11-30", "09:00", "1", PRE_CHECK_LOST));
    take("2026-12-01", made("2026-12-01", "09:00", "2", PRE_CHECK_LOST));
    take(TOMORROW, made(TOMORROW, "09:00", "3", PRE_CHECK_LOST));
    assert_int_equal(record_set(&test_store, "appointments", bytes_of("x", 1)), RESULT_OK);
    assert_int_equal(record_set(&test_store, "a", bytes_of("x", 1)), RESULT_OK);
    assert_int_equal(record_set(&test_store, "appointments-1999-01", bytes_of("x", 1)), RESULT_OK);
    assert_int_equal(record_set(&test_store, "xppointments-1999-01-01", bytes_of("x", 1)), RESULT_OK);
    assert_int_equal(appointments_purge(&test_store, TOMORROW, &lists), RESULT_OK);
    assert_int_equal(lists, 2);
    assert_string_equal(numbers("2026-12-01"), "");
    assert_string_equal(numbers(TOMORROW), "3");
    buffer value = BUFFER_INIT(16);
    static const char *const others[] = {"appointments", "a", "appointments-1999-01", "xppointments-1999-01-01"};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(record_setting(&test_store, others[i], &value), RESULT_OK);
    buffer_wipe(&value);
    assert_int_equal(appointments_purge(&test_store, TOMORROW, &lists), RESULT_OK);
    assert_int_equal(lists, 0);
}

/* Today and the 31 days behind it, and everything else that a terminal keeps. */
static void a_list_for_each_day_leaves_room_for_the_rest(void **state) {
    char day[CLOCK_DATE_SIZE], name[32], problem[LEDGER_PROBLEM_SIZE];
    (void)state;
    for (int i = 0; i < 64; i++) { /* until the next purge, those of before, too */
        clock_date_in_japan(1796000400 + i * 86400LL, day);
        take(day, made(day, "09:00", "1", PRE_CHECK_LOST));
    }
    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "institutions-proposal-%d", i);
        assert_int_equal(record_set(&test_store, name, bytes_of("x", 1)), RESULT_OK);
    }
    assert_int_equal(ledger_load(&test_store, problem), RESULT_OK);
    assert_int_equal(waiting(day), 1);
}

/* The list as it was stays whole. */
static void a_list_without_room_is_as_it_was(void **state) {
    static appointment many[600];
    size_t count = 0, before;
    (void)state;
    for (size_t i = 0; i < 600; i++) {
        char number[8];
        snprintf(number, sizeof number, "%zu", i);
        many[i] = made(TOMORROW, "09:00", number, PRE_CHECK_LOST);
        memset(many[i].note.said.kana, 'K', sizeof many[i].note.said.kana - 1);
    }
    assert_int_equal(appointments_take(&test_store, TOMORROW, many, 200), RESULT_OK);
    before = waiting(TOMORROW);
    assert_int_equal(before, 200);
    assert_int_equal(appointments_take(&test_store, TOMORROW, many, 600), RESULT_TOO_LONG);
    assert_int_equal(waiting(TOMORROW), before);
    assert_int_equal(appointments_waiting(&test_store, DAY_AFTER, &count), RESULT_OK);
    assert_int_equal(count, 0);
}

/* What was altered outside is not taken for an empty list: somebody would not be called. */
static void an_altered_list_is_no_empty_one(void **state) {
    size_t count;
    buffer value = BUFFER_INIT(1 << 20);
    static appointment out;
    (void)state;
    take(TOMORROW, made(TOMORROW, "09:00", "1", PRE_CHECK_LOST));
    assert_int_equal(record_set(&test_store, "appointments-" DAY_AFTER, bytes_of("[]", 2)), RESULT_OK);
    assert_int_equal(appointments_waiting(&test_store, DAY_AFTER, &count), RESULT_INVALID);
    const appointment fresh = made(DAY_AFTER, "09:00", "1", PRE_CHECK_LOST);
    assert_int_equal(appointments_take(&test_store, DAY_AFTER, &fresh, 1), RESULT_INVALID);
    assert_int_equal(appointments_keep_note(&test_store, &fresh), RESULT_INVALID);
    assert_int_equal(appointments_find(&test_store, "00000000", &out), RESULT_INVALID);
    test_store.record_key[0] ^= 1;
    assert_int_equal(appointments_waiting(&test_store, TOMORROW, &count), RESULT_BAD_SIGNATURE);
    test_store.record_key[0] ^= 1;
    assert_int_equal(waiting(TOMORROW), 1);
    buffer_wipe(&value);
}

/* --- whose appointment it is -------------------------------------------------------------------------------------- */

typedef struct person {
    const char *number, *name, *kana, *birth_date;
} person;

/* A reception with a card, which the platform has answered. */
static void receive(int id, person p) {
    static eligibility_request q;
    reception_record record = RECEPTION_RECORD_INIT;
    snprintf(record.evidence_id, sizeof record.evidence_id, "%s", test_record_id(id));
    snprintf(record.state, sizeof record.state, "%s", STATE_CONFIRMED);
    record.at = time(NULL);
    make_evidence(id, &record.evidence);
    snprintf(record.note.hospital_number, sizeof record.note.hospital_number, "%s", p.number);
    snprintf(record.note.said.name, sizeof record.note.said.name, "%s", p.name);
    snprintf(record.note.said.kana, sizeof record.note.said.kana, "%s", p.kana);
    snprintf(record.note.said.birth_date, sizeof record.note.said.birth_date, "%s", p.birth_date);
    q = (eligibility_request){.service_date = TOMORROW, .patient_serial = "x"};
    snprintf(q.evidence_id, sizeof q.evidence_id, "%s", test_record_id(id));
    begin_script((struct script){0});
    write_answer_in(&q, true, &record.answer);
    assert_int_equal(record_add_reception(&test_store, &record, "subject", NULL, NULL), RESULT_OK);
    reception_record_wipe(&record);
}

/* The same before the platform has answered. */
static void receive_pending(int id, person p) {
    reception_record record;
    receive(id, p);
    assert_int_equal(record_get_reception(&test_store, test_record_id(id), &record), RESULT_OK);
    buffer_clear(&record.answer);
    assert_int_equal(record_replace_reception(&test_store, &record), RESULT_OK);
    reception_record_wipe(&record);
}

static pre_check question;

static appointment_match find(person p) {
    static appointment a;
    appointment_match match = MATCH_SEVERAL;
    a = made(TOMORROW, "09:00", p.number, PRE_CHECK_NOT_ASKED);
    snprintf(a.note.said.name, sizeof a.note.said.name, "%s", p.name);
    snprintf(a.note.said.kana, sizeof a.note.said.kana, "%s", p.kana);
    snprintf(a.note.said.birth_date, sizeof a.note.said.birth_date, "%s", p.birth_date);
    assert_int_equal(appointment_person_find(&test_store, &a, &question, &match), RESULT_OK);
    return match;
}

#define BORN "1972-11-03"
#define TARO "例示　太郎", "レイジ　タロウ", BORN

static void a_patient_is_known_by_number_or_name(void **state) {
    static const struct {
        person p;
        appointment_match match;
    } rows[] = {
        {{"1001", "", "", BORN}, MATCH_FOUND},
        {{"1001", "別人", "", BORN}, MATCH_FOUND},        /* the number is one person's */
        {{"1001", "", "", "1972-11-04"}, MATCH_NOBODY},   /* but not without the birth date */
        {{"1002", "例示　太郎", "", BORN}, MATCH_NOBODY}, /* another number is another person */
        {{"", "例示太郎", "", BORN}, MATCH_FOUND},
        {{"", "例示", "", BORN}, MATCH_NOBODY}, /* the whole name */
        {{"", "例示 太郎", "", "1972-11-04"}, MATCH_NOBODY},
        {{"", "", "れいじたろう", BORN}, MATCH_FOUND},
        {{"", "", "レイジ", BORN}, MATCH_NOBODY},
        {{"", "別人", "レイジ　タロウ", BORN}, MATCH_NOBODY}, /* kana counts where a name is missing */
    };
    (void)state;
    receive(1, (person){"1001", TARO});
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (find(rows[i].p) != rows[i].match)
            print_error("row %zu\n", i);
        assert_int_equal(find(rows[i].p), rows[i].match);
        if (rows[i].match == MATCH_FOUND)
            assert_string_equal(question.request.evidence_id, test_record_id(1));
    }
}

/* The reception has no number, or the appointment has none. */
static void a_number_of_one_side_is_no_difference(void **state) {
    (void)state;
    receive(1, (person){"", TARO});
    assert_int_equal(find((person){"1001", TARO}), MATCH_FOUND);
    assert_int_equal(find((person){"1001", "別人", "", BORN}), MATCH_NOBODY);
    assert_int_equal(find((person){"1001", "", "", BORN}), MATCH_NOBODY);
}

static void the_newest_reception_is_asked_about(void **state) {
    (void)state;
    receive(1, (person){"1001", TARO});
    receive(2, (person){"", TARO});
    receive(3, (person){"1001", TARO});
    assert_int_equal(find((person){"1001", TARO}), MATCH_FOUND);
    assert_string_equal(question.request.evidence_id, test_record_id(3));
    assert_string_equal(question.request.service_date, TOMORROW);
    receive_pending(4, (person){"1001", TARO}); /* nothing to compare with yet: the one before it */
    assert_int_equal(find((person){"1001", TARO}), MATCH_FOUND);
    assert_string_equal(question.request.evidence_id, test_record_id(3));
}

static void more_than_one_person_may_fit(void **state) {
    (void)state;
    receive(1, (person){"1001", TARO});
    receive(2, (person){"1002", TARO});
    assert_int_equal(find((person){"", TARO}), MATCH_SEVERAL);
    assert_int_equal(find((person){"1001", TARO}), MATCH_FOUND); /* the number says which */
    assert_string_equal(question.request.evidence_id, test_record_id(1));
    receive(3, (person){"", "", "キョウカ", BORN});
    receive(4, (person){"", "京香", "キョウカ", BORN});
    assert_int_equal(find((person){"", "", "キョウカ", BORN}),
                     MATCH_FOUND); /* the same person, as far as anybody knows */
    receive(5, (person){"", "鏡花", "キョウカ", BORN});
    assert_int_equal(find((person){"", "", "キョウカ", BORN}), MATCH_SEVERAL);
}

static void who_waits_cannot_be_asked_about(void **state) {
    (void)state;
    receive_pending(1, (person){"1001", TARO});
    assert_int_equal(find((person){"1001", TARO}), MATCH_WAITING);
    assert_int_equal(find((person){"", "別人", "", BORN}), MATCH_NOBODY);
}

/* One that cannot be read is not in the way of the others. */
static void a_damaged_reception_leads_nowhere(void **state) {
    terminal_tokens tokens;
    const desk_person taro = {.name = "例示　太郎", .kana = "レイジ　タロウ", .birth_date = BORN};
    terminal_record row = {.at = 1, .kind = RECORD_RECEPTION, .state = STATE_CONFIRMED};
    (void)state;
    receive(1, (person){"1001", TARO});
    snprintf(row.id, sizeof row.id, "%s", test_record_id(2));
    assert_int_equal(search_index_tokens(&test_store, row.id, "1001", &taro, &tokens), RESULT_OK);
    assert_int_equal(record_add_listed(&test_store, &row, bytes_of("{", 1), &tokens, NULL, NULL), RESULT_OK);
    snprintf(row.id, sizeof row.id, "%s", test_record_id(3));
    snprintf(row.kind, sizeof row.kind, "%s", RECORD_WITHOUT_CARD);
    assert_int_equal(search_index_tokens(&test_store, row.id, "1001", &taro, &tokens), RESULT_OK);
    assert_int_equal(record_add_listed(&test_store, &row, bytes_of("{}", 2), &tokens, NULL, NULL), RESULT_OK);
    assert_int_equal(find((person){"1001", TARO}), MATCH_FOUND);
    assert_string_equal(question.request.evidence_id, test_record_id(1));
}

/* Whoever can write the index leads nobody to another patient: what is found is compared. */
static void an_index_that_lies_leads_to_nobody(void **state) {
    terminal_tokens tokens;
    const desk_person taro = {.name = "例示　太郎", .kana = "レイジ　タロウ", .birth_date = BORN};
    (void)state;
    receive(1, (person){"1001", "例示　太郎", "", "1972-11-04"});
    receive(2, (person){"", "例示　花子", "", BORN});
    for (int id = 1; id <= 2; id++) {
        assert_int_equal(search_index_tokens(&test_store, test_record_id(id), "1001", &taro, &tokens), RESULT_OK);
        assert_int_equal(terminal_store_index(test_store.file, test_record_id(id), &tokens), RESULT_OK);
    }
    assert_int_equal(find((person){"1001", TARO}), MATCH_NOBODY);
    assert_int_equal(find((person){"", TARO}), MATCH_NOBODY);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_store_begin, test_store_end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_appointment_comes_back_as_it_was),
        TEST(only_those_to_be_called_are_kept),
        TEST(the_list_is_by_time),
        TEST(another_days_are_passed_over),
        TEST(who_is_well_again_leaves_the_list),
        TEST(a_mark_stays_while_the_finding_is_the_same),
        TEST(who_is_another_stays_beside),
        TEST(one_is_found_by_its_number),
        TEST(whoever_looks_may_stop),
        TEST(a_list_is_gone_after_its_day),
        TEST(a_list_for_each_day_leaves_room_for_the_rest),
        TEST(a_list_without_room_is_as_it_was),
        TEST(an_altered_list_is_no_empty_one),
        TEST(a_patient_is_known_by_number_or_name),
        TEST(a_number_of_one_side_is_no_difference),
        TEST(the_newest_reception_is_asked_about),
        TEST(more_than_one_person_may_fit),
        TEST(who_waits_cannot_be_asked_about),
        TEST(a_damaged_reception_leads_nowhere),
        TEST(an_index_that_lies_leads_to_nobody),
    };
    return cmocka_run_group_tests(tests, outbox_begin_group, outbox_end_group);
}
