/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The My Number card as publicly known, patients' and operators': what arrives, and whose handler runs. */
#include "applet.h"

#include "get_response.h"

#include <stdlib.h>

#define COMMAND_DATA_MAX 4096 /* of a chained command too; the longest real one has 563 bytes */
#define INS_GET_RESPONSE 0xC0
#define INS_GET_CHALLENGE 0x84
#define INS_READ_BINARY 0xB0
#define INS_READ_RECORD 0xB2
#define INS_VERIFY 0x20
#define SW_NO_SESSION 0x69FC /* the card family's own: secure messaging outside a session */

#define CLA_PROPRIETARY 0x80
#define CLA_CHANNELS 0x03 /* ISO/IEC 7816-4 5.4.1: first interindustry values */
#define CLA_SECURE_MESSAGING 0x0C
#define CLA_ENCRYPTED 0x08 /* secure messaging whose header is not authenticated */
#define CLA_FURTHER 0x40   /* further interindustry values: channels 4 to 19 */

/* Before an application is selected. */
static const command_row commands_without_application[] = {
    {0x00, 0xA4, command_select},
    {0x00, 0x84, command_get_challenge},
    {0x00, 0xCA, command_get_data},
    {0x80, 0xCA, command_get_data},
};

/* Logical channels do not exist; nor does command chaining, unless the image says so. */
static status_word check_class(const card *c, uint8_t cla) {
    if (cla == 0xFF)
        return SW_CLA_UNSUPPORTED;
    if ((cla & 0xC0) == CLA_FURTHER)
        return SW_CHANNEL_UNSUPPORTED;
    if ((cla & APDU_CLA_CHAINED) != 0 && !c->image.switches.chaining)
        return SW_CLA_UNSUPPORTED;
    if ((cla & ~(CLA_PROPRIETARY | CLA_CHANNELS | CLA_SECURE_MESSAGING | APDU_CLA_CHAINED)) != 0)
        return SW_CLA_UNSUPPORTED;
    return cla & CLA_CHANNELS ? SW_CHANNEL_UNSUPPORTED : SW_OK;
}

/* 6D00 for an instruction that is not known here, 6E00 for one that is in the other class. */
static status_word find_handler(const card *c, const apdu_command *command, command_handler **handler) {
    const command_row *rows = commands_without_application;
    size_t count = sizeof commands_without_application / sizeof *commands_without_application;
    bool instruction_known = false;
    if (c->selected != NULL) {
        rows = c->selected->kind->commands;
        count = c->selected->kind->command_count;
    }
    for (size_t i = 0; i < count; i++) {
        if (rows[i].ins != command->ins)
            continue;
        instruction_known = true;
        if (rows[i].cla == (command->cla & CLA_PROPRIETARY))
            *handler = rows[i].handler;
        if (*handler != NULL)
            return SW_OK;
    }
    return instruction_known ? SW_CLA_UNSUPPORTED : SW_INS_UNSUPPORTED;
}

static status_word dispatch(card *c, const apdu_command *command, buffer *answer) {
    command_handler *handler = NULL;
    status_word sw = find_handler(c, command, &handler);
    return sw == SW_OK ? handler(c, command, answer) : sw;
}

static bool is_t0(const card *c) {
    return c->image.switches.t0 && !c->contactless;
}

/* Over T=0 (ISO/IEC 7816-3 10.3, 12.2) a command has data or an answer, never both: with data, the answer waits for GET
 * RESPONSE; without, Le must not be more than there is. */
static status_word give_to(card *c, const apdu_command *command, buffer *response) {
    size_t there = c->waiting.length;
    if (!is_t0(c) || there == 0)
        return get_response_give(&c->waiting, command->le, response);
    if (command->data.length > 0)
        return get_response_give(&c->waiting, 0, response);
    if (command->le > there && there < 256) {
        if (command->ins != INS_GET_RESPONSE)
            buffer_clear(&c->waiting); /* the command comes again */
        return (status_word)(SW_WRONG_LE | there);
    }
    return get_response_give(&c->waiting, command->le, response);
}

static status_word get_response(card *c, const apdu_command *command, buffer *response) {
    if (command->p1 != 0 || command->p2 != 0)
        return SW_WRONG_P1P2;
    if (command->data.length > 0 || command->le == APDU_NO_LE)
        return SW_WRONG_LENGTH;
    return c->waiting.length == 0 ? SW_CONDITIONS : give_to(c, command, response);
}

/* Runs a whole command; its answer waits in c->waiting. */
static status_word answer_command(card *c, const apdu_command *command) {
    status_word sw = dispatch(c, command, &c->waiting);
    if (sw != SW_OK)
        buffer_clear(&c->waiting);
    return sw;
}

/* The answers to these have data: a secured one says how much is wanted instead of sending some. */
static secured_object object_due(uint8_t ins) {
    return ins == INS_READ_BINARY || ins == INS_READ_RECORD || ins == INS_GET_CHALLENGE ? SECURED_LENGTH : SECURED_DATA;
}

static status_word run_ciphered(card *c, apdu_command *command, buffer *response) {
    buffer plain = BUFFER_INIT(COMMAND_DATA_MAX), answer = BUFFER_INIT(APDU_RESPONSE_MAX);
    apdu_command outer = *command;
    status_word sw = secure_messaging_open_command(&c->secured, object_due(command->ins), command, &plain);
    command->cla = 0;
    buffer_clear(&c->waiting);
    if (sw == SW_OK)
        sw = answer_command(c, command);
    if (sw == SW_OK)
        sw = secure_messaging_close_answer(&c->secured, buffer_bytes(&c->waiting), &answer);
    buffer_wipe(&plain);
    buffer_wipe(&c->waiting);
    c->waiting = answer;
    return sw == SW_OK ? give_to(c, &outer, response) : sw;
}

/* CLA 08 in a session. The status words otherwise are as observed. */
static status_word run_secured(card *c, apdu_command *command, buffer *response) {
    if (c->secured.open && command->cla == CLA_ENCRYPTED)
        return run_ciphered(c, command, response);
    if (c->secured.open && command->cla == CLA_SECURE_MESSAGING)
        return secure_messaging_refuse_checksum(&c->secured);
    bool known = command->ins == INS_READ_BINARY || command->ins == INS_VERIFY;
    return c->secured.broken || known ? SW_NO_SESSION : SW_SM_UNSUPPORTED;
}

static status_word run_plain(card *c, apdu_command *command, buffer *response) {
    bool whole;
    command_handler *handler = NULL;
    if (command->cla == 0 && command->ins == INS_GET_RESPONSE)
        return get_response(c, command, response);
    buffer_clear(&c->waiting);
    status_word known = command->cla & APDU_CLA_CHAINED ? find_handler(c, command, &handler) : SW_OK;
    if (known != SW_OK)
        return known;
    if (apdu_chain_feed(&c->chain, command, &whole) != RESULT_OK)
        return SW_WRONG_LENGTH;
    if (!whole)
        return SW_OK;
    status_word sw = answer_command(c, command);
    return sw == SW_OK ? give_to(c, command, response) : sw;
}

static status_word run(card *c, bytes raw, buffer *response) {
    apdu_command command;
    if (apdu_parse(raw, &command) != RESULT_OK)
        return SW_WRONG_LENGTH;
    if (command.extended && (c->image.switches.no_extended || is_t0(c)))
        return SW_WRONG_LENGTH;
    status_word sw = check_class(c, command.cla);
    if (sw != SW_OK)
        return sw;
    return command.cla & CLA_SECURE_MESSAGING ? run_secured(c, &command, response) : run_plain(c, &command, response);
}

static void applet_transmit(card *c, bytes raw, buffer *response) {
    status_word sw = run(c, raw, response);
    if (!c->chain.open)
        apdu_chain_reset(&c->chain); /* the data may have been a PIN */
    buffer_append_u16(response, sw);
}

static void applet_reset(card *c) {
    card_clear_security(c);
    c->selected = NULL;
    c->current = NULL;
    apdu_chain_reset(&c->chain);
    buffer_wipe(&c->waiting);
}

static void applet_close(card **c) {
    if (*c == NULL)
        return;
    applet_reset(*c);
    card_image_free(&(*c)->image);
    free(*c);
    *c = NULL;
}

static result open_as(const char *personality, const char *folder, card **opened, const char **problem) {
    *opened = NULL;
    card *c = calloc(1, sizeof *c);
    if (c == NULL) {
        *problem = "out of memory";
        return RESULT_NO_MEMORY;
    }
    c->chain.data = BUFFER_INIT(COMMAND_DATA_MAX);
    c->waiting = BUFFER_INIT(FILE_MAX);
    result code = card_image_load(&c->image, folder, personality, problem);
    if (code == RESULT_OK) {
        applet_reset(c);
        *opened = c;
    } else {
        applet_close(&c);
    }
    return code;
}

static result patient_open(const char *folder, card **opened, const char **problem) {
    return open_as("patient", folder, opened, problem);
}

static result operator_open(const char *folder, card **opened, const char **problem) {
    return open_as("operator", folder, opened, problem);
}

static bytes applet_answer_to_reset(const card *c) {
    bool own = c->contactless && c->image.atr_contactless.length > 0;
    return buffer_bytes(own ? &c->image.atr_contactless : &c->image.atr);
}

static void applet_use_contactless(card *c) {
    c->contactless = true;
}

const card_personality patient_card_personality = {
    "patient",       patient_open, applet_answer_to_reset, applet_reset,
    applet_transmit, applet_close, applet_use_contactless,
};

const card_personality operator_card_personality = {
    "operator",      operator_open, applet_answer_to_reset, applet_reset,
    applet_transmit, applet_close,  applet_use_contactless,
};
