/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Card-face check, the common and the basic-resident application and the issuer security domain on the emulated patient
 * card (docs/interfaces/patient-card.md). */
#include "patient-card-fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

static void card_face_files(void **state) {
    (void)state;
    static const struct {
        const char *verify;
        status_word birth, face, number; /* 0001, 0002, 0005 */
    } rows[] = {
        {NULL, 0x6982, 0x6982, 0x6982},
        {"00200091 06 353530323137", 0x9000, 0x6982, 0x6982},
        {"00200092 0E 3535303231373230333532323835", 0x6982, 0x9000, 0x6982},
        {"00200093 0C 313233343536373839303132", 0x6982, 0x9000, 0x9000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(exchange(c, SELECT_CARD_FACE), 0x9000);
        if (rows[i].verify != NULL)
            assert_int_equal(exchange(c, rows[i].verify), 0x9000);
        assert_int_equal(exchange(c, "00B0810000"), rows[i].birth);
        assert_int_equal(exchange(c, "00B0820000"), rows[i].face);
        assert_int_equal(exchange(c, "00B0830000"), 0x9000);
        assert_int_equal(exchange(c, "00B0840000"), 0x9000);
        assert_int_equal(exchange(c, "00B0850000"), rows[i].number);
        assert_int_equal(exchange(c, "00B0860000"), 0x9000);
        assert_int_equal(answer_data().length, 16);
    }
}

static void card_face_tries(void **state) {
    (void)state;
    const script_row rows[] = {
        {SELECT_CARD_FACE, 0x9000, ""},
        {"00200091", 0x63CA, NULL},
        {"00200092", 0x63CA, NULL},
        {"00200093", 0x63CA, NULL},
        {"00200093 0C 303030303030303030303030", 0x63C9, NULL},
        {SELECT_INPUT_SUPPORT, 0x9000, ""},
        {"00200094", 0x63CA, NULL}, /* the same number there has a counter of its own */
        {SELECT_CARD_FACE, 0x9000, ""},
        {"00200093", 0x63C9, NULL},
        {"00200091 06 353530323137", 0x9000, NULL},
        {"00240191 06 353530323138", 0x6985, NULL},
    };
    RUN_SCRIPT(c, rows);
}

static void records(void **state) {
    (void)state;
    const script_row rows[] = {
        {SELECT_COMMON, 0x9000, ""},
        {"00B2010400", 0x6986, NULL},
        {"00A4020C020001", 0x9000, ""},
        {"00B2010400", 0x9000, "0103 6F6E65"},
        {"00B2020400", 0x9000, "0203 74776F"},
        {"00B2010500", 0x9000, "0103 6F6E65 0203 74776F 0305 7468726565"},
        {"00B2020500", 0x9000, "0203 74776F 0305 7468726565"},
        {"00B2040400", 0x6A83, NULL},
        {"00B2040500", 0x6A83, NULL},
        {"00B2000400", 0x6A83, NULL},
        {"00B2000500", 0x6A83, NULL},
        {"00B2010C00", 0x9000, "0103 6F6E65"}, /* by short identifier */
        {"00B2011400", 0x9000, "0103 6B6579"}, /* 0002 */
        {"00B2011C00", 0x6A82, NULL},
        {"00B2010200", 0x6A86, NULL},
        {"00B20104", 0x6700, NULL},
        {"00B201CC00", 0x6981, NULL}, /* a key */
        {"00B0000000", 0x6D00, NULL},
        {SELECT_RESIDENT, 0x9000, ""},
        {"00B2011400", 0x9000, "0103 6B6579"}, /* free */
    };
    RUN_SCRIPT(c, rows);
}

static void pins_of_common_and_resident(void **state) {
    (void)state;
    const script_row rows[] = {
        {SELECT_COMMON, 0x9000, ""},
        {"0020009C", 0x63C3, NULL},
        {"0020009C 04 32323232", 0x9000, NULL},
        {"0024019C 04 34343434", 0x6D00, NULL},
        {"8032019C 04 34343434", 0x6A86, NULL},
        {"80320080 04 34343434", 0x9000, NULL},
        {"0020009C 04 34343434", 0x9000, NULL},
        {SELECT_RESIDENT, 0x9000, ""},
        {"0020009C", 0x63C3, NULL},
        {"0020009C 04 34343434", 0x63C2, NULL},
        {"80320080 04 35353535", 0x6982, NULL},
        {"0020009C 04 33333333", 0x9000, NULL},
        {"80320080 04 35353535", 0x9000, NULL},
        {"80320180 04 35353535", 0x6A86, NULL},
        {"0024019C 04 35353535", 0x6D00, NULL}, /* the other form is not this application's */
        {"0020009C 04 33333333", 0x63C2, NULL},
        {"0020009C 04 35353535", 0x9000, NULL},
    };
    RUN_SCRIPT(c, rows);
}

static void check_internal_authentication(bytes challenge) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    assert_int_equal(exchange_data(c, 0x00880000, challenge, 256), 0x9000);
    assert_int_equal(EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, maker.holder), 1);
    assert_int_equal(EVP_DigestVerify(context, answer_data().data, 256, challenge.data, challenge.length), 1);
    EVP_MD_CTX_free(context);
}

static void internal_authentication(void **state) {
    (void)state;
    uint8_t challenge[256];
    memset(challenge, 0x5A, sizeof challenge);
    assert_int_equal(exchange(c, SELECT_COMMON), 0x9000);
    assert_int_equal(exchange(c, "0088000001 31 00"), 0x6986);
    select_ef(c, 0x0019);
    check_internal_authentication(bytes_of(challenge, 1));
    check_internal_authentication(bytes_of(challenge, 255));
    assert_int_equal(exchange_data(c, 0x00880000, BYTES(challenge), 256), 0x6700);
    assert_int_equal(exchange(c, "0088000000"), 0x6700);
    assert_int_equal(exchange(c, "0088010001 31 00"), 0x6A86);
    select_ef(c, 0x0001);
    assert_int_equal(exchange(c, "0088009901 31 00"), 0x9000); /* by short identifier */
    assert_int_equal(exchange(c, "0088008101 31 00"), 0x6981);
}

/* GET DATA gives values, without tag and length: before anything is selected, and in the issuer domain. */
static void data_objects(void **state) {
    (void)state;
    const script_row rows[] = {
        {"00CA004200", 0x9000, "30303432"},
        {"80CA004500", 0x9000, "30303435"},
        {"00CA5F5100", 0x9000, "35463531"},
        {"00A40000", 0x6A86, NULL},
        {SELECT_ISSUER_DOMAIN, 0x9000, ""},
        {"00A40000", 0x9000, NULL},
        {"00CA006600", 0x9000, "30303636"},
        {"00CA00F000", 0x9000, "30304630"},
        {"00CA00F200", 0x9000, "30304632"},
        {"00CA00F700", 0x9000, "30304637"},
        {"00CA00F800", 0x9000, "6365727469666963617465"},
        {"00CA7F2100", 0x6700, NULL}, /* more than a short Le can ask for */
        {"00CA7F21000000", 0x9000, "5F4E820129..."},
        {"00CA7F22000000", 0x6A88, NULL},
        {"00CA0042", 0x6700, NULL},
        {"00A4020C020042", 0x6A82, NULL}, /* objects are no files */
        {"00B0000000", 0x6D00, NULL},
    };
    RUN_SCRIPT(c, rows);
}

/* A card has what its image has. */
static void images_without_applications(void **state) {
    card_image_maker plain;
    card *other = NULL;
    const char *problem;
    (void)state;
    card_image_make(&plain, "patient");
    assert_int_equal(patient_card_personality.open(plain.folder, &other, &problem), RESULT_OK);
    /* clang-format off */
    const script_row rows[] = {
        {"00CA004200", 0x6D00, NULL},        {SELECT_INPUT_SUPPORT, 0x6A82, NULL}, {SELECT_CARD_FACE, 0x6A82, NULL},
        {SELECT_COMMON, 0x6A82, NULL},       {SELECT_RESIDENT, 0x6A82, NULL},
        {SELECT_ISSUER_DOMAIN, 0x6A82, NULL}, {"00A4040C0AD392F000260100000001", 0x9000, ""},
    };
    /* clang-format on */
    RUN_SCRIPT(other, rows);
    patient_card_personality.close(&other);
    card_image_put(&plain, "apps/common/0001", "\x01\x09no", 4);
    assert_int_equal(patient_card_personality.open(plain.folder, &other, &problem), RESULT_INVALID);
    assert_non_null(strstr(problem, "apps/common/0001"));
    card_image_remove(&plain);
}

static uint32_t random_state = 20261123;

static uint8_t random_byte(void) {
    random_state = random_state * 1664525u + 1013904223u; /* Numerical Recipes' generator: repeatable, not secret */
    return (uint8_t)(random_state >> 24);
}

static bool contains(bytes data, const char *text) {
    return data.length > 0 && memmem(data.data, data.length, text, strlen(text)) != NULL;
}

/* 20,000 commands from a fixed seed, most of them known ones with changed bytes: what opens by a PIN never
 * comes out. */
static void hostile_commands(void **state) {
    static const char *const selections[] = {SELECT_INPUT_SUPPORT, SELECT_CARD_FACE, SELECT_COMMON, SELECT_RESIDENT,
                                             SELECT_ISSUER_DOMAIN};
    static const struct {
        uint8_t raw[12], length;
        /* clang-format off */
    } known[] = {
        {{0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, 0x01}, 7},       {{0x00, 0xB0, 0x81, 0x00, 0x00}, 5},
        {{0x00, 0xB0, 0x82, 0x00, 0x00}, 5},                   {{0x00, 0xB0, 0x00, 0x00, 0x00, 0x00, 0x00}, 7},
        {{0x00, 0x20, 0x00, 0x91, 0x04, '0', '0', '0', '0'}, 9}, {{0x00, 0x20, 0x00, 0x9C, 0x04, '1', '1', '1', '1'},
         9},
        {{0x00, 0xB2, 0x01, 0x14, 0x00}, 5},                   {{0x00, 0xB2, 0x01, 0x05, 0x00}, 5},
        {{0x00, 0x88, 0x00, 0x99, 0x01, 0x41, 0x00}, 7},       {{0x00, 0xCA, 0x00, 0x42, 0x00}, 5},
        {{0x08, 0xB0, 0x81, 0x00, 0x03, 0x96, 0x01, 0x00}, 8}, {{0x80, 0x32, 0x00, 0x80, 0x04, '1', '1', '1', '1'}, 9},
        {{0x80, 0xAE, 0x00, 0x00, 0x02, 0xA0, 0x00}, 7},       {{0x00, 0xC0, 0x00, 0x00, 0x00}, 5},
    };
    /* clang-format on */
    (void)state;
    unsigned accepted = 0;
    for (unsigned i = 0; i < 20000; i++) {
        uint8_t raw[16] = {0};
        const size_t which = random_byte() % (sizeof known / sizeof *known);
        if (i % 40 == 0)
            assert_int_equal(exchange(c, selections[random_byte() % 5]), 0x9000);
        memcpy(raw, known[which].raw, sizeof known[which].raw);
        for (unsigned changes = random_byte() % 3; changes-- > 0;)
            raw[random_byte() % known[which].length] ^= (uint8_t)(1u << random_byte() % 8);
        status_word sw = exchange_raw(c, bytes_of(raw, known[which].length));
        assert_true(sw >> 12 == 6 || sw == 0x9000);
        assert_false(contains(answer_data(), MAKER_NUMBER) || contains(answer_data(), "items") ||
                     contains(answer_data(), "face"));
        accepted += sw == 0x9000;
    }
    assert_in_range(accepted, 500, 15000); /* the fuzz reaches handlers, and is not all accepted */
}

#define CARD_TEST(name) cmocka_unit_test_setup_teardown(name, power_up, power_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        CARD_TEST(card_face_files),
        CARD_TEST(card_face_tries),
        CARD_TEST(records),
        CARD_TEST(pins_of_common_and_resident),
        CARD_TEST(internal_authentication),
        CARD_TEST(data_objects),
        CARD_TEST(hostile_commands),
        cmocka_unit_test(images_without_applications),
    };
    return cmocka_run_group_tests(tests, make_image_with_applications, remove_image);
}
