/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A card for tests of readers. Image: personality ("echo"), atr, card-id.
 *
 *   INS E0  the command's data comes back            INS E1  length of the whole command and sum of its bytes (4 + 4)
 *   INS C0  data: length (4); that many bytes back   INS E3  what a reset clears and counts: value (1), resets (4)
 *   INS E2  sets the value to P2                     INS EC  the card's id */
#include "personalities.h"

#include "base/file.h"
#include "base/hex.h"
#include "iso7816/apdu.h"
#include "iso7816/atr.h"

#include <stdlib.h>
#include <string.h>

#define ID_MAX 64

struct card {
    buffer atr, id;
    uint8_t value;
    uint32_t resets;
};

static result read_file_of(const char *folder, const char *name, buffer *out) {
    char *path = file_join(folder, name);
    if (path == NULL)
        return RESULT_NO_MEMORY;
    result code = file_read(path, out);
    free(path);
    return code;
}

static void echo_close(card **c) {
    if (*c == NULL)
        return;
    buffer_wipe(&(*c)->atr);
    buffer_wipe(&(*c)->id);
    free(*c);
    *c = NULL;
}

static result echo_open(const char *image_folder, card **opened, const char **problem) {
    buffer text = BUFFER_INIT(3 * ATR_MAX + 1);
    card *c = calloc(1, sizeof *c);
    *opened = NULL;
    if (c == NULL)
        return RESULT_NO_MEMORY;
    c->atr = BUFFER_INIT(ATR_MAX);
    c->id = BUFFER_INIT(ID_MAX);
    result code = read_file_of(image_folder, "atr", &text);
    if (code == RESULT_OK)
        code = hex_decode(buffer_text(&text), &c->atr);
    if (code != RESULT_OK)
        *problem = "file \"atr\" is missing or no hexadecimal line";
    else if ((code = read_file_of(image_folder, "card-id", &c->id)) != RESULT_OK)
        *problem = "file \"card-id\" is missing";
    buffer_wipe(&text);
    if (code != RESULT_OK)
        echo_close(&c);
    *opened = c;
    return code;
}

static bytes echo_atr(const card *c) {
    return buffer_bytes(&c->atr);
}

static void echo_reset(card *c) {
    c->value = 0;
    c->resets++;
}

static status_word give_back(card *c, bytes raw, const apdu_command *command, buffer *out) {
    (void)c;
    (void)raw;
    return buffer_append(out, command->data) == RESULT_OK ? SW_OK : SW_UNKNOWN;
}

static status_word measure(card *c, bytes raw, const apdu_command *command, buffer *out) {
    (void)c;
    (void)command;
    uint32_t sum = 0;
    for (size_t i = 0; i < raw.length; i++)
        sum += raw.data[i];
    buffer_append_u32(out, (uint32_t)raw.length);
    return buffer_append_u32(out, sum) == RESULT_OK ? SW_OK : SW_UNKNOWN;
}

static status_word give_many(card *c, bytes raw, const apdu_command *command, buffer *out) {
    (void)c;
    (void)raw;
    const uint8_t *d = command->data.data;
    if (command->data.length != 4 || d[0] != 0 || d[1] > 1)
        return SW_WRONG_DATA;
    size_t length = (size_t)d[1] << 16 | (size_t)d[2] << 8 | d[3];
    uint8_t *start = length <= APDU_RESPONSE_MAX - 2 ? buffer_extend(out, length) : NULL;
    if (start == NULL)
        return SW_WRONG_DATA;
    for (size_t i = 0; i < length; i++)
        start[i] = (uint8_t)(i % 251);
    return SW_OK;
}

static status_word set_value(card *c, bytes raw, const apdu_command *command, buffer *out) {
    (void)raw;
    (void)out;
    c->value = command->p2;
    return SW_OK;
}

static status_word tell_value(card *c, bytes raw, const apdu_command *command, buffer *out) {
    (void)raw;
    (void)command;
    buffer_append_u8(out, c->value);
    return buffer_append_u32(out, c->resets) == RESULT_OK ? SW_OK : SW_UNKNOWN;
}

static status_word tell_id(card *c, bytes raw, const apdu_command *command, buffer *out) {
    (void)raw;
    (void)command;
    return buffer_append(out, buffer_bytes(&c->id)) == RESULT_OK ? SW_OK : SW_UNKNOWN;
}

static const struct echo_command {
    uint8_t ins;
    bool any_form; /* not even an APDU is needed */
    status_word (*run)(card *c, bytes raw, const apdu_command *command, buffer *out);
} commands[] = {
    {0xE0, false, give_back}, {0xE1, true, measure},     {0xC0, false, give_many},
    {0xE2, false, set_value}, {0xE3, false, tell_value}, {0xEC, false, tell_id},
};

static void echo_transmit(card *c, bytes raw, buffer *response) {
    status_word sw = SW_INS_UNSUPPORTED;
    apdu_command parsed = {0};
    result form = apdu_parse(raw, &parsed);
    uint8_t ins = raw.length >= 2 ? raw.data[1] : 0;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (commands[i].ins != ins)
            continue;
        bool fits = form == RESULT_OK || commands[i].any_form;
        sw = fits ? commands[i].run(c, raw, &parsed, response) : SW_WRONG_LENGTH;
    }
    buffer_append_u16(response, sw);
}

const card_personality echo_card_personality = {
    .name = "echo",
    .open = echo_open,
    .answer_to_reset = echo_atr,
    .reset = echo_reset,
    .transmit = echo_transmit,
    .close = echo_close,
};
