/* Secure messaging of the card-data input support: a terminal's side of its own against the emulated card
 * (docs/interfaces/patient-card.md). */
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

/* AES-CBC with the next counter's IV; half 0: commands, 1: answers. */
static void run_cbc(int half, int encrypt, bytes in, uint8_t *out) {
    uint8_t block[16] = {0}, iv[16];
    counter++;
    block[15] = (uint8_t)counter;
    run_aes(EVP_aes_128_ecb(), seed + 16 * half, NULL, 1, BYTES(block), iv);
    run_aes(EVP_aes_128_cbc(), seed + 16 * half, iv, encrypt, in, out);
}

/* A command with ciphered data (at most 15 bytes) and Le as objects. */
static status_word send_secured(uint32_t header, bytes data, const char *le, size_t le_length) {
    uint8_t padded[16] = {0}, value[17] = {0x01};
    buffer body = BUFFER_INIT(64);
    if (data.length > 0) {
        memcpy(padded, data.data, data.length);
        padded[data.length] = 0x80;
        run_cbc(0, 1, BYTES(padded), value + 1);
        assert_int_equal(tlv_append(&body, 0x86, BYTES(value)), RESULT_OK);
    }
    if (le_length > 0)
        assert_int_equal(tlv_append(&body, 0x96, bytes_of(le, le_length)), RESULT_OK);
    status_word sw = exchange_data(c, header, buffer_bytes(&body), 65536);
    buffer_wipe(&body);
    return sw;
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
    run_cbc(1, 0, value, plain);
    size_t length = value.length;
    while (length > 0 && plain[length - 1] == 0)
        length--;
    assert_int_equal(plain[length - 1], 0x80);
    return length - 1;
}

static void files_are_read_ciphered(void **state) {
    (void)state;
    static const uint8_t number[] = "\xFF\x10\x0C" MAKER_NUMBER "\xFF\xFF";
    uint8_t plain[1024];
    begin_session();
    assert_int_equal(send_secured(0x08B08100, bytes_of(NULL, 0), "\0", 1), 0x9000);
    assert_int_equal(open_answer(plain), 17);
    assert_memory_equal(plain, number, 17);
    for (size_t i = 0; i < 3; i++) { /* the counter goes on: never the same cryptogram */
        static uint8_t before[32];
        assert_int_equal(send_secured(0x08B08100, bytes_of(NULL, 0), "\x10", 1), 0x9000);
        assert_memory_not_equal(answer_data().data + 3, before, 32);
        memcpy(before, answer_data().data + 3, 32);
        assert_int_equal(open_answer(plain), 16);
    }
    assert_int_equal(send_secured(0x08B08200, bytes_of(NULL, 0), "\x02\x00", 2), 0x9000); /* 512 bytes at once */
    assert_int_equal(open_answer(plain), 512);
    assert_memory_equal(plain, "\xFF\x20\x05items\xFF", 9);
    assert_int_equal(exchange(c, "00B0850000"), 0x9000); /* what comes plain is answered plain */
    assert_int_equal(answer_data().data[0], 0xFF);
    assert_int_equal(send_secured(0x08B08100, bytes_of(NULL, 0), "\0", 1), 0x9000);
    assert_int_equal(open_answer(plain), 17);
}

static void pins_are_sent_ciphered(void **state) {
    (void)state;
    begin_session();
    assert_int_equal(send_secured(0x08200091, bytes_of("0000", 4), NULL, 0), 0x63C2);
    assert_int_equal(send_secured(0x08200091, bytes_of(MAKER_INPUT_PIN, 4), NULL, 0), 0x9000);
    assert_int_equal(answer_data().length, 0);
    assert_int_equal(send_secured(0x08240191, bytes_of("1111", 4), NULL, 0), 0x9000);
    assert_int_equal(exchange(c, "00200091 04 31313131"), 0x9000);
}

static void how_a_session_begins(void **state) {
    (void)state;
    uint8_t other[256];
    memset(other, 0x11, sizeof other);
    assert_int_equal(exchange(c, SELECT_INPUT_SUPPORT), 0x9000);
    assert_int_equal(send_seed("\xA0\x22\x80\x20", 4), 0x6982); /* first something in clear */
    assert_int_equal(exchange(c, PIN), 0x9000);
    assert_int_equal(exchange_data(c, 0x80AE0000, bytes_of(other, 255), 0), 0x6700);
    assert_int_equal(exchange_data(c, 0x80AE0000, BYTES(other), 0), 0x6A80);
    assert_int_equal(exchange_data(c, 0x80AE0001, BYTES(other), 0), 0x6A86);
    assert_int_equal(send_seed("\xA0\x22\x81\x20", 4), 0x6A80);
    assert_int_equal(send_secured(0x08B08100, bytes_of(NULL, 0), "\0", 1), 0x69FC);
    assert_int_equal(send_seed("\xA0\x22\x80\x20", 4), 0x9000);
    assert_int_equal(send_secured(0x08B08100, bytes_of(NULL, 0), "\0", 1), 0x9000);
    assert_int_equal(exchange_data(c, 0x80AE0000, BYTES(other), 0), 0x6A80); /* ends the session before it */
    assert_int_equal(send_secured(0x08B08100, bytes_of(NULL, 0), "\0", 1), 0x69FC);
}

/* Whatever is wrong inside ends the session. */
static void how_a_session_ends(void **state) {
    (void)state;
    static const struct {
        const char *command;
        status_word sw;
    } rows[] = {
        {"08B08100 00", 0x6987},
        {"08B08100 03 970100 00", 0x6988},
        {"08B08100 04 96030000 00", 0x6988},
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
        assert_int_equal(exchange(c, "08B08100 03 960100 00"), 0x69FC);
        assert_int_equal(exchange(c, "00200091"), 0x63C3);
    }
    begin_session();
    assert_int_equal(exchange(c, "08A4040C0AD3921000310001010408"), 0x6882); /* refused, and the session stays */
    assert_int_equal(exchange(c, "0CB08100 03 960100 00"), 0x69FC);
    assert_int_equal(exchange(c, "08B08100 03 960100 00"), 0x9000);
    assert_int_equal(exchange(c, SELECT_CARD_FACE), 0x9000);
    assert_int_equal(exchange(c, "08B08300 03 960100 00"), 0x69FC);
    begin_session();
    patient_card_personality.reset(c);
    assert_int_equal(exchange(c, SELECT_INPUT_SUPPORT), 0x9000);
    assert_int_equal(exchange(c, "08B08500 03 960100 00"), 0x69FC);
}

/* 4,000 bodies from a fixed seed inside sessions: some are read, most end the session, none does more. */
static void hostile_objects(void **state) {
    uint32_t random_state = 20261123;
    unsigned sessions = 0, answered = 0;
    (void)state;
    for (unsigned i = 0; i < 4000; i++) {
        uint8_t raw[5 + 24] = {0x08, 0xB0, 0x85, 0x00, 3, 0x96, 0x01, 0x00};
        size_t length = 5 + 3;
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
        CARD_TEST(files_are_read_ciphered),
        CARD_TEST(pins_are_sent_ciphered),
        CARD_TEST(how_a_session_begins),
        CARD_TEST(how_a_session_ends),
        CARD_TEST(hostile_objects),
    };
    return cmocka_run_group_tests(tests, make_image_with_applications, remove_image);
}
