/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The DER walker: what it takes, and where it stops. */
#include "base/hex.h"
#include "base/buffer.h"
#include "crypt/der.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

static result walk(const char *hex, void (*step)(der_reader *d)) {
    buffer data = BUFFER_INIT(256);
    result failed;
    assert_int_equal(hex_decode(hex, &data), RESULT_OK);
    der_reader d = der_over(buffer_bytes(&data), &failed);
    step(&d);
    der_end(&d);
    buffer_wipe(&data);
    return failed;
}

static void take_any(der_reader *d) {
    der_take_any(d);
}
static void take_octets(der_reader *d) {
    der_take(d, DER_OCTET_STRING);
}
static void take_integer(der_reader *d) {
    der_take_integer(d);
}
static void take_time(der_reader *d) {
    der_take_time(d);
}

static void der_is_strict(void **state) {
    (void)state;
    static const struct {
        const char *hex;
        void (*step)(der_reader *d);
        result expected;
    } rows[] = {
        {"0400", take_any, RESULT_OK},
        {"", take_any, RESULT_TRUNCATED},
        {"04", take_any, RESULT_TRUNCATED},
        {"0401", take_any, RESULT_TRUNCATED},
        {"0481", take_any, RESULT_TRUNCATED},
        {"04828000", take_any, RESULT_TRUNCATED},
        {"04810100", take_any, RESULT_INVALID}, /* a longer form than needed */
        {"0482000100", take_any, RESULT_INVALID},
        {"0484FFFFFFFF", take_any, RESULT_INVALID}, /* more than three bytes of length */
        {"04FF", take_any, RESULT_INVALID},
        {"30800000", take_any, RESULT_UNSUPPORTED}, /* indefinite: BER */
        {"1F0100", take_any, RESULT_INVALID},       /* a tag of several bytes */
        {"040000", take_any, RESULT_INVALID},       /* something behind */
        {"0500", take_octets, RESULT_INVALID},
        {"24020400", take_octets, RESULT_INVALID}, /* constructed */
        {"020100", take_integer, RESULT_OK},
        {"02020080", take_integer, RESULT_OK},
        {"0202FF7F", take_integer, RESULT_OK},
        {"0200", take_integer, RESULT_INVALID},
        {"0202007F", take_integer, RESULT_INVALID},
        {"0202FF80", take_integer, RESULT_INVALID},
        {"170D3236313132343030303231315A", take_time, RESULT_OK},              /* 261124000211Z */
        {"170B323631313234303030325A", take_time, RESULT_INVALID},             /* no seconds */
        {"17113236313132343030303231312B30393030", take_time, RESULT_INVALID}, /* +0900 */
        {"170D3236303233303030303231315A", take_time, RESULT_INVALID},         /* 30 February */
        {"170D3236313132343234303231315A", take_time, RESULT_INVALID},         /* hour 24 */
        {"170D32363131323430302F3231315A", take_time, RESULT_INVALID},
        {"180F32303530303130313030303030305A", take_time, RESULT_OK},
        {"18123230353030313031303030303030302E355A", take_time, RESULT_INVALID},
        {"300602010104010000", der_pass, RESULT_TRUNCATED},
        {"30060201010401FF", der_pass, RESULT_OK},
        {"3006020200010500", der_pass, RESULT_INVALID}, /* not the shortest INTEGER, further down */
        {"3003010101", der_pass, RESULT_INVALID},       /* BOOLEAN is 00 or FF */
        {"060180", der_pass, RESULT_INVALID},
        {"06032A8648", der_pass, RESULT_OK},
        {"06042A808648", der_pass, RESULT_INVALID}, /* a leading 80 in the middle */
        {"060B2AFFFFFFFFFFFFFFFFFF7F", der_pass, RESULT_INVALID},
        {"30020580", der_pass, RESULT_UNSUPPORTED},
        {"1000", der_pass, RESULT_INVALID}, /* SEQUENCE is constructed */
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (walk(rows[i].hex, rows[i].step) != rows[i].expected)
            print_error("%s: %s\n", rows[i].hex, result_text(walk(rows[i].hex, rows[i].step)));
        assert_int_equal(walk(rows[i].hex, rows[i].step), rows[i].expected);
    }
}

static void der_has_a_floor(void **state) {
    (void)state;
    char hex[4 * 64 + 1];
    for (size_t i = 0; i < 64; i++)
        snprintf(hex + 4 * i, 5, "30%02X", (unsigned)(2 * (63 - i)));
    assert_int_equal(walk(hex, der_pass), RESULT_INVALID);
    assert_int_equal(walk(hex + 4 * 54, der_pass), RESULT_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(der_is_strict),
        cmocka_unit_test(der_has_a_floor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
