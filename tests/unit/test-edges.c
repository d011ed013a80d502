/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One table of limits: what messages, certificates, clocks and settings may hold. For each the least and the most are
 * taken, and one less and one more refused. */
#include "base/hex.h"
#include "base/utf8.h"
#include "base/uuid.h"
#include "core/offline_limits.h"
#include "crypt/der.h"
#include "crypt/hash_tree.h"
#include "crypt/key_rule.h"
#include "crypt/revocation_policy.h"
#include "evidence/clock_quality.h"
#include "evidence/statement.h"
#include "fhir/answer_proof.h"
#include "fhir/eligibility.h"
#include "fhir/institution_exchange.h"
#include "fhir/json.h"
#include "fhir/reconcile_slot.h"
#include "fhir/time_beacon.h"
#include "iso7816/tlv.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROOM 262144
#define NONE LONG_MIN /* no edge on this side */
#define DAY 86400

/* Whether so much is taken. */
typedef bool takes(long n);

/* --- texts -------------------------------------------------------------------------------------------------------- */

/* A character written in so many bytes, whatever the shortest form is (RFC 3629 3). */
static bool is_character(long code, size_t length) {
    static const uint8_t lead[] = {0, 0x00, 0xC0, 0xE0, 0xF0};
    uint8_t text[4];
    for (size_t i = length - 1; i > 0; i--, code >>= 6)
        text[i] = (uint8_t)(0x80 | (code & 0x3F));
    text[0] = (uint8_t)(lead[length] | code);
    return utf8_is_whole(bytes_of(text, length));
}

static bool in_two_bytes(long n) {
    return is_character(n, 2);
}

static bool in_three_bytes(long n) {
    return is_character(n, 3);
}

static bool in_four_bytes(long n) {
    return is_character(n, 4);
}

static bool as_third_byte(long n) {
    const uint8_t text[] = {0xE3, 0x81, (uint8_t)n};
    return utf8_is_whole(BYTES(text));
}

/* Of a character of three bytes, with another one behind it in memory. */
static bool with_bytes_left(long n) {
    static const uint8_t text[] = {0xE3, 0x81, 0x82, 0x82};
    return n > 0 && n <= 4 && utf8_is_whole(bytes_of(text, (size_t)n));
}

#define UUID "0195c0ae-0000-7000-8000-00000000000"

static bool as_length_of_uuid(long n) {
    char text[40] = UUID "1111";
    text[n] = 0;
    return uuid_is_valid(text);
}

static bool as_digit_of_uuid(long n) {
    char text[] = UUID "0";
    text[sizeof text - 2] = (char)n;
    return uuid_is_valid(text);
}

/* --- statements and clocks ---------------------------------------------------------------------------------------- */

static statement make_statement(void) {
    statement s = {.mode = STATEMENT_OFFLINE, .grade = STATEMENT_PROVISIONAL_C, .se_counter = 1};
    strcpy(s.evidence_id, UUID "1");
    strcpy(s.institution_code, "1312345678");
    strcpy(s.terminal_id, "T-01");
    strcpy(s.operator_id, "R-0001");
    strcpy(s.service_date, "2026-11-24");
    strcpy(s.terminal_time, "2026-11-24T00:02:11Z");
    strcpy(s.card_id, "CARD-ID-00000001");
    strcpy(s.patient_issuer, "CN=User CA,C=JP");
    strcpy(s.patient_serial, "0100");
    strcpy(s.se_serial, "SE-0001");
    return s;
}

static bool can_be_stated(const statement *s) {
    buffer json = BUFFER_INIT(STATEMENT_MAX);
    const bool written = statement_write(s, &json) == RESULT_OK;
    buffer_wipe(&json);
    return written;
}

static void fill(char *text, size_t size, long n, char with) {
    memset(text, with, size);
    text[n < (long)size ? n : (long)size - 1] = 0;
}

static bool as_length_of_card_id(long n) {
    statement s = make_statement();
    char longer[sizeof s.card_id + 1];
    fill(longer, sizeof longer, n, 'A');
    memcpy(s.card_id, longer, sizeof s.card_id);
    return can_be_stated(&s);
}

static bool as_length_of_code(long n) {
    statement s = make_statement();
    fill(s.institution_code, sizeof s.institution_code, n, '1');
    return n < (long)sizeof s.institution_code && can_be_stated(&s);
}

static bool as_digit_of_code(long n) {
    statement s = make_statement();
    s.institution_code[9] = (char)n;
    return can_be_stated(&s);
}

static bool as_length_of_hash(long n) {
    statement s = make_statement();
    fill(s.previous_evidence, sizeof s.previous_evidence, n, 'A');
    return n < (long)sizeof s.previous_evidence && can_be_stated(&s);
}

static bool as_length_of_serial(long n) {
    statement s = make_statement();
    fill(s.patient_serial, sizeof s.patient_serial, n, 'A');
    return can_be_stated(&s);
}

static bool as_length_of_operator(long n) {
    statement s = make_statement();
    fill(s.operator_id, sizeof s.operator_id, n, 'A');
    if (n >= (long)sizeof s.operator_id)
        s.operator_id[sizeof s.operator_id - 1] = 'A'; /* not closed */
    return can_be_stated(&s);
}

static bool as_character_of_operator(long n) {
    statement s = make_statement();
    s.operator_id[0] = (char)n;
    return can_be_stated(&s);
}

static bool clock_can_be_stated(int64_t age, int64_t offset, int64_t jump) {
    statement s = make_statement();
    strcpy(s.clock.beacon, "2026-11-24T00:00:00Z");
    s.clock.age = age;
    s.clock.offset = offset;
    s.clock.jump = jump;
    return can_be_stated(&s);
}

static bool as_age(long n) {
    return clock_can_be_stated(n, 0, 0);
}

static bool as_offset(long n) {
    return clock_can_be_stated(0, n, 0);
}

static bool as_jump(long n) {
    return clock_can_be_stated(0, 0, n);
}

/* Terminal's time minus the platform's, as far as the statement explains it. */
static evidence_clock clock_of(long unexplained, long offset, long jump) {
    statement s = {.terminal_time = "2026-11-24T01:00:00Z", .clock = {.beacon = "2026-11-24T00:00:00Z"}};
    s.clock.offset = offset;
    s.clock.jump = jump;
    s.clock.age = 3600 - offset - jump - unexplained;
    return evidence_clock_check(&s);
}

static bool as_unexplained_seconds(long n) {
    return clock_of(n, 0, 0) != EVIDENCE_CLOCK_INCONSISTENT;
}

static bool as_seconds_off(long n) {
    return clock_of(0, n, 0) != EVIDENCE_CLOCK_OFF;
}

static bool as_seconds_set(long n) {
    return clock_of(0, -n, n) != EVIDENCE_CLOCK_JUMPED;
}

/* Before what was heard, after a restart. */
static bool as_seconds_before_the_beacon(long n) {
    statement s = {.terminal_time = "2026-11-24T00:00:00Z", .clock = {.restarted = true}};
    int64_t at;
    assert_int_equal(clock_parse(s.terminal_time, &at), RESULT_OK);
    clock_text(at + n, s.clock.beacon);
    return evidence_clock_check(&s) == EVIDENCE_CLOCK_UNCONFIRMED;
}

/* --- DER, keys, trees, lists -------------------------------------------------------------------------------------- */

static bool passes(bytes data) {
    result failed;
    der_reader d = der_over(data, &failed);
    der_pass(&d);
    return failed == RESULT_OK;
}

static bool as_depth(long n) {
    buffer inner = BUFFER_INIT(1024);
    for (long i = 0; i < n; i++) {
        buffer outer = BUFFER_INIT(1024);
        assert_int_equal(tlv_append(&outer, DER_SEQUENCE, buffer_bytes(&inner)), RESULT_OK);
        buffer_wipe(&inner);
        inner = outer;
    }
    const bool passed = passes(buffer_bytes(&inner));
    buffer_wipe(&inner);
    return passed;
}

/* An OCTET STRING whose length is written in so many bytes behind the first (ISO/IEC 8825-1 8.1.3.5), each of them
 * needed. */
static bool as_bytes_of_length(long n) {
    const size_t length = (size_t)1 << (n < 2 ? 7 : 8 * (n - 1));
    buffer data = BUFFER_INIT(length + 8);
    buffer_append_u8(&data, DER_OCTET_STRING);
    buffer_append_u8(&data, (uint8_t)(0x80 | n));
    for (long i = n - 1; i >= 0; i--)
        buffer_append_u8(&data, (uint8_t)(length >> (8 * i)));
    buffer_extend(&data, length);
    const bool passed = data.failed == RESULT_OK && passes(buffer_bytes(&data));
    buffer_wipe(&data);
    return passed;
}

/* Written in one byte more than the first. */
static bool as_long_length(long n) {
    uint8_t data[3 + 256] = {DER_OCTET_STRING, 0x81, (uint8_t)n};
    return n <= 255 && passes(bytes_of(data, 3 + (size_t)n));
}

static bool as_length_in_two_bytes(long n) {
    static uint8_t data[4 + 512] = {DER_OCTET_STRING, 0x82};
    data[2] = (uint8_t)(n >> 8);
    data[3] = (uint8_t)n;
    return passes(bytes_of(data, 4 + (size_t)n));
}

static bool as_unused_bits(long n) {
    const uint8_t data[] = {DER_BIT_STRING, 2, (uint8_t)n, 0};
    return passes(BYTES(data));
}

static bool as_boolean(long n) {
    const uint8_t data[] = {DER_BOOLEAN, 1, (uint8_t)n};
    return passes(BYTES(data));
}

/* The last three bits of a tag of one byte are 31 for tags of several (8.1.2.4). */
static bool as_tag_number(long n) {
    const uint8_t data[] = {(uint8_t)(0x80 | n), 0};
    return passes(BYTES(data));
}

static int64_t utc_time(const char *text) {
    result failed;
    uint8_t data[2 + 13] = {DER_UTC_TIME, 13};
    memcpy(data + 2, text, 13);
    der_reader d = der_over(BYTES(data), &failed);
    const int64_t at = der_take_time(&d);
    return failed == RESULT_OK ? at : INT64_MIN;
}

static bool as_day_of_february(long n) {
    char text[32];
    snprintf(text, sizeof text, "2702%02ld000000Z", n);
    return utc_time(text) != INT64_MIN;
}

/* Two digits of a year: 50 is 1950, 49 is 2049 (RFC 5280 4.1.2.5.1). */
static bool as_year_of_this_century(long n) {
    char text[32];
    snprintf(text, sizeof text, "%02ld0101000000Z", n);
    return utc_time(text) > 0 && utc_time(text) >= INT64_C(946684800);
}

static bool as_bits_of_a_modulus(long n) {
    static const uint8_t exponent[] = {1, 0, 1};
    static uint8_t modulus[1024];
    const size_t length = (size_t)(n + 7) / 8;
    memset(modulus, 0xA5, sizeof modulus);
    modulus[0] = (uint8_t)(0x80 >> (8 * (long)length - n));
    return key_rule_check_rsa(bytes_of(modulus, length), BYTES(exponent)) == RESULT_OK;
}

static bool as_leaves(long n) {
    static uint8_t leaves[HASH_TREE_LEAVES_MAX + 1][CRYPT_SHA256_LENGTH];
    static hash_tree_path paths[HASH_TREE_LEAVES_MAX + 1];
    uint8_t root[CRYPT_SHA256_LENGTH];
    return hash_tree_build(leaves, (size_t)n, paths, root) == RESULT_OK;
}

static hash_tree_path path_of_eight(size_t index) {
    static uint8_t leaves[8][CRYPT_SHA256_LENGTH];
    static hash_tree_path paths[8];
    uint8_t root[CRYPT_SHA256_LENGTH];
    assert_int_equal(hash_tree_build(leaves, 8, paths, root), RESULT_OK);
    return paths[index];
}

static bool climbs(const hash_tree_path *path) {
    uint8_t root[CRYPT_SHA256_LENGTH];
    static const uint8_t leaf[CRYPT_SHA256_LENGTH];
    return hash_tree_climb(leaf, path, root) == RESULT_OK;
}

static bool as_index_of_eight(long n) {
    hash_tree_path path = path_of_eight(7);
    path.index = (size_t)n;
    return climbs(&path);
}

static bool as_way_of_eight(long n) {
    hash_tree_path path = path_of_eight(0);
    path.length = (size_t)n;
    return climbs(&path);
}

/* Hashes of a way in text; of so many leaves that each of them is needed. */
static bool as_hashes_of_a_way(long n) {
    char text[ANSWER_PATH_SIZE + 2 * 65] = "0/100";
    hash_tree_path path;
    for (long i = 0; i < n; i++)
        strcat(text, " 0000000000000000000000000000000000000000000000000000000000000000");
    return answer_path_read(text, &path) == RESULT_OK;
}

static revocation_state list_state(int64_t from, int64_t until, int64_t at, int64_t now) {
    const revocation_facts list = {.understood = true, .from = from, .until = until};
    const revocation_policy policy = {.grace_days = 3};
    return revocation_check(&list, &policy, at, now);
}

static bool permits(revocation_state state) {
    const revocation_policy policy = {.grace_days = 3};
    return revocation_rule_of(state, &policy).permits;
}

static bool as_seconds_past_next_update(long n) {
    return permits(list_state(0, 100 * DAY, 100 * DAY + n, 200 * DAY));
}

static bool as_seconds_before_this_update(long n) {
    return permits(list_state(100 * DAY + n, 200 * DAY, 100 * DAY, 100 * DAY));
}

static bool as_seconds_past_a_list_without_end(long n) {
    return permits(list_state(100 * DAY, -1, 100 * DAY + n, 200 * DAY));
}

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
    memset(json, 'x', sizeof json);
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
    buffer json = BUFFER_INIT(4096), base64 = BUFFER_INIT(1024);
    json_t *root = json_pack("{s:s,s:s,s:s,s:o,s:s}", "session", UUID "1", "nonce",
                             "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                             "certificateHolderReference", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "signature",
                             fhir_base64_string(bytes_of(signature, (size_t)n)), "expires", "2026-11-24T00:02:11Z");
    assert_int_equal(fhir_dump_and_free(root, &json), RESULT_OK);
    const bool read = institution_answer_read(buffer_bytes(&json), &again, NULL) == RESULT_OK;
    buffer_wipe(&json);
    buffer_wipe(&base64);
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

/* --- settings ----------------------------------------------------------------------------------------------------- */

static bool limit_is_taken(limit which, long n) {
    char text[64];
    limits l = limits_default();
    snprintf(text, sizeof text, "%s=%ld", limit_names[which], n);
    return limits_take(&l, text) == NULL && l.value[which] == n;
}

static bool as_offline_hours(long n) {
    return limit_is_taken(LIMIT_OFFLINE_HOURS, n);
}

static bool as_offline_count(long n) {
    return limit_is_taken(LIMIT_OFFLINE_COUNT, n);
}

static bool as_session_minutes(long n) {
    return limit_is_taken(LIMIT_SESSION_MINUTES, n);
}

static bool as_idle_minutes(long n) {
    return limit_is_taken(LIMIT_IDLE_MINUTES, n);
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

static const struct {
    takes *takes;
    const char *name;
    long min, max;
    /* clang-format off */
} limits_of_all[] = {
#define ROW(name, min, max) {name, #name, min, max}
    ROW(in_two_bytes, 0x80, 0x7FF),
    ROW(in_three_bytes, 0x800, 0xD7FF),
    ROW(in_three_bytes, 0xE000, 0xFFFF),
    ROW(in_four_bytes, 0x10000, 0x10FFFF),
    ROW(as_third_byte, 0x80, 0xBF),
    ROW(with_bytes_left, 3, 3),
    ROW(as_length_of_uuid, 36, 36),
    ROW(as_digit_of_uuid, '0', '9'),
    ROW(as_digit_of_uuid, 'a', 'f'),
    ROW(as_length_of_card_id, 16, 16),
    ROW(as_length_of_code, 10, 10),
    ROW(as_digit_of_code, '0', '9'),
    ROW(as_length_of_hash, 64, 64),
    ROW(as_length_of_serial, 2, 2),
    ROW(as_length_of_operator, 1, STATEMENT_TEXT_MAX - 1),
    ROW(as_character_of_operator, 0x20, 0x7E),
    ROW(as_age, 0, STATEMENT_CLOCK_MAX),
    ROW(as_offset, -STATEMENT_CLOCK_MAX, STATEMENT_CLOCK_MAX),
    ROW(as_jump, -STATEMENT_CLOCK_MAX, STATEMENT_CLOCK_MAX),
    ROW(as_unexplained_seconds, -EVIDENCE_CLOCK_ROUNDING_S, EVIDENCE_CLOCK_ROUNDING_S),
    ROW(as_seconds_off, -EVIDENCE_CLOCK_OFF_S, EVIDENCE_CLOCK_OFF_S),
    ROW(as_seconds_set, -EVIDENCE_CLOCK_JUMP_S, EVIDENCE_CLOCK_JUMP_S),
    ROW(as_seconds_before_the_beacon, NONE, EVIDENCE_CLOCK_OFF_S),
    ROW(as_depth, NONE, 15),
    ROW(as_bytes_of_length, 1, 3),
    ROW(as_long_length, 128, 255),
    ROW(as_length_in_two_bytes, 256, NONE),
    ROW(as_unused_bits, 0, 7),
    ROW(as_boolean, NONE, 0),
    ROW(as_boolean, 0xFF, NONE),
    ROW(as_tag_number, 0, 30),
    ROW(as_day_of_february, 1, 28),
    ROW(as_year_of_this_century, 0, 49),
    ROW(as_bits_of_a_modulus, KEY_RULE_RSA_BITS_MIN, KEY_RULE_RSA_BITS_MAX),
    ROW(as_leaves, 1, HASH_TREE_LEAVES_MAX),
    ROW(as_index_of_eight, 0, 7),
    ROW(as_way_of_eight, 3, 3),
    ROW(as_hashes_of_a_way, NONE, HASH_TREE_PATH_MAX),
    ROW(as_seconds_past_next_update, NONE, 3 * DAY),
    ROW(as_seconds_before_this_update, NONE, 300),
    ROW(as_seconds_past_a_list_without_end, NONE, 3 * DAY),
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
    ROW(as_offline_hours, 1, 720),
    ROW(as_offline_count, 1, 1000000),
    ROW(as_session_minutes, 1, 1440),
    ROW(as_idle_minutes, 1, 240),
};
/* clang-format on */

static void each_limit_has_two_sides(void **state) {
    unsigned wrong = 0;
    (void)state;
    for (size_t i = 0; i < sizeof limits_of_all / sizeof *limits_of_all; i++) {
        const long min = limits_of_all[i].min, max = limits_of_all[i].max;
        const struct {
            long n;
            bool due, there;
        } steps[] = {{min == NONE ? 0 : min - 1, false, min != NONE},
                     {min, true, min != NONE},
                     {max, true, max != NONE},
                     {max + 1, false, max != NONE}};
        for (size_t k = 0; k < 4; k++)
            if (steps[k].there && limits_of_all[i].takes(steps[k].n) != steps[k].due) {
                print_error("%s: %ld is %s\n", limits_of_all[i].name, steps[k].n, steps[k].due ? "refused" : "taken");
                wrong++;
            }
    }
    assert_int_equal(wrong, 0);
}

/* What is random differs within the millisecond that both have in common (RFC 9562 5.7). */
static void two_uuids_differ_behind_their_time(void **state) {
    char one[UUID_TEXT_SIZE], other[UUID_TEXT_SIZE];
    (void)state;
    assert_int_equal(uuid_v7(one), RESULT_OK);
    assert_int_equal(uuid_v7(other), RESULT_OK);
    assert_int_equal(one[14], '7');
    assert_string_not_equal(one + 20, other + 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_limit_has_two_sides),
        cmocka_unit_test(two_uuids_differ_behind_their_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
