/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "driver_supervision.h"

#include "se.h"

#include <string.h>

#define LIFE_CYCLE_LOCKED 0x8F
#define LIFE_CYCLE_TERMINATED 0xFF
#define COUNTER_LENGTH 4
#define DATA_COUNTER 0x01
#define DATA_LIFE_CYCLE 0x04

/* 5015 is the SE's directory; no file of it has this name. */
static const uint8_t path_value[] = {0x3F, 0x00, 0x50, 0x15, 0x53, 0x45};

void se_state_path(sc_path_t *path) {
    *path = (sc_path_t){.type = SC_PATH_TYPE_PATH, .len = sizeof path_value, .count = SE_STATE_LENGTH};
    memcpy(path->value, path_value, sizeof path_value);
}

bool se_is_state_path(const sc_path_t *path) {
    return path->type == SC_PATH_TYPE_PATH && path->len == sizeof path_value &&
           memcmp(path->value, path_value, sizeof path_value) == 0;
}

static se_state_condition condition_of(const sc_card_t *card, bool answered, uint8_t life_cycle) {
    const se_channel *c = &se_of(card)->channel;
    if (!answered)
        return SE_STATE_UNRESPONSIVE;
    if (life_cycle == LIFE_CYCLE_TERMINATED)
        return SE_STATE_TERMINATED;
    if (life_cycle == LIFE_CYCLE_LOCKED)
        return SE_STATE_LOCKED;
    return !c->wanted || c->open ? SE_STATE_USABLE : c->refusal != SE_STATE_USABLE ? c->refusal : SE_STATE_UNRESPONSIVE;
}

static bool ask(sc_card_t *card, uint8_t which, buffer *answer) {
    status_word sw;
    se_command get = {.ins = SE_INS_GET_DATA, .p1 = 0x01, .p2 = which, .le = SE_SHORT_ANSWER_MAX};
    const se_channel *c = &se_of(card)->channel;
    buffer_clear(answer);
    get.outside = c->wanted && !c->open; /* it has no secrets, and no data can be lost */
    if (se_transmit(card, &get, answer, &sw) == SC_SUCCESS && sw == SW_OK)
        return true;
    if (get.outside || !c->wanted || c->open)
        return false;
    get.outside = true; /* the channel was lost just now and cannot be reopened */
    buffer_clear(answer);
    return se_transmit(card, &get, answer, &sw) == SC_SUCCESS && sw == SW_OK;
}

static uint32_t number_of(const uint8_t raw[4]) {
    return (uint32_t)raw[0] << 24 | (uint32_t)raw[1] << 16 | (uint32_t)raw[2] << 8 | raw[3];
}

/* Which binding key this terminal has: its version, and the check value that the SE repeats at PUT KEY. 0: none. */
static uint32_t pairing_of(const se_channel *c) {
    uint8_t name[1 + SCP03_CHECK_VALUE] = {c->keys.version};
    const bool known = c->wanted && scp03_check_value(bytes_of(c->keys.mac, c->keys.length), name + 1) == RESULT_OK;
    return known ? number_of(name) : 0;
}

static void compose(sc_card_t *card, uint8_t out[SE_STATE_LENGTH]) {
    se *s = se_of(card);
    se_state now = {0};
    buffer answer = BUFFER_INIT(SE_SHORT_ANSWER_MAX);
    card->sm_ctx.sm_mode = s->channel.wanted ? SM_MODE_TRANSMIT : SM_MODE_NONE;
    const bool answered = ask(card, DATA_LIFE_CYCLE, &answer) && answer.length >= 1;
    now.life_cycle = answered ? answer.data[0] : 0;
    if (answered && ask(card, DATA_COUNTER, &answer) && answer.length == COUNTER_LENGTH)
        now.signatures = number_of(answer.data);
    const channel_state_record record = channel_state_read(&s->channel.memory);
    now.condition = (uint8_t)condition_of(card, answered, now.life_cycle);
    now.sequence = record.known ? record.sequence : 0;
    now.foreign = record.jumps;
    now.resets = s->resets;
    now.connection = s->connection;
    now.pairing = pairing_of(&s->channel);
    now.disturbances = s->disturbances;
    se_state_encode(&now, out);
    buffer_wipe(&answer);
}

int se_select_state(sc_card_t *card, sc_file_t **file) {
    int code = sc_lock(card);
    if (code != SC_SUCCESS)
        return code;
    compose(card, se_of(card)->state);
    sc_unlock(card);
    se_of(card)->state_selected = true;
    if (file == NULL)
        return SC_SUCCESS;
    *file = sc_file_new();
    if (*file == NULL)
        return SC_ERROR_OUT_OF_MEMORY;
    (*file)->type = SC_FILE_TYPE_WORKING_EF;
    (*file)->ef_structure = SC_FILE_EF_TRANSPARENT;
    (*file)->size = SE_STATE_LENGTH;
    return SC_SUCCESS;
}

int se_read_state(sc_card_t *card, unsigned offset, uint8_t *out, size_t length) {
    const bytes part = bytes_slice(BYTES(se_of(card)->state), offset, length);
    if (part.length > 0)
        memcpy(out, part.data, part.length);
    return (int)part.length;
}
