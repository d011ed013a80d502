/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lib/iso7816: the seven command forms, chaining, TLV bounds, ATRs of real cards, the CVC codec; then random and
 * mutated bytes from a fixed seed. */
#include "base/hex.h"
#include "iso7816/apdu.h"
#include "iso7816/atr.h"
#include "iso7816/institution_message.h"
#include "iso7816/tlv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void append_hex(buffer *b, const char *text) {
    assert_int_equal(hex_decode(text, b), RESULT_OK);
}

/* ISO/IEC 7816-4 5.2, table of cases. */
static const struct {
    const char *hex;
    size_t data_length;
    uint32_t le;
    bool extended;
} forms[] = {
    {"00A40000", 0, APDU_NO_LE, false},       /* case 1 */
    {"00B0000000", 0, 256, false},            /* 2S */
    {"00B0000010", 0, 16, false},             /* 2S */
    {"00A4020C02000A", 2, APDU_NO_LE, false}, /* 3S */
    {"802A008003010203"
     "00",
     3, 256, false},                                 /* 4S */
    {"00B00000000000", 0, 65536, true},              /* 2E */
    {"00B00000000190", 0, 400, true},                /* 2E */
    {"0020008000000431323334", 4, APDU_NO_LE, true}, /* 3E */
    {"00CB3FFF0000025C000000", 2, 65536, true},      /* 4E */
    {"00CB3FFF0000025C000101", 2, 257, true},        /* 4E */
};

static void every_command_form_is_read_and_written(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(forms); i++) {
        buffer raw = BUFFER_INIT(64), again = BUFFER_INIT(64);
        append_hex(&raw, forms[i].hex);
        apdu_command command;
        assert_int_equal(apdu_parse(buffer_bytes(&raw), &command), RESULT_OK);
        assert_int_equal(command.data.length, forms[i].data_length);
        assert_int_equal(command.le, forms[i].le);
        assert_int_equal(command.extended, forms[i].extended);
        assert_int_equal(apdu_build(&command, &again), RESULT_OK);
        assert_true(bytes_equal(buffer_bytes(&raw), buffer_bytes(&again)));
        buffer_wipe(&raw);
        buffer_wipe(&again);
    }
}

static void other_command_forms_are_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "",
        "00A400",
        "00A4000002AA",           /* Lc says two, one is there */
        "00A4000001AABBCC",       /* two bytes behind the data of a short command */
        "00A400000001",           /* 00 xx is neither short nor extended */
        "00A40000000000AA",       /* extended Lc 0 with data */
        "00A400000000000000",     /* extended Lc 0 with Le */
        "00A40000000002AA",       /* extended, data missing */
        "00A40000000002AABBCC",   /* extended with one byte of Le */
        "00A40000000001AABBCCDD", /* extended with three bytes of Le */
    };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        buffer raw = BUFFER_INIT(64);
        append_hex(&raw, wrong[i]);
        apdu_command command = {.ins = 0x77};
        assert_int_equal(apdu_parse(buffer_bytes(&raw), &command), RESULT_INVALID);
        assert_int_equal(command.ins, 0x77); /* untouched */
        buffer_wipe(&raw);
    }
}

static void longest_command_passes(void **state) {
    (void)state;
    static uint8_t data[65536];
    memset(data, 0xA5, sizeof data);
    buffer raw = BUFFER_INIT(APDU_COMMAND_MAX);
    apdu_command command = {.ins = 0x2A, .data = bytes_of(data, 65535), .le = 65536}, read;
    assert_int_equal(apdu_build(&command, &raw), RESULT_OK);
    assert_int_equal(raw.length, 65544);
    assert_int_equal(apdu_parse(buffer_bytes(&raw), &read), RESULT_OK);
    assert_int_equal(read.data.length, 65535);
    assert_int_equal(read.le, 65536);
    buffer_clear(&raw);
    command.data.length = 65536;
    assert_int_equal(apdu_build(&command, &raw), RESULT_TOO_LONG);
    command.data.length = 1;
    command.le = 65537;
    assert_int_equal(apdu_build(&command, &raw), RESULT_INVALID);
    assert_int_equal(raw.length, 0);
    buffer_wipe(&raw);
    buffer small = BUFFER_INIT(6);
    command.le = 0;
    command.data.length = 2;
    assert_int_equal(apdu_build(&command, &small), RESULT_TOO_LONG);
    assert_int_equal(small.length, 0); /* no half command */
    buffer_wipe(&small);
}

static void length_fields_grow_with_what_they_hold(void **state) {
    (void)state;
    static uint8_t data[256];
    buffer raw = BUFFER_INIT(300);
    apdu_command command = {.ins = 0x82, .data = bytes_of(data, 255), .le = 256};
    apdu_build(&command, &raw);
    assert_int_equal(raw.length, 4 + 1 + 255 + 1);
    buffer_clear(&raw);
    command.data.length = 256; /* EXTERNAL AUTHENTICATE: 256 does not fit a short Lc */
    command.le = APDU_NO_LE;
    apdu_build(&command, &raw);
    assert_int_equal(raw.length, 4 + 3 + 256);
    assert_memory_equal(raw.data + 4, "\x00\x01\x00", 3);
    buffer_wipe(&raw);
}

static void response_is_split(void **state) {
    (void)state;
    bytes data;
    status_word sw;
    assert_int_equal(apdu_response(bytes_of("\x01\x02\x63\xC2", 4), &data, &sw), RESULT_OK);
    assert_int_equal(data.length, 2);
    assert_int_equal(sw, 0x63C2);
    assert_int_equal(status_word_tries(sw), 2);
    assert_int_equal(status_word_tries(SW_AUTHENTICATION_BLOCKED), -1);
    assert_int_equal(status_word_tries(0x6300), -1);
    assert_int_equal(apdu_response(bytes_of("\x90", 1), &data, &sw), RESULT_TRUNCATED);
}

static apdu_command part(uint8_t cla, uint8_t ins, const char *text) {
    return (apdu_command){.cla = cla, .ins = ins, .data = bytes_of(text, strlen(text))};
}

static void chain_collects_its_parts(void **state) {
    (void)state;
    apdu_chain chain = {.data = BUFFER_INIT(8)};
    bool whole;
    apdu_command c = part(0x10, 0x2A, "abc");
    assert_int_equal(apdu_chain_feed(&chain, &c, &whole), RESULT_OK);
    assert_false(whole);
    c = part(0x10, 0x2A, "de");
    assert_int_equal(apdu_chain_feed(&chain, &c, &whole), RESULT_OK);
    assert_false(whole);
    c = part(0x00, 0x2A, "fgh");
    assert_int_equal(apdu_chain_feed(&chain, &c, &whole), RESULT_OK);
    assert_true(whole);
    assert_true(bytes_equal(c.data, bytes_of("abcdefgh", 8)));
    c = part(0x00, 0x2A, "x"); /* the chain is over: this one stands alone */
    assert_int_equal(apdu_chain_feed(&chain, &c, &whole), RESULT_OK);
    assert_true(whole);
    assert_true(bytes_equal(c.data, bytes_of("x", 1)));
    apdu_chain_reset(&chain);
}

static void another_command_abandons_the_chain(void **state) {
    (void)state;
    apdu_chain chain = {.data = BUFFER_INIT(8)};
    bool whole;
    apdu_command c = part(0x10, 0x2A, "abc");
    apdu_chain_feed(&chain, &c, &whole);
    c = part(0x00, 0x84, "");
    assert_int_equal(apdu_chain_feed(&chain, &c, &whole), RESULT_OK);
    assert_true(whole);
    assert_int_equal(c.data.length, 0);
    c = part(0x00, 0x2A, "de");
    assert_int_equal(apdu_chain_feed(&chain, &c, &whole), RESULT_OK);
    assert_true(bytes_equal(c.data, bytes_of("de", 2)));
    apdu_chain_reset(&chain);
}

/* The same instruction with another P1 or P2 is another command, too. */
static void each_part_of_the_header_makes_another_command(void **state) {
    static const uint8_t others[][3] = {{0x2B, 1, 2}, {0x2A, 3, 2}, {0x2A, 1, 3}};
    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        apdu_chain chain = {.data = BUFFER_INIT(8)};
        bool whole;
        apdu_command first = part(0x10, 0x2A, "abc"), last = part(0x00, others[i][0], "de");
        first.p1 = 1;
        first.p2 = 2;
        last.p1 = others[i][1];
        last.p2 = others[i][2];
        assert_int_equal(apdu_chain_feed(&chain, &first, &whole), RESULT_OK);
        assert_int_equal(apdu_chain_feed(&chain, &last, &whole), RESULT_OK);
        assert_true(whole);
        assert_true(bytes_equal(last.data, bytes_of("de", 2)));
        apdu_chain_reset(&chain);
    }
}

static void chain_beyond_its_bound_is_abandoned(void **state) {
    (void)state;
    apdu_chain chain = {.data = BUFFER_INIT(8)};
    bool whole;
    apdu_command c = part(0x10, 0x2A, "abcde");
    apdu_chain_feed(&chain, &c, &whole);
    c = part(0x10, 0x2A, "fghi");
    assert_int_equal(apdu_chain_feed(&chain, &c, &whole), RESULT_TOO_LONG);
    assert_false(whole);
    assert_false(chain.open);
    c = part(0x00, 0x2A, "xy");
    assert_int_equal(apdu_chain_feed(&chain, &c, &whole), RESULT_OK);
    assert_true(whole);
    assert_int_equal(c.data.length, 2);
    c = part(0x00, 0x2A, "123456789");
    assert_int_equal(apdu_chain_feed(&chain, &c, &whole), RESULT_TOO_LONG);
    apdu_chain_reset(&chain);
}

static void tlv_is_written_shortest_and_read_back(void **state) {
    (void)state;
    static const size_t lengths[] = {0, 1, 127, 128, 255, 256, 65535};
    static const size_t headers[] = {2, 2, 2, 3, 3, 4, 4}; /* with a one-byte tag */
    static uint8_t value[65535];
    for (size_t i = 0; i < COUNT(lengths); i++) {
        buffer b = BUFFER_INIT(70000);
        assert_int_equal(tlv_append(&b, 0x53, bytes_of(value, lengths[i])), RESULT_OK);
        assert_int_equal(b.length, headers[i] + lengths[i]);
        bytes rest = buffer_bytes(&b);
        size_t whole;
        tlv object;
        assert_int_equal(tlv_whole_length(bytes_slice(rest, 0, headers[i]), &whole), RESULT_OK);
        assert_int_equal(whole, b.length);
        assert_int_equal(tlv_next(&rest, &object), RESULT_OK);
        assert_int_equal(object.value.length, lengths[i]);
        assert_int_equal(tlv_next(&rest, &object), RESULT_NOT_FOUND);
        buffer_wipe(&b);
    }
    buffer b = BUFFER_INIT(100000);
    assert_int_equal(tlv_append_header(&b, 0x53, 65536), RESULT_TOO_LONG);
    assert_int_equal(tlv_append(&b, 0x5F, BYTES("x")), RESULT_INVALID);       /* says more tag bytes follow */
    assert_int_equal(tlv_append(&b, 0x5301, BYTES("x")), RESULT_INVALID);     /* two tags */
    assert_int_equal(tlv_append(&b, 0xFFFFFFFF, BYTES("x")), RESULT_INVALID); /* four bytes */
    assert_int_equal(b.length, 0);
    buffer_wipe(&b);
}

static void tlv_finds_at_its_level_only(void **state) {
    (void)state;
    buffer b = BUFFER_INIT(64);
    append_hex(&b, "7F2107"
                   "5F4E01AA"
                   "900111"
                   "5F370122"
                   "DF81010133");
    bytes value;
    assert_int_equal(tlv_find(buffer_bytes(&b), 0x5F37, &value), RESULT_OK);
    assert_int_equal(value.data[0], 0x22);
    assert_int_equal(tlv_find(buffer_bytes(&b), 0xDF8101, &value), RESULT_OK);
    assert_int_equal(value.data[0], 0x33);
    assert_int_equal(tlv_find(buffer_bytes(&b), 0x5F4E, &value), RESULT_NOT_FOUND);
    buffer_wipe(&b);
}

static void malformed_tlv_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *hex;
        result expected;
    } wrong[] = {
        {"30", RESULT_TRUNCATED},         {"5F", RESULT_TRUNCATED},
        {"308000000000", RESULT_INVALID}, {"3083000001AA", RESULT_INVALID},
        {"308201", RESULT_TRUNCATED},     {"3003AABB", RESULT_TRUNCATED},
        {"3082FFFFAA", RESULT_TRUNCATED}, {"1F818181010100", RESULT_INVALID},
        {"1F80010100", RESULT_INVALID},   {"30FFAABB", RESULT_INVALID},
        {"3084FFFFFFFF", RESULT_INVALID}, {"DF81810100", RESULT_INVALID}, /* a tag of four bytes */
    };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        buffer b = BUFFER_INIT(64);
        append_hex(&b, wrong[i].hex);
        bytes rest = buffer_bytes(&b), before = rest;
        tlv object;
        assert_int_equal(tlv_next(&rest, &object), wrong[i].expected);
        assert_ptr_equal(rest.data, before.data);
        assert_int_equal(rest.length, before.length);
        buffer_wipe(&b);
    }
}

/* ATRs of My Number cards and of others, as published. */
static const struct {
    const char *hex;
    size_t historical;
    bool t0, t1, contactless;
} atrs[] = {
    {"3BE000FF8131FE4514", 0, false, true, false},
    {"3BDA13FF8131FB46801239 2F31C173C601C03B", 10, false, true, false},
    {"3BC5FF8131FB458073C601 0000", 5, false, true, false},
    {"3BF59100FF918171FE40004200 0100D1D6", 5, false, true, false},
    {"3B8880010000 05E0B381A1007F", 8, true, true, true},
    {"3B8880010000 41E0B381A1003B", 8, true, true, true},
    {"3B888001004B51FF0081D100BC", 8, true, true, true},
    {"3B00", 0, true, false, false},
    /* Made here: what PC/SC says of contactless cards is said in direct convention; T=15 is no protocol (8.2.3). */
    {"3B80800101", 0, true, true, true},
    {"3F80800101", 0, true, true, false},
    {"3B800F8F", 0, true, false, false},
};

static void published_atrs_are_understood(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(atrs); i++) {
        buffer raw = BUFFER_INIT(ATR_MAX);
        append_hex(&raw, atrs[i].hex);
        atr read;
        assert_int_equal(atr_parse(buffer_bytes(&raw), &read), RESULT_OK);
        assert_int_equal(read.historical.length, atrs[i].historical);
        assert_int_equal(read.offers_t0, atrs[i].t0);
        assert_int_equal(read.offers_t1, atrs[i].t1);
        assert_int_equal(read.contactless, atrs[i].contactless);
        for (size_t length = 0; length < raw.length; length++) /* no prefix of it is an ATR */
            assert_int_not_equal(atr_parse(bytes_slice(buffer_bytes(&raw), 0, length), &read), RESULT_OK);
        buffer_append_u8(&raw, 0);
        assert_int_equal(atr_parse(buffer_bytes(&raw), &read), RESULT_INVALID); /* a byte too many */
        buffer_wipe(&raw);
    }
}

/* 33 bytes are the most (8.2.1): with interface bytes for 34, all else being right, it is none. */
static void an_atr_has_33_bytes(void **state) {
    static const struct {
        uint8_t last_td; /* the interface bytes after TD3 */
        size_t length;
        result expected;
    } rows[] = {{0x71, 33, RESULT_OK}, {0xF1, 34, RESULT_INVALID}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t raw[34] = {0x3B, 0xFF}, sum = 0; /* TA1 to TD1, 15 historical bytes */
        raw[5] = raw[9] = 0xF1;
        raw[13] = rows[i].last_td;
        if (rows[i].length == 34)
            raw[17] = 0x01;
        for (size_t k = 1; k < rows[i].length - 1; k++)
            sum ^= raw[k];
        raw[rows[i].length - 1] = sum;
        atr read;
        assert_int_equal(atr_parse(bytes_of(raw, rows[i].length), &read), rows[i].expected);
    }
}

static void every_flipped_historical_bit_is_noticed(void **state) {
    (void)state;
    buffer raw = BUFFER_INIT(ATR_MAX);
    append_hex(&raw, atrs[4].hex);
    /* From the historical bytes on: a flip before them may make another ATR, one that has no check byte. */
    for (size_t bit = 4 * 8; bit < raw.length * 8; bit++) {
        atr read;
        raw.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(atr_parse(buffer_bytes(&raw), &read), RESULT_OK);
        raw.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    buffer_wipe(&raw);
}

static void type_b_answer_becomes_the_published_atr(void **state) {
    (void)state;
    buffer made = BUFFER_INIT(ATR_MAX), expected = BUFFER_INIT(ATR_MAX);
    assert_int_equal(atr_of_type_b((uint8_t[]){0x00, 0x00, 0x05, 0xE0}, (uint8_t[]){0xB3, 0x81, 0xA1}, 0x00, &made),
                     RESULT_OK);
    append_hex(&expected, atrs[4].hex);
    assert_true(bytes_equal(buffer_bytes(&made), buffer_bytes(&expected)));
    buffer_wipe(&made);
    buffer_wipe(&expected);
}

static cvc example_cvc(uint8_t seed) {
    cvc c = {.exponent = {1, 0, 1}};
    memcpy(c.authority_reference,
           "9200073\x08\x05"
           "001\x01\x02\x03\x04",
           16);
    memcpy(c.holder_reference,
           "9299774\x08\x05"
           "002\x05\x06\x07\x08",
           16);
    memset(c.modulus, 0x80 | seed, sizeof c.modulus);
    c.modulus[CVC_MODULUS_LENGTH - 1] |= 1;
    memset(c.signature, 0x5A ^ seed, sizeof c.signature);
    return c;
}

static void cvc_has_the_observed_layout(void **state) {
    (void)state;
    cvc made = example_cvc(3), read;
    buffer raw = BUFFER_INIT(CVC_LENGTH);
    assert_int_equal(cvc_build(&made, &raw), RESULT_OK);
    assert_int_equal(raw.length, CVC_LENGTH);
    assert_memory_equal(raw.data, "\x7F\x21\x82\x02\x33\x5F\x4E\x82\x01\x29", 10);
    assert_memory_equal(raw.data + 42, "\x90\x03\x01\x00\x01\x91\x82\x01\x00", 9);
    assert_memory_equal(raw.data + 307, "\x5F\x37\x82\x01\x00", 5);
    assert_int_equal(cvc_parse(buffer_bytes(&raw), &read), RESULT_OK);
    assert_memory_equal(&read, &made, sizeof made);
    assert_int_equal(cvc_parse_body(bytes_slice(buffer_bytes(&raw), 10, CVC_BODY_LENGTH), &read), RESULT_OK);
    assert_memory_equal(read.modulus, made.modulus, sizeof made.modulus);
    assert_int_equal(cvc_parse(bytes_slice(buffer_bytes(&raw), 0, CVC_LENGTH - 1), &read), RESULT_TRUNCATED);
    buffer_wipe(&raw);
}

static void cvc_with_other_structure_is_refused(void **state) {
    (void)state;
    static const size_t structural[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 42, 43, 47, 48, 49, 50, 307, 308, 309, 310, 311};
    cvc made = example_cvc(3), read;
    buffer raw = BUFFER_INIT(CVC_LENGTH + 1);
    cvc_build(&made, &raw);
    for (size_t i = 0; i < COUNT(structural); i++)
        for (int bit = 0; bit < 8; bit++) {
            raw.data[structural[i]] ^= (uint8_t)(1 << bit);
            assert_int_not_equal(cvc_parse(buffer_bytes(&raw), &read), RESULT_OK);
            raw.data[structural[i]] ^= (uint8_t)(1 << bit);
        }
    buffer_append_u8(&raw, 0);
    assert_int_equal(cvc_parse(buffer_bytes(&raw), &read), RESULT_INVALID);
    buffer_wipe(&raw);
}

static void cvc_with_a_weak_key_is_refused_by_name(void **state) {
    static const struct {
        uint8_t first, last, exponent[3]; /* first and last byte of the modulus */
        result due;
    } rows[] = {
        {0x80, 1, {0, 0, 5}, RESULT_OK},  {0x80, 1, {0xFF, 0xFF, 0xFF}, RESULT_OK},
        {0x7F, 1, {1, 0, 1}, RESULT_KEY}, /* 2047 bits */
        {0x80, 2, {1, 0, 1}, RESULT_KEY}, {0x80, 1, {1, 0, 0}, RESULT_KEY},
        {0x80, 1, {1, 0, 2}, RESULT_KEY}, {0x80, 1, {0, 0, 1}, RESULT_KEY},
        {0x80, 1, {0, 0, 3}, RESULT_KEY},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        cvc made = example_cvc(3), read;
        buffer raw = BUFFER_INIT(CVC_LENGTH);
        made.modulus[0] = rows[i].first;
        made.modulus[CVC_MODULUS_LENGTH - 1] = rows[i].last;
        memcpy(made.exponent, rows[i].exponent, sizeof made.exponent);
        cvc_build(&made, &raw);
        assert_int_equal(cvc_parse(buffer_bytes(&raw), &read), rows[i].due);
        buffer_wipe(&raw);
    }
}

static void chain_file_is_taken_apart(void **state) {
    (void)state;
    cvc first = example_cvc(1), second = example_cvc(2), read;
    buffer file = BUFFER_INIT(2 * CVC_LENGTH);
    cvc_build(&first, &file);
    cvc_build(&second, &file);
    bytes rest = buffer_bytes(&file), raw;
    assert_int_equal(cvc_chain_next(&rest, &read, &raw), RESULT_OK);
    assert_memory_equal(&read, &first, sizeof first);
    assert_int_equal(raw.length, CVC_LENGTH);
    bytes torn = bytes_slice(rest, 0, CVC_LENGTH - 1);
    assert_int_equal(cvc_chain_next(&torn, &read, &raw), RESULT_TRUNCATED);
    assert_int_equal(cvc_chain_next(&rest, &read, &raw), RESULT_OK);
    assert_memory_equal(&read, &second, sizeof second);
    assert_int_equal(cvc_chain_next(&rest, &read, &raw), RESULT_NOT_FOUND);
    buffer_wipe(&file);
}

static void institution_message_is_the_documented_concatenation(void **state) {
    (void)state;
    uint8_t message[INSTITUTION_MESSAGE_LENGTH];
    institution_message((const uint8_t *)"CARD000000000001", (const uint8_t *)"HOLDER0000000002",
                        (const uint8_t *)"CHALLENGE0000003", message);
    assert_memory_equal(message, "Uketsuke-INST-A1CARD000000000001HOLDER0000000002CHALLENGE0000003", 64);
}

static uint32_t random_state;
static uint32_t random_u32(void) { /* xorshift32: the same bytes in every run */
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state;
}

static void assert_inside(bytes part_of, bytes whole) {
    if (part_of.length == 0)
        return;
    assert_true(part_of.data >= whole.data);
    assert_true(part_of.data + part_of.length <= whole.data + whole.length);
}

static void parse_everything(bytes raw) {
    apdu_command command;
    if (apdu_parse(raw, &command) == RESULT_OK) {
        assert_inside(command.data, raw);
        buffer again = BUFFER_INIT(APDU_COMMAND_MAX);
        assert_int_equal(apdu_build(&command, &again), RESULT_OK);
        assert_true(bytes_equal(buffer_bytes(&again), raw)); /* each form has one writing */
        buffer_wipe(&again);
    }
    atr answer;
    if (atr_parse(raw, &answer) == RESULT_OK)
        assert_inside(answer.historical, raw);
    cvc certificate;
    cvc_parse(raw, &certificate);
    cvc_parse_body(raw, &certificate);
    bytes rest = raw;
    tlv object;
    while (tlv_next(&rest, &object) == RESULT_OK) {
        assert_inside(object.value, raw);
        assert_inside(rest, raw);
    }
}

/* Copies on the heap of exactly the right size, so that the sanitizer sees a single byte read too far. */
static void parse_copy(const uint8_t *data, size_t length) {
    uint8_t *copy = malloc(length ? length : 1);
    assert_non_null(copy);
    memcpy(copy, data, length);
    parse_everything(bytes_of(copy, length));
    free(copy);
}

static void random_bytes_never_lead_outside(void **state) {
    (void)state;
    random_state = 20261123;
    uint8_t data[48];
    for (int round = 0; round < 20000; round++) {
        size_t length = random_u32() % (sizeof data + 1);
        for (size_t i = 0; i < length; i++)
            data[i] = (uint8_t)(random_u32() >> 8);
        if (length > 6 && round % 3 == 0)
            data[4] = 0, data[5] = 0; /* reach the extended forms */
        if (length > 2 && round % 5 == 0)
            data[0] = 0x3B; /* reach the ATR's inside */
        parse_copy(data, length);
    }
}

static void mutated_certificates_never_lead_outside(void **state) {
    (void)state;
    random_state = 7816;
    cvc made = example_cvc(9);
    buffer good = BUFFER_INIT(CVC_LENGTH);
    cvc_build(&made, &good);
    for (int round = 0; round < 5000; round++) {
        uint8_t data[CVC_LENGTH];
        memcpy(data, good.data, sizeof data);
        for (uint32_t flips = 1 + random_u32() % 4; flips > 0; flips--)
            data[random_u32() % (round % 2 ? 64 : sizeof data)] ^= (uint8_t)(1 << random_u32() % 8);
        parse_copy(data, round % 4 ? sizeof data : random_u32() % sizeof data);
    }
    buffer_wipe(&good);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_form_is_read_and_written),
        cmocka_unit_test(other_command_forms_are_refused),
        cmocka_unit_test(longest_command_passes),
        cmocka_unit_test(length_fields_grow_with_what_they_hold),
        cmocka_unit_test(response_is_split),
        cmocka_unit_test(chain_collects_its_parts),
        cmocka_unit_test(another_command_abandons_the_chain),
        cmocka_unit_test(each_part_of_the_header_makes_another_command),
        cmocka_unit_test(chain_beyond_its_bound_is_abandoned),
        cmocka_unit_test(tlv_is_written_shortest_and_read_back),
        cmocka_unit_test(tlv_finds_at_its_level_only),
        cmocka_unit_test(malformed_tlv_is_refused),
        cmocka_unit_test(published_atrs_are_understood),
        cmocka_unit_test(an_atr_has_33_bytes),
        cmocka_unit_test(every_flipped_historical_bit_is_noticed),
        cmocka_unit_test(type_b_answer_becomes_the_published_atr),
        cmocka_unit_test(cvc_has_the_observed_layout),
        cmocka_unit_test(cvc_with_other_structure_is_refused),
        cmocka_unit_test(cvc_with_a_weak_key_is_refused_by_name),
        cmocka_unit_test(chain_file_is_taken_apart),
        cmocka_unit_test(institution_message_is_the_documented_concatenation),
        cmocka_unit_test(random_bytes_never_lead_outside),
        cmocka_unit_test(mutated_certificates_never_lead_outside),
    };
    return cmocka_run_group_tests_name("iso7816", tests, NULL, NULL);
}
