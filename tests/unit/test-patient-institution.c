/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Institution authentication at the emulated patient card: both import profiles, and everything that must be refused
 * (docs/interfaces/institution-authentication.md). */
#include "card-image-maker.h"

#include "iso7816/apdu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/rsa.h>

#define BODY_PART 307

static card_image_maker maker, operator_maker;
static EVP_PKEY *stranger;
static card *c;

static int make_images(void **state) {
    (void)state;
    card_image_make(&maker, "patient");
    card_image_make(&operator_maker, "operator");
    stranger = EVP_RSA_gen(2048);
    return stranger == NULL;
}

static int remove_images(void **state) {
    (void)state;
    card_image_remove(&maker);
    card_image_remove(&operator_maker);
    EVP_PKEY_free(stranger);
    return 0;
}

static int power_up(void **state) {
    (void)state;
    const char *problem;
    if (patient_card_personality.open(maker.folder, &c, &problem) != RESULT_OK)
        return -1;
    select_jpki(c);
    return 0;
}

static int power_down(void **state) {
    (void)state;
    patient_card_personality.close(&c);
    return 0;
}

static status_word import_body(const uint8_t *certificate) {
    return exchange_data(c, 0x80A206C1, bytes_of(certificate, BODY_PART), 0);
}

static status_word import_signature(const uint8_t *certificate) {
    return exchange_data(c, 0x80A200C1, bytes_of(certificate + BODY_PART, CVC_LENGTH - BODY_PART), 0);
}

/* Observed profile; the file 0016 is current. */
static status_word import_observed(const uint8_t *certificate) {
    status_word sw = import_body(certificate);
    return sw == 0x9000 ? import_signature(certificate) : sw;
}

static status_word choose(uint32_t header, const char *reference) {
    uint8_t data[18] = {0x83, 0x10};
    memcpy(data + 2, reference, 16);
    return exchange_data(c, header, BYTES(data), 0);
}

/* ISO profile. */
static status_word import_iso(const uint8_t *certificate, const char *authority) {
    status_word sw = choose(0x002281B6, authority);
    return sw == 0x9000 ? exchange_data(c, 0x002A00BE, bytes_of(certificate + 5, 563), 0) : sw;
}

static void import_chain(void) {
    select_ef(c, 0x0016);
    assert_int_equal(import_observed(maker.intermediate_cvc), 0x9000);
    assert_int_equal(import_observed(maker.holder_cvc), 0x9000);
}

static void get_challenge(uint8_t challenge[16]) {
    assert_int_equal(exchange(c, "0084000010"), 0x9000);
    memcpy(challenge, answer_data().data, 16);
}

static status_word answer_challenge(EVP_PKEY *key, const char *card_id, const char *holder,
                                    const uint8_t challenge[16]) {
    uint8_t message[INSTITUTION_MESSAGE_LENGTH], signature[256];
    institution_message((const uint8_t *)card_id, (const uint8_t *)holder, challenge, message);
    make_signature(key, BYTES(message), signature);
    return exchange_data(c, 0x00820000, BYTES(signature), 0);
}

static void authenticate(void) {
    uint8_t challenge[16];
    get_challenge(challenge);
    assert_int_equal(answer_challenge(maker.holder, MAKER_CARD_ID, MAKER_HOLDER_REFERENCE, challenge), 0x9000);
}

static status_word sign_with(uint8_t reference) {
    return exchange_data(c, 0x802A0000u | reference, bytes_of("patient", 7), 256);
}

static void check_patient_signature(void) {
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(maker.auth, NULL);
    assert_int_equal(EVP_PKEY_verify_init(context), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING), 1);
    assert_int_equal(answer_data().length, 256);
    assert_int_equal(EVP_PKEY_verify(context, answer_data().data, 256, (const uint8_t *)"patient", 7), 1);
    EVP_PKEY_CTX_free(context);
}

static void observed_profile(void **state) {
    (void)state;
    import_chain();
    assert_int_equal(sign_with(0x97), 0x6982); /* a chain alone opens nothing */
    authenticate();
    assert_int_equal(sign_with(0x97), 0x9000);
    check_patient_signature();
    assert_int_equal(sign_with(0x97), 0x9000); /* until the state ends */
}

static void iso_profile(void **state) {
    (void)state;
    assert_int_equal(import_iso(maker.intermediate_cvc, MAKER_ROOT_REFERENCE), 0x9000);
    assert_int_equal(import_iso(maker.holder_cvc, MAKER_INTERMEDIATE_REFERENCE), 0x9000);
    assert_int_equal(choose(0x002281A4, MAKER_INTERMEDIATE_REFERENCE), 0x6A88);
    assert_int_equal(choose(0x002281A4, MAKER_HOLDER_REFERENCE), 0x9000);
    authenticate();
    select_ef(c, 0x0017);
    assert_int_equal(sign_with(0x80), 0x9000);
    check_patient_signature();
}

/* Short APDUs only: what does not fit 255 bytes goes in parts with CLA bit 10. */
static status_word chained(uint32_t header, bytes data) {
    for (; data.length > 255; data = bytes_slice(data, 255, data.length)) {
        status_word sw = exchange_data(c, header | (uint32_t)APDU_CLA_CHAINED << 24, bytes_slice(data, 0, 255), 0);
        if (sw != 0x9000)
            return sw;
    }
    return exchange_data(c, header, data, 0);
}

static void command_chaining(void **state) {
    (void)state;
    uint8_t challenge[16], message[INSTITUTION_MESSAGE_LENGTH], signature[256];
    power_down(NULL);
    card_image_put(&maker, "switches", "chaining on\n", 12);
    assert_int_equal(power_up(NULL), 0);
    select_ef(c, 0x0016);
    assert_int_equal(chained(0x80A206C1, bytes_of(maker.intermediate_cvc, BODY_PART)), 0x9000);
    assert_int_equal(chained(0x80A200C1, bytes_of(maker.intermediate_cvc + BODY_PART, 261)), 0x9000);
    assert_int_equal(choose(0x002281B6, MAKER_INTERMEDIATE_REFERENCE), 0x9000);
    assert_int_equal(chained(0x002A00BE, bytes_of(maker.holder_cvc + 5, 563)), 0x9000);
    get_challenge(challenge);
    institution_message((const uint8_t *)MAKER_CARD_ID, (const uint8_t *)MAKER_HOLDER_REFERENCE, challenge, message);
    make_signature(maker.holder, BYTES(message), signature);
    assert_int_equal(chained(0x00820000, BYTES(signature)), 0x9000);
    assert_int_equal(sign_with(0x97), 0x9000);
    check_patient_signature();
    card_image_put(&maker, "switches", NULL, 0);
}

static void forged_certificates(void **state) {
    (void)state;
    uint8_t forged[CVC_LENGTH];
    select_ef(c, 0x0016);
    make_cvc(stranger, MAKER_ROOT_REFERENCE, MAKER_INTERMEDIATE_REFERENCE, stranger, forged);
    assert_int_equal(import_observed(forged), 0x6982);
    assert_int_equal(import_iso(forged, MAKER_ROOT_REFERENCE), 0x6982);
    for (size_t at = 20; at < CVC_LENGTH; at += 61) { /* any changed byte */
        memcpy(forged, maker.intermediate_cvc, CVC_LENGTH);
        forged[at] ^= 0x04;
        assert_int_not_equal(import_observed(forged), 0x9000);
    }
    /* A refused certificate takes the one held before: the holder's no longer finds its issuer. */
    assert_int_equal(import_observed(maker.intermediate_cvc), 0x9000);
    memcpy(forged, maker.holder_cvc, CVC_LENGTH);
    forged[CVC_LENGTH - 1] ^= 1;
    assert_int_equal(import_observed(forged), 0x6982);
    assert_int_equal(import_observed(maker.holder_cvc), 0x6A88);
}

static void malformed_certificates(void **state) {
    (void)state;
    uint8_t bad[CVC_LENGTH];
    select_ef(c, 0x0016);
    static const struct {
        size_t at;
        uint8_t value;
    } rows[] = {{0, 0x7E},  {4, 0x34},  {5, 0x5E},  {9, 0x28},  {42, 0x91},
                {43, 0x02}, {44, 0x00}, {46, 0x00}, {50, 0x01}, {306, 0x00}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        memcpy(bad, maker.intermediate_cvc, CVC_LENGTH);
        bad[rows[i].at] = rows[i].value;
        if (import_body(bad) != 0x6A80)
            fail_msg("row %zu is accepted", i);
    }
    assert_int_equal(import_body(maker.intermediate_cvc), 0x9000);
    memcpy(bad, maker.intermediate_cvc, CVC_LENGTH);
    bad[BODY_PART + 1] = 0x38;
    assert_int_equal(import_signature(bad), 0x6A80);
    assert_int_equal(exchange_data(c, 0x80A206C1, bytes_of(maker.intermediate_cvc, 306), 0), 0x6700);
    assert_int_equal(exchange_data(c, 0x80A206C1, BYTES(maker.intermediate_cvc), 0), 0x6700);
    assert_int_equal(import_body(maker.intermediate_cvc), 0x9000);
    assert_int_equal(exchange_data(c, 0x80A200C1, bytes_of(maker.intermediate_cvc + BODY_PART, 260), 0), 0x6700);
    assert_int_equal(choose(0x002281B6, MAKER_ROOT_REFERENCE), 0x9000);
    assert_int_equal(exchange_data(c, 0x002A00BE, bytes_of(maker.intermediate_cvc + 5, 562), 0), 0x6700);
    assert_int_equal(exchange(c, "002281B6 03 830100"), 0x6700);
    assert_int_equal(exchange(c, "002281B6 12 8410 00000000000000000000000000000000"), 0x6A80);
    for (uint16_t p1p2 = 0x00AE; p1p2 != 0; p1p2 = p1p2 == 0x00AE ? 0x06C2 : p1p2 == 0x06C2 ? 0x01C1 : 0)
        assert_int_equal(exchange_data(c, 0x80A20000u | p1p2, bytes_of(maker.intermediate_cvc, 307), 0), 0x6A86);
    assert_int_equal(exchange(c, "002241B6 12 8310 00000000000000000000000000000000"), 0x6A86);
    assert_int_equal(exchange_data(c, 0x002A00AE, BYTES(maker.intermediate_cvc), 0), 0x6A86);
}

static void wrong_order(void **state) {
    (void)state;
    uint8_t challenge[16] = {0};
    assert_int_equal(import_body(maker.intermediate_cvc), 0x6986);
    select_ef(c, 0x0017);
    assert_int_equal(import_body(maker.intermediate_cvc), 0x6981);
    select_ef(c, 0x0016);
    assert_int_equal(import_signature(maker.intermediate_cvc), 0x6985);
    assert_int_equal(import_observed(maker.holder_cvc), 0x6A88);
    assert_int_equal(import_iso(maker.holder_cvc, MAKER_INTERMEDIATE_REFERENCE), 0x6A88);
    assert_int_equal(exchange_data(c, 0x002A00BE, bytes_of(maker.intermediate_cvc + 5, 563), 0), 0x6985);
    assert_int_equal(choose(0x002281B6, MAKER_ROOT_REFERENCE), 0x9000);
    assert_int_equal(exchange_data(c, 0x002A00BE, bytes_of(maker.holder_cvc + 5, 563), 0), 0x6A88); /* another CAR */
    assert_int_equal(import_observed(maker.intermediate_cvc), 0x9000);
    assert_int_equal(choose(0x002281B6, MAKER_ROOT_REFERENCE), 0x9000);
    assert_int_equal(exchange_data(c, 0x002A00BE, bytes_of(maker.holder_cvc + 5, 563), 0), 0x6A88); /* known, unnamed */
    get_challenge(challenge);
    assert_int_equal(answer_challenge(maker.holder, MAKER_CARD_ID, MAKER_HOLDER_REFERENCE, challenge), 0x6985);
    /* An intermediate's key signs certificates; it does not authenticate. */
    assert_int_equal(import_observed(maker.intermediate_cvc), 0x9000);
    get_challenge(challenge);
    assert_int_equal(answer_challenge(maker.intermediate, MAKER_CARD_ID, MAKER_INTERMEDIATE_REFERENCE, challenge),
                     0x6985);
    assert_int_equal(import_observed(maker.holder_cvc), 0x9000);
    assert_int_equal(answer_challenge(maker.holder, MAKER_CARD_ID, MAKER_HOLDER_REFERENCE, challenge), 0x6985);
    authenticate();
}

/* A hospital's key must not make further institutions: the chain is two certificates long. */
static void holders_do_not_certify(void **state) {
    (void)state;
    uint8_t third[CVC_LENGTH];
    make_cvc(maker.holder, MAKER_HOLDER_REFERENCE,
             "9299775\x08\x05"
             "001\0\0\0\4",
             stranger, third);
    import_chain();
    assert_int_equal(import_observed(third), 0x6A88);
    import_chain();
    assert_int_equal(import_iso(third, MAKER_HOLDER_REFERENCE), 0x6A88);
}

static void wrong_signatures(void **state) {
    (void)state;
    static const char *const other_card = "TEST-CARD-000002";
    uint8_t challenge[16], other[16], raw[256] = {0};
    import_chain();
    get_challenge(challenge);
    assert_int_equal(answer_challenge(stranger, MAKER_CARD_ID, MAKER_HOLDER_REFERENCE, challenge), 0x6300);
    get_challenge(challenge);
    assert_int_equal(answer_challenge(maker.holder, other_card, MAKER_HOLDER_REFERENCE, challenge), 0x6300);
    get_challenge(challenge);
    assert_int_equal(answer_challenge(maker.holder, MAKER_CARD_ID, MAKER_INTERMEDIATE_REFERENCE, challenge), 0x6300);
    get_challenge(challenge);
    memcpy(other, challenge, 16);
    other[15] ^= 1;
    assert_int_equal(answer_challenge(maker.holder, MAKER_CARD_ID, MAKER_HOLDER_REFERENCE, other), 0x6300);
    get_challenge(challenge);
    make_signature(maker.holder, BYTES(challenge), raw); /* the bare challenge: an attacker's bytes in another role */
    assert_int_equal(exchange_data(c, 0x00820000, BYTES(raw), 0), 0x6300);
    get_challenge(challenge);
    assert_int_equal(exchange_data(c, 0x00820000, bytes_of(raw, 255), 0), 0x6700);
    assert_int_equal(exchange_data(c, 0x00820001, BYTES(raw), 0), 0x6A86);
    assert_int_equal(sign_with(0x97), 0x6982);
    authenticate();
    assert_int_equal(sign_with(0x97), 0x9000);
    get_challenge(challenge);
    assert_int_equal(answer_challenge(stranger, MAKER_CARD_ID, MAKER_HOLDER_REFERENCE, challenge), 0x6300);
    assert_int_equal(sign_with(0x97), 0x6982); /* like a wrong PIN, a wrong signature ends the state, */
    authenticate();
    assert_int_equal(exchange_data(c, 0x00820000, BYTES(raw), 0), 0x6985); /* and so does one to no challenge, */
    assert_int_equal(sign_with(0x97), 0x6982);
    authenticate();
    assert_int_equal(exchange_data(c, 0x00820000, bytes_of(raw, 255), 0), 0x6700); /* or what can be none */
    assert_int_equal(sign_with(0x97), 0x6982);
}

static void challenge_serves_once(void **state) {
    (void)state;
    uint8_t first[16], second[16];
    import_chain();
    get_challenge(first);
    assert_int_equal(answer_challenge(maker.holder, MAKER_CARD_ID, MAKER_HOLDER_REFERENCE, first), 0x9000);
    assert_int_equal(answer_challenge(maker.holder, MAKER_CARD_ID, MAKER_HOLDER_REFERENCE, first), 0x6985);
    get_challenge(first);
    get_challenge(second);
    assert_int_equal(answer_challenge(maker.holder, MAKER_CARD_ID, MAKER_HOLDER_REFERENCE, first), 0x6300);
    assert_int_equal(answer_challenge(maker.holder, MAKER_CARD_ID, MAKER_HOLDER_REFERENCE, second), 0x6985);
    get_challenge(first);
    assert_int_equal(exchange(c, "0084000008"), 0x9000); /* another length ends it */
    assert_int_equal(answer_challenge(maker.holder, MAKER_CARD_ID, MAKER_HOLDER_REFERENCE, first), 0x6985);
}

static void state_ends(void **state) {
    (void)state;
    uint8_t challenge[16];
    import_chain();
    authenticate();
    assert_int_equal(exchange(c, "00A4040C0AD3921000310001010408"), 0x6A82); /* nothing is selected by that */
    assert_int_equal(sign_with(0x97), 0x9000);
    get_challenge(challenge);
    select_jpki(c);
    assert_int_equal(sign_with(0x97), 0x6982);
    assert_int_equal(answer_challenge(maker.holder, MAKER_CARD_ID, MAKER_HOLDER_REFERENCE, challenge), 0x6985);
    get_challenge(challenge);
    assert_int_equal(answer_challenge(maker.holder, MAKER_CARD_ID, MAKER_HOLDER_REFERENCE, challenge), 0x6985);
    select_ef(c, 0x0016);
    assert_int_equal(import_observed(maker.intermediate_cvc), 0x9000);
    select_jpki(c);
    select_ef(c, 0x0016);
    assert_int_equal(import_observed(maker.holder_cvc), 0x6A88); /* the intermediate is gone too */
    assert_int_equal(import_body(maker.intermediate_cvc), 0x9000);
    select_jpki(c);
    select_ef(c, 0x0016);
    assert_int_equal(import_signature(maker.intermediate_cvc), 0x6985); /* and so is a part one */
    assert_int_equal(choose(0x002281B6, MAKER_ROOT_REFERENCE), 0x9000);
    select_jpki(c);
    assert_int_equal(exchange_data(c, 0x002A00BE, bytes_of(maker.intermediate_cvc + 5, 563), 0), 0x6985);
    import_chain();
    authenticate();
    patient_card_personality.reset(c);
    select_jpki(c);
    assert_int_equal(sign_with(0x97), 0x6982);
    assert_int_equal(exchange(c, "00200098"), 0x63C3); /* no try was spent by any of this */
}

static void signature_key_stays_shut(void **state) {
    (void)state;
    import_chain();
    authenticate();
    assert_int_equal(sign_with(0x9A), 0x6982);
    select_ef(c, 0x0001);
    assert_int_equal(exchange(c, "00B0000000"), 0x6982);
    select_ef(c, 0x0018);
    assert_int_equal(exchange(c, "00240180 04 35363738"), 0x6982); /* nor may the institution change PINs */
}

static void operator_card_has_no_anchor(void **state) {
    (void)state;
    const char *problem;
    uint8_t challenge[16];
    patient_card_personality.close(&c);
    assert_int_equal(operator_card_personality.open(operator_maker.folder, &c, &problem), RESULT_OK);
    select_jpki(c);
    select_ef(c, 0x0016);
    assert_int_equal(import_body(operator_maker.intermediate_cvc), 0x6A88);
    assert_int_equal(import_signature(operator_maker.intermediate_cvc), 0x6A88);
    assert_int_equal(import_iso(operator_maker.intermediate_cvc, MAKER_ROOT_REFERENCE), 0x6A88);
    assert_int_equal(choose(0x002281A4, MAKER_HOLDER_REFERENCE), 0x6A88);
    get_challenge(challenge);
    assert_int_equal(answer_challenge(operator_maker.holder, MAKER_CARD_ID, MAKER_HOLDER_REFERENCE, challenge), 0x6A88);
}

#define CARD_TEST(name) cmocka_unit_test_setup_teardown(name, power_up, power_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        CARD_TEST(observed_profile),         CARD_TEST(iso_profile),
        CARD_TEST(command_chaining),         CARD_TEST(forged_certificates),
        CARD_TEST(malformed_certificates),   CARD_TEST(wrong_order),
        CARD_TEST(holders_do_not_certify),   CARD_TEST(wrong_signatures),
        CARD_TEST(challenge_serves_once),    CARD_TEST(state_ends),
        CARD_TEST(signature_key_stays_shut), CARD_TEST(operator_card_has_no_anchor),
    };
    return cmocka_run_group_tests(tests, make_images, remove_images);
}
