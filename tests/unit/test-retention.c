/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Persons leave the store after their retention, to the last byte of their sealed records; what waits, what is young,
 * and the evidence stay. */
#include "base/file.h"
#include "delivery/paper_record.h"
#include "delivery/retention.h"
#include "delivery/search_index.h"
#include "delivery/sealed_record.h"
#include "test_engine.h"
#include "test_record_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define OLD 1000
#define LIMIT 2000
#define YOUNG 3000
#define FILE_ROOM (1 << 26)

static void put_reception(int number, const char *state, int64_t at) {
    reception_record record = RECEPTION_RECORD_INIT;
    snprintf(record.evidence_id, sizeof record.evidence_id, "%s", test_record_id(number));
    snprintf(record.state, sizeof record.state, "%s", state);
    record.at = at;
    record.person = (eligibility_person){"見本　花子", "ミホン　ハナコ", "1985-04-12", SEX_FEMALE, "", "例示県"};
    snprintf(record.assumed_insurer, sizeof record.assumed_insurer, "例示健康保険組合");
    snprintf(record.assumed_number, sizeof record.assumed_number, "567890");
    buffer_append_text(&record.evidence, "evidence");
    for (int i = 0; i < 400; i++) /* beyond a page of the database */
        buffer_append_text(&record.answer, "an answer about a person ");
    buffer_append_text(&record.signature, "signature");
    assert_int_equal(record_add_reception(&test_store, &record, "subject", NULL, NULL), RESULT_OK);
    reception_record_wipe(&record);
}

static void put_visit(int number, const char *state, int64_t at, const char *content) {
    terminal_record row = {.at = at};
    snprintf(row.id, sizeof row.id, "%s", test_record_id(number));
    snprintf(row.kind, sizeof row.kind, "%s", RECORD_VISIT);
    snprintf(row.subject, sizeof row.subject, "subject");
    snprintf(row.state, sizeof row.state, "%s", state);
    assert_int_equal(record_add(&test_store, &row, bytes_of(content, strlen(content)), NULL, NULL), RESULT_OK);
}

static bool names_person(int number) {
    reception_record record;
    assert_int_equal(record_get_reception(&test_store, test_record_id(number), &record), RESULT_OK);
    const bool named = eligibility_person_is_known(&record.person),
               whole = record.answer.length > 0 && record.signature.length > 0 && record.assumed_number[0] != 0;
    assert_int_equal(named, whole); /* all of it, or nothing */
    assert_true(bytes_equal(buffer_bytes(&record.evidence), bytes_of("evidence", 8)));
    reception_record_wipe(&record);
    return named;
}

/* The content as it is sealed in the store. */
static void sealed_of(int number, buffer *sealed) {
    terminal_record row;
    assert_int_equal(terminal_store_get(test_store.file, test_record_id(number), &row, sealed), RESULT_OK);
}

static bool is_in_files(const buffer *sealed) {
    static const char *const suffixes[] = {"", "-wal"};
    bool found = false;
    for (size_t i = 0; i < 2; i++) {
        char path[128];
        buffer file = BUFFER_INIT(FILE_ROOM);
        snprintf(path, sizeof path, "%s%s", test_engine_path, suffixes[i]);
        if (file_read(path, &file) == RESULT_OK && file.length > 0)
            for (size_t at = 64; at + 64 <= sealed->length; at += 64) /* pages interrupt it */
                found = found || memmem(file.data, file.length, sealed->data + at, 64) != NULL;
        buffer_wipe(&file);
    }
    return found;
}

static void what_is_old_goes_and_the_rest_stays(void **state) {
    (void)state;
    retention_run run = {0};
    buffer sealed = BUFFER_INIT(RECORD_MAX), young = BUFFER_INIT(RECORD_MAX);
    put_reception(1, STATE_CONFIRMED, OLD);
    put_reception(2, STATE_LOST, LIMIT - 1);
    put_reception(3, STATE_CONFIRMED, LIMIT);
    put_reception(4, STATE_CONFIRMED, YOUNG);
    sealed_of(1, &sealed);
    sealed_of(4, &young);
    assert_true(is_in_files(&sealed));
    assert_int_equal(retention_purge(&test_store, LIMIT, &run), RESULT_OK);
    assert_int_equal(run.receptions, 2);
    assert_false(run.more);
    assert_false(names_person(1));
    assert_false(names_person(2));
    assert_true(names_person(3));
    assert_true(names_person(4));
    assert_false(is_in_files(&sealed)); /* neither in the database nor in its log */
    assert_true(is_in_files(&young));
    assert_int_equal(retention_purge(&test_store, LIMIT, &run), RESULT_OK);
    assert_int_equal(run.receptions, 0);
    assert_int_equal(retention_purge(&test_store, LIMIT + 1, &run), RESULT_OK);
    assert_int_equal(run.receptions, 1);
    buffer_wipe(&sealed);
    buffer_wipe(&young);
}

static size_t found(const char *word) {
    search_query query;
    char out[4][37];
    size_t count = 0;
    assert_int_equal(search_query_read(&word, 1, &query), RESULT_OK);
    assert_int_equal(search_index_find(&test_store, &query, NULL, out, 4, &count), RESULT_OK);
    return count;
}

static void nobody_is_found_who_was_removed(void **state) {
    (void)state;
    retention_run run = {0};
    paper_record paper;
    put_reception(1, STATE_CONFIRMED, OLD);
    put_reception(2, STATE_CONFIRMED, YOUNG);
    assert_int_equal(found("ミホン"), 2);
    assert_int_equal(retention_purge(&test_store, LIMIT, &run), RESULT_OK);
    assert_int_equal(found("ミホン"), 1);
    assert_int_equal(found("1985-04-12"), 1);
    assert_int_equal(paper_record_get(&test_store, test_record_id(2), &paper), RESULT_NOT_FOUND); /* it is none */
}

/* A patient of whom the desk has noted a number only, and a paper. */
static void a_note_of_the_desk_goes_too(void **state) {
    (void)state;
    retention_run run = {0};
    reception_record record = RECEPTION_RECORD_INIT;
    paper_record paper = {.at = OLD, .kind = PAPER_NOTICE, .operator_id = "R-0001", .note = {.hospital_number = "A-2"}};
    snprintf(record.evidence_id, sizeof record.evidence_id, "%s", test_record_id(1));
    snprintf(record.state, sizeof record.state, "%s", STATE_LOST);
    snprintf(record.note.hospital_number, sizeof record.note.hospital_number, "A-1");
    record.at = OLD;
    buffer_append_text(&record.evidence, "evidence");
    assert_int_equal(record_add_reception(&test_store, &record, "subject", NULL, NULL), RESULT_OK);
    reception_record_wipe(&record);
    snprintf(paper.id, sizeof paper.id, "%s", test_record_id(2));
    assert_int_equal(paper_record_add(&test_store, &paper), RESULT_OK);
    assert_int_equal(found("A-1") + found("A-2"), 2);
    assert_int_equal(retention_purge(&test_store, LIMIT, &run), RESULT_OK);
    assert_int_equal(run.receptions, 2);
    assert_int_equal(found("A-1"), 0);
    assert_int_equal(found("A-2"), 0);
    assert_int_equal(record_get_reception(&test_store, test_record_id(1), &record), RESULT_OK);
    assert_true(desk_note_is_empty(&record.note));
    assert_int_equal(paper_record_get(&test_store, test_record_id(2), &paper), RESULT_OK);
    assert_true(desk_note_is_empty(&paper.note));
    assert_int_equal(paper.kind, PAPER_NOTICE);
    assert_string_equal(paper.operator_id, "R-0001"); /* that a paper was seen, and by whom, stays */
    reception_record_wipe(&record);
}

static void what_waits_is_removed_once_it_is_answered(void **state) {
    (void)state;
    retention_run run = {0};
    reception_record record;
    put_reception(1, STATE_PENDING, OLD);
    put_reception(2, STATE_CONFIRMED, OLD);
    assert_int_equal(retention_purge(&test_store, LIMIT, &run), RESULT_OK);
    assert_int_equal(run.receptions, 1);
    assert_true(names_person(1));
    assert_false(names_person(2));
    assert_int_equal(record_get_reception(&test_store, test_record_id(1), &record), RESULT_OK);
    snprintf(record.state, sizeof record.state, "%s", STATE_CONFIRMED);
    assert_int_equal(record_replace_reception(&test_store, &record), RESULT_OK);
    reception_record_wipe(&record);
    assert_int_equal(retention_purge(&test_store, LIMIT, &run), RESULT_OK);
    assert_int_equal(run.receptions, 1);
    assert_false(names_person(1));
}

static void of_a_visit_the_receipt_stays(void **state) {
    (void)state;
    retention_run run = {0};
    terminal_record row;
    buffer plain = BUFFER_INIT(RECORD_MAX);
    put_visit(1, STATE_REGISTERED, OLD, "{\"bundle\":\"{the person}\",\"receipt\":\"{}\",\"signature\":\"AA==\"}");
    put_visit(2, STATE_REJECTED, OLD, "{\"resourceType\":\"Bundle\",\"entry\":[]}");
    put_visit(3, STATE_QUEUED, OLD, "{\"resourceType\":\"Bundle\",\"entry\":[]}");
    assert_int_equal(retention_purge(&test_store, LIMIT, &run), RESULT_OK);
    assert_int_equal(run.visits, 2);
    static const char *const left[] = {"{\"receipt\":\"{}\",\"signature\":\"AA==\"}", "{}",
                                       "{\"resourceType\":\"Bundle\",\"entry\":[]}"};
    for (int i = 0; i < 3; i++) {
        buffer_clear(&plain);
        assert_int_equal(record_read(&test_store, test_record_id(i + 1), &row, &plain), RESULT_OK);
        assert_string_equal(buffer_text(&plain), left[i]);
    }
    assert_int_equal(retention_purge(&test_store, LIMIT, &run), RESULT_OK);
    assert_int_equal(run.visits, 0);
    buffer_wipe(&plain);
}

/* The visit needs the platform's word, which stands in its reception. */
static void the_reception_of_a_visit_that_waits_stays(void **state) {
    static const char *const waiting[] = {STATE_QUEUED, STATE_AWAITING};
    (void)state;
    retention_run run = {0};
    for (int i = 0; i < 2; i++) {
        terminal_record visit = {.at = OLD, .kind = RECORD_VISIT};
        const int reception = 10 * i + 1;
        put_reception(reception, STATE_CONFIRMED, OLD);
        put_reception(reception + 1, STATE_CONFIRMED, OLD);
        snprintf(visit.id, sizeof visit.id, "%s", test_record_id(reception + 2));
        snprintf(visit.subject, sizeof visit.subject, "%s", test_record_id(reception));
        snprintf(visit.state, sizeof visit.state, "%s", waiting[i]);
        assert_int_equal(record_add(&test_store, &visit, bytes_of("{}", 2), NULL, NULL), RESULT_OK);
        assert_int_equal(retention_purge(&test_store, LIMIT, &run), RESULT_OK);
        assert_int_equal(run.receptions, 1);
        assert_true(names_person(reception));
        assert_false(names_person(reception + 1));
        assert_int_equal(record_replace(&test_store, visit.id, STATE_REGISTERED, bytes_of("{}", 2)), RESULT_OK);
        assert_int_equal(retention_purge(&test_store, LIMIT, &run), RESULT_OK);
        assert_int_equal(run.receptions, 1);
        assert_false(names_person(reception));
    }
}

static void a_record_that_cannot_be_read_is_overwritten_too(void **state) {
    (void)state;
    retention_run run = {0};
    buffer sealed = BUFFER_INIT(RECORD_MAX);
    static char junk[2000];
    memset(junk, '?', sizeof junk - 1);
    put_reception(1, STATE_CONFIRMED, OLD);
    assert_int_equal(record_replace(&test_store, test_record_id(1), STATE_CONFIRMED, bytes_of(junk, sizeof junk - 1)),
                     RESULT_OK);
    put_visit(2, STATE_REGISTERED, OLD, "{\"bundle\":7}");
    sealed_of(1, &sealed);
    assert_true(is_in_files(&sealed));
    assert_int_equal(retention_purge(&test_store, LIMIT, &run), RESULT_OK);
    assert_int_equal(run.receptions + run.visits, 2);
    assert_false(is_in_files(&sealed));
    assert_int_equal(found("ミホン"), 0); /* nor does the index lead to it */
    assert_int_equal(found("見本"), 0);
    buffer_wipe(&sealed);
}

/* Until nothing more is said, in ten calls at most. Returns how many visits' persons were removed. */
static long long purge_visits(retention_run *run, int *calls) {
    long long all = 0;
    *calls = 0;
    do {
        assert_int_equal(retention_purge(&test_store, LIMIT, run), RESULT_OK);
        all += run->visits;
        ++*calls;
    } while (run->more && *calls < 10);
    return all;
}

/* More than one page, and more than one call. */
static void many_are_removed_in_several_calls(void **state) {
    (void)state;
    retention_run run = {0};
    int calls;
    for (int i = 1; i <= 600; i++)
        put_visit(i, STATE_REGISTERED, OLD, "{\"bundle\":\"b\",\"receipt\":\"r\",\"signature\":\"AA==\"}");
    assert_int_equal(purge_visits(&run, &calls), 600);
    assert_true(calls >= 2);
}

/* One that the platform never answers is not in the way of what is removed behind it, and no reason to look for ever. */
static void what_waits_is_passed_by(void **state) {
    (void)state;
    retention_run run = {0};
    int calls;
    put_visit(1, STATE_QUEUED, OLD, "{}");
    for (int i = 2; i <= 600; i++)
        put_visit(i, STATE_REGISTERED, OLD, "{\"bundle\":\"b\",\"receipt\":\"r\",\"signature\":\"AA==\"}");
    assert_int_equal(purge_visits(&run, &calls), 599);
    assert_false(run.more);
    assert_string_equal(test_record_state(1), STATE_QUEUED);
    assert_int_equal(record_replace(&test_store, test_record_id(1), STATE_REJECTED, bytes_of("{\"entry\":[]}", 12)),
                     RESULT_OK);
    assert_int_equal(retention_purge(&test_store, LIMIT, &run), RESULT_OK); /* answered at last: met by the next run */
    assert_int_equal(run.visits, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_old_goes_and_the_rest_stays, test_store_begin, test_store_end),
        cmocka_unit_test_setup_teardown(what_waits_is_passed_by, test_store_begin, test_store_end),
        cmocka_unit_test_setup_teardown(what_waits_is_removed_once_it_is_answered, test_store_begin, test_store_end),
        cmocka_unit_test_setup_teardown(nobody_is_found_who_was_removed, test_store_begin, test_store_end),
        cmocka_unit_test_setup_teardown(a_note_of_the_desk_goes_too, test_store_begin, test_store_end),
        cmocka_unit_test_setup_teardown(of_a_visit_the_receipt_stays, test_store_begin, test_store_end),
        cmocka_unit_test_setup_teardown(the_reception_of_a_visit_that_waits_stays, test_store_begin, test_store_end),
        cmocka_unit_test_setup_teardown(a_record_that_cannot_be_read_is_overwritten_too, test_store_begin,
                                        test_store_end),
        cmocka_unit_test_setup_teardown(many_are_removed_in_several_calls, test_store_begin, test_store_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
