/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The activation PIN and its PUK. No value is stored here. Malformed PINs are rejected locally and cost no attempt. */
#include "se.h"

#include "driver_channel.h"
#include "opensc/mechanisms.h"
#include "opensc/opensc_version.h"
#include "opensc/rights.h"

__attribute__((visibility("default"))) officer_entry uketsuke_verify_officer;

#define INS_VERIFY 0x20
#define LOG_OUT 0xFF

static const struct {
    int min, max;
    char first, last; /* characters */
} rules[] = {
    [SE_PIN_REFERENCE] = {SE_PIN_MIN, SE_PIN_MAX, '0', '9'},
    [SE_PUK_REFERENCE] = {8, SE_PIN_ROOM, '!', '~'},
};

static int check(int reference, const struct sc_pin_cmd_pin *pin) {
    if (reference != SE_PIN_REFERENCE && reference != SE_PUK_REFERENCE)
        return SC_ERROR_INVALID_PIN_REFERENCE;
    int length = opensc_pin_length(pin);
    if (pin->data == NULL || length < rules[reference].min || length > rules[reference].max)
        return SC_ERROR_INVALID_PIN_LENGTH;
    for (int i = 0; i < length; i++)
        if (pin->data[i] < rules[reference].first || pin->data[i] > rules[reference].last)
            return SC_ERROR_KEYPAD_PIN_MISMATCH; /* CKR_PIN_INVALID */
    return SC_SUCCESS;
}

static int check_values(const struct sc_pin_cmd_data *data) {
    int reference = data->pin_reference, code = SC_SUCCESS;
    switch (data->cmd) {
    case SC_PIN_CMD_VERIFY: return check(reference, &data->pin1);
    case SC_PIN_CMD_CHANGE: /* without an old value: sets the first PIN */
        if (data->pin1.len != 0 && check(reference, &data->pin1) != SC_SUCCESS)
            return SC_ERROR_PIN_CODE_INCORRECT; /* the codes for malformed PINs are for the new PIN */
        break;
    case SC_PIN_CMD_UNBLOCK: /* without PUK: it was sent by VERIFY */
        code = data->pin1.len == 0 ? SC_SUCCESS : check(SE_PUK_REFERENCE, &data->pin1);
        break;
    default: return SC_SUCCESS;
    }
    return code == SC_SUCCESS ? check(reference, &data->pin2) : code;
}

/* Also when the answer was lost, the PUK was sent, or a value was changed: a right may be open. */
static void note_login(sc_card_t *card, const struct sc_pin_cmd_data *data, int code) {
    if (code == SC_ERROR_PIN_CODE_INCORRECT || code == SC_ERROR_AUTH_METHOD_BLOCKED)
        return;
    se_of(card)->logged_in = true;
    if (code == SC_SUCCESS && data->cmd == SC_PIN_CMD_VERIFY && data->pin_reference == SE_PIN_REFERENCE)
        channel_state_log_in(&se_of(card)->channel.memory);
}

/* OpenSC logs the whole command, and without a channel the values in it. */
static int send_quietly(sc_card_t *card, struct sc_pin_cmd_data *data, int *tries_left) {
    const int level = card->ctx->debug;
    card->ctx->debug = 0;
    const int code = se_iso()->pin_cmd(card, data, tries_left);
    card->ctx->debug = level;
    return code;
}

int se_pin_command(sc_card_t *card, struct sc_pin_cmd_data *data, int *tries_left) {
    int code = check_values(data);
    if (se_of(card)->is_bound)
        code = data->cmd == SC_PIN_CMD_GET_INFO ? SC_ERROR_NOT_SUPPORTED : SC_ERROR_WRONG_CARD; /* not in clear */
    if (code != SC_SUCCESS)
        return code;
    code = send_quietly(card, data, tries_left);
    if (data->cmd != SC_PIN_CMD_GET_INFO)
        note_login(card, data, code);
    if (code == SC_ERROR_PIN_CODE_INCORRECT && data->pin1.tries_left == 0)
        code = SC_ERROR_AUTH_METHOD_BLOCKED; /* the last try was wrong */
    if (data->cmd == SC_PIN_CMD_GET_INFO) {
        data->pin1.max_tries = SE_PIN_TRIES;
        if (code == SC_SUCCESS && data->pin1.logged_in == SC_PIN_STATE_LOGGED_IN)
            data->pin1.tries_left = SE_PIN_TRIES;
    }
    return code;
}

/* The logout at the SE applies to all processes, so only the last logged-in program of this terminal sends it. Without
 * an open right there is nothing to end: OpenSC may call after the module has. */
int se_logout(sc_card_t *card) {
    if (!se_of(card)->logged_in)
        return SC_SUCCESS;
    channel_state_log_out(&se_of(card)->channel.memory);
    se_of(card)->logged_in = false;
    if (channel_state_others_logged_in(&se_of(card)->channel.memory))
        return SC_SUCCESS;
    const se_command officer = {.ins = INS_VERIFY, .p1 = LOG_OUT, .p2 = SE_PUK_REFERENCE};
    const se_command user = {.ins = INS_VERIFY, .p1 = LOG_OUT, .p2 = SE_PIN_REFERENCE};
    int code = se_send(card, &user);
    return code == SC_SUCCESS ? se_send(card, &officer) : code;
}

/* VERIFY without data: 6A88 when there is no value. */
int se_pin_is_set(sc_card_t *card, uint8_t reference, bool *set) {
    status_word sw;
    const se_command query = {.ins = INS_VERIFY, .p2 = reference};
    int code = se_transmit(card, &query, NULL, &sw);
    *set = sw != SW_REFERENCE_NOT_FOUND;
    return code;
}

int se_check_puk(bytes puk) {
    const struct sc_pin_cmd_pin value = {.data = puk.data, .len = (int)bytes_slice(puk, 0, SE_PIN_ROOM + 1).length};
    return check(SE_PUK_REFERENCE, &value);
}

int se_verify_puk(sc_card_t *card, bytes puk) {
    const se_command verify = {.ins = INS_VERIFY, .p2 = SE_PUK_REFERENCE, .data = puk, .secret = true};
    return se_send(card, &verify);
}

typedef struct officer_question {
    bytes pin;
    officer_answer answer;
} officer_question;

static officer_answer answer_for(int code) {
    return code == SC_SUCCESS                     ? OFFICER_RIGHT
           : code == SC_ERROR_AUTH_METHOD_BLOCKED ? OFFICER_LOCKED
           : code == SC_ERROR_PIN_CODE_INCORRECT  ? OFFICER_WRONG
                                                  : OFFICER_FAILED;
}

/* A malformed PUK costs no try. */
static void ask(sc_card_t *card, void *context) {
    officer_question *question = context;
    question->answer = OFFICER_WRONG;
    if (se_check_puk(question->pin) != SC_SUCCESS)
        return;
    int code = se_channel_begin(card);
    if (code == SC_SUCCESS) {
        se_of(card)->logged_in = true;
        code = se_verify_puk(card, question->pin);
        sc_unlock(card);
    }
    question->answer = answer_for(code);
}

officer_answer uketsuke_verify_officer(const char *reader, const unsigned char *pin, unsigned long length) {
    officer_question question = {bytes_of(pin, length), OFFICER_UNKNOWN};
    rights_with_card(reader, ask, &question);
    return question.answer;
}
