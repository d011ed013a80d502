/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "element.h"

#include "base/file.h"
#include "iso7816/tlv.h"

#define REFERENCE_PIN 0x01
#define REFERENCE_PUK 0x02
#define LOG_OUT 0xFF
#define ONLY_NEW_PIN 0x02
#define TEMPLATE_NEW_KEY 0x00
#define TEMPLATE_SIGNATURE 0xB6
#define TEMPLATE_CONFIDENTIALITY 0xB8
#define SET_FOR_COMPUTATION 0x41
#define TAG_ALGORITHM 0x80
#define TAG_PRIVATE_KEY 0x84

static bool may_change(const card *c) {
    return c->role == SE_ISSUER || c->pins.verified || !se_pins_operational(&c->pins);
}

static bool find_pin(uint8_t reference, se_pin_name *name) {
    *name = reference == REFERENCE_PUK ? SE_PUK : SE_PIN;
    return reference == REFERENCE_PIN || reference == REFERENCE_PUK;
}

/* ISO/IEC 7816-4 11.6.6. P1 FF: the PIN counts as not given from here on. */
status_word se_verify(card *c, const apdu_command *command, buffer *answer) {
    (void)answer;
    se_pin_name name;
    if (!find_pin(command->p2, &name) || (command->p1 != 0 && command->p1 != LOG_OUT))
        return SW_WRONG_P1P2;
    if (command->p1 == LOG_OUT) {
        if (command->data.length > 0)
            return SW_WRONG_LENGTH;
        se_pins_forget(&c->pins, name);
        return SW_OK;
    }
    if (command->data.length == 0)
        return se_pin_query(&c->pins, name);
    return se_pin_verify(&c->pins, name, command->data);
}

/* P1 00: old and new value, 16 bytes each. P1 01: the first value of all. */
status_word se_change_reference_data(card *c, const apdu_command *command, buffer *answer) {
    (void)answer;
    se_pin_name name;
    if (!find_pin(command->p2, &name))
        return SW_WRONG_P1P2;
    if (command->p1 == 0x01)
        return command->data.length > SE_PIN_ROOM ? SW_WRONG_LENGTH : se_pin_set(&c->pins, name, command->data);
    if (command->p1 != 0 || name != SE_PIN)
        return SW_WRONG_P1P2;
    if (command->data.length != (size_t)2 * SE_PIN_ROOM)
        return SW_WRONG_LENGTH;
    return se_pin_change(&c->pins, bytes_slice(command->data, 0, SE_PIN_ROOM),
                         bytes_slice(command->data, SE_PIN_ROOM, SE_PIN_ROOM));
}

/* ISO/IEC 7816-4 11.6.9. P1 00: PUK and new PIN, 16 bytes each. P1 02: the new PIN alone, the PUK came by VERIFY. */
status_word se_reset_retry_counter(card *c, const apdu_command *command, buffer *answer) {
    (void)answer;
    if ((command->p1 != 0 && command->p1 != ONLY_NEW_PIN) || command->p2 != REFERENCE_PIN)
        return SW_WRONG_P1P2;
    if (command->p1 == ONLY_NEW_PIN)
        return command->data.length > SE_PIN_ROOM ? SW_WRONG_LENGTH : se_pin_renew(&c->pins, command->data);
    if (command->data.length != (size_t)2 * SE_PIN_ROOM)
        return SW_WRONG_LENGTH;
    return se_pin_unblock(&c->pins, bytes_slice(command->data, 0, SE_PIN_ROOM),
                          bytes_slice(command->data, SE_PIN_ROOM, SE_PIN_ROOM));
}

static bool find_byte(bytes data, uint32_t tag, uint8_t *value) {
    bytes found;
    if (tlv_find(data, tag, &found) != RESULT_OK || found.length != 1)
        return false;
    *value = found.data[0];
    return true;
}

/* ISO/IEC 7816-4 11.6.11. A file reference (81) may come along and means nothing here. */
status_word se_manage_security_environment(card *c, const apdu_command *command, buffer *answer) {
    (void)answer;
    security_environment fresh = {.template = command->p2, .algorithm = SE_ALGORITHM_PKCS1};
    c->environment.template = NO_TEMPLATE;
    if (command->p1 != SET_FOR_COMPUTATION ||
        (fresh.template != TEMPLATE_NEW_KEY && fresh.template != TEMPLATE_SIGNATURE &&
         fresh.template != TEMPLATE_CONFIDENTIALITY))
        return SW_WRONG_P1P2;
    bool algorithm = find_byte(command->data, TAG_ALGORITHM, &fresh.algorithm);
    if (!find_byte(command->data, TAG_PRIVATE_KEY, &fresh.key))
        return SW_WRONG_DATA;
    if (fresh.key >= SE_KEYS_MAX)
        return SW_REFERENCE_NOT_FOUND;
    if (fresh.template == TEMPLATE_NEW_KEY && (!algorithm || fresh.algorithm != SE_ALGORITHM_NEW_RSA))
        return SW_FUNCTION_UNSUPPORTED; /* no elliptic curves */
    c->environment = fresh;
    return SW_OK;
}

/* The counter is incremented before a signature is returned, so every signature is counted. */
static status_word count_signature(card *c) {
    result code = signature_counter_raise(&c->signatures);
    return code == RESULT_OK ? SW_OK : code == RESULT_TOO_LONG ? SW_CONDITIONS : SW_MEMORY_FAILURE;
}

static status_word sign(card *c, bytes data, buffer *answer) {
    if (c->environment.template != TEMPLATE_SIGNATURE || se_key_use_of(c->environment.key) != SE_KEY_SIGNS)
        return SW_CONDITIONS;
    status_word sw = se_key_sign(&c->keys, c->environment.key, c->environment.algorithm, data, answer);
    return sw == SW_OK ? count_signature(c) : sw;
}

/* ISO/IEC 7816-8 10.2: a padding indicator (00: nothing said) comes before the cryptogram. */
static status_word decipher(card *c, bytes data, buffer *answer) {
    if (c->environment.template != TEMPLATE_CONFIDENTIALITY || se_key_use_of(c->environment.key) != SE_KEY_DECIPHERS ||
        c->environment.algorithm != SE_ALGORITHM_PKCS1)
        return SW_CONDITIONS;
    if (data.length != SE_KEY_LENGTH + 1 || data.data[0] != 0)
        return SW_WRONG_DATA;
    return se_key_decipher(&c->keys, c->environment.key, bytes_slice(data, 1, SE_KEY_LENGTH), answer);
}

status_word se_perform_security_operation(card *c, const apdu_command *command, buffer *answer) {
    bool signs = command->p1 == 0x9E && command->p2 == 0x9A, deciphers = command->p1 == 0x80 && command->p2 == 0x86;
    if (!signs && !deciphers)
        return SW_WRONG_P1P2;
    if (!c->pins.verified)
        return SW_SECURITY_STATUS;
    return signs ? sign(c, command->data, answer) : decipher(c, command->data, answer);
}

static status_word check_new_key(const card *c) {
    if (!may_change(c))
        return SW_SECURITY_STATUS;
    return c->environment.template == TEMPLATE_NEW_KEY ? SW_OK : SW_CONDITIONS;
}

status_word se_generate_key(card *c, const apdu_command *command, buffer *answer) {
    if ((command->p1 != 0x42 && command->p1 != 0x00) || command->p2 != 0)
        return SW_WRONG_P1P2;
    status_word sw = check_new_key(c);
    return sw == SW_OK ? se_key_generate(&c->keys, c->environment.key, answer) : sw;
}

status_word se_put_data(card *c, const apdu_command *command, buffer *answer) {
    (void)answer;
    if (command->p1 != 0x3F || command->p2 != 0xFF)
        return SW_WRONG_P1P2;
    status_word sw = check_new_key(c);
    return sw == SW_OK ? se_key_import(&c->keys, c->environment.key, command->data) : sw;
}
