/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The Secure Element: what arrives, and which handler it is for. */
#include "element.h"

#include "get_response.h"

#include "base/file.h"
#include "base/hex.h"
#include "iso7816/atr.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define INS_GET_RESPONSE 0xC0
#define INS_SELECT 0xA4
#define INS_GET_DATA 0xCA
#define APDU_LE_SHORT_MAX 256 /* a case 1 or 3 command has no Le, but its MAC comes all the same */
#define LINE_LENGTH_MAX 128

#define CLA_SECURE 0x04 /* GlobalPlatform 11.1.4: with a MAC */
#define CLA_GLOBAL_PLATFORM 0x80
#define INS_INITIALIZE_UPDATE 0x50
#define INS_EXTERNAL_AUTHENTICATE 0x82

/* Whom a command is for, as a set of se_role. */
enum {
    NONE = 0,
    NOBODY = 1 << SE_NOBODY,
    TERMINAL = 1 << SE_TERMINAL,
    ISSUER = 1 << SE_ISSUER,
    ANYBODY = NOBODY | TERMINAL | ISSUER
};

/* The table of states (docs/interfaces/secure-element.md): permitted commands by life-cycle state and channel. Handlers
 * also check the PIN. */
static const struct {
    uint8_t cla, ins;
    se_handler *handler;
    uint8_t personalisation, operational, locked, terminated;
} commands[] = {
    {0x00, INS_SELECT, se_select, ANYBODY, ANYBODY, ANYBODY, NONE},
    {0x00, 0xB0, se_read_binary, ANYBODY, ANYBODY, NONE, NONE},
    {0x00, 0xD6, se_update_binary, ANYBODY, ISSUER, NONE, NONE},
    {0x00, 0xE0, se_create_file, ANYBODY, ISSUER, NONE, NONE},
    {0x00, 0xE4, se_delete_file, ANYBODY, ISSUER, NONE, NONE},
    {0x00, INS_GET_DATA, se_get_data, ANYBODY, ANYBODY, ANYBODY, ANYBODY},
    {0x00, 0x84, se_get_challenge, ANYBODY, ANYBODY, NONE, NONE},
    {0x00, 0x20, se_verify, ANYBODY, TERMINAL | ISSUER, NONE, NONE},
    {0x00, 0x24, se_change_reference_data, ANYBODY, TERMINAL | ISSUER, NONE, NONE},
    {0x00, 0x2C, se_reset_retry_counter, ANYBODY, ISSUER, NONE, NONE},
    {0x00, 0x22, se_manage_security_environment, ANYBODY, TERMINAL | ISSUER, NONE, NONE},
    {0x00, 0x2A, se_perform_security_operation, ANYBODY, TERMINAL, NONE, NONE},
    {0x00, 0x46, se_generate_key, ANYBODY, ISSUER, NONE, NONE},
    {0x00, 0xDB, se_put_data, ANYBODY, ISSUER, NONE, NONE},
    {CLA_GLOBAL_PLATFORM, INS_INITIALIZE_UPDATE, se_initialize_update, ANYBODY, ANYBODY, ANYBODY, NONE},
    {CLA_GLOBAL_PLATFORM, INS_EXTERNAL_AUTHENTICATE, se_external_authenticate, ANYBODY, ANYBODY, ANYBODY, NONE},
    {CLA_GLOBAL_PLATFORM, 0xD8, se_put_key, ISSUER, ISSUER, NONE, NONE},
    {CLA_GLOBAL_PLATFORM, 0xF0, se_set_status, ISSUER, ISSUER, ISSUER, NONE},
};

static status_word validate(const card *c, size_t row) {
    const uint8_t who = (uint8_t)(1 << c->role);
    switch (c->channel.life_cycle) {
    case SE_PERSONALISATION: return (commands[row].personalisation & who) != 0 ? SW_OK : SW_SECURITY_STATUS;
    case SE_OPERATIONAL: return (commands[row].operational & who) != 0 ? SW_OK : SW_SECURITY_STATUS;
    case SE_LOCKED: return (commands[row].locked & who) != 0 ? SW_OK : SW_CONDITIONS;
    case SE_TERMINATED: break;
    }
    return (commands[row].terminated & who) != 0 ? SW_OK : SW_CONDITIONS;
}

static status_word dispatch(card *c, const apdu_command *command, buffer *answer) {
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (commands[i].ins != command->ins || commands[i].cla != (command->cla & CLA_GLOBAL_PLATFORM))
            continue;
        /* A terminated SE still tells its identity, without a selected application. */
        const bool dead = c->channel.life_cycle == SE_TERMINATED;
        if (!dead && !c->application_selected && command->ins != INS_SELECT)
            return SW_INS_UNSUPPORTED;
        const status_word sw = validate(c, i);
        return sw == SW_OK ? commands[i].handler(c, command, answer) : sw;
    }
    return SW_INS_UNSUPPORTED;
}

static status_word get_response(card *c, const apdu_command *command, buffer *response) {
    if (command->p1 != 0 || command->p2 != 0)
        return SW_WRONG_P1P2;
    if (command->data.length > 0 || command->le == APDU_NO_LE)
        return SW_WRONG_LENGTH;
    return c->waiting.length == 0 ? SW_CONDITIONS : get_response_give(&c->waiting, command->le, response);
}

static bool opens_channel(const apdu_command *command) {
    return (command->cla & CLA_GLOBAL_PLATFORM) != 0 &&
           (command->ins == INS_INITIALIZE_UPDATE || command->ins == INS_EXTERNAL_AUTHENTICATE);
}

/* How many bytes in clear a wrapped answer of at most le bytes carries: the host's Le is for what travels. */
static uint32_t clear_room(uint32_t le) {
    const uint32_t blocks = le < SCP03_MAC ? 0 : (le - SCP03_MAC) / SCP03_BLOCK;
    return blocks == 0 ? APDU_NO_LE : blocks * SCP03_BLOCK - 1;
}

/* Takes the command out of its wrapping. A wrong MAC ends the session and with it what the PIN opened; a command in
 * clear ends the session only (GlobalPlatform 10.2.3), because it may be another process of the same terminal: a
 * command of the ended session is refused (6882) and not carried out. */
static status_word unwrap(card *c, apdu_command *command, buffer *plain) {
    const uint8_t header[SCP03_HEADER] = {command->cla, command->ins, command->p1, command->p2};
    c->role = SE_NOBODY;
    if (opens_channel(command)) {
        /* Whole commands, always: what a stranger has begun must not stand before what the terminal sends. */
        apdu_chain_reset(&c->chain);
        return (command->cla & APDU_CLA_CHAINED) == 0 ? SW_OK : SW_CHAINING_UNSUPPORTED;
    }
    if ((command->cla & CLA_SECURE) == 0) {
        se_channel_end(&c->channel);
        return SW_OK;
    }
    if (!c->channel.open)
        return SW_SM_UNSUPPORTED;
    if (se_channel_unwrap(&c->channel, header, command->data, plain) != RESULT_OK) {
        se_lose_trust(c);
        return SW_SECURITY_STATUS;
    }
    command->data = buffer_bytes(plain);
    c->role = se_channel_role(&c->channel);
    return SW_OK;
}

/* A command that is whole and in clear, and its answer in clear. */
static status_word execute(card *c, apdu_command *command, buffer *answer) {
    bool whole;
    if (apdu_chain_feed(&c->chain, command, &whole) != RESULT_OK)
        return SW_WRONG_LENGTH;
    status_word sw = whole ? dispatch(c, command, answer) : SW_OK;
    if (sw != SW_OK)
        buffer_clear(answer);
    return sw;
}

static status_word run(card *c, bytes raw, buffer *response) {
    apdu_command command;
    buffer plain = BUFFER_INIT(COMMAND_DATA_MAX);
    if (apdu_parse(raw, &command) != RESULT_OK)
        return SW_WRONG_LENGTH;
    if ((command.cla & ~(APDU_CLA_CHAINED | CLA_SECURE | CLA_GLOBAL_PLATFORM)) != 0)
        return command.cla & 0x08 ? SW_SM_UNSUPPORTED : SW_CHANNEL_UNSUPPORTED;
    if (command.ins == INS_GET_RESPONSE && (command.cla & CLA_SECURE) == 0)
        return get_response(c, &command, response);
    buffer_clear(&c->waiting);
    const bool secure = (command.cla & CLA_SECURE) != 0 && !opens_channel(&command);
    status_word sw = unwrap(c, &command, &plain);
    const uint32_t le = command.le;
    if (secure)
        command.le = clear_room(le);
    if (sw == SW_OK) {
        sw = execute(c, &command, &c->waiting);
        if (secure && se_channel_wrap(&c->channel, sw, &c->waiting) != RESULT_OK)
            sw = SW_UNKNOWN;
    }
    buffer_wipe(&plain);
    if (sw == SW_OK)
        return get_response_give(&c->waiting, secure && le == APDU_NO_LE ? APDU_LE_SHORT_MAX : le, response);
    /* A warning with its MAC goes out at once. */
    buffer_append(response, buffer_bytes(&c->waiting));
    buffer_clear(&c->waiting);
    return sw;
}

static void element_transmit(card *c, bytes raw, buffer *response) {
    status_word sw = run(c, raw, response);
    if (!c->chain.open)
        apdu_chain_reset(&c->chain); /* the data may have been a PIN or a key */
    buffer_append_u16(response, sw);
}

static void element_reset(card *c) {
    se_pins_forget(&c->pins, SE_PIN);
    se_pins_forget(&c->pins, SE_PUK);
    se_channel_power(&c->channel);
    c->role = SE_NOBODY;
    c->opened_by = SE_SET_ISSUER;
    c->application_selected = false;
    c->environment.template = NO_TEMPLATE;
    se_files_reset(&c->files);
    apdu_chain_reset(&c->chain);
    buffer_wipe(&c->waiting);
}

static void element_close(card **closed) {
    card *c = *closed;
    if (c == NULL)
        return;
    apdu_chain_reset(&c->chain);
    buffer_wipe(&c->waiting);
    se_files_free(&c->files);
    se_pins_wipe(&c->pins);
    se_keys_free(&c->keys);
    se_channel_free(&c->channel);
    buffer_wipe(&c->atr);
    buffer_wipe(&c->serial);
    signature_counter_close(&c->signatures);
    if (c->lock >= 0)
        close(c->lock);
    free(c);
    *closed = NULL;
}

static result read_line(const char *folder, const char *name, buffer *line) {
    char *path = file_join(folder, name);
    result code = path == NULL ? RESULT_NO_MEMORY : file_read(path, line);
    free(path);
    const uint8_t *end = code == RESULT_OK && line->length > 0 ? memchr(line->data, '\n', line->length) : NULL;
    if (end != NULL)
        buffer_truncate(line, (size_t)(end - line->data));
    return code;
}

static result load_atr(card *c, const char *folder) {
    buffer line = BUFFER_INIT(LINE_LENGTH_MAX);
    atr parsed;
    result code = read_line(folder, "atr", &line);
    if (code == RESULT_OK)
        code = hex_decode(buffer_text(&line), &c->atr);
    if (code == RESULT_OK)
        code = atr_parse(buffer_bytes(&c->atr), &parsed);
    buffer_wipe(&line);
    return code;
}

static result take_lock(card *c, const char *state) {
    char *path = file_join(state, "lock");
    if (path != NULL)
        c->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    free(path);
    return c->lock >= 0 && flock(c->lock, LOCK_EX | LOCK_NB) == 0 ? RESULT_OK : RESULT_UNAVAILABLE;
}

static result load_state(card *c, const char *state, const char **problem) {
    result code = file_make_folders(state, 0700);
    *problem = "state/ cannot be made or written";
    if (code == RESULT_OK && (code = take_lock(c, state)) != RESULT_OK)
        *problem = "state/lock is held: the SE is in another reader";
    if (code == RESULT_OK && (code = se_files_load(&c->files, state)) != RESULT_OK)
        *problem = "state/file-*: a file of the SE is damaged; issue and personalise it again";
    if (code == RESULT_OK && (code = se_pins_load(&c->pins, state)) != RESULT_OK)
        *problem = "state/: a PIN or its try counter is damaged; issue and personalise the SE again";
    if (code == RESULT_OK && (code = se_channel_load(&c->channel, state)) != RESULT_OK)
        *problem = "state/: a key set, its counter or the life cycle is damaged; issue and personalise the SE again";
    if (code == RESULT_OK && c->channel.life_cycle == SE_TERMINATED && (code = se_keys_erase_files(state)) != RESULT_OK)
        *problem = "state/key-*: the keys of a terminated SE cannot be erased";
    if (code == RESULT_OK && (code = se_keys_load(&c->keys, state)) != RESULT_OK)
        *problem = "state/key-*: a private key is damaged; issue and personalise the SE again";
    if (code == RESULT_OK && (code = signature_counter_open(&c->signatures, state)) != RESULT_OK)
        *problem =
            "state/signatures: the signature counter cannot be written or is damaged; issue and personalise the SE again";
    return code;
}

static result element_open(const char *folder, card **opened, const char **problem) {
    *opened = NULL;
    *problem = "out of memory";
    card *c = calloc(1, sizeof *c);
    char *state = file_join(folder, "state");
    if (c == NULL || state == NULL) {
        free(c);
        free(state);
        return RESULT_NO_MEMORY;
    }
    *c = (card){.lock = -1,
                .signatures = SIGNATURE_COUNTER_CLOSED,
                .atr = BUFFER_INIT(ATR_MAX),
                .serial = BUFFER_INIT(SERIAL_MAX + 1),
                .chain.data = BUFFER_INIT(COMMAND_DATA_MAX),
                .waiting = BUFFER_INIT(ANSWER_MAX)};
    result code = load_atr(c, folder);
    if (code != RESULT_OK)
        *problem = "atr: missing, or no answer to reset in hexadecimal";
    else if ((code = read_line(folder, "card-id", &c->serial)) != RESULT_OK || c->serial.length == 0 ||
             c->serial.length > SERIAL_MAX) {
        code = RESULT_INVALID;
        *problem = "card-id: missing, or not 1 to 16 characters";
    }
    if (code == RESULT_OK)
        code = load_state(c, state, problem);
    free(state);
    if (code == RESULT_OK) {
        element_reset(c);
        *opened = c;
    } else {
        element_close(&c);
    }
    return code;
}

static bytes element_answer_to_reset(const card *c) {
    return buffer_bytes(&c->atr);
}

const card_personality secure_element_personality = {
    "se", element_open, element_answer_to_reset, element_reset, element_transmit, element_close, NULL,
};
