/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The switches of a card image: what differs between cards of one kind (docs/interfaces/card-image.md). */
#include "patient-card-fixture.h"

#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SELECT_JPKI "00A4040C0AD392F000260100000001"
#define AUTH_PIN "00200098 04 31323334"

static card *open_with(const char *switches) {
    card *opened = NULL;
    const char *problem = "none";
    card_image_put(&maker, "switches", switches, strlen(switches));
    if (patient_card_personality.open(maker.folder, &opened, &problem) != RESULT_OK)
        fail_msg("image refused: %s", problem);
    return opened;
}

static void selecting_the_same_again(void **state) {
    (void)state;
    static const struct {
        const char *switches;
        status_word after;
    } rows[] = {{"reselect clear\n", 0x6982}, {"", 0x6982}, {"reselect keep\n", 0x9000}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        c = open_with(rows[i].switches);
        const script_row script[] = {
            {SELECT_JPKI, 0x9000, ""},
            {AUTH_PIN, 0x9000, NULL},
            {SELECT_JPKI, 0x9000, ""},
            {"802A0080 01 31 00", 0x6986, NULL}, /* the current EF goes in any case */
            {"802A0097 01 31 00", rows[i].after, NULL},
            {AUTH_PIN, 0x9000, NULL},
            {SELECT_COMMON, 0x9000, ""},
            {SELECT_JPKI, 0x9000, ""},
            {"802A0097 01 31 00", 0x6982, NULL}, /* another application in between always clears */
        };
        RUN_SCRIPT(c, script);
        patient_card_personality.close(&c);
    }
}

static void a_certificate_that_was_never_written(void **state) {
    (void)state;
    static const script_row script[] = {
        {SELECT_JPKI, 0x9000, ""},      {"00A4020C02000A", 0x9000, ""},    {"00B0000004", 0x9000, "FFFFFFFF"},
        {"00A4020C02000B", 0x9000, ""}, {"00B0000000", 0x9000, "3082..."},
    };
    c = open_with("user-certificate gone\n");
    RUN_SCRIPT(c, script);
    patient_card_personality.close(&c);
}

static const script_row like_t0[] = {
    {SELECT_JPKI, 0x9000, ""},
    {"00B0880000", 0x6C03, ""}, /* Le is more than there is: the right one is named */
    {"00B0880003", 0x9000, "8F8F00"},
    {"00B0880002", 0x9000, "8F8F"},
    {"00B0860000", 0x6CA0, ""},
    {"00B08600A0", 0x9000, NULL},
    {"00A4020C02000A", 0x9000, ""},
    {"00B0000000", 0x9000, "3082..."},
    {"00B007F800", 0x6C08, ""},
    {AUTH_PIN, 0x9000, ""},
    {"802A0097 01 31 00", 0x6100, ""}, /* with data: the answer waits */
    {"00C0000010", 0x61F0, NULL},
    {"00C0000000", 0x6CF0, ""},
    {"00C00000F0", 0x9000, NULL},
    {"00C0000001", 0x6985, NULL},
    {"0084000000", 0x9000, NULL},
    {"00B00000000000", 0x6700, NULL}, /* no extended length over T=0 */
};

static void status_words_of_t0(void **state) {
    (void)state;
    c = open_with("transmission t0\n");
    RUN_SCRIPT(c, like_t0);
    patient_card_personality.close(&c);
}

/* The same image on a contactless reader: its own ATR, and T=1 behaviour. */
static void contactless(void **state) {
    static const char atr[] = "3B888001000041E0B381A1003B";
    (void)state;
    card_image_put(&maker, "atr-contactless", atr, strlen(atr));
    c = open_with("transmission t0\n");
    char text[80];
    hex_encode(patient_card_personality.answer_to_reset(c), text, sizeof text);
    assert_string_not_equal(text, atr);
    patient_card_personality.use_contactless(c);
    patient_card_personality.reset(c);
    hex_encode(patient_card_personality.answer_to_reset(c), text, sizeof text);
    assert_string_equal(text, atr);
    const script_row script[] = {
        {SELECT_JPKI, 0x9000, ""},
        {"00B0880000", 0x9000, "8F8F00"},
        {"00B088000010", 0x6700, NULL}, /* no form of ISO 7816-4 */
        {"00B08800000003", 0x9000, "8F8F00"},
        {AUTH_PIN, 0x9000, ""},
        {"802A0097 01 31 00", 0x9000, NULL},
    };
    RUN_SCRIPT(c, script);
    patient_card_personality.close(&c);
    card_image_put(&maker, "atr-contactless", NULL, 0);
    c = open_with("");
    patient_card_personality.use_contactless(c);
    hex_encode(patient_card_personality.answer_to_reset(c), text, sizeof text);
    assert_string_equal(text, "3B888001000005E0B381A1007F"); /* the image's only one */
    patient_card_personality.close(&c);
}

static void without_extended_length(void **state) {
    (void)state;
    c = open_with("extended off\nreselect keep\nchaining on\n");
    const script_row script[] = {
        {SELECT_JPKI, 0x9000, ""},           {"00B08800000003", 0x6700, NULL},
        {"00B0880000", 0x9000, "8F8F00"},    {"00A4020C020016", 0x9000, ""},
        {"80A206C1000001 00", 0x6700, NULL}, {"90A206C101 7F", 0x9000, NULL}, /* chaining is the way that is left */
        {"80A206C101 21", 0x6700, NULL}, /* and the handler sees the whole: 2 bytes are no certificate */
        {"10200098 02 3132", 0x9000, NULL},  {"00200098 02 3334", 0x9000, NULL},
        {"10F00000 01 31", 0x6D00, NULL}, /* what is not known alone is not known in parts */
        {"90B00000 01 31", 0x6E00, NULL},
    };
    RUN_SCRIPT(c, script);
    patient_card_personality.close(&c);
}

static void files_are_checked(void **state) {
    static const struct {
        const char *name, *content;
    } rows[] = {
        {"switches", "reselect maybe\n"},
        {"switches", "extended off\nsomething\n"},
        {"atr-contactless", "3B"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        c = NULL;
        const char *problem = "";
        card_image_put(&maker, rows[i].name, rows[i].content, strlen(rows[i].content));
        assert_int_not_equal(patient_card_personality.open(maker.folder, &c, &problem), RESULT_OK);
        assert_non_null(strstr(problem, rows[i].name));
        card_image_put(&maker, rows[i].name, NULL, 0);
    }
    c = open_with("extended on\n\ntransmission t1");
    patient_card_personality.close(&c);
}

static void without_chaining(void **state) {
    (void)state;
    static const char *const switches[] = {"", "chaining off\n"};
    for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
        c = open_with(switches[i]);
        const script_row script[] = {
            {SELECT_JPKI, 0x9000, ""},
            {"10F00000 01 31", 0x6E00, NULL},
            {"10200098 02 3132", 0x6E00, NULL},
            {"00200098", 0x63C3, NULL},
        };
        RUN_SCRIPT(c, script);
        patient_card_personality.close(&c);
    }
}

/* A verified PIN: most cards tell the tries, some that nothing is left to do. */
static void verify_without_data(void **state) {
    (void)state;
    static const struct {
        const char *switches;
        status_word after;
    } rows[] = {{"", 0x63C3}, {"empty-verify tries\n", 0x63C3}, {"empty-verify state\n", 0x9000}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        c = open_with(rows[i].switches);
        const script_row script[] = {
            {SELECT_JPKI, 0x9000, ""},
            {"00200098", 0x63C3, NULL},
            {AUTH_PIN, 0x9000, NULL},
            {"00200098", rows[i].after, NULL},
            {"00200098 04 30303030", 0x63C2, NULL},
            {"00200098", 0x63C2, NULL},
        };
        RUN_SCRIPT(c, script);
        patient_card_personality.close(&c);
        card_image_forget(&maker);
    }
}

static void where_the_contact_atr_is(void **state) {
    (void)state;
    static const struct {
        const char *switches;
        status_word outside;
    } rows[] = {{"contact-atr everywhere\n", 0x9000}, {"contact-atr applications\n", 0x6A88}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        c = open_with(rows[i].switches);
        const script_row script[] = {
            {"00CA5F5100", rows[i].outside, NULL},
            {"00CA004200", 0x9000, NULL},
            {SELECT_JPKI, 0x9000, ""},
            {"00CA5F5100", 0x9000, "35463531"},
            {SELECT_ISSUER_DOMAIN, 0x9000, ""},
            {"00CA5F5100", rows[i].outside, NULL},
        };
        RUN_SCRIPT(c, script);
        patient_card_personality.close(&c);
    }
}

int main(void) {
    /* clang-format off */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_that_was_never_written),
        cmocka_unit_test(selecting_the_same_again), cmocka_unit_test(status_words_of_t0),
        cmocka_unit_test(contactless),              cmocka_unit_test(without_extended_length),
        cmocka_unit_test(files_are_checked),        cmocka_unit_test(without_chaining),
        cmocka_unit_test(verify_without_data),      cmocka_unit_test(where_the_contact_atr_is),
    };
    /* clang-format on */
    return cmocka_run_group_tests(tests, make_image_with_applications, remove_image);
}
