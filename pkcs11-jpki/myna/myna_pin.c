/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* PIN verification, change and the counter of tries. The institution's "PIN" is a signature (myna_institution.c). */
#include "myna.h"

#include "base/secret.h"
#include "opensc/opensc_version.h"

#include <string.h>

#define INS_VERIFY 0x20
#define INS_CHANGE_REFERENCE_DATA 0x24
#define CHANGE_AFTER_VERIFY 0x01 /* P1: the new PIN alone */
#define CURRENT_FILE 0x80        /* P2; with a short identifier: that file */
#define SHORT_ID_LAST 30
#define PIN_MAX 16
#define NUMBER_B_LENGTH 14 /* verification number B, instead of the card-data PIN */
#define TRIES_UNKNOWN (-1)

static const myna_right_rule rules[RIGHT_END] = {
    [RIGHT_AUTH] = {EF_AUTH_PIN, EF_AUTH_KEY, 4, 4, 3},
    [RIGHT_SIGN] = {EF_SIGN_PIN, EF_SIGN_KEY, 6, PIN_MAX, 5},
    [RIGHT_CARD_DATA] = {EF_CARD_DATA_PIN, EF_NONE, 4, NUMBER_B_LENGTH, 3},
    [RIGHT_INSTITUTION] = {EF_TRUST_ANCHOR, EF_AUTH_KEY, INSTITUTION_SIGNATURE_LENGTH, INSTITUTION_SIGNATURE_LENGTH, 0},
};

const myna_right_rule *myna_rule(int right) {
    return right > 0 && right < RIGHT_END ? &rules[right] : NULL;
}

/* Tries left are known from 63Cx alone; a blocked key says 6983 or 6984 (JIS X 6319-3). */
static int validate(status_word sw, int *tries_left) {
    *tries_left = status_word_tries(sw);
    if (sw == SW_OK)
        return SC_SUCCESS;
    if (*tries_left > 0 || sw == SW_NO_INFORMATION)
        return SC_ERROR_PIN_CODE_INCORRECT;
    int code = *tries_left == 0 ? SC_ERROR_AUTH_METHOD_BLOCKED : myna_error(sw);
    if (code == SC_ERROR_AUTH_METHOD_BLOCKED)
        *tries_left = 0;
    return code;
}

/* Card data opens by either of two secrets, distinguished by length. */
static myna_file pin_file(int right, int length) {
    return right == RIGHT_CARD_DATA && length == NUMBER_B_LENGTH ? EF_CARD_DATA_NUMBER_B : rules[right].pin_file;
}

static bool length_is_right(int right, const struct sc_pin_cmd_pin *given) {
    int length = opensc_pin_length(given);
    if (given->data == NULL || length < rules[right].shortest || length > rules[right].longest)
        return false;
    return right != RIGHT_CARD_DATA || length == rules[right].shortest || length == rules[right].longest;
}

/* The format of the holder's PINs: digits only; or six to sixteen letters and digits, at least one of each, letters as
 * capitals. */
static bool normalise(int right, const uint8_t *given, int length, uint8_t pin[PIN_MAX]) {
    bool letter = false, digit = false;
    if (length < rules[right].shortest || length > rules[right].longest)
        return false;
    for (int i = 0; i < length; i++) {
        bool small = given[i] >= 'a' && given[i] <= 'z';
        pin[i] = small && right == RIGHT_SIGN ? (uint8_t)(given[i] - 'a' + 'A') : given[i];
        bool is_letter = pin[i] >= 'A' && pin[i] <= 'Z', is_digit = pin[i] >= '0' && pin[i] <= '9';
        if (!is_letter && !is_digit)
            return false;
        letter |= is_letter;
        digit |= is_digit;
    }
    return digit && letter == (right == RIGHT_SIGN);
}

/* Some programs give one PIN to every token that they see (ssh-add). That must neither end the login to the other
 * application nor cost a try of another PIN. */
static bool others_are_open(const myna *m) {
    return m->open[RIGHT_AUTH] || m->open[RIGHT_SIGN] || m->open[RIGHT_INSTITUTION];
}

static int verify(sc_card_t *card, int right, const struct sc_pin_cmd_pin *given, int *tries_left) {
    myna *m = myna_of(card);
    uint8_t pin[PIN_MAX];
    status_word sw;
    int length = opensc_pin_length(given);
    if (!length_is_right(right, given))
        return SC_ERROR_INVALID_PIN_LENGTH;
    /* A malformed PIN must not cost one of the patient's tries. */
    if (!normalise(right, given->data, length, pin)) {
        secret_wipe(pin, sizeof pin);
        return SC_ERROR_KEYPAD_PIN_MISMATCH; /* CKR_PIN_INVALID */
    }
    if (right == RIGHT_CARD_DATA && others_are_open(m)) {
        secret_wipe(pin, sizeof pin);
        return MYNA_ERROR_ANOTHER_LOGGED_IN;
    }
    int code = myna_select_file(card, pin_file(right, length));
    if (code == SC_ERROR_FILE_NOT_FOUND)
        code = SC_ERROR_NOT_SUPPORTED; /* a card without this application */
    const myna_command command = {
        .ins = INS_VERIFY, .p2 = CURRENT_FILE, .data = bytes_of(pin, (size_t)length), .secret = true};
    if (code == SC_SUCCESS)
        code = myna_keep(card);
    if (code == SC_SUCCESS)
        code = myna_transmit(card, &command, NULL, &sw);
    secret_wipe(pin, sizeof pin);
    if (code == SC_SUCCESS) {
        code = validate(sw, tries_left);
        m->open[right] = code == SC_SUCCESS;
        if (right == RIGHT_CARD_DATA && length == rules[right].shortest)
            m->card_data_tries = code == SC_SUCCESS ? rules[right].tries : *tries_left;
        myna_let_go_of_nothing(card);
    }
    m->sign_once = right == RIGHT_SIGN ? code == SC_SUCCESS : m->sign_once;
    return code;
}

/* The codes for malformed PINs are for the new PIN. */
static int verify_old(sc_card_t *card, int right, const struct sc_pin_cmd_pin *given, int *tries_left) {
    int code = verify(card, right, given, tries_left);
    return code == SC_ERROR_INVALID_PIN_LENGTH || code == SC_ERROR_KEYPAD_PIN_MISMATCH ? SC_ERROR_PIN_CODE_INCORRECT
                                                                                       : code;
}

/* The card requires VERIFY with the old PIN first. If the token was not logged in, log out afterwards. */
static int change(sc_card_t *card, int right, const struct sc_pin_cmd_data *data, int *tries_left) {
    uint8_t pin[PIN_MAX];
    status_word sw;
    bool nothing_was_open = !myna_of(card)->unclean;
    int old = opensc_pin_length(&data->pin1), new = opensc_pin_length(&data->pin2), code = SC_ERROR_INVALID_PIN_LENGTH;
    if (right == RIGHT_CARD_DATA && (old == NUMBER_B_LENGTH || new == NUMBER_B_LENGTH))
        return code; /* number B cannot be changed */
    if (length_is_right(right, &data->pin2))
        code = normalise(right, data->pin2.data, new, pin) ? verify_old(card, right, &data->pin1, tries_left)
                                                           : SC_ERROR_KEYPAD_PIN_MISMATCH;
    const myna_command command = {.ins = INS_CHANGE_REFERENCE_DATA,
                                  .p1 = CHANGE_AFTER_VERIFY,
                                  .p2 = CURRENT_FILE,
                                  .data = bytes_of(pin, (size_t)new),
                                  .secret = true};
    if (code == SC_SUCCESS) {
        code = myna_transmit(card, &command, NULL, &sw);
        code = code == SC_SUCCESS ? myna_error(sw) : code;
    }
    secret_wipe(pin, sizeof pin);
    if (nothing_was_open)
        myna_close_rights(card);
    return code;
}

/* VERIFY without data: the card answers 63Cx and counts nothing (ISO/IEC 7816-4 11.6.6). */
static int query(sc_card_t *card, int right, status_word *sw) {
    const myna *m = myna_of(card);
    myna_file file = rules[right].pin_file;
    myna_command command = {.ins = INS_VERIFY, .p2 = CURRENT_FILE};
    if (m->short_ids && file <= SHORT_ID_LAST && m->current_file != file) {
        command.p2 = (uint8_t)(CURRENT_FILE | file);
        myna_of(card)->current_file = EF_NONE;
        int code = myna_transmit(card, &command, NULL, sw);
        if (code != SC_SUCCESS || !myna_is_elsewhere(*sw))
            return code;
        command.p2 = CURRENT_FILE;
    }
    int code = myna_select_file(card, file);
    return code == SC_SUCCESS ? myna_transmit(card, &command, NULL, sw) : code;
}

/* While a right is open its try counter is full: no query is needed. */
static int get_info(sc_card_t *card, int right, struct sc_pin_cmd_pin *info) {
    const myna *m = myna_of(card);
    status_word sw;
    info->max_tries = rules[right].tries;
    info->tries_left = m->open[right] && rules[right].tries > 0 ? rules[right].tries : TRIES_UNKNOWN;
    info->logged_in = m->open[right] ? SC_PIN_STATE_LOGGED_IN : SC_PIN_STATE_LOGGED_OUT;
    if (m->open[right] || rules[right].tries == 0)
        return SC_SUCCESS;
    /* The query would select the other application and end a login. */
    if (right == RIGHT_CARD_DATA || m->open[RIGHT_CARD_DATA]) {
        info->tries_left = right == RIGHT_CARD_DATA ? m->card_data_tries : TRIES_UNKNOWN;
        return SC_SUCCESS;
    }
    int code = query(card, right, &sw);
    if (code == SC_SUCCESS)
        validate(sw, &info->tries_left);
    return code;
}

int myna_pin_command(sc_card_t *card, struct sc_pin_cmd_data *data, int *tries_left) {
    int right = data->pin_reference, tries = TRIES_UNKNOWN, code;
    if (myna_rule(right) == NULL)
        return SC_ERROR_INVALID_PIN_REFERENCE;
    myna_end_old_right(card);
    if (data->cmd == SC_PIN_CMD_GET_INFO)
        return get_info(card, right, &data->pin1);
    if (right == RIGHT_INSTITUTION)
        return data->cmd == SC_PIN_CMD_VERIFY && data->pin1.data != NULL
                   ? myna_authenticate_institution(card, bytes_of(data->pin1.data, (size_t)data->pin1.len))
                   : SC_ERROR_NOT_SUPPORTED;
    switch (data->cmd) {
    case SC_PIN_CMD_VERIFY: code = verify(card, right, &data->pin1, &tries); break;
    case SC_PIN_CMD_CHANGE: code = change(card, right, data, &tries); break;
    default: return SC_ERROR_NOT_SUPPORTED; /* the municipality unblocks PINs */
    }
    if (tries_left != NULL)
        *tries_left = tries;
    return code;
}
