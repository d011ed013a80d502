/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The limits of texts, statements, clocks and settings. */
#include "base/utf8.h"
#include "base/uuid.h"
#include "core/offline_limits.h"
#include "evidence/clock_quality.h"
#include "evidence/statement.h"
#include "limit_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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

/* clang-format off */
static const limit_row rows[] = {
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
    ROW(as_offline_hours, 1, 720),
    ROW(as_offline_count, 1, 1000000),
    ROW(as_session_minutes, 1, 1440),
    ROW(as_idle_minutes, 1, 240),
};
/* clang-format on */

static void each_limit_has_two_sides(void **state) {
    (void)state;
    limits_have_two_sides(rows, sizeof rows / sizeof *rows);
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
