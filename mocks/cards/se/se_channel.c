/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "se_channel.h"

#include "se_channel_internal.h"

#include "base/secret.h"

#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#define SEQUENCE_MAX 0xFFFFFF
#define DIVERSIFICATION 10
#define DELAY_DOUBLINGS 9                               /* SE_DELAY_MAX_MS */
#define RANDOM_CHALLENGE (SCP03_IMPLEMENTATION & ~0x10) /* the i parameter's bit for a pseudo-random one */
#define KEY_TYPE_AES 0x88                               /* GlobalPlatform 2.3.1, table 11-16 */

/* GlobalPlatform's well-known test key, as cards leave the factory. */
static const uint8_t factory_key[] = {0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47,
                                      0x48, 0x49, 0x4A, 0x4B, 0x4C, 0x4D, 0x4E, 0x4F};

static bool is_life_cycle(uint8_t value) {
    return value == SE_PERSONALISATION || value == SE_OPERATIONAL || value == SE_LOCKED || value == SE_TERMINATED;
}

result se_channel_load(se_channel *channel, const char *state_folder) {
    uint8_t life_cycle = SE_PERSONALISATION;
    *channel = (se_channel){.folder = strdup(state_folder)};
    result code = channel->folder == NULL ? RESULT_NO_MEMORY : RESULT_OK;
    if (code == RESULT_OK)
        code = se_recall_byte(channel, "life-cycle", SE_PERSONALISATION, &life_cycle);
    if (code == RESULT_OK && !is_life_cycle(life_cycle))
        code = RESULT_INVALID;
    channel->life_cycle = life_cycle;
    if (code == RESULT_OK && life_cycle == SE_TERMINATED)
        return se_channel_erase(channel); /* killed in the middle of it, perhaps */
    for (se_key_set_name i = 0; i < SE_SET_COUNT && code == RESULT_OK; i++)
        code = se_load_set(channel, i);
    se_key_set *issuer = &channel->sets[SE_SET_ISSUER];
    if (code == RESULT_OK && !issuer->there && life_cycle == SE_PERSONALISATION) {
        issuer->keys = (scp03_keys){.version = SE_KEY_SET_ISSUER, .length = sizeof factory_key};
        memcpy(issuer->keys.enc, factory_key, sizeof factory_key);
        memcpy(issuer->keys.mac, factory_key, sizeof factory_key);
        memcpy(issuer->keys.dek, factory_key, sizeof factory_key);
        issuer->there = true;
    }
    return code;
}

void se_channel_free(se_channel *channel) {
    free(channel->folder);
    secret_wipe(channel, sizeof *channel);
}

/* --- --- the session ---------------------------------------------------------------------------------------------- */

void se_channel_end(se_channel *channel) {
    scp03_wipe(&channel->session);
    channel->begun = channel->open = false;
}

se_role se_channel_role(const se_channel *channel) {
    if (!channel->open || !channel->session.alive || channel->session.level != SCP03_FULL)
        return SE_NOBODY;
    return channel->set == SE_SET_ISSUER ? SE_ISSUER : SE_TERMINAL;
}

/* 00 asks for the first set there is: the terminal's before the issuer's. */
static bool find_set(const se_channel *channel, uint8_t version, se_key_set_name *name) {
    if (version == 0)
        *name = channel->sets[SE_SET_BINDING].there ? SE_SET_BINDING : SE_SET_ISSUER;
    else
        *name = version == SE_KEY_SET_BINDING ? SE_SET_BINDING : SE_SET_ISSUER;
    return channel->sets[*name].there && (version == 0 || se_sets[*name].version == version);
}

static void append_diversification(bytes serial, buffer *answer) {
    bytes last = serial.length > DIVERSIFICATION ? bytes_slice(serial, serial.length - DIVERSIFICATION, DIVERSIFICATION)
                                                 : serial;
    buffer_extend(answer, DIVERSIFICATION - last.length);
    buffer_append(answer, last);
}

void se_channel_power(se_channel *channel) {
    for (se_key_set_name i = 0; i < SE_SET_COUNT; i++)
        channel->sets[i].failures = 0;
    se_channel_end(channel);
}

/* Pseudo-random, from the counter that this channel will have once it is open (Amendment D 6.2.2.1). The counter is not
 * raised here: anybody may send INITIALIZE UPDATE, and would have used it up within an hour. At its end the challenge
 * is random, for a challenge that has opened a channel never comes again. */
static result make_challenge(const se_key_set *set, bytes application, uint8_t challenge[SCP03_CHALLENGE]) {
    if (set->sequence < SEQUENCE_MAX)
        return scp03_card_challenge(&set->keys, set->sequence + 1, application, challenge);
    return RAND_bytes(challenge, SCP03_CHALLENGE) == 1 ? RESULT_OK : RESULT_INTERNAL;
}

status_word se_channel_begin(se_channel *channel, uint8_t version, bytes challenge, bytes serial, bytes application,
                             buffer *answer) {
    uint8_t card_challenge[SCP03_CHALLENGE];
    se_key_set_name name;
    se_channel_end(channel);
    if (challenge.length != SCP03_CHALLENGE)
        return SW_WRONG_LENGTH;
    if (channel->life_cycle == SE_TERMINATED)
        return SW_CONDITIONS;
    if (!find_set(channel, version, &name))
        return SW_REFERENCE_NOT_FOUND;
    const se_key_set *set = &channel->sets[name];
    if (channel->life_cycle == SE_LOCKED && name != SE_SET_ISSUER)
        return SW_CONDITIONS;
    result code = make_challenge(set, application, card_challenge);
    if (code == RESULT_OK)
        code = scp03_card_begin(&channel->session, &set->keys, challenge.data, card_challenge);
    if (code != RESULT_OK)
        return SW_UNKNOWN;
    append_diversification(serial, answer);
    buffer_append_u8(answer, se_sets[name].version);
    buffer_append_u8(answer, 0x03);
    buffer_append_u8(answer, set->sequence < SEQUENCE_MAX ? SCP03_IMPLEMENTATION : RANDOM_CHALLENGE);
    buffer_append(answer, BYTES(card_challenge));
    buffer_append(answer, BYTES(channel->session.card_cryptogram));
    if (set->sequence < SEQUENCE_MAX) {
        buffer_append_u8(answer, (uint8_t)((set->sequence + 1) >> 16));
        buffer_append_u16(answer, (uint16_t)(set->sequence + 1));
    }
    channel->set = name;
    channel->begun = true;
    return answer->failed == RESULT_OK ? SW_OK : SW_UNKNOWN;
}

/* Only the answer to a wrong command is delayed: a holder of the keys never waits because of earlier failures. */
static unsigned count_failure(se_key_set *set) {
    const unsigned delay_ms = 1U << set->failures;
    if (set->failures < DELAY_DOUBLINGS)
        set->failures++;
    return delay_ms;
}

status_word se_channel_authenticate(se_channel *channel, const uint8_t header[SCP03_HEADER], bytes data,
                                    unsigned *delay_ms) {
    se_key_set *set = &channel->sets[channel->set];
    *delay_ms = 0;
    if (!channel->begun)
        return SW_CONDITIONS;
    channel->begun = false;
    if (scp03_card_authenticate(&channel->session, header, data) != RESULT_OK) {
        se_channel_end(channel);
        *delay_ms = count_failure(set);
        return SW_SECURITY_STATUS;
    }
    set->failures = 0;
    /* On disk before the channel is open: a recorded opening is never valid again. */
    if (set->sequence < SEQUENCE_MAX && se_store_sequence(channel, channel->set, set->sequence + 1) != RESULT_OK) {
        se_channel_end(channel);
        return SW_MEMORY_FAILURE;
    }
    channel->open = true;
    return SW_OK;
}

result se_channel_unwrap(se_channel *channel, const uint8_t header[SCP03_HEADER], bytes wrapped, buffer *data) {
    result code = channel->open ? scp03_card_unwrap(&channel->session, header, wrapped, data) : RESULT_BAD_SIGNATURE;
    if (code != RESULT_OK)
        se_channel_end(channel);
    return code;
}

/* Amendment D 6.2.5: a response MAC goes with 9000, 62xx and 63xx; errors come bare. */
static bool carries_mac(status_word sw) {
    return sw == SW_OK || sw >> 8 == 0x62 || sw >> 8 == 0x63;
}

result se_channel_wrap(se_channel *channel, status_word sw, buffer *answer) {
    buffer wrapped = BUFFER_INIT(answer->bound);
    if (!channel->open || !carries_mac(sw))
        return RESULT_OK;
    result code = scp03_card_wrap(&channel->session, buffer_bytes(answer), sw, &wrapped);
    buffer_wipe(answer);
    *answer = wrapped;
    return code;
}

/* --- --- keys and life cycle -------------------------------------------------------------------------------------- */

/* One key block: 88 L length cryptogram 03 check value; the cryptogram is as long as the key, in whole blocks. */
static status_word take_key(const scp03_keys *under, bytes *rest, size_t length, uint8_t key[SCP03_KEY_MAX],
                            buffer *answer) {
    uint8_t check[SCP03_CHECK_VALUE];
    const size_t blocks = (length + SCP03_BLOCK - 1) / SCP03_BLOCK * SCP03_BLOCK;
    const size_t size = 3 + blocks + 1 + SCP03_CHECK_VALUE;
    const uint8_t *at = rest->data;
    if (rest->length < size || at[0] != KEY_TYPE_AES || at[1] != 1 + blocks || at[2] != length ||
        at[3 + blocks] != SCP03_CHECK_VALUE)
        return SW_WRONG_DATA;
    result code = scp03_decrypt_key(under, bytes_of(at + 3, blocks), key);
    if (code == RESULT_OK)
        code = scp03_check_value(bytes_of(key, length), check);
    if (code != RESULT_OK)
        return SW_WRONG_DATA;
    if (!bytes_equal_secret(BYTES(check), bytes_of(at + 4 + blocks, SCP03_CHECK_VALUE)))
        return SW_WRONG_DATA;
    *rest = bytes_slice(*rest, size, rest->length - size);
    return buffer_append(answer, BYTES(check)) == RESULT_OK ? SW_OK : SW_UNKNOWN;
}

static status_word take_set(const scp03_keys *under, bytes data, scp03_keys *fresh, buffer *answer) {
    bytes rest = bytes_slice(data, 1, data.length);
    uint8_t *const places[SE_KEYS_OF_A_SET] = {fresh->enc, fresh->mac, fresh->dek};
    if (data.length < 4 || !se_is_key_length(data.data[3]))
        return SW_WRONG_DATA;
    fresh->version = data.data[0];
    fresh->length = data.data[3];
    status_word sw = buffer_append_u8(answer, fresh->version) == RESULT_OK ? SW_OK : SW_UNKNOWN;
    for (size_t i = 0; i < SE_KEYS_OF_A_SET && sw == SW_OK; i++)
        sw = take_key(under, &rest, fresh->length, places[i], answer);
    return sw == SW_OK && rest.length > 0 ? SW_WRONG_DATA : sw;
}

/* As far as sessions come from them. */
static bool are_same(const scp03_keys *a, const scp03_keys *b) {
    return bytes_equal_secret(bytes_of(a->enc, a->length), bytes_of(b->enc, b->length)) &&
           bytes_equal_secret(bytes_of(a->mac, a->length), bytes_of(b->mac, b->length));
}

status_word se_channel_put_keys(se_channel *channel, uint8_t replaces, bytes data, buffer *answer) {
    scp03_keys fresh = {0};
    status_word sw = take_set(&channel->sets[channel->set].keys, data, &fresh, answer);
    se_key_set_name name = fresh.version == SE_KEY_SET_BINDING ? SE_SET_BINDING : SE_SET_ISSUER;
    if (sw == SW_OK && fresh.version != se_sets[name].version)
        sw = SW_REFERENCE_NOT_FOUND;
    /* The factory's issuer keys are there already, so their replacement names 01; a first binding replaces nothing. */
    if (sw == SW_OK && replaces != (channel->sets[name].there ? fresh.version : 0))
        sw = SW_REFERENCE_NOT_FOUND;
    if (sw == SW_OK && channel->sets[name].there && are_same(&channel->sets[name].keys, &fresh))
        sw = SW_CONDITIONS;
    /* The counter begins again with new keys (Amendment D 6.2.2.1), and after them: old keys with an early counter would
     * give old challenges, and recorded sessions would be valid again. */
    if (sw == SW_OK &&
        (se_store_keys(channel, name, &fresh) != RESULT_OK || se_store_sequence(channel, name, 0) != RESULT_OK))
        sw = SW_MEMORY_FAILURE;
    scp03_keys_wipe(&fresh);
    return sw;
}

static const struct {
    se_life_cycle from, to;
} ways[] = {
    {SE_PERSONALISATION, SE_OPERATIONAL}, {SE_OPERATIONAL, SE_LOCKED},     {SE_LOCKED, SE_OPERATIONAL},
    {SE_PERSONALISATION, SE_TERMINATED},  {SE_OPERATIONAL, SE_TERMINATED}, {SE_LOCKED, SE_TERMINATED},
};

status_word se_channel_set_life_cycle(se_channel *channel, se_life_cycle next) {
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        if (ways[i].from != channel->life_cycle || ways[i].to != next)
            continue;
        if (se_store_byte(channel, "life-cycle", (uint8_t)next) != RESULT_OK)
            return SW_MEMORY_FAILURE;
        channel->life_cycle = next;
        return SW_OK;
    }
    return SW_CONDITIONS;
}

bool se_channel_has_factory_keys(const se_channel *channel) {
    const scp03_keys *keys = &channel->sets[SE_SET_ISSUER].keys;
    return keys->length == sizeof factory_key && memcmp(keys->enc, factory_key, sizeof factory_key) == 0;
}
