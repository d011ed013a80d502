/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bound-se.h"

#include "base/file.h"
#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

const card_personality *const se = &secure_element_personality;
char folder[64];
card *inserted;
scp03 session;
scp03_keys issuer, fresh_issuer, binding;
buffer answer = BUFFER_INIT(APDU_RESPONSE_MAX);
bytes last_sent;
static buffer last = BUFFER_INIT(APDU_COMMAND_MAX);

/* --- --- the image, and bytes ------------------------------------------------------------------------------------- */

static void write_image_file(const char *name, const char *text) {
    char *path = file_join(folder, name);
    assert_int_equal(file_replace(path, bytes_of(text, strlen(text)), 0600), RESULT_OK);
    free(path);
}

void open_card(void) {
    const char *problem = "";
    assert_int_equal(se->open(folder, &inserted, &problem), RESULT_OK);
}

/* The image is opened again: what was only in memory is gone. */
void power_cycle(void) {
    se->close(&inserted);
    open_card();
    scp03_wipe(&session);
}

status_word send_raw(bytes command) {
    buffer_clear(&answer);
    se->transmit(inserted, command, &answer);
    assert_true(answer.length >= 2);
    status_word sw = (status_word)(answer.data[answer.length - 2] << 8 | answer.data[answer.length - 1]);
    buffer_truncate(&answer, answer.length - 2);
    return sw;
}

status_word send(const char *hex) {
    buffer command = BUFFER_INIT(APDU_COMMAND_MAX);
    assert_int_equal(hex_decode(hex, &command), RESULT_OK);
    status_word sw = send_raw(buffer_bytes(&command));
    buffer_wipe(&command);
    return sw;
}

status_word select_application(void) {
    return send("00A404000C" APPLICATION "00");
}

/* All of an answer, by GET RESPONSE if need be. */
static status_word gather(status_word sw) {
    buffer all = BUFFER_INIT(APDU_RESPONSE_MAX);
    buffer_append(&all, buffer_bytes(&answer));
    while (sw >> 8 == SW_MORE_DATA >> 8) {
        sw = send("00C0000000");
        buffer_append(&all, buffer_bytes(&answer));
    }
    buffer_clear(&answer);
    buffer_append(&answer, buffer_bytes(&all));
    buffer_wipe(&all);
    return sw;
}

status_word send_command(uint8_t cla, uint8_t ins, uint8_t p1, uint8_t p2, bytes data, uint32_t le) {
    const apdu_command command = {.cla = cla, .ins = ins, .p1 = p1, .p2 = p2, .data = data, .le = le};
    buffer_clear(&last);
    assert_int_equal(apdu_build(&command, &last), RESULT_OK);
    last_sent = buffer_bytes(&last);
    return gather(send_raw(last_sent));
}

/* --- --- the channel ---------------------------------------------------------------------------------------------- */

scp03_keys keys_of(uint8_t version, uint8_t first, size_t length) {
    scp03_keys keys = {.version = version, .length = length};
    for (size_t i = 0; i < length; i++) {
        keys.enc[i] = (uint8_t)(first + i);
        keys.mac[i] = (uint8_t)(first + 0x40 + i);
        keys.dek[i] = (uint8_t)(first + 0x80 + i);
    }
    return keys;
}

static scp03_keys factory_keys(void) {
    scp03_keys keys = {.version = ISSUER, .length = 16};
    for (size_t i = 0; i < 16; i++)
        keys.enc[i] = keys.mac[i] = keys.dek[i] = (uint8_t)(0x40 + i);
    return keys;
}

status_word open_channel_at(const scp03_keys *keys, uint8_t level, uint32_t *sequence) {
    static const uint8_t challenge[SCP03_CHALLENGE] = {1, 2, 3, 4, 5, 6, 7, 8};
    buffer data = BUFFER_INIT(64);
    status_word sw = send_command(0x80, 0x50, keys->version, 0, BYTES(challenge), 256);
    if (sw != SW_OK)
        return sw;
    if (scp03_host_begin(&session, keys, challenge, buffer_bytes(&answer), sequence) != RESULT_OK)
        return SW_UNKNOWN; /* the host would stop here: not the SE it knows */
    assert_int_equal(scp03_host_authenticate(&session, level, &data), RESULT_OK);
    sw = send_command(0x84, 0x82, level, 0, buffer_bytes(&data), APDU_NO_LE);
    buffer_wipe(&data);
    return sw;
}

status_word open_channel(const scp03_keys *keys) {
    uint32_t sequence;
    return open_channel_at(keys, FULL, &sequence);
}

/* In the channel; the answer is in clear afterwards. */
static status_word wrapped(uint8_t cla, uint8_t ins, uint8_t p1, uint8_t p2, bytes data, uint32_t le) {
    uint8_t header[SCP03_HEADER] = {cla, ins, p1, p2};
    buffer body = BUFFER_INIT(8192), plain = BUFFER_INIT(8192);
    assert_int_equal(scp03_host_wrap(&session, header, data, &body), RESULT_OK);
    status_word sw = send_command(header[0], ins, p1, p2, buffer_bytes(&body), le);
    assert_int_equal(scp03_host_unwrap(&session, buffer_bytes(&answer), sw, &plain), RESULT_OK);
    buffer_clear(&answer);
    buffer_append(&answer, buffer_bytes(&plain));
    buffer_wipe(&body);
    buffer_wipe(&plain);
    return sw;
}

status_word wrapped_hex(uint8_t cla, uint8_t ins, uint8_t p1, uint8_t p2, const char *hex, uint32_t le) {
    buffer data = BUFFER_INIT(4096);
    assert_int_equal(hex_decode(hex, &data), RESULT_OK);
    status_word sw = wrapped(cla, ins, p1, p2, buffer_bytes(&data), le);
    buffer_wipe(&data);
    return sw;
}

status_word put_keys(const scp03_keys *under, const scp03_keys *keys, uint8_t replaces) {
    const uint8_t *const each[] = {keys->enc, keys->mac, keys->dek};
    buffer data = BUFFER_INIT(256);
    buffer_append_u8(&data, keys->version);
    for (size_t i = 0; i < 3; i++) {
        uint8_t cryptogram[SCP03_KEY_MAX], check[SCP03_CHECK_VALUE];
        size_t length = 0;
        assert_int_equal(scp03_encrypt_key(under, bytes_of(each[i], keys->length), cryptogram, &length), RESULT_OK);
        assert_int_equal(scp03_check_value(bytes_of(each[i], keys->length), check), RESULT_OK);
        buffer_append_u8(&data, 0x88);
        buffer_append_u8(&data, (uint8_t)(1 + length));
        buffer_append_u8(&data, (uint8_t)keys->length);
        buffer_append(&data, bytes_of(cryptogram, length));
        buffer_append_u8(&data, SCP03_CHECK_VALUE);
        buffer_append(&data, BYTES(check));
    }
    status_word sw = wrapped(0x80, 0xD8, replaces, 0x81, buffer_bytes(&data), 256);
    buffer_wipe(&data);
    return sw;
}

status_word life_cycle(void) {
    return send("00CA010400") == SW_OK && answer.length == 1 ? answer.data[0] : SW_UNKNOWN;
}

status_word set_status(uint8_t p1, uint8_t p2) {
    return wrapped(0x80, 0xF0, p1, p2, bytes_of(NULL, 0), APDU_NO_LE);
}

/* PIN and PUK, a key in place 0, the binding, a new issuer's key, to work: as personalisation does it. */
void personalise(void) {
    assert_int_equal(select_application(), SW_OK);
    assert_int_equal(send("00E00000176F15"
                          "81020004"
                          "820101"
                          "83024401"
                          "8608FF90909090909000"),
                     SW_OK);
    assert_int_equal(send("00E00000176F15"
                          "81020004"
                          "820101"
                          "83024402"
                          "8608FF90909090909090"),
                     SW_OK);
    assert_int_equal(send("0024010210" PUK), SW_OK);
    assert_int_equal(send("0024010110" PIN), SW_OK);
    assert_int_equal(open_channel(&issuer), SW_OK);
    assert_int_equal(set_status(0x40, 0x0F), SW_CONDITIONS); /* nothing is bound yet */
    assert_int_equal(wrapped_hex(0, 0x22, 0x41, 0x00, "8001F3840100", APDU_NO_LE), SW_OK);
    assert_int_equal(wrapped_hex(0, 0x46, 0x42, 0x00, "", 256), SW_OK);
    assert_int_equal(put_keys(&issuer, &binding, 0), SW_OK);
    assert_int_equal(answer.length, 1 + 3 * SCP03_CHECK_VALUE);
    assert_int_equal(set_status(0x40, 0x0F), SW_CONDITIONS); /* the issuer's key is still the factory's */
    assert_int_equal(put_keys(&issuer, &fresh_issuer, ISSUER), SW_OK);
    assert_int_equal(set_status(0x40, 0x0F), SW_OK);
    assert_int_equal(life_cycle(), 0x0F);
}

status_word activate(void) {
    status_word sw = open_channel(&binding);
    return sw == SW_OK ? wrapped_hex(0, 0x20, 0, 0x01, PIN, APDU_NO_LE) : sw;
}

status_word sign_wrapped(uint32_t le) {
    status_word sw = wrapped_hex(0, 0x22, 0x41, 0xB6, "800111840100", APDU_NO_LE);
    return sw == SW_OK ? wrapped_hex(0, 0x2A, 0x9E, 0x9A, "0102030405060708", le) : sw;
}

int bound_se_set_up(void **state) {
    (void)state;
    /* Every command writes durably: in memory that costs nothing. */
    snprintf(folder, sizeof folder, "%s/bound-se.XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (mkdtemp(folder) == NULL)
        return -1;
    write_image_file("personality", "se\n");
    write_image_file("atr", "3B00\n");
    write_image_file("card-id", "5312345678901234");
    issuer = factory_keys();
    fresh_issuer = keys_of(ISSUER, 0x11, 32);
    binding = keys_of(BINDING, 0x22, 16);
    open_card();
    return 0;
}

int bound_se_tear_down(void **state) {
    char command[128];
    (void)state;
    se->close(&inserted);
    buffer_wipe(&answer);
    buffer_wipe(&last);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}
