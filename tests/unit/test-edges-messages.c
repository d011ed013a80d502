/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The limits of messages. */
#include "fhir/answer_proof.h"
#include "fhir/eligibility.h"
#include "fhir/institution_exchange.h"
#include "fhir/json.h"
#include "fhir/registration.h"
#include "fhir/reconcile_slot.h"
#include "fhir/time_beacon.h"
#include "limit_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROOM 262144

/* --- messages ----------------------------------------------------------------------------------------------------- */

static void edit(buffer *json, const char *from, const char *to) {
    buffer changed = BUFFER_INIT(ROOM);
    const char *at = strstr(buffer_text(json), from);
    assert_non_null(at);
    buffer_append(&changed, bytes_of(json->data, (size_t)(at - (const char *)json->data)));
    buffer_append_text(&changed, to);
    assert_int_equal(buffer_append_text(&changed, at + strlen(from)), RESULT_OK);
    buffer_wipe(json);
    *json = changed;
}

static bool response_is_read(const char *from, const char *to, bool canonical) {
    static eligibility_response again;
    const eligibility_response r = {.evidence_id = UUID "1",
                                    .patient_serial = "CN=User CA,C=JP#0100",
                                    .service_date = "2026-11-24",
                                    .created = "2026-11-24T00:02:11Z",
                                    .as_of = "2026-11-24T00:02:11Z",
                                    .validity = ELIGIBILITY_VALID,
                                    .disposition = "yes",
                                    .coverage_count = 1,
                                    .coverages = {{.insurer_number = "06130012",
                                                   .insurer_name = "insurer",
                                                   .number = "187",
                                                   .from = "2026-04-01",
                                                   .burden_permille = 300}}};
    buffer json = BUFFER_INIT(ROOM);
    assert_int_equal(eligibility_response_write(&r, &json), RESULT_OK);
    edit(&json, from, to);
    if (!canonical) /* read by jansson then */
        edit(&json, "{", "{ ");
    const bool read = eligibility_response_read(buffer_bytes(&json), &again, NULL) == RESULT_OK;
    buffer_wipe(&json);
    return read;
}

static bool validity_is_read(long n, bool canonical) {
    char to[32];
    snprintf(to, sizeof to, "\"valueCode\":\"%ld\"", n);
    return response_is_read("\"valueCode\":\"1\"", to, canonical);
}

static bool as_validity(long n) {
    return validity_is_read(n, true);
}

static bool as_validity_in_another_form(long n) {
    return validity_is_read(n, false);
}

static bool share_is_read(long n, bool canonical) {
    char to[48];
    snprintf(to, sizeof to, "\"valueDecimal\":%s%ld.%03ld", n < 0 ? "-" : "", labs(n) / 1000, labs(n) % 1000);
    return response_is_read("\"valueDecimal\":0.3", to, canonical);
}

static bool as_permille(long n) {
    return share_is_read(n, true);
}

static bool as_permille_in_another_form(long n) {
    return share_is_read(n, false);
}

static bool batch_is_read(long n, bool canonical) {
    eligibility_request one = {UUID "1",     "CN=User CA,C=JP#0100",        "2026-11-24", "2026-11-24T00:02:11Z",
                               "1312345678", BUFFER_INIT(FHIR_EVIDENCE_MAX)};
    const eligibility_request *all[FHIR_BATCH_MAX + 1];
    buffer json = BUFFER_INIT(ROOM);
    eligibility_batch *batch = NULL;
    buffer_append_text(&one.evidence, "evidence");
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        all[i] = &one;
    assert_int_equal(eligibility_batch_write(all, (size_t)n, &json), RESULT_OK);
    if (!canonical)
        edit(&json, "{", "{ ");
    const bool read = eligibility_batch_read(buffer_bytes(&json), &batch, NULL) == RESULT_OK;
    eligibility_batch_free(&batch);
    eligibility_request_wipe(&one);
    buffer_wipe(&json);
    return read;
}

static bool as_requests(long n) {
    return batch_is_read(n, true);
}

static bool as_requests_in_another_form(long n) {
    return batch_is_read(n, false);
}

static bool as_length_of_text(long n) {
    char text[12], json[32];
    snprintf(json, sizeof json, "{\"a\":\"%.*s\"}", (int)n, "xxxxxxxxxxxxxxxx");
    json_t *root = fhir_parse(bytes_of(json, strlen(json)), NULL);
    assert_non_null(root);
    memset(text, '!', sizeof text);
    const bool read = fhir_text(root, "a", text, 9, NULL) == RESULT_OK;
    assert_int_equal(text[9], '!'); /* behind its room */
    json_decref(root);
    return read;
}

static bool as_character_of_text(long n) {
    char text[12], json[32];
    snprintf(json, sizeof json, "{\"a\":\"\\u%04lx\"}", n);
    json_t *root = fhir_parse(bytes_of(json, strlen(json)), NULL);
    const bool read = root != NULL && fhir_text(root, "a", text, sizeof text, NULL) == RESULT_OK;
    json_decref(root);
    return read;
}

static bool as_milliseconds(long n) {
    char to[32];
    time_beacon b = {.at_ms = 1795564931000}, again;
    buffer json = BUFFER_INIT(1024);
    memset(b.nonce, 'A', sizeof b.nonce - 1);
    assert_int_equal(time_beacon_write(&b, &json), RESULT_OK);
    snprintf(to, sizeof to, "\"milliseconds\":%ld", n);
    edit(&json, "\"milliseconds\":0", to);
    const bool read = time_beacon_read(buffer_bytes(&json), &again, NULL) == RESULT_OK;
    buffer_wipe(&json);
    return read;
}

static bool as_length_of_signature(long n) {
    static const uint8_t signature[EXCHANGE_SIGNATURE_LENGTH + 1];
    institution_answer again;
    buffer json = BUFFER_INIT(4096);
    json_t *root = json_pack("{s:s,s:s,s:s,s:o,s:s}", "session", UUID "1", "nonce",
                             "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                             "certificateHolderReference", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "signature",
                             fhir_base64_string(bytes_of(signature, (size_t)n)), "expires", "2026-11-24T00:02:11Z");
    assert_int_equal(fhir_dump_and_free(root, &json), RESULT_OK);
    const bool read = institution_answer_read(buffer_bytes(&json), &again, NULL) == RESULT_OK;
    buffer_wipe(&json);
    return read;
}

static bool as_seconds_of_a_slot(long n) {
    const reconcile_slot slot = {
        .institution_code = "1312345678", .not_before = 1795564931, .not_after = 1795564931 + n};
    reconcile_slot again;
    buffer json = BUFFER_INIT(1024);
    assert_int_equal(reconcile_slot_write(&slot, &json), RESULT_OK);
    const bool read = reconcile_slot_read(buffer_bytes(&json), &again, NULL) == RESULT_OK;
    buffer_wipe(&json);
    return read;
}

/* Hashes of a way in text; of so many leaves that each of them is needed. */
static bool as_hashes_of_a_way(long n) {
    char text[ANSWER_PATH_SIZE + 2 * 65] = "0/100";
    hash_tree_path path;
    for (long i = 0; i < n; i++)
        strcat(text, " 0000000000000000000000000000000000000000000000000000000000000000");
    return answer_path_read(text, &path) == RESULT_OK;
}

static bool as_digits_of_a_certificate_s_hash(long n) {
    registration_receipt read;
    buffer json = BUFFER_INIT(ROOM);
    buffer_append_format(&json,
                         "{\"receiptId\":\"" UUID "1\",\"service\":\"pf\",\"state\":\"registered\","
                         "\"institutionCode\":\"1312345678\",\"terminalId\":\"T-01\",\"seSerial\":\"SE-0001\","
                         "\"registeredAt\":\"2026-11-24T00:02:11Z\",\"certificateHash\":\"%.*s\"}",
                         (int)n, "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF");
    const bool good = registration_receipt_read(buffer_bytes(&json), &read, NULL) == RESULT_OK;
    buffer_wipe(&json);
    return good;
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

/* clang-format off */
static const limit_row rows[] = {
    ROW(as_hashes_of_a_way, NONE, HASH_TREE_PATH_MAX),
    ROW(as_validity, 1, 5),
    ROW(as_validity_in_another_form, 1, 5),
    ROW(as_permille, 0, 1000),
    ROW(as_permille_in_another_form, 0, 1000),
    ROW(as_requests, 1, FHIR_BATCH_MAX),
    ROW(as_requests_in_another_form, 1, FHIR_BATCH_MAX),
    ROW(as_length_of_text, 1, 8),
    ROW(as_character_of_text, 0x20, 0x7E),
    ROW(as_milliseconds, 0, 999),
    ROW(as_length_of_signature, EXCHANGE_SIGNATURE_LENGTH, EXCHANGE_SIGNATURE_LENGTH),
    ROW(as_seconds_of_a_slot, 0, NONE),
    ROW(as_digits_of_a_certificate_s_hash, 64, 64),
};
/* clang-format on */

static void each_limit_has_two_sides(void **state) {
    (void)state;
    limits_have_two_sides(rows, sizeof rows / sizeof *rows);
}

/* The evidence that it names first, and the request that it answers to: in our own bytes, and in others. */
static void an_answer_speaks_of_the_request_that_it_answers_to(void **state) {
    (void)state;
    for (int canonical = 0; canonical < 2; canonical++) {
        assert_true(response_is_read(UUID "1\"}],", UUID "1\"}],", canonical));
        assert_false(response_is_read(UUID "1\"}],", UUID "2\"}],", canonical));
        assert_false(response_is_read(UUID "1\"}},", UUID "2\"}},", canonical));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_limit_has_two_sides),
        cmocka_unit_test(an_answer_speaks_of_the_request_that_it_answers_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
