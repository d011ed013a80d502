/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Card-data input support on the emulated patient card: files, keys, PINs (docs/interfaces/patient-card.md). */
#include "patient-card-fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/rsa.h>

#define PIN "00200091 04 35363738"
#define NUMBER "00200094 0C 313233343536373839303132"
#define FACE "00200095 0E 3535303231373230333532323835"

static void what_is_free(void **state) {
    (void)state;
    const script_row rows[] = {
        {"00A4040C0AD3921000310001010408", 0x9000, ""},
        {"00B0000000", 0x6986, NULL},
        {"00A4020C020004", 0x9000, ""},
        {"00B0000005", 0x9000, "7F21820233"},
        {"00B00000000000", 0x9000, "7F21820233..."},
        {"00B0850000", 0x9000, "FF400B 696E666F726D6174696F6E FFFF..."},
        {"00B0880000", 0x9000, "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"},
        {"00B0810000", 0x6982, NULL},
        {"00B0820000", 0x6982, NULL},
        {"00B0830000", 0x6982, NULL},
        {"00B0860000", 0x6982, NULL},
        {"00B0870000", 0x6982, NULL},
        {"00B0910000", 0x6981, NULL},
        {"00A4020C020009", 0x6A82, NULL},
        {"00A4020C020018", 0x6A82, NULL}, /* another application's */
        {"0084000010", 0x9000, NULL},
        {"00220000", 0x6D00, NULL},
    };
    RUN_SCRIPT(c, rows);
}

/* Which of PIN, 照合番号A and B opens which file. */
static void what_opens_what(void **state) {
    (void)state;
    static const struct {
        const char *verify;
        status_word number, items, rest; /* 0001, 0002, and 0003, 0006, 0007 */
    } rows[] = {
        {PIN, 0x9000, 0x9000, 0x9000},
        {NUMBER, 0x9000, 0x6982, 0x9000},
        {FACE, 0x6982, 0x9000, 0x9000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(exchange(c, SELECT_INPUT_SUPPORT), 0x9000);
        assert_int_equal(exchange(c, rows[i].verify), 0x9000);
        assert_int_equal(exchange(c, "00B0810000"), rows[i].number);
        assert_int_equal(exchange(c, "00B0820000"), rows[i].items);
        assert_int_equal(exchange(c, "00B0830000"), rows[i].rest);
        assert_int_equal(exchange(c, "00B0860000"), rows[i].rest);
        assert_int_equal(exchange(c, "00B0870000"), rows[i].rest);
    }
}

static void physical_sizes(void **state) {
    (void)state;
    const script_row rows[] = {
        {SELECT_INPUT_SUPPORT, 0x9000, ""},
        {PIN, 0x9000, ""},
        {"00B0810000", 0x9000, "FF100C 313233343536373839303132 FFFF"}, /* 17 bytes */
        {"00B081110100", 0x6700, NULL},
        {"00B0811101", 0x6B00, NULL},
        {"00B0820000", 0x9000, "FF2005 6974656D73 FFFF..."},
        {"00A4020C020002", 0x9000, ""},
        {"00B001FF02", 0x9000, "FF"},
        {"00B0020001", 0x6B00, NULL},
    };
    RUN_SCRIPT(c, rows);
}

static void tries(void **state) {
    (void)state;
    const script_row rows[] = {
        {SELECT_INPUT_SUPPORT, 0x9000, ""},
        {"00200091", 0x63C3, NULL},
        {"00200092", 0x63C0, NULL}, /* a key that is blocked on every card */
        {"00200092 04 31323334", 0x6984, NULL},
        {"00200094", 0x63CA, NULL},
        {"00200095", 0x63CA, NULL},
        {"00200094 0C 303030303030303030303030", 0x63C9, NULL},
        {"00200094 04 30303030", 0x63C8, NULL},
        {"00200095", 0x63CA, NULL},
        {NUMBER, 0x9000, NULL},
        {"00200094", 0x63CA, NULL},
        {"00200091 04 30303030", 0x63C2, NULL},
        {"00200091 04 30303030", 0x63C1, NULL},
        {"00200091 04 30303030", 0x63C0, NULL},
        {PIN, 0x6984, NULL},
        {FACE, 0x9000, NULL},
        {"00B0820000", 0x9000, NULL},
    };
    RUN_SCRIPT(c, rows);
}

/* A counter of two digits comes back as it was. */
static void counters_survive(void **state) {
    (void)state;
    assert_int_equal(exchange(c, SELECT_INPUT_SUPPORT), 0x9000);
    assert_int_equal(exchange(c, "00200095 01 30"), 0x63C9);
    power_down(state);
    const char *problem;
    assert_int_equal(patient_card_personality.open(maker.folder, &c, &problem), RESULT_OK);
    assert_int_equal(exchange(c, SELECT_INPUT_SUPPORT), 0x9000);
    assert_int_equal(exchange(c, "00200095"), 0x63C9);
    assert_int_equal(exchange(c, FACE), 0x9000);
    power_down(state);
    assert_int_equal(patient_card_personality.open(maker.folder, &c, &problem), RESULT_OK);
    assert_int_equal(exchange(c, SELECT_INPUT_SUPPORT), 0x9000);
    assert_int_equal(exchange(c, "00200095"), 0x63CA);
}

static void pin_change(void **state) {
    (void)state;
    const script_row rows[] = {
        {SELECT_INPUT_SUPPORT, 0x9000, ""},
        {"00240191 04 31313131", 0x6982, NULL},
        {NUMBER, 0x9000, NULL},
        {"00240191 04 31313131", 0x6982, NULL},
        {"00240194 0C 303030303030303030303030", 0x6985, NULL}, /* what is printed on the card does not change */
        {PIN, 0x9000, NULL},
        {"00240191 04 31313131", 0x9000, NULL},
        {PIN, 0x63C2, NULL},
        {"00200091 04 31313131", 0x9000, NULL},
        {"00A4040C0AD392F000260100000001", 0x9000, NULL},
        {"00200098 04 31323334", 0x9000, NULL}, /* the other application's PIN has stayed */
    };
    RUN_SCRIPT(c, rows);
}

/* Nothing of one application's states is left in another. */
static void applications_are_apart(void **state) {
    (void)state;
    const script_row rows[] = {
        {"00A4040C0AD392F000260100000001", 0x9000, ""},
        {"00200098 04 31323334", 0x9000, NULL},
        {SELECT_INPUT_SUPPORT, 0x9000, ""},
        {"00B0820000", 0x6982, NULL},
        {PIN, 0x9000, NULL},
        {"00B0820000", 0x9000, NULL},
        {"00A4040C0AD392F000260100000001", 0x9000, ""},
        {"802A0097 01 31 00", 0x6982, NULL},
        {SELECT_INPUT_SUPPORT, 0x9000, ""},
        {"00B0820000", 0x6982, NULL},
        {PIN, 0x9000, NULL},
        {"00A4040C05A000000003", 0x6A82, NULL}, /* what is not there changes nothing */
        {"00B0820000", 0x9000, NULL},
    };
    RUN_SCRIPT(c, rows);
}

static void internal_signature(void **state) {
    (void)state;
    assert_int_equal(exchange(c, SELECT_INPUT_SUPPORT), 0x9000);
    select_ef(c, 0x0013);
    assert_int_equal(exchange(c, "802A0000 05 68656C6C6F 00"), 0x9000); /* no PIN; the current EF as P2 00 */
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(maker.intermediate, NULL);
    assert_int_equal(EVP_PKEY_verify_init(context), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING), 1);
    assert_int_equal(EVP_PKEY_verify(context, answer_data().data, answer_data().length, (const uint8_t *)"hello", 5),
                     1);
    EVP_PKEY_CTX_free(context);
    assert_int_equal(exchange(c, "802A0080 05 68656C6C6F 00"), 0x9000);
    assert_int_equal(exchange(c, "802A0093 05 68656C6C6F 00"), 0x9000);
    assert_int_equal(exchange(c, "802A0091 05 68656C6C6F 00"), 0x6981);
}

/* What must be refused when the card is put in. */
static void images_are_checked(void **state) {
    (void)state;
    static const struct {
        const char *name, *content;
        /* clang-format off */
    } rows[] = {
        {"apps/input-support/0001", "\xFF\x10\x0C" "123456789018"}, /* could be somebody's */
        {"apps/input-support/0001", "\xFF\x10\x0C" "12345678901"},
        {"apps/input-support/0001", "\xFF\x10\x0C" "12345678901A"},
        {"apps/input-support/0002", "\xFF\x30\x01" "1"},
        {"apps/input-support/0002", "\xFF\x20\x02" "1"},
        {"apps/input-support/0002", "\xFF\x20\x01" "12"}, /* neither filler nor an object */
        {"apps/input-support/0002", "\xFF\x20\x01" "1\xFF\xFE"},
        {"apps/input-support/0002", "\xFF\x20\x81\x02" "1"},
        {"apps/input-support/0004", ""},
        {"apps/input-support/0013.pem", "no key"},
    };
    /* clang-format on */
    card_image_maker other;
    card_image_make(&other, "patient");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        card *opened = NULL;
        const char *problem = "";
        card_image_add_applications(&other);
        card_image_put(&other, rows[i].name, rows[i].content, strlen(rows[i].content));
        if (patient_card_personality.open(other.folder, &opened, &problem) == RESULT_OK)
            fail_msg("row %zu: %s is accepted", i, rows[i].name);
        if (strstr(problem, rows[i].name) == NULL)
            fail_msg("row %zu: \"%s\" does not name %s", i, problem, rows[i].name);
    }
    card_image_remove(&other);
}

#define CARD_TEST(name) cmocka_unit_test_setup_teardown(name, power_up, power_down)

int main(void) {
    /* clang-format off */
    const struct CMUnitTest tests[] = {
        CARD_TEST(what_is_free),     CARD_TEST(what_opens_what), CARD_TEST(physical_sizes),
        CARD_TEST(tries),            CARD_TEST(counters_survive), CARD_TEST(pin_change),
        CARD_TEST(applications_are_apart), CARD_TEST(internal_signature), cmocka_unit_test(images_are_checked),
    };
    /* clang-format on */
    return cmocka_run_group_tests(tests, make_image_with_applications, remove_image);
}
