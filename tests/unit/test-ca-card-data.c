/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What mock-ca invents for a card: dates in eras, expiry, numbers that are nobody's; the list of ATRs. */
#include "answers_to_reset.h"
#include "base/hex.h"
#include "base/personal_number.h"
#include "ca_card_data.h"
#include "iso7816/atr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void births_in_eras(void **state) {
    (void)state;
    static const struct {
        const char *birth, *text;
    } rows[] = {
        {"1980-02-17", "550217"}, /* Showa 55 */
        {"1989-01-07", "640107"}, {"1989-01-08", "010108"}, {"2019-04-30", "310430"}, {"2019-05-01", "010501"},
        {"1926-12-24", "151224"}, {"1926-12-25", "011225"}, {"1912-07-29", "450729"}, {"2026-11-23", "081123"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[7];
        card_data_birth_in_era(rows[i].birth, text);
        assert_string_equal(text, rows[i].text);
    }
}

static void dates_of_cards(void **state) {
    (void)state;
    static const struct {
        const char *birth, *today, *expiry;
    } rows[] = {
        {"1985-04-12", "2026-11-23T00:00:00Z", "20360412"}, /* the tenth birthday from today */
        {"1985-12-12", "2026-11-23T00:00:00Z", "20351212"},
        {"1985-11-23", "2026-11-22T15:00:00Z", "20361123"}, /* already that day in Japan */
        {"1985-11-23", "2026-11-22T14:59:59Z", "20351123"},
        {"2019-08-08", "2026-11-23T00:00:00Z", "20310808"}, /* under 18: the fifth */
        {"2008-11-24", "2026-11-23T00:00:00Z", "20301124"},
        {"2008-11-23", "2026-11-23T00:00:00Z", "20361123"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        person who = {.id = "somebody", .x509.birth = rows[i].birth};
        office o = {0};
        card_data data;
        assert_int_equal(clock_parse(rows[i].today, &o.now), RESULT_OK);
        assert_int_equal(card_data_make(&o, &who, &data), RESULT_OK);
        assert_string_equal(data.expiry, rows[i].expiry);
        char wanted[15];
        snprintf(wanted, sizeof wanted, "%s%.4s%s", data.birth_in_era, rows[i].expiry, data.security_code);
        assert_string_equal(data.face_number, wanted);
    }
}

static void numbers_are_impossible(void **state) {
    (void)state;
    person who = {.id = "somebody", .x509.birth = "1985-04-12"};
    office o = {0};
    unsigned last_digits = 0;
    for (int i = 0; i < 2000; i++) {
        card_data data;
        assert_int_equal(card_data_make(&o, &who, &data), RESULT_OK);
        assert_int_equal(strspn(data.number, "0123456789"), PERSONAL_NUMBER_LENGTH);
        assert_false(personal_number_is_possible(data.number));
        last_digits |= 1u << (data.number[11] - '0');
    }
    assert_int_equal(last_digits, 0x3FF); /* and the wrong digit is not always the same */
}

static void answers_to_reset(void **state) {
    static const char *const names[] = {"contact-1",     "contact-2",     "contact-3",     "contact-4",    "contact-5",
                                        "contactless-1", "contactless-2", "contactless-3", "contactless-4"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        buffer raw = BUFFER_INIT(ATR_MAX);
        atr parsed;
        assert_int_equal(hex_decode(answer_to_reset_find(names[i]), &raw), RESULT_OK);
        assert_int_equal(atr_parse(buffer_bytes(&raw), &parsed), RESULT_OK);
        assert_true(parsed.offers_t1);
        assert_int_equal(parsed.contactless, i >= 5);
        buffer_wipe(&raw);
    }
    assert_null(answer_to_reset_find("contact-6"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(births_in_eras),
        cmocka_unit_test(dates_of_cards),
        cmocka_unit_test(numbers_are_impossible),
        cmocka_unit_test(answers_to_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
