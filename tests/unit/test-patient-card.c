/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The emulated patient card as its clients know it: selection, files, PINs, signatures, status words. */
#include "card-image-maker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>

static card_image_maker maker, operator_maker;
static card *c;

static card *open_card(const card_personality *personality, const card_image_maker *from) {
    card *opened = NULL;
    const char *problem = "none";
    if (personality->open(from->folder, &opened, &problem) != RESULT_OK)
        fail_msg("image refused: %s", problem);
    return opened;
}

static int make_images(void **state) {
    (void)state;
    card_image_make(&maker, "patient");
    card_image_make(&operator_maker, "operator");
    return 0;
}

static int remove_images(void **state) {
    (void)state;
    card_image_remove(&maker);
    card_image_remove(&operator_maker);
    return 0;
}

/* A fresh, cold card as issued, for each test. */
static int power_up(void **state) {
    (void)state;
    card_image_forget(&maker);
    c = open_card(&patient_card_personality, &maker);
    return 0;
}

static int power_down(void **state) {
    (void)state;
    patient_card_personality.close(&c);
    assert_null(c);
    return 0;
}

static void applications(void **state) {
    (void)state;
    assert_int_equal(exchange(c, "00A4040C0AD3921000310001010408"), 0x6A82);
    assert_int_equal(exchange(c, "00A4040C09A00000030800001000"), 0x6A82);
    assert_int_equal(exchange(c, "00A4040C00"), 0x6A82);
    assert_int_equal(exchange(c, "00A4040C0BD392F00026010000000100"), 0x6A82);
    assert_int_equal(exchange(c, "00A4020C02000A"), 0x6A82); /* no application, no files */
    assert_int_equal(exchange(c, "00B0000000"), 0x6D00);
    select_jpki(c);
    assert_int_equal(exchange(c, "00A404000AD392F00026010000000100"), 0x9000);
    assert_int_equal(answer_data().length, 0);
    assert_int_equal(exchange(c, "00A404040AD392F000260100000001"), 0x6A86);
    assert_int_equal(exchange(c, "00A4080C023F00"), 0x6A86);
}

static void there_is_no_master_file(void **state) {
    (void)state;
    assert_int_equal(exchange(c, "00A40000"), 0x6A86);
    assert_int_equal(exchange(c, "00A40000023F0000"), 0x6A82);
    select_jpki(c);
    select_ef(c, 0x000A);
    assert_int_equal(exchange(c, "00A40000"), 0x9000);
    assert_int_equal(exchange(c, "00A4000C023F00"), 0x6A82);
    assert_int_equal(exchange(c, "00B0000001"), 0x9000); /* the current EF has stayed */
    assert_int_equal(answer_data().data[0], 0x30);
    patient_card_personality.reset(c);
    assert_int_equal(exchange(c, "00A40000"), 0x6A86);
}

static void elementary_files(void **state) {
    (void)state;
    static const uint16_t there[] = {1, 2, 6, 8, 9, 0xA, 0xB, 0x16, 0x17, 0x18, 0x1A, 0x1B};
    select_jpki(c);
    assert_int_equal(exchange(c, "00B0000000"), 0x6986);
    assert_int_equal(exchange(c, "0020008004 31323334"), 0x6986);
    assert_int_equal(exchange(c, "802A0080013100"), 0x6986);
    for (size_t i = 0; i < sizeof there / sizeof *there; i++)
        select_ef(c, there[i]);
    assert_int_equal(exchange(c, "00A4020C020003"), 0x6A82);
    assert_int_equal(exchange(c, "00A4020C020101"), 0x6A82);
    assert_int_equal(exchange(c, "00A4020C01 0A"), 0x6700);
    assert_int_equal(exchange(c, "00A4020002000A"), 0x6A86);
    select_ef(c, 0x0008);
    assert_int_equal(exchange(c, "00B0000000"), 0x9000);
    assert_memory_equal(answer_data().data, "\x8F\x8F\x00", 3);
    select_ef(c, 0x0009);
    assert_int_equal(exchange(c, "00B0000000"), 0x6982);
    select_ef(c, 0x0006);
    assert_int_equal(exchange(c, "00B0000000"), 0x9000);
    assert_int_equal(answer_data().length, 160);
    assert_memory_equal(answer_data().data, "JPKIAPICCTOKEN2                 MAKER ", 38);
    assert_memory_equal(answer_data().data + 80, MAKER_CARD_ID "\xFF", 17);
}

/* Of these only their existence is known; 0010 has a try counter. */
static void files_of_unknown_meaning(void **state) {
    (void)state;
    /* clang-format off */
    const script_row rows[] = {
        {"00A4040C0AD392F000260100000001", 0x9000, ""},
        {"00A4020C020005", 0x9000, ""},      {"00B0000000", 0x6981, NULL},
        {"00A4020C020019", 0x9000, ""},      {"00B0000000", 0x6981, NULL},
        {"00A4020C02001C", 0x9000, ""},      {"00200080", 0x6981, NULL},
        {"00A4020C02001E", 0x9000, ""},      {"802A0080013100", 0x6981, NULL},
        {"00A4020C020010", 0x9000, ""},      {"00200080", 0x63C3, NULL},
        {"00200080 04 31323334", 0x63C2, NULL}, {"00200090", 0x63C2, NULL},
        {"00240190 04 31323334", 0x6982, NULL}, {"00B0000000", 0x6981, NULL},
        {"00200090 01 00", 0x63C1, NULL},    {"00200090 10 00000000000000000000000000000000", 0x63C0, NULL},
        {"00200090 04 31323334", 0x6984, NULL},
    };
    /* clang-format on */
    RUN_SCRIPT(c, rows);
}

static void reading(void **state) {
    (void)state;
    select_jpki(c);
    select_ef(c, 0x000A);
    for (unsigned offset = 0; offset < 2048; offset += 256) {
        uint32_t header = 0x00B00000 | offset;
        assert_int_equal(exchange_data(c, header, bytes_of(NULL, 0), 256), 0x9000);
        assert_int_equal(answer_data().length, 256);
        assert_memory_equal(answer_data().data, maker.auth_certificate + offset, 256);
    }
    assert_int_equal(exchange(c, "00B0000004"), 0x9000);
    assert_int_equal(answer_data().length, 4);
    assert_int_equal(exchange(c, "00B007F820"), 0x9000); /* crossing the end: less, and no warning */
    assert_int_equal(answer_data().length, 8);
    assert_int_equal(exchange(c, "00B00800 01"), 0x6B00);
    assert_int_equal(exchange(c, "00B07FFF 01"), 0x6B00);
    assert_int_equal(exchange(c, "00B00000"), 0x6700);
    assert_int_equal(exchange(c, "00B00000000000"), 0x9000); /* extended Le: all at once */
    assert_int_equal(answer_data().length, 2048);
    assert_memory_equal(answer_data().data, maker.auth_certificate, 2048);
    assert_int_equal(exchange(c, "00B00000000640"), 0x9000);
    assert_int_equal(answer_data().length, 1600);
    assert_int_equal(exchange(c, "00B08600 30"), 0x9000); /* by short identifier, which makes the file current */
    assert_memory_equal(answer_data().data, "JPKIAPICCTOKEN2 ", 16);
    assert_int_equal(exchange(c, "00B08650 10"), 0x9000);
    assert_memory_equal(answer_data().data, MAKER_CARD_ID, 16);
    assert_int_equal(exchange(c, "00B00050 10"), 0x9000);
    assert_memory_equal(answer_data().data, MAKER_CARD_ID, 16);
    assert_int_equal(exchange(c, "00B08300 10"), 0x6A82);
    assert_int_equal(exchange(c, "00B0E600 10"), 0x6A86);
}

static void what_may_be_read(void **state) {
    (void)state;
    static const uint16_t never[] = {0x16, 0x17, 0x18, 0x1A, 0x1B};
    static const uint16_t always[] = {2, 6, 8, 0xA, 0xB};
    select_jpki(c);
    for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
        select_ef(c, never[i]);
        assert_int_equal(exchange(c, "00B0000000"), 0x6981);
    }
    for (size_t i = 0; i < sizeof always / sizeof *always; i++) {
        select_ef(c, always[i]);
        assert_int_equal(exchange(c, "00B0000000"), 0x9000);
    }
    select_ef(c, 0x0001);
    assert_int_equal(exchange(c, "00B0000000"), 0x6982);
    assert_int_equal(exchange(c, "00200098 04 31323334"), 0x9000);
    select_ef(c, 0x0001);
    assert_int_equal(exchange(c, "00B0000000"), 0x6982); /* the other PIN does not open it */
    assert_int_equal(exchange(c, "0020009B 06 414243313233"), 0x9000);
    select_ef(c, 0x0001);
    assert_int_equal(exchange(c, "00B0000000"), 0x9000);
    assert_memory_equal(answer_data().data, maker.sign_certificate, 256);
    for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
        select_ef(c, never[i]);
        assert_int_equal(exchange(c, "00B0000000"), 0x6981);
    }
}

static void pin_tries(void **state) {
    (void)state;
    select_jpki(c);
    select_ef(c, 0x0018);
    assert_int_equal(exchange(c, "00200080"), 0x63C3);
    assert_int_equal(exchange(c, "00200080 04 31323334"), 0x9000);
    assert_int_equal(exchange(c, "00200080"), 0x63C3); /* also when verified: stock OpenSC relies on it */
    assert_int_equal(exchange(c, "00200080 04 39393939"), 0x63C2);
    assert_int_equal(exchange(c, "00200080"), 0x63C2);
    select_ef(c, 0x0017);
    assert_int_equal(exchange(c, "802A0080013100"), 0x6982); /* a wrong PIN ends the state */
    assert_int_equal(exchange(c, "00200098 03 313233"), 0x63C1);
    assert_int_equal(exchange(c, "00200098 04 31323334"), 0x9000);
    assert_int_equal(exchange(c, "00200098"), 0x63C3);
    assert_int_equal(exchange(c, "00200098 11 3132333435363738393031323334353637"), 0x6700);
    assert_int_equal(exchange(c, "00200098"), 0x63C3); /* what cannot be a PIN costs no try */
    for (unsigned left = 3; left-- > 0;)
        assert_int_equal(exchange(c, "00200098 04 30303030"), 0x63C0 + left);
    assert_int_equal(exchange(c, "00200098 04 31323334"), 0x6984);
    assert_int_equal(exchange(c, "00200098"), 0x63C0);
    assert_int_equal(exchange(c, "0024019804 31323334"), 0x6984);
    assert_int_equal(exchange(c, "0020009B"), 0x63C5); /* the other PIN has its own counter */
    assert_int_equal(exchange(c, "0020009B 06 414243313233"), 0x9000);
}

static void verify_forms(void **state) {
    (void)state;
    select_jpki(c);
    assert_int_equal(exchange(c, "00200083 04 31323334"), 0x6A82);
    assert_int_equal(exchange(c, "00200097 04 31323334"), 0x6981);
    assert_int_equal(exchange(c, "00200018 04 31323334"), 0x6A86);
    assert_int_equal(exchange(c, "00200198 04 31323334"), 0x6A86);
    assert_int_equal(exchange(c, "00200098 00"), 0x63C3);      /* readers that turn case 1 into case 2 */
    assert_int_equal(exchange(c, "10200098 02 3132"), 0x6E00); /* no command chaining */
    assert_int_equal(exchange(c, "00200098 04 31323334"), 0x9000);
    select_ef(c, 0x0017);
    assert_int_equal(exchange(c, "802A00800131 00"), 0x9000);
    select_jpki(c); /* same application again: the state is gone */
    select_ef(c, 0x0017);
    assert_int_equal(exchange(c, "802A00800131 00"), 0x6982);
    assert_int_equal(exchange(c, "00200098"), 0x63C3);
}

static void pin_change(void **state) {
    (void)state;
    select_jpki(c);
    select_ef(c, 0x0018);
    assert_int_equal(exchange(c, "00240180 04 35363738"), 0x6982);
    assert_int_equal(exchange(c, "00200080 04 31323334"), 0x9000);
    assert_int_equal(exchange(c, "00240180 03 353637"), 0x6700);
    assert_int_equal(exchange(c, "00240180 04 35363741"), 0x6A80);
    assert_int_equal(exchange(c, "00240080 04 35363738"), 0x6A86);
    assert_int_equal(exchange(c, "00240180 04 35363738"), 0x9000);
    assert_int_equal(exchange(c, "00200080 04 31323334"), 0x63C2);
    patient_card_personality.close(&c);
    c = open_card(&patient_card_personality, &maker); /* the change and the spent try survive */
    select_jpki(c);
    assert_int_equal(exchange(c, "00200098"), 0x63C2);
    assert_int_equal(exchange(c, "00200098 04 35363738"), 0x9000);
    assert_int_equal(exchange(c, "0020009B 06 414243313233"), 0x9000);
    assert_int_equal(exchange(c, "0024019B 06 414243444546"), 0x6A80); /* letters and digits are both due */
    assert_int_equal(exchange(c, "0024019B 06 616263313233"), 0x6A80); /* capitals */
    assert_int_equal(exchange(c, "0024019B 06 414243313233"), 0x9000);
}

/* One signature, checked by OpenSSL against the public key. */
static void check_signature(EVP_PKEY *key, int padding, bool with_digest, bytes input) {
    bytes signature = answer_data();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    assert_int_equal(signature.length, 256);
    assert_int_equal(EVP_PKEY_verify_init(context), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context, padding), 1);
    if (with_digest)
        assert_int_equal(EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()), 1);
    if (padding == RSA_PKCS1_PSS_PADDING)
        assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(context, 32), 1);
    assert_int_equal(EVP_PKEY_verify(context, signature.data, 256, input.data, input.length), 1);
    EVP_PKEY_CTX_free(context);
}

static void signature_forms(void **state) {
    (void)state;
    uint8_t message[300], hash[32], message_hash[32];
    memset(message, 'm', sizeof message);
    SHA256(message, sizeof message, message_hash);
    SHA256(message, 10, hash);
    select_jpki(c);
    assert_int_equal(exchange(c, "00200098 04 31323334"), 0x9000);
    select_ef(c, 0x0017);
    assert_int_equal(exchange_data(c, 0x802A0080, bytes_of(message, 245), 256), 0x9000);
    check_signature(maker.auth, RSA_PKCS1_PADDING, false, bytes_of(message, 245));
    assert_int_equal(exchange_data(c, 0x802A0180, BYTES(message), 256), 0x9000);
    check_signature(maker.auth, RSA_PKCS1_PADDING, false, BYTES(message_hash));
    assert_int_equal(exchange_data(c, 0x802A0280, BYTES(hash), 256), 0x9000);
    check_signature(maker.auth, RSA_PKCS1_PADDING, true, BYTES(hash));
    assert_int_equal(exchange_data(c, 0x802A0380, BYTES(message), 256), 0x9000);
    check_signature(maker.auth, RSA_PKCS1_PADDING, true, BYTES(message_hash));
    assert_int_equal(exchange_data(c, 0x802A0480, BYTES(hash), 256), 0x9000);
    check_signature(maker.auth, RSA_PKCS1_PSS_PADDING, true, BYTES(hash));
    assert_int_equal(exchange_data(c, 0x802A0580, BYTES(message), 256), 0x9000);
    check_signature(maker.auth, RSA_PKCS1_PSS_PADDING, true, BYTES(message_hash));
    assert_int_equal(exchange_data(c, 0x802A0680, BYTES(hash), 256), 0x6A86);
    assert_int_equal(exchange_data(c, 0x802A9E9A, BYTES(hash), 256), 0x6982); /* 9A aims at the signature key */
    select_ef(c, 0x0017);
    assert_int_equal(exchange_data(c, 0x802A0000, BYTES(hash), 256), 0x6A86);
    assert_int_equal(exchange_data(c, 0x802A0080, bytes_of(message, 246), 256), 0x6985);
    assert_int_equal(exchange_data(c, 0x802A0280, bytes_of(hash, 31), 256), 0x6985);
    assert_int_equal(exchange_data(c, 0x802A0080, bytes_of(NULL, 0), 256), 0x6700);
}

static void each_key_has_its_own_pin(void **state) {
    (void)state;
    bytes data = bytes_of("hello", 5);
    select_jpki(c);
    assert_int_equal(exchange_data(c, 0x802A0097, data, 256), 0x6982);
    assert_int_equal(exchange_data(c, 0x802A009A, data, 256), 0x6982);
    assert_int_equal(exchange(c, "0020009B 06 414243313233"), 0x9000);
    assert_int_equal(exchange_data(c, 0x802A0097, data, 256), 0x6982);
    assert_int_equal(exchange_data(c, 0x802A009A, data, 256), 0x9000);
    check_signature(maker.sign, RSA_PKCS1_PADDING, false, data);
    assert_int_equal(exchange(c, "00200098 04 31323334"), 0x9000);
    assert_int_equal(exchange_data(c, 0x802A0097, data, 256), 0x9000);
    check_signature(maker.auth, RSA_PKCS1_PADDING, false, data);
    assert_int_equal(exchange_data(c, 0x802A0098, data, 256), 0x6981);
    assert_int_equal(exchange(c, "00A4040C0AD3921000310001010408"), 0x6A82); /* refused selection changes nothing */
    assert_int_equal(exchange_data(c, 0x802A0097, data, 256), 0x9000);
    patient_card_personality.reset(c);
    assert_int_equal(exchange_data(c, 0x802A0097, data, 256), 0x6D00);
    select_jpki(c);
    assert_int_equal(exchange_data(c, 0x802A0097, data, 256), 0x6982);
    assert_int_equal(exchange_data(c, 0x802A009A, data, 256), 0x6982);
}

/* Readers speaking T=0 leave Le away and fetch the answer. */
static void answers_wait_for_get_response(void **state) {
    (void)state;
    select_jpki(c);
    assert_int_equal(exchange(c, "00200098 04 31323334"), 0x9000);
    assert_int_equal(exchange(c, "802A009701 31"), 0x6100);
    assert_int_equal(answer_data().length, 0);
    assert_int_equal(exchange(c, "00C0000080"), 0x6180);
    assert_int_equal(answer_data().length, 128);
    assert_int_equal(exchange(c, "00C0000080"), 0x9000);
    assert_int_equal(exchange(c, "00C0000080"), 0x6985);
    assert_int_equal(exchange(c, "802A009701 31"), 0x6100);
    assert_int_equal(exchange(c, "00840000 01"), 0x9000); /* any other command drops what waits */
    assert_int_equal(exchange(c, "00C0000080"), 0x6985);
    assert_int_equal(exchange(c, "802A009701 31"), 0x6100);
    assert_int_equal(exchange(c, "00C0000000"), 0x9000);
    check_signature(maker.auth, RSA_PKCS1_PADDING, false, bytes_of("1", 1));
}

static void challenges(void **state) {
    (void)state;
    uint8_t first[16];
    select_jpki(c);
    assert_int_equal(exchange(c, "0084000010"), 0x9000);
    assert_int_equal(answer_data().length, 16);
    memcpy(first, answer_data().data, 16);
    assert_int_equal(exchange(c, "0084000010"), 0x9000);
    assert_memory_not_equal(answer_data().data, first, 16);
    assert_int_equal(exchange(c, "0084000001"), 0x9000);
    assert_int_equal(answer_data().length, 1);
    assert_int_equal(exchange(c, "0084000000"), 0x9000);
    assert_int_equal(answer_data().length, 256);
    assert_int_equal(exchange(c, "00840000000010"), 0x6985);
    assert_int_equal(exchange(c, "00840000"), 0x6700);
    assert_int_equal(exchange(c, "0084010010"), 0x6A86);
}

static void classes_and_instructions(void **state) {
    (void)state;
    select_jpki(c);
    assert_int_equal(exchange(c, "01A4040C0AD392F000260100000001"), 0x6881);
    assert_int_equal(exchange(c, "03B0000000"), 0x6881);
    assert_int_equal(exchange(c, "40B0000000"), 0x6881);
    assert_int_equal(exchange(c, "812A009701 31"), 0x6881);
    assert_int_equal(exchange(c, "0CB0000000"), 0x69FC);
    assert_int_equal(exchange(c, "08200098 04 31323334"), 0x69FC);
    assert_int_equal(exchange(c, "0824019804 31323334"), 0x6882);
    assert_int_equal(exchange(c, "08A4040C0AD392F000260100000001"), 0x6882);
    assert_int_equal(exchange(c, "A0A40000023F00"), 0x6E00);
    assert_int_equal(exchange(c, "B0B0000000"), 0x6E00);
    assert_int_equal(exchange(c, "FFCA000000"), 0x6E00);
    assert_int_equal(exchange(c, "80B0000000"), 0x6E00);
    assert_int_equal(exchange(c, "00CA006600"), 0x6D00);
    assert_int_equal(exchange(c, "0088000001 31 00"), 0x6986);
    assert_int_equal(exchange(c, "002A9E9A 01 31 00"), 0x6A86);
    assert_int_equal(exchange(c, "00A20000"), 0x6A86);
    assert_int_equal(exchange(c, "00AE0000"), 0x6A86);
    assert_int_equal(exchange(c, "00A4"), 0x6700);
    assert_int_equal(exchange(c, ""), 0x6700);
    assert_int_equal(exchange(c, "00A4040C0AD392F0"), 0x6700);
}

/* The same application in a phone: the authentication certificate opens by its PIN only. */
static void phone(void **state) {
    uint8_t token[160];
    (void)state;
    memset(token, ' ', sizeof token);
    memcpy(token, "JPKIAPGPSETOKEN", 15);
    memcpy(token + 80, MAKER_CARD_ID, 16);
    card_image_put(&maker, "ef/0006", token, sizeof token);
    card *other = open_card(&patient_card_personality, &maker);
    const script_row rows[] = {
        {"00A4040C0AD392F000260100000001", 0x9000, ""},
        {"00B08A0000", 0x6982, NULL},
        {"00B08B0004", 0x9000, "3082..."},
        {"0020009B 06 414243313233", 0x9000, NULL},
        {"00B08A0000", 0x6982, NULL},
        {"00200098 04 31323334", 0x9000, NULL},
        {"00B08A0004", 0x9000, "3082..."},
    };
    RUN_SCRIPT(other, rows);
    patient_card_personality.close(&other);
    memcpy(token, "JPKIAPICCTOKEN2", 15);
    card_image_put(&maker, "ef/0006", token, sizeof token);
}

static void operator_card(void **state) {
    (void)state;
    card *reception = open_card(&operator_card_personality, &operator_maker);
    select_jpki(reception);
    assert_int_equal(exchange(reception, "00B0860020"), 0x9000);
    assert_memory_equal(answer_data().data, "UKETSUKEOPTOKEN                 ", 32);
    assert_int_equal(exchange(reception, "00200098 04 31323334"), 0x9000);
    assert_int_equal(exchange_data(reception, 0x802A0097, bytes_of("hello", 5), 256), 0x9000);
    check_signature(operator_maker.auth, RSA_PKCS1_PADDING, false, bytes_of("hello", 5));
    operator_card_personality.close(&reception);
}

#define CARD_TEST(name) cmocka_unit_test_setup_teardown(name, power_up, power_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        CARD_TEST(applications),
        CARD_TEST(there_is_no_master_file),
        CARD_TEST(elementary_files),
        CARD_TEST(files_of_unknown_meaning),
        CARD_TEST(reading),
        CARD_TEST(what_may_be_read),
        CARD_TEST(pin_tries),
        CARD_TEST(verify_forms),
        CARD_TEST(pin_change),
        CARD_TEST(signature_forms),
        CARD_TEST(each_key_has_its_own_pin),
        CARD_TEST(answers_wait_for_get_response),
        CARD_TEST(challenges),
        CARD_TEST(classes_and_instructions),
        cmocka_unit_test(phone),
        cmocka_unit_test(operator_card),
    };
    return cmocka_run_group_tests(tests, make_images, remove_images);
}
