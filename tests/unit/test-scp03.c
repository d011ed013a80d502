/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SCP03: published traces (pySim, tests/unittests/test_globalplatform.py: real cards, AES-128/192/256, levels 11, 03,
 * 33) through both ends of ours, published session keys and card challenges (kaoh/globalplatform, scp03Test.c), RFC
 * 4493 for CMAC, and what a man in the middle may try. */
#include "scp03/cipher.h"
#include "scp03/scp03.h"

#include "base/hex.h"
#include "scp03/cipher.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define TEXT_MAX 512
#define CASES 5 /* GET EID, and one command of each ISO 7816-3 case */

static const char *const plain_commands[CASES] = {"80E2910006BF3E035C015A00", "80F22002", "80CA006600",
                                                  "80F220020A4F0212345C054F9F70C5", "80F28002024F0000"};
#define PLAIN_EID "BF3E125A1089882119900000000000000000000005"

static const struct {
    size_t key_length;
    const char *initialize, *answer, *authenticate, *commands[CASES], *eid;
} traces[] = {
#include "scp03-traces.h"
};

#define TRACES (sizeof traces / sizeof *traces)

static buffer unhex(const char *text) {
    buffer out = BUFFER_INIT(TEXT_MAX);
    assert_int_equal(hex_decode(text, &out), RESULT_OK);
    return out;
}

static void assert_bytes(bytes got, const char *expected) {
    buffer wanted = unhex(expected);
    assert_true(bytes_equal(got, buffer_bytes(&wanted)));
    buffer_wipe(&wanted);
}

/* 00 01 02.., 10 11 12.., 20 21 22..; longer keys begin again. */
static scp03_keys keys_of(size_t length) {
    scp03_keys keys = {.version = 0x30, .length = length};
    for (size_t i = 0; i < length; i++) {
        keys.enc[i] = (uint8_t)(i % 16);
        keys.mac[i] = (uint8_t)(0x10 + i % 16);
        keys.dek[i] = (uint8_t)(0x20 + i % 16);
    }
    return keys;
}

/* Header and data of a short command. */
static bytes data_of(const buffer *command) {
    return command->length > 5 ? bytes_of(command->data + 5, command->data[4]) : bytes_of(NULL, 0);
}

static void begin_host(size_t row, scp03 *host) {
    scp03_keys keys = keys_of(traces[row].key_length);
    buffer initialize = unhex(traces[row].initialize), answer = unhex(traces[row].answer), data = BUFFER_INIT(64);
    uint32_t sequence;
    assert_int_equal(scp03_host_begin(host, &keys, initialize.data + 5, buffer_bytes(&answer), &sequence), RESULT_OK);
    assert_int_equal(sequence, answer.data[answer.length - 1]);
    buffer authenticate = unhex(traces[row].authenticate);
    assert_int_equal(scp03_host_authenticate(host, authenticate.data[2], &data), RESULT_OK);
    assert_true(bytes_equal(buffer_bytes(&data), data_of(&authenticate)));
    buffer_wipe(&initialize);
    buffer_wipe(&answer);
    buffer_wipe(&data);
    buffer_wipe(&authenticate);
}

/* What the answer to INITIALIZE UPDATE says of the protocol (Amendment D 7.1.1.5): SCP03, with S8 (bit 1 of "i" is 0). */
static void test_other_protocols(void **state) {
    static const struct {
        size_t at;
        uint8_t flipped;
        result due;
    } rows[] = {{10 + 1, 0x01, RESULT_UNSUPPORTED}, {10 + 2, 0x01, RESULT_UNSUPPORTED}};
    (void)state;
    scp03_keys keys = keys_of(traces[0].key_length);
    buffer initialize = unhex(traces[0].initialize);
    scp03 host;
    uint32_t sequence;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        buffer answer = unhex(traces[0].answer);
        answer.data[rows[i].at] ^= rows[i].flipped;
        assert_int_equal(scp03_host_begin(&host, &keys, initialize.data + 5, buffer_bytes(&answer), &sequence),
                         rows[i].due);
        buffer_wipe(&answer);
    }
    buffer_wipe(&initialize);
}

static void test_empty_keys(void **state) {
    const scp03_keys keys = keys_of(16);
    uint8_t out[SCP03_KEY_MAX];
    size_t length = 0;
    (void)state;
    assert_int_not_equal(scp03_encrypt_key(&keys, bytes_of(NULL, 0), out, &length), RESULT_OK);
    assert_int_not_equal(scp03_decrypt_key(&keys, bytes_of(NULL, 0), out), RESULT_OK);
}

static void test_cipher_bounds(void **state) {
    static const uint8_t key[SCP03_KEY_MAX], icv[CIPHER_BLOCK], data[3 * CIPHER_BLOCK];
    static const size_t keys[] = {0, 15, 17, 31, 33};
    uint8_t out[3 * CIPHER_BLOCK];
    (void)state;
    for (size_t length = 0; length <= sizeof data; length++)
        assert_int_equal(cipher_cbc(true, bytes_of(key, 16), icv, bytes_of(data, length), out),
                         length % CIPHER_BLOCK == 0 ? RESULT_OK : RESULT_INVALID);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_int_equal(cipher_cbc(false, bytes_of(key, keys[i]), icv, bytes_of(data, 16), out), RESULT_INVALID);
}

static void begin_card(size_t row, scp03 *card) {
    scp03_keys keys = keys_of(traces[row].key_length);
    buffer initialize = unhex(traces[row].initialize), answer = unhex(traces[row].answer);
    buffer authenticate = unhex(traces[row].authenticate);
    assert_int_equal(scp03_card_begin(card, &keys, initialize.data + 5, answer.data + 13), RESULT_OK);
    assert_memory_equal(card->card_cryptogram, answer.data + 21, SCP03_CHALLENGE);
    assert_int_equal(scp03_card_authenticate(card, authenticate.data, data_of(&authenticate)), RESULT_OK);
    buffer_wipe(&initialize);
    buffer_wipe(&answer);
    buffer_wipe(&authenticate);
}

static void test_traces_host(void **state) {
    (void)state;
    for (size_t row = 0; row < TRACES; row++) {
        scp03 host;
        begin_host(row, &host);
        for (size_t i = 0; i < CASES; i++) {
            buffer plain = unhex(plain_commands[i]), wrapped = unhex(traces[row].commands[i]),
                   out = BUFFER_INIT(TEXT_MAX);
            assert_int_equal(scp03_host_wrap(&host, plain.data, data_of(&plain), &out), RESULT_OK);
            assert_int_equal(plain.data[0], wrapped.data[0]);
            assert_true(bytes_equal(buffer_bytes(&out), data_of(&wrapped)));
            buffer_clear(&out);
            if (i == 0) {
                buffer response = unhex(traces[row].eid);
                assert_int_equal(scp03_host_unwrap(&host, buffer_bytes(&response), 0x9000, &out), RESULT_OK);
                assert_bytes(buffer_bytes(&out), PLAIN_EID);
                buffer_wipe(&response);
            }
            buffer_wipe(&plain);
            buffer_wipe(&wrapped);
            buffer_wipe(&out);
        }
        scp03_wipe(&host);
    }
}

static void test_traces_card(void **state) {
    (void)state;
    for (size_t row = 0; row < TRACES; row++) {
        scp03 card;
        begin_card(row, &card);
        for (size_t i = 0; i < CASES; i++) {
            buffer plain = unhex(plain_commands[i]), wrapped = unhex(traces[row].commands[i]),
                   out = BUFFER_INIT(TEXT_MAX);
            assert_int_equal(scp03_card_unwrap(&card, wrapped.data, data_of(&wrapped), &out), RESULT_OK);
            assert_true(bytes_equal(buffer_bytes(&out), data_of(&plain)));
            buffer_clear(&out);
            if (i == 0) {
                buffer eid = unhex(PLAIN_EID);
                assert_int_equal(scp03_card_wrap(&card, buffer_bytes(&eid), 0x9000, &out), RESULT_OK);
                assert_bytes(buffer_bytes(&out), traces[row].eid);
                buffer_wipe(&eid);
            }
            buffer_wipe(&plain);
            buffer_wipe(&wrapped);
            buffer_wipe(&out);
        }
        scp03_wipe(&card);
    }
}

/* Two sessions of a real card whose keys are published (kaoh/globalplatform, scp03Test.c); its application is the
 * issuer's domain, A000000151000000. */
static const struct {
    const char *initialize, *answer, *authenticate, *s_enc, *s_mac, *s_rmac;
} sessions[] = {
    {"8050000008B2BDE1A2DC66BD5600", "00000000000000000000300370C40932A6FEFEAEB2E127185170F45FCA000015",
     "848203001059D54D932423D29F6313C970875F8C2F", "9B841BB63D1087484FF7F16802017243",
     "8117FE5ADED74AC0DAABE9FB81DBDB67", "4521D75E4D6F60DBFB8AB4EE254EF6F1"},
    {"80500000089BD6BF878FB8E99100", "000000000000000000003003703C80C2CC87EB3A35E4EDBA35E629C33600001E",
     "848203001023EBFEDC579D22CDCDB6A25A5FF7891F", "D83EE38C9954C8078987A5E9EE6AB13C",
     "6FF37716E0413065E8DFD08BF1E9EC5E", "0254C786E57ACA8982670C1C1A05FF12"},
};

static void test_published_keys(void **state) {
    (void)state;
    buffer enc = unhex("F995D0A069335C7DF42E590317FFEA6D"), mac = unhex("58563362EC5A4541ABCD32B34B1EAE7D");
    buffer application = unhex("A000000151000000");
    scp03_keys keys = {.version = 0x30, .length = 16};
    memcpy(keys.enc, enc.data, 16);
    memcpy(keys.mac, mac.data, 16);
    for (size_t i = 0; i < sizeof sessions / sizeof *sessions; i++) {
        buffer initialize = unhex(sessions[i].initialize), answer = unhex(sessions[i].answer);
        buffer authenticate = unhex(sessions[i].authenticate);
        uint8_t challenge[SCP03_CHALLENGE];
        scp03 card;
        assert_int_equal(scp03_card_challenge(&keys, answer.data[31], buffer_bytes(&application), challenge),
                         RESULT_OK);
        assert_memory_equal(challenge, answer.data + 13, SCP03_CHALLENGE);
        assert_int_equal(scp03_card_begin(&card, &keys, initialize.data + 5, challenge), RESULT_OK);
        assert_memory_equal(card.card_cryptogram, answer.data + 21, SCP03_CHALLENGE);
        assert_bytes(bytes_of(card.s_enc, 16), sessions[i].s_enc);
        assert_bytes(bytes_of(card.s_mac, 16), sessions[i].s_mac);
        assert_bytes(bytes_of(card.s_rmac, 16), sessions[i].s_rmac);
        assert_int_equal(scp03_card_authenticate(&card, authenticate.data, data_of(&authenticate)), RESULT_OK);
        buffer_wipe(&initialize);
        buffer_wipe(&answer);
        buffer_wipe(&authenticate);
    }
    buffer_wipe(&enc);
    buffer_wipe(&mac);
    buffer_wipe(&application);
}

/* RFC 4493 section 4 */
static void test_cmac(void **state) {
    (void)state;
    static const struct {
        const char *message, *mac;
    } rows[] = {
        {"", "BB1D6929E95937287FA37D129B756746"},
        {"6BC1BEE22E409F96E93D7E117393172A", "070A16B46B4D4144F79BDD9DD04A287C"},
        {"6BC1BEE22E409F96E93D7E117393172AAE2D8A571E03AC9C9EB76FAC45AF8E5130C81C46A35CE411",
         "DFA66747DE9AE63030CA32611497C827"},
        {"6BC1BEE22E409F96E93D7E117393172AAE2D8A571E03AC9C9EB76FAC45AF8E5130C81C46A35CE411E5FBC1191A0A52EF"
         "F69F2445DF4F9B17AD2B417BE66C3710",
         "51F0BEBF7E3B9D92FC49741779363CFE"},
    };
    buffer key = unhex("2B7E151628AED2A6ABF7158809CF4F3C");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        buffer message = unhex(rows[i].message);
        uint8_t mac[CIPHER_BLOCK];
        assert_int_equal(cipher_cmac(buffer_bytes(&key), buffer_bytes(&message), mac), RESULT_OK);
        assert_bytes(BYTES(mac), rows[i].mac);
        buffer_wipe(&message);
    }
    buffer_wipe(&key);
}

static void test_wrong_keys(void **state) {
    (void)state;
    scp03 host;
    uint32_t sequence;
    scp03_keys keys = keys_of(16);
    buffer initialize = unhex(traces[0].initialize), answer = unhex(traces[0].answer);
    for (size_t i = 0; i < answer.length; i++) {
        bool matters = i >= 11 && i < 29 && i != 12; /* SCP, challenge, cryptogram; i parameter: S16 only */
        answer.data[i] ^= 0x10;
        result code = scp03_host_begin(&host, &keys, initialize.data + 5, buffer_bytes(&answer), &sequence);
        assert_int_equal(code == RESULT_OK, !matters);
        assert_int_equal(host.alive, !matters);
        answer.data[i] ^= 0x10;
    }
    keys.mac[3] ^= 1;
    assert_int_equal(scp03_host_begin(&host, &keys, initialize.data + 5, buffer_bytes(&answer), &sequence),
                     RESULT_BAD_SIGNATURE);
    for (size_t length = 0; length < answer.length; length++)
        if (length != 29)
            assert_int_equal(
                scp03_host_begin(&host, &keys, initialize.data + 5, bytes_of(answer.data, length), &sequence),
                RESULT_INVALID);
    buffer_wipe(&initialize);
    buffer_wipe(&answer);
}

/* Two ends at level 33. */
static void begin_pair(scp03 *host, scp03 *card) {
    begin_host(2, host);
    begin_card(2, card);
}

static void test_every_bit_counts(void **state) {
    (void)state;
    const uint8_t secret[] = "1234567890";
    for (size_t bit = 0;; bit++) {
        scp03 host, card;
        uint8_t header[] = {0x00, 0x20, 0x00, 0x01};
        buffer wrapped = BUFFER_INIT(64), out = BUFFER_INIT(64);
        begin_pair(&host, &card);
        assert_int_equal(scp03_host_wrap(&host, header, BYTES(secret), &wrapped), RESULT_OK);
        size_t bits = (sizeof header + wrapped.length) * 8;
        if (bit < bits) {
            uint8_t *byte = bit / 8 < sizeof header ? &header[bit / 8] : &wrapped.data[bit / 8 - sizeof header];
            *byte ^= (uint8_t)(1U << bit % 8);
            assert_int_equal(scp03_card_unwrap(&card, header, buffer_bytes(&wrapped), &out), RESULT_BAD_SIGNATURE);
            assert_false(card.alive);
            *byte ^= (uint8_t)(1U << bit % 8); /* too late */
            assert_int_not_equal(scp03_card_unwrap(&card, header, buffer_bytes(&wrapped), &out), RESULT_OK);
        }
        assert_int_equal(out.length, 0);
        buffer_wipe(&wrapped);
        buffer_wipe(&out);
        if (bit == bits)
            break;
    }
}

static void test_answers(void **state) {
    (void)state;
    const uint8_t answer[] = "certificate";
    for (size_t bit = 0; bit < (SCP03_BLOCK + SCP03_MAC + 2) * 8U; bit++) {
        scp03 host, card;
        uint8_t header[] = {0x00, 0xB0, 0x00, 0x00};
        buffer wrapped = BUFFER_INIT(64), out = BUFFER_INIT(64);
        begin_pair(&host, &card);
        assert_int_equal(scp03_host_wrap(&host, header, bytes_of(NULL, 0), &wrapped), RESULT_OK);
        assert_int_equal(scp03_card_unwrap(&card, header, buffer_bytes(&wrapped), &out), RESULT_OK);
        buffer_clear(&wrapped);
        assert_int_equal(scp03_card_wrap(&card, BYTES(answer), 0x9000, &wrapped), RESULT_OK);
        uint16_t sw = 0x9000;
        if (bit < 16)
            sw = (uint16_t)(sw ^ 1U << bit);
        else
            wrapped.data[bit / 8 - 2] ^= (uint8_t)(1U << bit % 8);
        assert_int_not_equal(scp03_host_unwrap(&host, buffer_bytes(&wrapped), sw, &out), RESULT_OK);
        assert_int_equal(out.length, 0);
        assert_false(host.alive);
        buffer_wipe(&wrapped);
        buffer_wipe(&out);
    }
}

/* The status word is in the response's MAC (6.2.5): a warning cannot be made a success, nor another warning. */
static void test_status_word(void **state) {
    static const uint16_t words[] = {0x9000, 0x6200, 0x6282, 0x6300, 0x63C2};
    (void)state;
    for (size_t sent = 0; sent < sizeof words / sizeof *words; sent++)
        for (size_t told = 0; told < sizeof words / sizeof *words; told++) {
            scp03 host, card;
            uint8_t header[] = {0x00, 0xB0, 0x00, 0x00};
            buffer wrapped = BUFFER_INIT(64), out = BUFFER_INIT(64);
            begin_pair(&host, &card);
            assert_int_equal(scp03_host_wrap(&host, header, bytes_of(NULL, 0), &wrapped), RESULT_OK);
            assert_int_equal(scp03_card_unwrap(&card, header, buffer_bytes(&wrapped), &out), RESULT_OK);
            buffer_clear(&wrapped);
            assert_int_equal(scp03_card_wrap(&card, BYTES("x"), words[sent], &wrapped), RESULT_OK);
            assert_int_equal(scp03_host_unwrap(&host, buffer_bytes(&wrapped), words[told], &out),
                             sent == told ? RESULT_OK : RESULT_BAD_SIGNATURE);
            buffer_wipe(&wrapped);
            buffer_wipe(&out);
        }
}

/* A host that has the keys, and whose MAC is right over another cryptogram: the card compares (Amendment D 6.2.3). */
static void test_another_cryptogram(void **state) {
    (void)state;
    const scp03_keys keys = keys_of(16);
    for (int bit = -1; bit < 8 * SCP03_CHALLENGE; bit++) {
        static const uint8_t challenge[SCP03_CHALLENGE];
        const uint8_t header[SCP03_HEADER] = {0x84, 0x82, SCP03_FULL, 0};
        scp03 host, card;
        buffer data = BUFFER_INIT(16);
        assert_int_equal(scp03_card_begin(&host, &keys, challenge, challenge), RESULT_OK); /* the same numbers */
        assert_int_equal(scp03_card_begin(&card, &keys, challenge, challenge), RESULT_OK);
        if (bit >= 0)
            host.host_cryptogram[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(scp03_host_authenticate(&host, SCP03_FULL, &data), RESULT_OK);
        assert_int_equal(scp03_card_authenticate(&card, header, buffer_bytes(&data)),
                         bit < 0 ? RESULT_OK : RESULT_BAD_SIGNATURE);
        assert_int_equal(card.alive, bit < 0);
        buffer_clear(&data);
        if (bit < 0) { /* nor a second time, to lower the level */
            const uint8_t lower[SCP03_HEADER] = {0x84, 0x82, SCP03_C_MAC, 0};
            host.level = 0;
            assert_int_equal(scp03_host_authenticate(&host, SCP03_C_MAC, &data), RESULT_OK);
            assert_int_equal(scp03_card_authenticate(&card, lower, buffer_bytes(&data)), RESULT_REFUSED);
            assert_false(card.alive);
        }
        buffer_wipe(&data);
    }
}

/* Level 0 is no session: its MAC and its cryptogram are right here. */
static void test_level_zero(void **state) {
    static const uint8_t challenge[SCP03_CHALLENGE];
    const scp03_keys keys = keys_of(16);
    scp03 host, card;
    uint8_t header[SCP03_HEADER] = {0x80, 0x82, 0, 0};
    buffer data = BUFFER_INIT(16);
    (void)state;
    assert_int_equal(scp03_card_begin(&host, &keys, challenge, challenge), RESULT_OK);
    assert_int_equal(scp03_card_begin(&card, &keys, challenge, challenge), RESULT_OK);
    host.level = SCP03_C_MAC;
    assert_int_equal(scp03_host_wrap(&host, header, BYTES(host.host_cryptogram), &data), RESULT_OK);
    assert_int_equal(scp03_card_authenticate(&card, header, buffer_bytes(&data)), RESULT_REFUSED);
    assert_false(card.alive);
    buffer_wipe(&data);
}

/* Padding is 80 and zeros to the end of the block (ISO/IEC 9797-1 method 2), at least one byte and at most a block. Each
 * row is enciphered and has its right MAC: only the padding decides. */
static void test_padding(void **state) {
    static const struct {
        uint8_t plain[2 * SCP03_BLOCK];
        size_t length, clear; /* clear: bytes before the padding */
        result due;
    } rows[] = {
        {"AAAAAAAAAAAAAAA\x80", 16, 15, RESULT_OK},
        {"\x80", 16, 0, RESULT_OK},
        {"AAAAAAAAAAAAAAAA\x80", 32, 16, RESULT_OK},
        {"AAAAAAAAAAAAAAA\x81", 16, 0, RESULT_INVALID},
        {"AAAAAAAAAAAAAAAA", 16, 0, RESULT_INVALID},
        {"AAAA\x40", 16, 0, RESULT_INVALID},
        {"", 16, 0, RESULT_INVALID},
        {"AAAAAAAAAAAAAAA\x80", 32, 0, RESULT_INVALID}, /* a block of zeros */
        {"", 32, 0, RESULT_INVALID},
    };
    (void)state;
    for (size_t i = 0; i < 2 * (sizeof rows / sizeof *rows); i++) {
        static const uint8_t zero[SCP03_BLOCK];
        const size_t row = i / 2;
        scp03 host, card;
        uint8_t header[] = {0x00, 0x2A, 0x9E, 0x9A}, icv[SCP03_BLOCK], block[SCP03_BLOCK] = {0},
                hidden[2 * SCP03_BLOCK];
        buffer wrapped = BUFFER_INIT(64), out = BUFFER_INIT(64);
        begin_pair(&host, &card);
        if (i % 2 == 1) /* every byte of the counter is in the block that makes the ICV (6.2.6) */
            host.counter = card.counter = 0xA1B2C3D4 - 1;
        for (size_t k = 0; k < 4; k++)
            block[SCP03_BLOCK - 1 - k] = (uint8_t)((host.counter + 1) >> (8 * k));
        const bytes key = bytes_of(host.s_enc, host.length);
        assert_int_equal(cipher_cbc(true, key, zero, BYTES(block), icv), RESULT_OK);
        assert_int_equal(cipher_cbc(true, key, icv, bytes_of(rows[row].plain, rows[row].length), hidden), RESULT_OK);
        host.level &= (uint8_t)~SCP03_C_ENC; /* it is enciphered already */
        assert_int_equal(scp03_host_wrap(&host, header, bytes_of(hidden, rows[row].length), &wrapped), RESULT_OK);
        if (scp03_card_unwrap(&card, header, buffer_bytes(&wrapped), &out) != rows[row].due)
            fail_msg("row %zu", row);
        assert_true(bytes_equal(buffer_bytes(&out), bytes_of(rows[row].plain, rows[row].clear)));
        buffer_wipe(&wrapped);
        buffer_wipe(&out);
    }
}

static void test_the_longest_command(void **state) {
    static const uint8_t data[SCP03_DATA_MAX + 1];
    (void)state;
    for (size_t length = SCP03_DATA_MAX; length <= SCP03_DATA_MAX + 1; length++) {
        scp03 host, card;
        uint8_t header[] = {0x00, 0xD6, 0x00, 0x00};
        buffer wrapped = BUFFER_INIT(65535), out = BUFFER_INIT(SCP03_DATA_MAX);
        begin_pair(&host, &card);
        const bool fits = length == SCP03_DATA_MAX;
        assert_int_equal(scp03_host_wrap(&host, header, bytes_of(data, length), &wrapped),
                         fits ? RESULT_OK : RESULT_TOO_LONG);
        assert_int_equal(host.alive, fits);
        if (fits)
            assert_int_equal(scp03_card_unwrap(&card, header, buffer_bytes(&wrapped), &out), RESULT_OK);
        assert_int_equal(out.length, fits ? length : 0);
        buffer_wipe(&wrapped);
        buffer_wipe(&out);
    }
}

static void test_nothing_is_left_of_a_session(void **state) {
    static const scp03 nothing;
    static const scp03_keys no_keys;
    scp03_keys keys = keys_of(16);
    scp03 host, card;
    (void)state;
    begin_pair(&host, &card);
    scp03_wipe(&host);
    assert_memory_equal(&host, &nothing, sizeof host);
    assert_int_not_equal(scp03_card_unwrap(&card, (const uint8_t[SCP03_HEADER]){0}, BYTES("x"), NULL), RESULT_OK);
    assert_memory_equal(&card, &nothing, sizeof card); /* ended by a wrong command */
    scp03_keys_wipe(&keys);
    assert_memory_equal(&keys, &no_keys, sizeof keys);
}

static void test_replay_and_order(void **state) {
    (void)state;
    scp03 host, card;
    uint8_t first[] = {0x00, 0x22, 0x41, 0xB6}, second[] = {0x00, 0x2A, 0x9E, 0x9A};
    buffer one = BUFFER_INIT(64), two = BUFFER_INIT(64), out = BUFFER_INIT(64);
    begin_pair(&host, &card);
    assert_int_equal(scp03_host_wrap(&host, first, BYTES("one"), &one), RESULT_OK);
    assert_int_equal(scp03_host_wrap(&host, second, BYTES("two"), &two), RESULT_OK);
    assert_int_equal(scp03_card_unwrap(&card, second, buffer_bytes(&two), &out), RESULT_BAD_SIGNATURE);
    begin_card(2, &card);
    assert_int_equal(scp03_card_unwrap(&card, first, buffer_bytes(&one), &out), RESULT_OK);
    assert_int_equal(scp03_card_unwrap(&card, first, buffer_bytes(&one), &out), RESULT_BAD_SIGNATURE);
    assert_int_equal(scp03_card_unwrap(&card, second, buffer_bytes(&two), &out), RESULT_REFUSED);
    /* Nothing before EXTERNAL AUTHENTICATE, and that only once. */
    scp03_keys keys = keys_of(16);
    buffer none = BUFFER_INIT(64);
    assert_int_equal(scp03_card_begin(&card, &keys, one.data, two.data), RESULT_OK);
    assert_int_equal(scp03_card_unwrap(&card, first, buffer_bytes(&one), &none), RESULT_REFUSED);
    begin_host(2, &host);
    assert_int_equal(scp03_host_authenticate(&host, SCP03_FULL, &none), RESULT_REFUSED);
    buffer_wipe(&one);
    buffer_wipe(&two);
    buffer_wipe(&out);
    buffer_wipe(&none);
}

/* Data of every length around the blocks, and long ones, through both ends and back. */
static void test_lengths(void **state) {
    (void)state;
    scp03 host, card;
    begin_pair(&host, &card);
    buffer data = BUFFER_INIT(SCP03_DATA_MAX), wrapped = BUFFER_INIT(65536), out = BUFFER_INIT(65536);
    for (size_t length = 0; length <= SCP03_DATA_MAX; length = length < 300 ? length + 1 : length * 2 + 1) {
        uint8_t header[] = {0x00, 0xD6, 0x00, 0x00};
        buffer_clear(&data);
        buffer_clear(&wrapped);
        buffer_clear(&out);
        assert_true(length == 0 || buffer_extend(&data, length) != NULL);
        assert_int_equal(scp03_host_wrap(&host, header, buffer_bytes(&data), &wrapped), RESULT_OK);
        assert_true(wrapped.length <= length + SCP03_OVERHEAD);
        assert_int_equal(scp03_card_unwrap(&card, header, buffer_bytes(&wrapped), &out), RESULT_OK);
        assert_true(bytes_equal(buffer_bytes(&data), buffer_bytes(&out)));
        buffer_clear(&wrapped);
        buffer_clear(&out);
        assert_int_equal(scp03_card_wrap(&card, buffer_bytes(&data), 0x6282, &wrapped), RESULT_OK);
        assert_int_equal(scp03_host_unwrap(&host, buffer_bytes(&wrapped), 0x6282, &out), RESULT_OK);
        assert_true(bytes_equal(buffer_bytes(&data), buffer_bytes(&out)));
    }
    assert_int_equal(scp03_host_unwrap(&host, bytes_of(NULL, 0), 0x6982, &out), RESULT_OK); /* errors come bare */
    assert_int_equal(scp03_host_unwrap(&host, BYTES("x"), 0x6982, &out), RESULT_INVALID);
    buffer_wipe(&data);
    buffer_wipe(&wrapped);
    buffer_wipe(&out);
}

static void test_put_key(void **state) {
    (void)state;
    scp03_keys keys = keys_of(16);
    uint8_t cryptogram[SCP03_KEY_MAX], plain[SCP03_KEY_MAX], value[SCP03_CHECK_VALUE];
    size_t length;
    static const size_t sizes[] = {16, 24, 32};
    for (size_t i = 0; i < 3; i++) {
        scp03_keys fresh = keys_of(sizes[i]);
        assert_int_equal(scp03_encrypt_key(&keys, bytes_of(fresh.mac, fresh.length), cryptogram, &length), RESULT_OK);
        assert_int_equal(length, sizes[i] == 16 ? 16 : 32);
        assert_memory_not_equal(cryptogram, fresh.mac, 16);
        assert_int_equal(scp03_decrypt_key(&keys, bytes_of(cryptogram, length), plain), RESULT_OK);
        assert_memory_equal(plain, fresh.mac, fresh.length);
    }
    /* AES-128 of 16 x 01 under 00 01 .. 0F; made with openssl enc -aes-128-ecb */
    assert_int_equal(scp03_check_value(bytes_of(keys.enc, 16), value), RESULT_OK);
    assert_bytes(BYTES(value), "C35280");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_other_protocols),
        cmocka_unit_test(test_empty_keys),
        cmocka_unit_test(test_traces_host),
        cmocka_unit_test(test_traces_card),
        cmocka_unit_test(test_published_keys),
        cmocka_unit_test(test_cmac),
        cmocka_unit_test(test_wrong_keys),
        cmocka_unit_test(test_every_bit_counts),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_replay_and_order),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_put_key),
        cmocka_unit_test(test_padding),
        cmocka_unit_test(test_status_word),
        cmocka_unit_test(test_the_longest_command),
        cmocka_unit_test(test_cipher_bounds),
        cmocka_unit_test(test_another_cryptogram),
        cmocka_unit_test(test_level_zero),
        cmocka_unit_test(test_nothing_is_left_of_a_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
