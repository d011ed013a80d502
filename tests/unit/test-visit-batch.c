/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lib/fhir/visit_batch: records and answers come out byte for byte, and nothing else is read as one. */
#include "fhir/visit_batch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HASH "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"

static bytes text_of(const char *text) {
    return bytes_of(text, strlen(text));
}

static void records_come_out_as_they_went_in(void **state) {
    static const bytes records[] = {{(const uint8_t *)"{ \"a\" : 1}\n", 11}, {(const uint8_t *)"\0\xff", 2}};
    buffer text = BUFFER_INIT(1000), record = BUFFER_INIT(100);
    visit_batch *batch;
    (void)state;
    assert_int_equal(visit_batch_write(records, 2, &text), RESULT_OK);
    assert_string_equal(buffer_text(&text), "{\"visits\":[\"eyAiYSIgOiAxfQo=\",\"AP8=\"]}");
    assert_int_equal(visit_batch_read(buffer_bytes(&text), &batch, NULL), RESULT_OK);
    assert_int_equal(visit_batch_count(batch), 2);
    for (size_t i = 0; i < 2; i++) {
        buffer_clear(&record);
        assert_int_equal(visit_batch_record(batch, i, &record), RESULT_OK);
        assert_true(bytes_equal(buffer_bytes(&record), records[i]));
    }
    visit_batch_free(&batch);
    buffer_wipe(&text);
    buffer_wipe(&record);
}

static void a_list_has_its_bounds(void **state) {
    static const char *const wrong[] = {"",
                                        "[]",
                                        "{}",
                                        "{\"visits\":[]}",
                                        "{\"visits\":{}}",
                                        "{\"visits\":[\"AA==\"],\"more\":1}",
                                        "{\"visit\":[\"AA==\"]}"};
    bytes many[VISIT_BATCH_MAX + 1];
    visit_batch *batch;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        fhir_problem problem = {""};
        assert_int_equal(visit_batch_read(text_of(wrong[i]), &batch, &problem), RESULT_INVALID);
        assert_null(batch);
        assert_true(problem.text[0] != 0);
    }
    for (size_t i = 0; i <= VISIT_BATCH_MAX; i++)
        many[i] = bytes_of("a", 1);
    for (size_t count = VISIT_BATCH_MAX; count <= VISIT_BATCH_MAX + 1; count++) {
        buffer text = BUFFER_INIT(10000);
        assert_int_equal(visit_batch_write(many, count, &text), RESULT_OK);
        assert_int_equal(visit_batch_read(buffer_bytes(&text), &batch, NULL),
                         count == VISIT_BATCH_MAX ? RESULT_OK : RESULT_INVALID);
        visit_batch_free(&batch);
        buffer_wipe(&text);
    }
}

static void a_record_is_base64_and_no_longer_than_its_room(void **state) {
    buffer record = BUFFER_INIT(3);
    visit_batch *batch;
    (void)state;
    assert_int_equal(visit_batch_read(text_of("{\"visits\":[\"!\",7,\"\",\"AAAAAA==\",\"AAAA\"]}"), &batch, NULL),
                     RESULT_OK);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(visit_batch_record(batch, i, &record) == RESULT_OK, i == 4);
    assert_int_not_equal(visit_batch_record(batch, 5, &record), RESULT_OK);
    visit_batch_free(&batch);
    buffer_wipe(&record);
}

/* What one call may hold fits into its bound, however it is divided into records. */
static void the_records_of_one_call_fit_its_body(void **state) {
    uint8_t *data = calloc(1, VISIT_BATCH_RECORDS_MAX);
    (void)state;
    assert_non_null(data);
    for (size_t count = 1; count <= VISIT_BATCH_MAX; count += VISIT_BATCH_MAX - 1) {
        bytes records[VISIT_BATCH_MAX];
        buffer text = BUFFER_INIT(VISIT_BATCH_BODY_MAX);
        for (size_t i = 0; i < count; i++)
            records[i] = bytes_of(data, VISIT_BATCH_RECORDS_MAX / count);
        assert_int_equal(visit_batch_write(records, count, &text), RESULT_OK);
        buffer_wipe(&text);
    }
    free(data);
}

static void answers_come_out_as_they_went_in(void **state) {
    const visit_answer said[] = {{201, HASH, bytes_of("receipt", 7), bytes_of("c2ln", 4)},
                                 {422, HASH, bytes_of("words", 5), bytes_of(NULL, 0)}};
    buffer text = BUFFER_INIT(1000);
    visit_answers *answers;
    (void)state;
    assert_int_equal(visit_answers_write(said, 2, &text), RESULT_OK);
    assert_int_equal(visit_answers_read(buffer_bytes(&text), &answers, NULL), RESULT_OK);
    assert_int_equal(visit_answers_count(answers), 2);
    for (size_t i = 0; i < 2; i++) {
        visit_answer_read one;
        assert_int_equal(visit_answers_entry(answers, i, &one), RESULT_OK);
        assert_int_equal(one.status, said[i].status);
        assert_string_equal(one.content_hash, HASH);
        assert_true(bytes_equal(buffer_bytes(&one.body), said[i].body));
        assert_string_equal(one.signature, i == 0 ? "c2ln" : "");
        buffer_wipe(&one.body);
    }
    visit_answers_free(&answers);
    buffer_wipe(&text);
}

static void an_answer_of_another_form_is_none(void **state) {
    static const char *const entries[] = {
        "1",
        "{}",
        "{\"body\":\"AA==\",\"contentHash\":\"" HASH "\"}",
        "{\"body\":\"AA==\",\"contentHash\":\"" HASH "\",\"status\":\"201\"}",
        "{\"body\":\"AA==\",\"contentHash\":\"" HASH "\",\"status\":99}",
        "{\"body\":\"AA==\",\"contentHash\":\"" HASH "\",\"status\":600}",
        "{\"body\":\"AA==\",\"contentHash\":\"" HASH "\",\"status\":201,\"signature\":1}",
        "{\"body\":\"AA==\",\"contentHash\":\"short\",\"status\":201}",
        "{\"body\":\"AA==\",\"contentHash\":\"0123456789abcdef0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF\",\"status\":201}",
        "{\"body\":\"!\",\"contentHash\":\"" HASH "\",\"status\":201}",
        "{\"body\":\"AA==\",\"contentHash\":\"" HASH "\",\"status\":201}",
    };
    const size_t count = sizeof entries / sizeof *entries;
    buffer text = BUFFER_INIT(10000);
    visit_answers *answers;
    (void)state;
    for (size_t i = 0; i < count; i++)
        buffer_append_format(&text, "%s%s", i == 0 ? "{\"answers\":[" : ",", entries[i]);
    buffer_append_text(&text, "]}");
    assert_int_equal(visit_answers_read(buffer_bytes(&text), &answers, NULL), RESULT_OK);
    for (size_t i = 0; i <= count; i++) {
        visit_answer_read one;
        assert_int_equal(visit_answers_entry(answers, i, &one), i + 1 == count ? RESULT_OK : RESULT_INVALID);
        buffer_wipe(&one.body);
    }
    visit_answers_free(&answers);
    buffer_wipe(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_come_out_as_they_went_in),
        cmocka_unit_test(a_list_has_its_bounds),
        cmocka_unit_test(a_record_is_base64_and_no_longer_than_its_room),
        cmocka_unit_test(the_records_of_one_call_fit_its_body),
        cmocka_unit_test(answers_come_out_as_they_went_in),
        cmocka_unit_test(an_answer_of_another_form_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
