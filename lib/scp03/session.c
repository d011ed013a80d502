/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "scp03/scp03.h"

#include "base/secret.h"
#include "scp03/cipher.h"

#include <string.h>

#define CARD_CRYPTOGRAM 0x00
#define HOST_CRYPTOGRAM 0x01
#define CARD_CHALLENGE 0x02
#define SESSION_ENC 0x04
#define SESSION_MAC 0x06
#define SESSION_RMAC 0x07
#define CLA_SECURE 0x04
#define INS_EXTERNAL_AUTHENTICATE 0x82
#define RESPONSE_ICV 0x80
#define PADDING 0x80
#define DIVERSIFICATION 10
#define KEY_INFORMATION 3
#define ANSWER_SHORT (DIVERSIFICATION + KEY_INFORMATION + 2 * SCP03_CHALLENGE)
#define SEQUENCE_LENGTH 3
#define MESSAGE_MAX (SCP03_BLOCK + SCP03_HEADER + 3 + 65536 + SCP03_OVERHEAD)

void scp03_keys_wipe(scp03_keys *keys) {
    secret_wipe(keys, sizeof *keys);
}

void scp03_wipe(scp03 *session) {
    secret_wipe(session, sizeof *session);
}

/* A failed session accepts no further calls. */
static result settle(scp03 *session, result code) {
    if (code != RESULT_OK)
        scp03_wipe(session);
    return code;
}

static result derive_all(scp03 *s, const scp03_keys *keys, bytes context) {
    uint16_t bits = (uint16_t)(keys->length * 8);
    bytes enc = bytes_of(keys->enc, keys->length), mac = bytes_of(keys->mac, keys->length);
    if (keys->length != 16 && keys->length != 24 && keys->length != 32)
        return RESULT_INVALID;
    result code = cipher_derive(enc, SESSION_ENC, bits, context, s->s_enc);
    if (code == RESULT_OK)
        code = cipher_derive(mac, SESSION_MAC, bits, context, s->s_mac);
    if (code == RESULT_OK)
        code = cipher_derive(mac, SESSION_RMAC, bits, context, s->s_rmac);
    bytes session_mac = bytes_of(s->s_mac, keys->length);
    if (code == RESULT_OK)
        code = cipher_derive(session_mac, CARD_CRYPTOGRAM, 64, context, s->card_cryptogram);
    if (code == RESULT_OK)
        code = cipher_derive(session_mac, HOST_CRYPTOGRAM, 64, context, s->host_cryptogram);
    return code;
}

result scp03_card_begin(scp03 *session, const scp03_keys *keys, const uint8_t host_challenge[SCP03_CHALLENGE],
                        const uint8_t card_challenge[SCP03_CHALLENGE]) {
    uint8_t context[2 * SCP03_CHALLENGE];
    memcpy(context, host_challenge, SCP03_CHALLENGE);
    memcpy(context + SCP03_CHALLENGE, card_challenge, SCP03_CHALLENGE);
    *session = (scp03){.length = keys->length, .alive = true};
    return settle(session, derive_all(session, keys, BYTES(context)));
}

result scp03_host_begin(scp03 *session, const scp03_keys *keys, const uint8_t challenge[SCP03_CHALLENGE], bytes answer,
                        uint32_t *sequence) {
    *session = (scp03){0};
    *sequence = 0;
    if (answer.length != ANSWER_SHORT && answer.length != ANSWER_SHORT + SEQUENCE_LENGTH)
        return RESULT_INVALID;
    const uint8_t *information = answer.data + DIVERSIFICATION;
    if (information[1] != 0x03 || (information[2] & 0x01) != 0)
        return RESULT_UNSUPPORTED;
    const uint8_t *card_challenge = information + KEY_INFORMATION;
    result code = scp03_card_begin(session, keys, challenge, card_challenge);
    if (code == RESULT_OK && !bytes_equal_secret(bytes_of(card_challenge + SCP03_CHALLENGE, SCP03_CHALLENGE),
                                                 BYTES(session->card_cryptogram)))
        code = RESULT_BAD_SIGNATURE;
    if (answer.length > ANSWER_SHORT)
        for (size_t i = 0; i < SEQUENCE_LENGTH; i++)
            *sequence = *sequence << 8 | answer.data[ANSWER_SHORT + i];
    return settle(session, code);
}

result scp03_card_challenge(const scp03_keys *keys, uint32_t sequence, bytes application,
                            uint8_t challenge[SCP03_CHALLENGE]) {
    buffer context = BUFFER_INIT(SEQUENCE_LENGTH + 16);
    buffer_append_u8(&context, (uint8_t)(sequence >> 16));
    buffer_append_u16(&context, (uint16_t)sequence);
    buffer_append(&context, application);
    result code = context.failed;
    if (code == RESULT_OK)
        code = cipher_derive(bytes_of(keys->enc, keys->length), CARD_CHALLENGE, 64, buffer_bytes(&context), challenge);
    buffer_wipe(&context);
    return code;
}

/* C-MAC (6.2.4): over chaining value, header, length with the MAC, data; the full MAC is the next chaining value. */
static result command_mac(scp03 *s, const uint8_t header[SCP03_HEADER], bytes data, uint8_t mac[SCP03_BLOCK]) {
    buffer message = BUFFER_INIT(MESSAGE_MAX);
    size_t length = data.length + SCP03_MAC;
    buffer_append(&message, BYTES(s->chain));
    buffer_append_u8(&message, header[0] | CLA_SECURE);
    buffer_append(&message, bytes_of(header + 1, SCP03_HEADER - 1));
    if (length > 0xFF) {
        buffer_append_u8(&message, 0);
        buffer_append_u16(&message, (uint16_t)length);
    } else {
        buffer_append_u8(&message, (uint8_t)length);
    }
    buffer_append(&message, data);
    result code = length > 0xFFFF ? RESULT_TOO_LONG : message.failed;
    if (code == RESULT_OK)
        code = cipher_cmac(bytes_of(s->s_mac, s->length), buffer_bytes(&message), mac);
    buffer_wipe(&message);
    return code;
}

/* R-MAC (6.2.5): over chaining value, data, status word. */
static result response_mac(scp03 *s, bytes data, uint16_t sw, uint8_t mac[SCP03_BLOCK]) {
    buffer message = BUFFER_INIT(MESSAGE_MAX);
    buffer_append(&message, BYTES(s->chain));
    buffer_append(&message, data);
    buffer_append_u16(&message, sw);
    result code = message.failed;
    if (code == RESULT_OK)
        code = cipher_cmac(bytes_of(s->s_rmac, s->length), buffer_bytes(&message), mac);
    buffer_wipe(&message);
    return code;
}

/* 6.2.6, 6.2.7: the counter encrypted; for responses its first byte is 80. */
static result make_icv(scp03 *s, bool response, uint8_t icv[SCP03_BLOCK]) {
    static const uint8_t zero[SCP03_BLOCK];
    uint8_t block[SCP03_BLOCK] = {response ? RESPONSE_ICV : 0};
    for (size_t i = 0; i < 4; i++)
        block[SCP03_BLOCK - 1 - i] = (uint8_t)(s->counter >> (8 * i));
    return cipher_cbc(true, bytes_of(s->s_enc, s->length), zero, BYTES(block), icv);
}

static result encrypt(scp03 *s, bool response, bytes data, buffer *out) {
    uint8_t icv[SCP03_BLOCK];
    buffer padded = BUFFER_INIT(MESSAGE_MAX);
    buffer_append(&padded, data);
    buffer_append_u8(&padded, PADDING);
    buffer_extend(&padded, (SCP03_BLOCK - padded.length % SCP03_BLOCK) % SCP03_BLOCK);
    uint8_t *room = padded.failed == RESULT_OK ? buffer_extend(out, padded.length) : NULL;
    result code = room == NULL ? RESULT_TOO_LONG : make_icv(s, response, icv);
    if (code == RESULT_OK)
        code = cipher_cbc(true, bytes_of(s->s_enc, s->length), icv, buffer_bytes(&padded), room);
    buffer_wipe(&padded);
    return code;
}

static result decrypt(scp03 *s, bool response, bytes data, buffer *out) {
    uint8_t icv[SCP03_BLOCK];
    buffer padded = BUFFER_INIT(MESSAGE_MAX);
    uint8_t *room = data.length > 0 && data.length % SCP03_BLOCK == 0 ? buffer_extend(&padded, data.length) : NULL;
    result code = room == NULL ? RESULT_INVALID : make_icv(s, response, icv);
    if (code == RESULT_OK)
        code = cipher_cbc(false, bytes_of(s->s_enc, s->length), icv, data, room);
    size_t end = padded.length;
    while (code == RESULT_OK && end > 0 && padded.data[end - 1] == 0)
        end--;
    if (code == RESULT_OK && (end == 0 || padded.data[end - 1] != PADDING || padded.length - end >= SCP03_BLOCK))
        code = RESULT_INVALID;
    if (code == RESULT_OK)
        code = buffer_append(out, bytes_of(padded.data, end - 1));
    buffer_wipe(&padded);
    return code;
}

static result authenticated(const scp03 *s) {
    return s->alive && s->level != 0 ? RESULT_OK : RESULT_REFUSED;
}

result scp03_host_authenticate(scp03 *session, uint8_t level, buffer *data) {
    const uint8_t header[SCP03_HEADER] = {0x80, INS_EXTERNAL_AUTHENTICATE, level, 0};
    result code = session->alive && session->level == 0 && level != 0 ? RESULT_OK : RESULT_REFUSED;
    if (code == RESULT_OK)
        code = command_mac(session, header, BYTES(session->host_cryptogram), session->chain);
    if (code == RESULT_OK)
        code = buffer_append(data, BYTES(session->host_cryptogram));
    if (code == RESULT_OK)
        code = buffer_append(data, bytes_of(session->chain, SCP03_MAC));
    session->level = level;
    return settle(session, code);
}

result scp03_host_wrap(scp03 *session, uint8_t header[SCP03_HEADER], bytes data, buffer *wrapped) {
    result code = authenticated(session);
    size_t start = wrapped->length;
    session->counter++;
    if (code == RESULT_OK && data.length > SCP03_DATA_MAX)
        code = RESULT_TOO_LONG;
    header[0] |= CLA_SECURE;
    if (code == RESULT_OK)
        code = session->level & SCP03_C_ENC && data.length > 0 ? encrypt(session, false, data, wrapped)
                                                               : buffer_append(wrapped, data);
    if (code == RESULT_OK)
        code = command_mac(session, header, bytes_slice(buffer_bytes(wrapped), start, wrapped->length - start),
                           session->chain);
    if (code == RESULT_OK)
        code = buffer_append(wrapped, bytes_of(session->chain, SCP03_MAC));
    return settle(session, code);
}

static bool carries_mac(uint16_t sw) {
    return sw == 0x9000 || sw >> 8 == 0x62 || sw >> 8 == 0x63;
}

result scp03_host_unwrap(scp03 *session, bytes response, uint16_t sw, buffer *data) {
    uint8_t mac[SCP03_BLOCK];
    result code = authenticated(session);
    if (code == RESULT_OK && !(session->level & SCP03_R_MAC))
        return settle(session, buffer_append(data, response));
    if (code == RESULT_OK && !carries_mac(sw))
        return settle(session, response.length == 0 ? RESULT_OK : RESULT_INVALID);
    if (code == RESULT_OK && response.length < SCP03_MAC)
        code = RESULT_BAD_SIGNATURE;
    bytes body = bytes_slice(response, 0, code == RESULT_OK ? response.length - SCP03_MAC : 0);
    if (code == RESULT_OK)
        code = response_mac(session, body, sw, mac);
    if (code == RESULT_OK &&
        !bytes_equal_secret(bytes_of(mac, SCP03_MAC), bytes_slice(response, body.length, SCP03_MAC)))
        code = RESULT_BAD_SIGNATURE;
    if (code == RESULT_OK)
        code = session->level & SCP03_R_ENC && body.length > 0 ? decrypt(session, true, body, data)
                                                               : buffer_append(data, body);
    return settle(session, code);
}

/* Splits data and MAC, and checks the MAC against the chain. */
static result check_command(scp03 *s, const uint8_t header[SCP03_HEADER], bytes wrapped, bytes *body) {
    uint8_t mac[SCP03_BLOCK];
    if (wrapped.length < SCP03_MAC || !(header[0] & CLA_SECURE))
        return RESULT_BAD_SIGNATURE;
    *body = bytes_slice(wrapped, 0, wrapped.length - SCP03_MAC);
    result code = command_mac(s, header, *body, mac);
    if (code == RESULT_OK &&
        !bytes_equal_secret(bytes_of(mac, SCP03_MAC), bytes_slice(wrapped, body->length, SCP03_MAC)))
        code = RESULT_BAD_SIGNATURE;
    if (code == RESULT_OK)
        memcpy(s->chain, mac, sizeof mac);
    return code;
}

result scp03_card_authenticate(scp03 *session, const uint8_t header[SCP03_HEADER], bytes data) {
    bytes cryptogram;
    result code = session->alive && session->level == 0 && header[2] != 0 ? RESULT_OK : RESULT_REFUSED;
    if (code == RESULT_OK)
        code = check_command(session, header, data, &cryptogram);
    if (code == RESULT_OK && !bytes_equal_secret(cryptogram, BYTES(session->host_cryptogram)))
        code = RESULT_BAD_SIGNATURE;
    session->level = header[2];
    return settle(session, code);
}

result scp03_card_unwrap(scp03 *session, const uint8_t header[SCP03_HEADER], bytes wrapped, buffer *data) {
    bytes body;
    result code = authenticated(session);
    session->counter++;
    if (code == RESULT_OK)
        code = check_command(session, header, wrapped, &body);
    if (code == RESULT_OK)
        code = session->level & SCP03_C_ENC && body.length > 0 ? decrypt(session, false, body, data)
                                                               : buffer_append(data, body);
    return settle(session, code);
}

result scp03_card_wrap(scp03 *session, bytes data, uint16_t sw, buffer *wrapped) {
    uint8_t mac[SCP03_BLOCK];
    size_t start = wrapped->length;
    result code = authenticated(session);
    if (code == RESULT_OK)
        code = session->level & SCP03_R_ENC && data.length > 0 ? encrypt(session, true, data, wrapped)
                                                               : buffer_append(wrapped, data);
    if (code == RESULT_OK && session->level & SCP03_R_MAC) {
        code = response_mac(session, bytes_slice(buffer_bytes(wrapped), start, wrapped->length - start), sw, mac);
        if (code == RESULT_OK)
            code = buffer_append(wrapped, bytes_of(mac, SCP03_MAC));
    }
    return settle(session, code);
}
