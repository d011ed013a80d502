/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Secure messaging of the card-data input support: a terminal's side of its own, written from what is measured on real
 * cards, against the emulated one (docs/interfaces/patient-card.md). */
#include "patient-card-fixture.h"

#include "iso7816/tlv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/rsa.h>

#define PIN "00200091 04 35363738"

static uint64_t counter;
static uint8_t seed[32];

static void encrypt_oaep(bytes plain, uint8_t out[256]) {
    size_t length = 256;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(maker.holder, NULL);
    assert_int_equal(EVP_PKEY_encrypt_init(context), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()), 1);
    assert_int_equal(EVP_PKEY_encrypt(context, out, &length, plain.data, plain.length), 1);
    EVP_PKEY_CTX_free(context);
}

static status_word send_seed(const char *head, size_t head_length) {
    uint8_t plain[64], data[256];
    memcpy(plain, head, head_length);
    memset(seed, 0x5A, sizeof seed);
    seed[31] = 0x13;
    memcpy(plain + head_length, seed, sizeof seed);
    encrypt_oaep(bytes_of(plain, head_length + sizeof seed), data);
    counter = 0;
    return exchange_data(c, 0x80AE0000, BYTES(data), 0);
}

static void begin_session(void) {
    assert_int_equal(exchange(c, SELECT_INPUT_SUPPORT), 0x9000);
    assert_int_equal(exchange(c, PIN), 0x9000);
    assert_int_equal(send_seed("\xA0\x22\x80\x20", 4), 0x9000);
}

static void run_aes(const EVP_CIPHER *cipher, const uint8_t *key, const uint8_t *iv, int encrypt, bytes in,
                    uint8_t *out) {
    int length;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    assert_int_equal(EVP_CipherInit_ex(context, cipher, NULL, key, iv, encrypt), 1);
    EVP_CIPHER_CTX_set_padding(context, 0);
    assert_int_equal(EVP_CipherUpdate(context, out, &length, in.data, (int)in.length), 1);
    assert_int_equal(length, in.length);
    EVP_CIPHER_CTX_free(context);
}

/* AES-CBC under the first half of the seed; the IV is this command's counter under the same key. */
static void run_cbc(int encrypt, bytes in, uint8_t *out) {
    uint8_t block[16] = {0}, iv[16];
    block[15] = (uint8_t)counter;
    run_aes(EVP_aes_128_ecb(), seed, NULL, 1, BYTES(block), iv);
    run_aes(EVP_aes_128_cbc(), seed, iv, encrypt, in, out);
}

/* A command with ciphered data, at most 15 bytes: 86 11 01 and one block. */
static status_word send_data(uint32_t header, const void *data, size_t length) {
    uint8_t padded[16] = {0}, object[19] = {0x86, 0x11, 0x01};
    counter++;
    memcpy(padded, data, length);
    padded[length] = 0x80;
    run_cbc(1, BYTES(padded), object + 3);
    return exchange_data(c, header, BYTES(object), 65536);
}

/* READ BINARY of length bytes, 0: all that there is. */
static status_word read_secured(uint32_t header, uint16_t length) {
    const uint8_t object[] = {0x96, 0x03, 0x00, (uint8_t)(length >> 8), (uint8_t)length};
    counter++;
    return exchange_data(c, header, BYTES(object), 65536);
}

/* The answer's data, deciphered: 86, indicator 01, whole blocks, padding. */
static size_t open_answer(uint8_t *plain) {
    bytes value, rest = answer_data();
    tlv object;
    assert_int_equal(tlv_next(&rest, &object), RESULT_OK);
    assert_int_equal(rest.length, 0);
    assert_int_equal(object.tag, 0x86);
    assert_int_equal(object.value.data[0], 0x01);
    value = bytes_slice(object.value, 1, object.value.length);
    assert_int_equal(value.length % 16, 0);
    run_cbc(0, value, plain);
    size_t length = value.length;
    while (length > 0 && plain[length - 1] == 0)
        length--;
    assert_int_equal(plain[length - 1], 0x80);
    return length - 1;
}

static void files_are_read_ciphered(void **state) {
    (void)state;
    static const uint8_t number[] = "\xFF\x10\x0C" MAKER_NUMBER "\xFF\xFF";
    uint8_t plain[1024], before[32];
    begin_session();
    assert_int_equal(read_secured(0x08B08100, 0), 0x9000); /* filler, too */
    assert_int_equal(open_answer(plain), 17);
    assert_memory_equal(plain, number, 17);
    for (size_t i = 0; i < 3; i++) { /* the counter goes on: never the same cryptogram */
        assert_int_equal(read_secured(0x08B08100, 16), 0x9000);
        if (i > 0)
            assert_memory_not_equal(answer_data().data + 3, before, 32);
        memcpy(before, answer_data().data + 3, 32);
        assert_int_equal(open_answer(plain), 16); /* whole blocks get one more */
    }
    assert_int_equal(read_secured(0x08B08200, 0x200), 0x9000); /* 512 bytes at once */
    assert_int_equal(open_answer(plain), 512);
    assert_memory_equal(plain, "\xFF\x20\x05items\xFF", 9);
    static uint8_t whole[65536]; /* 0 stands for 65,536, not for 256 as in a short command */
    assert_int_equal(read_secured(0x08B08200, 0), 0x9000);
    assert_true(open_answer(whole) >= 512);
    assert_memory_equal(whole, plain, 512);
    assert_int_equal(exchange(c, "00B0850000"), 0x9000); /* what comes plain is answered plain, and is not counted */
    assert_int_equal(answer_data().data[0], 0xFF);
    assert_int_equal(read_secured(0x08B08100, 0), 0x9000);
    assert_int_equal(open_answer(plain), 17);
}

/* SELECT EF, and READ BINARY of the current EF: two commands, two steps of the counter. */
static void files_are_selected_ciphered(void **state) {
    (void)state;
    uint8_t plain[64];
    begin_session();
    assert_int_equal(send_data(0x08A4020C, "\x00\x01", 2), 0x9000);
    assert_int_equal(answer_data().length, 0);
    assert_int_equal(read_secured(0x08B00003, 12), 0x9000);
    assert_int_equal(open_answer(plain), 12);
    assert_memory_equal(plain, MAKER_NUMBER, 12);
    assert_int_equal(send_data(0x08A4020C, "\x00\x09", 2), 0x6A82); /* refused, and counted */
    assert_int_equal(read_secured(0x08B00000, 0), 0x9000);
    assert_int_equal(open_answer(plain), 17);
}

static void pins_are_sent_ciphered(void **state) {
    (void)state;
    uint8_t plain[64];
    begin_session();
    assert_int_equal(send_data(0x08200091, "0000", 4), 0x63C2);
    assert_int_equal(send_data(0x08200091, MAKER_INPUT_PIN, 4), 0x9000);
    assert_int_equal(answer_data().length, 0);
    assert_int_equal(send_data(0x08200092, "0000", 4), 0x6984);        /* blocked: refused, and counted */
    assert_int_equal(send_data(0x08200094, MAKER_NUMBER, 12), 0x9000); /* 照合番号A, which so is never in clear */
    assert_int_equal(read_secured(0x08B08100, 0), 0x9000);
    assert_int_equal(open_answer(plain), 17);
    assert_int_equal(send_data(0x08240191, "1111", 4), 0x9000);
    assert_int_equal(exchange(c, "00200091 04 31313131"), 0x9000);
}

/* 照合番号A and B read the public key, and may not use it. */
static void only_the_pin_lets_a_session_begin(void **state) {
    (void)state;
    static const char *const others[] = {NULL, "00200094 0C 313233343536373839303132",
                                         "00200095 0E 3535303231373230333532323835"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_int_equal(exchange(c, SELECT_INPUT_SUPPORT), 0x9000);
        if (others[i] != NULL)
            assert_int_equal(exchange(c, others[i]), 0x9000);
        assert_int_equal(exchange(c, "00B0860000"), others[i] != NULL ? 0x9000 : 0x6982);
        assert_int_equal(send_seed("\xA0\x22\x80\x20", 4), 0x6982);
    }
}

static void how_a_session_begins(void **state) {
    (void)state;
    uint8_t other[256], above[256];
    memset(other, 0x11, sizeof other);
    memset(above, 0xFF, sizeof above);
    assert_int_equal(exchange(c, SELECT_INPUT_SUPPORT), 0x9000);
    assert_int_equal(exchange_data(c, 0x80AE0000, BYTES(above), 0), 0x6982); /* the right before the data */
    assert_int_equal(exchange(c, PIN), 0x9000);
    assert_int_equal(exchange_data(c, 0x80AE0000, bytes_of(other, 255), 0), 0x6700);
    assert_int_equal(exchange_data(c, 0x80AE0000, BYTES(other), 0), 0x6A80);
    assert_int_equal(exchange_data(c, 0x80AE0000, BYTES(above), 0), 0x6F00); /* not below the modulus */
    assert_int_equal(exchange_data(c, 0x80AE0001, BYTES(other), 0), 0x6A86);
    assert_int_equal(send_seed("\xA0\x22\x81\x20", 4), 0x6A80);
    assert_int_equal(read_secured(0x08B08100, 0), 0x69FC);
    assert_int_equal(send_seed("\xA0\x22\x80\x20", 4), 0x9000);
    assert_int_equal(read_secured(0x08B08100, 0), 0x9000);
    assert_int_equal(exchange_data(c, 0x80AE0000, BYTES(other), 0), 0x6A80); /* ends the session before it */
    assert_int_equal(read_secured(0x08B08100, 0), 0x69FC);
}

/* Which object is due follows from the command; whatever else is inside breaks the session: from then on everything
 * secured is 69FC. */
static void how_a_session_breaks(void **state) {
    (void)state;
    static const struct {
        const char *command;
        status_word sw;
    } rows[] = {
        {"08B08100 00", 0x6987},
        {"08200091 00", 0x6987},
        {"0CB08100 05 9603000000 00", 0x6987}, /* a checksum over the header is due, and no key is there for it */
        {"0C200091 00", 0x6987},
        {"08B08100 03 970100 00", 0x6988},
        {"08B08100 03 960100 00", 0x6988}, /* three bytes, no other number */
        {"08B08100 04 96020010 00", 0x6988},
        {"08B08100 05 9603010000 00", 0x6988},
        {"08B08100 0A 9603000000 9603000000 00", 0x6988}, /* one object */
        {"08B08100 13 8611 01 00000000000000000000000000000000", 0x6988},
        {"08200091 05 9603000000", 0x6988}, /* the other command's object */
        {"08200091 13 8611 02 00000000000000000000000000000000", 0x6988},
        {"08200091 12 8610 01 000000000000000000000000000000", 0x6988},
        {"08200091 03 860101", 0x6988},
        {"08200091 13 8611 01 00000000000000000000000000000000", 0x6988}, /* deciphers to no padding */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin_session();
        status_word sw = exchange(c, rows[i].command);
        if (sw != rows[i].sw)
            fail_msg("%s: %04X instead of %04X", rows[i].command, sw, rows[i].sw);
        assert_int_equal(exchange(c, "08B08100 05 9603000000 00"), 0x69FC);
        assert_int_equal(exchange(c, "08A4020C 05 9603000000 00"), 0x69FC);
        assert_int_equal(exchange(c, "08840000 05 9603000010 00"), 0x69FC);
        assert_int_equal(exchange(c, "0CB08100 05 9603000000 00"), 0x69FC);
        assert_int_equal(exchange(c, "00200091"), 0x63C3);
    }
    begin_session(); /* a new one is a new one */
    assert_int_equal(read_secured(0x08B08100, 0), 0x9000);
    counter++; /* a step too far: deciphers to no padding */
    assert_int_equal(send_data(0x08200091, MAKER_INPUT_PIN, 4), 0x6988);
    assert_int_equal(read_secured(0x08B08100, 0), 0x69FC);
}

/* ISO/IEC 7816-4 10.4: 80 and as many zeros as fill the block, never a block of zeros. */
static void padding_fills_one_block(void **state) {
    static const uint8_t filled[32] = {'1', '2', '3', '4', '5', '6', '7', '8', '9', '0', '1', '2', '3', '4', '5', 0x80};
    uint8_t object[35] = {0x86, 0x21, 0x01};
    (void)state;
    begin_session();
    counter++;
    run_cbc(1, BYTES(filled), object + 3);
    assert_int_equal(exchange_data(c, 0x08200091, BYTES(object), 65536), 0x6988);
}

static void how_a_session_ends(void **state) {
    (void)state;
    begin_session();
    assert_int_equal(exchange(c, SELECT_CARD_FACE), 0x9000);
    assert_int_equal(exchange(c, "08B08300 05 9603000000 00"), 0x69FC);
    assert_int_equal(exchange(c, "08A4020C 05 9603000000 00"), 0x6882); /* no session was here to break */
    begin_session();
    patient_card_personality.reset(c);
    assert_int_equal(exchange(c, SELECT_INPUT_SUPPORT), 0x9000);
    assert_int_equal(exchange(c, "08B08500 05 9603000000 00"), 0x69FC);
    assert_int_equal(exchange(c, "0CB08500 05 9603000000 00"), 0x69FC);
}

/* 4,000 bodies from a fixed seed inside sessions: some are read, most end the session, none does more. */
static void hostile_objects(void **state) {
    uint32_t random_state = 20261123;
    unsigned sessions = 0, answered = 0;
    (void)state;
    for (unsigned i = 0; i < 4000; i++) {
        uint8_t raw[5 + 24] = {0x08, 0xB0, 0x85, 0x00, 5, 0x96, 0x03, 0x00, 0x00, 0x00};
        size_t length = 5 + 5;
        for (unsigned changes = 0; changes < 3; changes++) {
            random_state = random_state * 1664525u + 1013904223u;
            if (random_state >> 30 == 0)
                raw[5 + (random_state >> 8) % 24] = (uint8_t)(random_state >> 20);
            if (random_state >> 29 == 7)
                length = 5 + (raw[4] = (uint8_t)((random_state >> 9) % 25));
        }
        if (i % 4 == 3)
            memcpy(raw + 5, "\x86\x11\x01", 3);
        status_word sw = exchange_raw(c, bytes_of(raw, length));
        assert_true(sw >> 12 == 6 || sw == 0x9000);
        answered += sw >> 8 == 0x61; /* no outer Le: it waits */
        if (sw == 0x69FC) {
            begin_session();
            sessions++;
        }
    }
    assert_in_range(sessions, 100, 4000);
    assert_in_range(answered, 100, 4000);
}

#define CARD_TEST(name) cmocka_unit_test_setup_teardown(name, power_up, power_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        CARD_TEST(files_are_read_ciphered), CARD_TEST(files_are_selected_ciphered),
        CARD_TEST(pins_are_sent_ciphered),  CARD_TEST(only_the_pin_lets_a_session_begin),
        CARD_TEST(how_a_session_begins),    CARD_TEST(how_a_session_breaks),
        CARD_TEST(padding_fills_one_block), CARD_TEST(how_a_session_ends),
        CARD_TEST(hostile_objects),
    };
    return cmocka_run_group_tests(tests, make_image_with_applications, remove_image);
}
