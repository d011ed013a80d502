/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SCP03, both ends. The input's first byte: the security level; each part: what is done (its first byte), and with
 * which bytes. Honest messages arrive whole; one changed bit, a repeated or a foreign message ends the session. */
#include "fuzz.h"

#include "scp03/scp03.h"

#include <string.h>

static scp03_keys keys = {.version = 1, .length = 16};
static const uint8_t challenge[SCP03_CHALLENGE] = {1, 2, 3, 4, 5, 6, 7, 8};
static uint8_t level;
static scp03 host, element;
static bool accept_all; /* MACs and cryptograms of others are taken for right, so that what is behind them is reached */

bool __wrap_bytes_equal_secret(bytes a, bytes b);
bool __real_bytes_equal_secret(bytes a, bytes b);

bool __wrap_bytes_equal_secret(bytes a, bytes b) {
    return __real_bytes_equal_secret(a, b) || accept_all;
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    memset(keys.enc, 0x40, sizeof keys.enc);
    memset(keys.mac, 0x41, sizeof keys.mac);
    memset(keys.dek, 0x42, sizeof keys.dek);
    return 0;
}

static void begin(void) {
    uint8_t card_challenge[SCP03_CHALLENGE], header[SCP03_HEADER] = {0x84, 0x82, level, 0};
    uint32_t sequence;
    buffer answer = BUFFER_INIT(32), data = BUFFER_INIT(16);
    FUZZ_REQUIRE(scp03_card_challenge(&keys, 7, bytes_of("application", 11), card_challenge) == RESULT_OK);
    FUZZ_REQUIRE(scp03_card_begin(&element, &keys, challenge, card_challenge) == RESULT_OK);
    buffer_extend(&answer, 10);
    buffer_append(&answer, bytes_of("\x01\x03\x70", 3));
    buffer_append(&answer, BYTES(card_challenge));
    buffer_append(&answer, BYTES(element.card_cryptogram));
    buffer_append(&answer, bytes_of("\0\0\7", 3));
    FUZZ_REQUIRE(scp03_host_begin(&host, &keys, challenge, buffer_bytes(&answer), &sequence) == RESULT_OK &&
                 sequence == 7);
    FUZZ_REQUIRE(scp03_host_authenticate(&host, level, &data) == RESULT_OK);
    FUZZ_REQUIRE(scp03_card_authenticate(&element, header, buffer_bytes(&data)) == RESULT_OK);
    buffer_wipe(&answer);
    buffer_wipe(&data);
}

/* One command there and its response back, perhaps with one bit changed on the way. */
static void exchange(bytes command, int flip_command, int flip_response) {
    uint8_t header[SCP03_HEADER] = {0x80, 0xE2, 0x00, 0x00};
    buffer wrapped = BUFFER_INIT(65536), clear = BUFFER_INIT(65536), back = BUFFER_INIT(65536),
           read = BUFFER_INIT(65536);
    FUZZ_REQUIRE(scp03_host_wrap(&host, header, command, &wrapped) == RESULT_OK);
    if (flip_command >= 0)
        wrapped.data[(size_t)flip_command % wrapped.length] ^= 1;
    result code = scp03_card_unwrap(&element, header, buffer_bytes(&wrapped), &clear);
    FUZZ_REQUIRE((code == RESULT_OK) == (flip_command < 0));
    if (code == RESULT_OK) {
        FUZZ_REQUIRE(bytes_equal(buffer_bytes(&clear), command));
        FUZZ_REQUIRE(scp03_card_wrap(&element, command, 0x9000, &back) == RESULT_OK);
        bool flips = flip_response >= 0 && level & SCP03_R_MAC;
        if (flips)
            back.data[(size_t)flip_response % back.length] ^= 1;
        code = scp03_host_unwrap(&host, buffer_bytes(&back), 0x9000, &read);
        FUZZ_REQUIRE((code == RESULT_OK) == !flips && (flips || bytes_equal(buffer_bytes(&read), command)));
    }
    if (code != RESULT_OK)
        begin();
    buffer_wipe(&wrapped);
    buffer_wipe(&clear);
    buffer_wipe(&back);
    buffer_wipe(&read);
}

/* A message that the other end never made. */
static void hostile_command(bytes raw) {
    buffer clear = BUFFER_INIT(65536);
    if (raw.length < SCP03_HEADER)
        return;
    result code = scp03_card_unwrap(&element, raw.data, bytes_slice(raw, SCP03_HEADER, raw.length), &clear);
    FUZZ_REQUIRE(accept_all || code != RESULT_OK);
    FUZZ_REQUIRE(code == RESULT_OK || clear.length == 0);
    FUZZ_REQUIRE(code == RESULT_OK || scp03_card_unwrap(&element, raw.data, raw, &clear) != RESULT_OK); /* dead */
    buffer_wipe(&clear);
    begin();
}

static void hostile_response(bytes raw) {
    buffer clear = BUFFER_INIT(65536);
    if (raw.length < 2)
        return;
    uint16_t sw = (uint16_t)(raw.data[0] << 8 | raw.data[1]);
    result code = scp03_host_unwrap(&host, bytes_slice(raw, 2, raw.length), sw, &clear);
    FUZZ_REQUIRE(code != RESULT_OK || accept_all || !(level & SCP03_R_MAC) || clear.length == 0);
    buffer_wipe(&clear);
    begin();
}

static void hostile_start(bytes raw) {
    scp03 fresh;
    uint32_t sequence;
    uint8_t header[SCP03_HEADER] = {0x84, 0x82, 0x33, 0}, key[SCP03_KEY_MAX];
    result code = scp03_host_begin(&fresh, &keys, challenge, raw, &sequence);
    FUZZ_REQUIRE(code != RESULT_OK || accept_all);
    FUZZ_REQUIRE(scp03_card_begin(&fresh, &keys, challenge, challenge) == RESULT_OK);
    FUZZ_REQUIRE(scp03_card_authenticate(&fresh, header, raw) != RESULT_OK || accept_all);
    scp03_decrypt_key(&keys, raw, key);
}

static void run_part(bytes part) {
    uint8_t *copy = fuzz_copy(bytes_slice(part, 1, part.length));
    bytes rest = bytes_of(copy, part.length - 1);
    accept_all = part.data[0] & 0x80;
    switch (part.data[0] & 0x07) {
    case 0:
        accept_all = false;
        exchange(rest, -1, -1);
        break;
    case 1:
        accept_all = false;
        exchange(rest, part.data[0] >> 3 & 0x0F, -1);
        break;
    case 2:
        accept_all = false;
        exchange(rest, -1, part.data[0] >> 3 & 0x0F);
        break;
    case 3: hostile_command(rest); break;
    case 4: hostile_response(rest); break;
    default: hostile_start(rest); break;
    }
    accept_all = false;
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint8_t levels[] = {SCP03_C_MAC, SCP03_C_MAC | SCP03_C_ENC, SCP03_C_MAC | SCP03_R_MAC,
                                     SCP03_C_MAC | SCP03_C_ENC | SCP03_R_MAC, SCP03_FULL};
    static const size_t lengths[] = {16, 24, 32};
    bytes input = bytes_of(data, size), part;
    if (size == 0)
        return 0;
    level = levels[data[0] % sizeof levels];
    keys.length = lengths[data[0] / sizeof levels % 3];
    input = bytes_slice(input, 1, input.length);
    begin();
    while (fuzz_next_part(&input, &part))
        if (part.length > 0)
            run_part(part);
    scp03_wipe(&host);
    scp03_wipe(&element);
    return 0;
}
