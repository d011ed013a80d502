/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The limits of DER, keys, trees and revocation lists. */
#include "crypt/der.h"
#include "crypt/hash_tree.h"
#include "crypt/key_rule.h"
#include "crypt/revocation_policy.h"
#include "iso7816/tlv.h"
#include "limit_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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

/* --- the table ---------------------------------------------------------------------------------------------------- */

/* clang-format off */
static const limit_row rows[] = {
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
    ROW(as_seconds_past_next_update, NONE, 3 * DAY),
    ROW(as_seconds_before_this_update, NONE, 300),
    ROW(as_seconds_past_a_list_without_end, NONE, 3 * DAY),
};
/* clang-format on */

static void each_limit_has_two_sides(void **state) {
    (void)state;
    limits_have_two_sides(rows, sizeof rows / sizeof *rows);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_limit_has_two_sides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
