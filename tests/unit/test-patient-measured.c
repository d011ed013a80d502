/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What has been measured on real cards and published (docs/interfaces/patient-card.md names the sources), command by
 * command: what a client may have learned there it finds here. */
#include "patient-card-fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#define SELECT_JPKI "00A4040C0AD392F000260100000001"

/* GET DATA answers inside applications too: for the contact interface's answer to reset, and for nothing else. */
static void get_data_inside_applications(void **state) {
    (void)state;
    static const char *const applications[] = {SELECT_JPKI, SELECT_INPUT_SUPPORT, SELECT_CARD_FACE, SELECT_COMMON,
                                               SELECT_RESIDENT};
    for (size_t i = 0; i < sizeof applications / sizeof *applications; i++) {
        const script_row rows[] = {
            {applications[i], 0x9000, ""}, {"00CA5F5100", 0x9000, "35463531"}, {"80CA5F5100", 0x9000, "35463531"},
            {"00CA004200", 0x6A88, NULL},  {"00CA00F000", 0x6A88, NULL},       {"00CA7F21000000", 0x6A88, NULL},
            {"00CA999900", 0x6A88, NULL},  {"00CA5F51", 0x6700, NULL},
        };
        RUN_SCRIPT(c, rows);
    }
}

/* Cards of the first years. */
static void a_card_without_the_second_certificate(void **state) {
    (void)state;
    patient_card_personality.close(&c);
    card_image_put(&maker, "apps/issuer-domain/7F21", NULL, 0);
    c = open_card();
    const script_row rows[] = {
        {"00CA7F2100", 0x6A88, NULL}, {"00CA7F21000000", 0x6A88, NULL}, {"00CA00F800", 0x9000, NULL}};
    RUN_SCRIPT(c, rows);
    card_image_add_applications(&maker);
}

static void check_with(EVP_PKEY *key) {
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    assert_int_equal(EVP_PKEY_verify_init(context), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING), 1);
    assert_int_equal(EVP_PKEY_verify(context, answer_data().data, answer_data().length, (const uint8_t *)"hello", 5),
                     1);
    EVP_PKEY_CTX_free(context);
}

/* P2 00 is the application's own key, whatever is selected, and nobody has to prove anything. */
static void the_default_key_signs(void **state) {
    (void)state;
    const struct {
        const char *select;
        EVP_PKEY *key;
    } rows[] = {{SELECT_CARD_FACE, maker.root}, {SELECT_INPUT_SUPPORT, maker.intermediate}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(exchange(c, rows[i].select), 0x9000);
        assert_int_equal(exchange(c, "802A0000 05 68656C6C6F 00"), 0x9000);
        check_with(rows[i].key);
        assert_int_equal(exchange(c, "802A0080 05 68656C6C6F 00"), 0x6986); /* the current EF, and there is none */
        select_ef(c, 0x0004);
        assert_int_equal(exchange(c, "802A0000 05 68656C6C6F 00"), 0x9000);
        check_with(rows[i].key);
        assert_int_equal(exchange(c, "802A0080 05 68656C6C6F 00"), 0x6981);
    }
}

static void keys_of_the_card_face(void **state) {
    (void)state;
    const script_row rows[] = {
        {SELECT_CARD_FACE, 0x9000, ""}, {"802A009A 05 68656C6C6F 00", 0x9000, NULL}, /* 001A */
        {"00A4020C02001A", 0x9000, ""}, {"802A0080 05 68656C6C6F 00", 0x9000, NULL},
        {"00200094", 0x63C3, NULL}, /* 0014 and 0015 are references with counters */
        {"00200095", 0x63C3, NULL},     {"00200095 04 30303030", 0x63C2, NULL},
        {"00200094", 0x63C3, NULL},     {"802A0094 05 68656C6C6F 00", 0x6981, NULL},
    };
    RUN_SCRIPT(c, rows);
}

/* JPKI 0009 opens by nothing that anybody has tried. */
static void what_opens_by_nothing(void **state) {
    (void)state;
    const script_row rows[] = {
        {SELECT_JPKI, 0x9000, ""},
        {"00B0890000", 0x6982, NULL},
        {"00200098 04 31323334", 0x9000, NULL},
        {"0020009B 06 414243313233", 0x9000, NULL},
        {"00B0890000", 0x6982, NULL},
    };
    RUN_SCRIPT(c, rows);
}

static void key_references_of_common_and_resident(void **state) {
    (void)state;
    const script_row rows[] = {
        {SELECT_COMMON, 0x9000, ""},           {"00A4020C020002", 0x9000, ""}, {"00B2010400", 0x9000, "0103 6B6579"},
        {"00B2020400", 0x6A83, NULL},          {SELECT_RESIDENT, 0x9000, ""},  {"00A4020C020002", 0x9000, ""},
        {"00B2010400", 0x9000, "0103 6B6579"}, /* and the PIN has opened nothing */
    };
    RUN_SCRIPT(c, rows);
}

static void the_pin_of_common_changes(void **state) {
    (void)state;
    const script_row rows[] = {
        {SELECT_COMMON, 0x9000, ""},
        {"00A4020C02001C", 0x9000, ""},
        {"80320080 04 34343434", 0x6982, NULL},
        {"00200080 04 32323232", 0x9000, NULL},
        {"80320080 04 34343434", 0x9000, NULL},
        {"00200080 04 34343434", 0x9000, NULL},
    };
    RUN_SCRIPT(c, rows);
}

/* Instructions that the whole family knows, and how each application refuses them. */
static void what_is_refused_and_how(void **state) {
    (void)state;
    static const struct {
        const char *select;
        status_word session_key;
    } rows[] = {{SELECT_COMMON, 0x66F1},
                {SELECT_CARD_FACE, 0x66F1},
                {SELECT_JPKI, 0x6982},
                {SELECT_RESIDENT, 0x6982},
                {SELECT_INPUT_SUPPORT, 0x6982}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const script_row script[] = {
            {rows[i].select, 0x9000, ""},     {"80AE0000 01 31", rows[i].session_key, NULL},
            {"808A2200 01 31", 0x6982, NULL}, {"808A2400 01 31", 0x6982, NULL},
            {"808A0000 01 31", 0x6A86, NULL}, {"80500000", 0x6982, NULL},
            {"80520000", 0x6982, NULL},       {"80540000", 0x6982, NULL},
            {"80FC0000", 0x6700, NULL},
        };
        RUN_SCRIPT(c, script);
    }
}

static void internal_authentication_elsewhere(void **state) {
    (void)state;
    const script_row rows[] = {
        {SELECT_JPKI, 0x9000, ""},          {"0088009701 31 00", 0x6982, NULL}, {"0088009A01 31 00", 0x6982, NULL},
        {SELECT_CARD_FACE, 0x9000, ""},     {"0088009A01 31 00", 0x6985, NULL}, {SELECT_INPUT_SUPPORT, 0x9000, ""},
        {"0088009301 31 00", 0x6985, NULL},
    };
    RUN_SCRIPT(c, rows);
}

static void challenges_without_an_application(void **state) {
    (void)state;
    const script_row rows[] = {
        {"0084000010", 0x9000, NULL},
        {"00840000000010", 0x6985, NULL},
        {SELECT_ISSUER_DOMAIN, 0x9000, ""},
        {"0084000010", 0x9000, NULL},
    };
    RUN_SCRIPT(c, rows);
    assert_int_equal(answer_data().length, 16);
}

/* JICSAP 4.2: any first bytes of an AID; P2 02 asks for the next one that begins so. Each is told by a file it has. */
static void applications_by_the_beginning_of_their_name(void **state) {
    (void)state;
    const script_row rows[] = {
        {"00A4040002D392", 0x9000, ""},
        {"00A4020C02000A", 0x9000, ""}, /* JPKI */
        {"00A4040202D392", 0x9000, ""},
        {"00A4020C020007", 0x9000, ""}, /* input support */
        {"00A4040202D392", 0x9000, ""},
        {"00A4020C02001A", 0x9000, ""}, /* card face */
        {"00A4040202D392", 0x9000, ""},
        {"00A4020C020019", 0x9000, ""}, /* common */
        {"00A4040202D392", 0x9000, ""},
        {"00A4020C02001C", 0x9000, ""}, /* resident */
        {"00A4040202D392", 0x6A82, NULL},
        {"00A4020C02001C", 0x9000, ""}, /* and stays selected */
        {"00A4040009D39210003100010104", 0x9000, ""},
        {"00A4020C020007", 0x9000, ""},
        {"00A4040C01A0", 0x9000, ""}, /* the issuer security domain */
        {"00CA004200", 0x9000, NULL},
        {"00A4040001D4", 0x6A82, NULL},
        {"00A4040402D392", 0x6A86, NULL},
    };
    RUN_SCRIPT(c, rows);
}

/* As Android phones carry it, and iPhones: the certificates, and on the latter a mobile document. */
static void phones(void **state) {
    (void)state;
    static const struct {
        const char *name;
        status_word last_command, document;
    } rows[] = {{"JPKIAPGPSETOKEN", 0x6700, 0x6A82}, {"JPKIAPIOSTOKEN", 0x9000, 0x9000}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        card_image_maker phone;
        card *in_phone = NULL;
        const char *problem;
        uint8_t token[160];
        card_image_make(&phone, "patient");
        memset(token, ' ', sizeof token);
        memcpy(token, rows[i].name, strlen(rows[i].name));
        memcpy(token + 80, MAKER_CARD_ID, 16);
        card_image_put(&phone, "ef/0006", token, sizeof token);
        if (rows[i].document == 0x9000)
            card_image_put(&phone, "apps/mobile-document/about", "", 0);
        assert_int_equal(patient_card_personality.open(phone.folder, &in_phone, &problem), RESULT_OK);
        const script_row script[] = {
            {SELECT_CARD_FACE, 0x6A82, NULL},
            {SELECT_INPUT_SUPPORT, 0x6A82, NULL},
            {SELECT_ISSUER_DOMAIN, 0x6A82, NULL},
            {"00A4040C07A0000002480400", rows[i].document, NULL},
            {SELECT_JPKI, 0x9000, ""},
            {"80FC0000", rows[i].last_command, NULL},
            {"80FC0000 01 31", 0x6700, NULL},
            {"00B08A0000", 0x6982, NULL},
            {"00200098 04 31323334", 0x9000, NULL},
            {"00B08A0004", 0x9000, "3082..."},
            {"802A0097 05 68656C6C6F 00", 0x9000, NULL},
        };
        RUN_SCRIPT(in_phone, script);
        patient_card_personality.close(&in_phone);
        card_image_remove(&phone);
    }
}

/* What has been read from a test card, byte by byte: filler behind objects, objects nobody knows, lengths in either
 * form. The card gives it back as it is. */
static void files_as_they_were_read_out(void **state) {
    (void)state;
    static const struct {
        const char *name, *verify, *read;
        uint8_t content[24];
        size_t length;
    } rows[] = {
        {"0002", "00200091 04 35363738", "00B0820000", "\xFF\x20\x82\x00\x05itemsFILLER", 10},
        {"0002", "00200091 04 35363738", "00B0820000", "\xFF\x20\x81\x05items\xFF\xFF\xFF", 12},
        {"0002", "00200091 04 35363738", "00B0820000", "\xFF\x20\x05items\x00\x00", 10},
        {"0002", "00200091 04 35363738", "00B0820000", "\xFF\x20\x05items\xDF\x7F\x01x\xFF", 13},
        {"0005", NULL, "00B0850000", "\xFF\x40\x05\xDF\x4F\x02??\xFF\xFF", 10},
        {"0001", "00200091 04 35363738", "00B0810000", "\xFF\x10\x82\x00\x0C" MAKER_NUMBER "\xFF\xFF", 19},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char name[64];
        bytes wanted = bytes_of(rows[i].content, rows[i].length);
        patient_card_personality.close(&c);
        snprintf(name, sizeof name, "apps/input-support/%s", rows[i].name);
        card_image_put(&maker, name, wanted.data, wanted.length);
        c = open_card();
        assert_int_equal(exchange(c, SELECT_INPUT_SUPPORT), 0x9000);
        if (rows[i].verify != NULL)
            assert_int_equal(exchange(c, rows[i].verify), 0x9000);
        assert_int_equal(exchange(c, rows[i].read), 0x9000);
        assert_memory_equal(answer_data().data, wanted.data, wanted.length);
        if (i > 0) /* the first has no filler of its own */
            assert_int_equal(answer_data().length, wanted.length);
        card_image_add_applications(&maker);
    }
}

/* What a file has and what its size asks for: 0005 of the input support has 256 bytes at least. */
static void files_without_filler_are_filled_up(void **state) {
    (void)state;
    assert_int_equal(exchange(c, SELECT_INPUT_SUPPORT), 0x9000);
    assert_int_equal(exchange(c, "00B08500000200"), 0x9000);
    assert_int_equal(answer_data().length, 256);
    assert_int_equal(answer_data().data[255], 0xFF);
}

#define CARD_TEST(name) cmocka_unit_test_setup_teardown(name, power_up, power_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        CARD_TEST(get_data_inside_applications),
        CARD_TEST(a_card_without_the_second_certificate),
        CARD_TEST(the_default_key_signs),
        CARD_TEST(keys_of_the_card_face),
        CARD_TEST(what_opens_by_nothing),
        CARD_TEST(key_references_of_common_and_resident),
        CARD_TEST(the_pin_of_common_changes),
        CARD_TEST(what_is_refused_and_how),
        CARD_TEST(internal_authentication_elsewhere),
        CARD_TEST(challenges_without_an_application),
        CARD_TEST(applications_by_the_beginning_of_their_name),
        CARD_TEST(files_as_they_were_read_out),
        CARD_TEST(files_without_filler_are_filled_up),
        cmocka_unit_test(phones),
    };
    return cmocka_run_group_tests(tests, make_image_with_applications, remove_image);
}
