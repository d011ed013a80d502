/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "se_pins.h"

#include "base/file.h"

static const struct {
    const char *tries_file, *value_file;
    uint8_t min, max, tries;
    bool digits_only;
} rules[SE_PIN_COUNT] = {
    [SE_PIN] = {"pin-tries", "pin-value", 6, 12, 5, true},
    [SE_PUK] = {"puk-tries", "puk-value", 8, SE_PIN_ROOM, 5, false},
};

/* Hosts fill up with 00. */
static bytes without_filler(bytes value) {
    while (value.length > 0 && value.data[value.length - 1] == 0)
        value.length--;
    return value;
}

static bool fits(se_pin_name name, bytes value) {
    if (value.length < rules[name].min || value.length > rules[name].max)
        return false;
    for (size_t i = 0; i < value.length; i++) {
        uint8_t c = value.data[i];
        if (rules[name].digits_only ? c < '0' || c > '9' : c <= ' ' || c > '~')
            return false;
    }
    return true;
}

static result load_value(se_pin *p, se_pin_name name) {
    buffer value = BUFFER_INIT(SE_PIN_ROOM);
    result code = file_read(p->reference.value_path, &value);
    if (code == RESULT_OK && !fits(name, buffer_bytes(&value)))
        code = RESULT_INVALID;
    if (code == RESULT_OK) {
        code = reference_value_know(&p->reference, buffer_bytes(&value));
        p->set = true;
    }
    buffer_wipe(&value);
    return code == RESULT_NOT_FOUND ? RESULT_OK : code;
}

/* Written before the value: a value without counter is damage. */
static result load_tries(se_pin *p, se_pin_name name) {
    p->reference.tries_max = rules[name].tries;
    result code = reference_value_load_tries(&p->reference);
    if (code == RESULT_NOT_FOUND)
        return p->set ? RESULT_INVALID : RESULT_OK;
    return code;
}

result se_pins_load(se_pins *pins, const char *state_folder) {
    *pins = (se_pins){0};
    result code = RESULT_OK;
    for (se_pin_name i = 0; i < SE_PIN_COUNT && code == RESULT_OK; i++) {
        se_pin *p = &pins->all[i];
        p->reference.tries_path = file_join(state_folder, rules[i].tries_file);
        p->reference.value_path = file_join(state_folder, rules[i].value_file);
        code = p->reference.tries_path == NULL || p->reference.value_path == NULL ? RESULT_NO_MEMORY : load_value(p, i);
        if (code == RESULT_OK)
            code = load_tries(p, i);
    }
    return code;
}

void se_pins_wipe(se_pins *pins) {
    for (se_pin_name i = 0; i < SE_PIN_COUNT; i++)
        reference_value_wipe(&pins->all[i].reference);
    *pins = (se_pins){0};
}

bool se_pins_operational(const se_pins *pins) {
    return pins->all[SE_PIN].set;
}

static status_word tries_word(const se_pin *p) {
    return p->reference.tries == 0 ? SW_AUTHENTICATION_BLOCKED : (status_word)(SW_TRIES_LEFT | p->reference.tries);
}

void se_pins_forget(se_pins *pins, se_pin_name name) {
    *(name == SE_PIN ? &pins->verified : &pins->officer) = false;
}

/* One try: spent first, given back after the right value. */
static status_word compare(se_pins *pins, se_pin_name name, bytes candidate) {
    se_pin *p = &pins->all[name];
    se_pins_forget(pins, SE_PIN);
    se_pins_forget(pins, SE_PUK);
    if (!p->set)
        return SW_CONDITIONS;
    if (p->reference.tries == 0)
        return SW_AUTHENTICATION_BLOCKED;
    candidate = without_filler(candidate);
    if (!fits(name, candidate))
        return SW_WRONG_DATA;
    result code = reference_value_compare(&p->reference, candidate);
    if (code == RESULT_BAD_SIGNATURE)
        return (status_word)(SW_TRIES_LEFT | p->reference.tries);
    return code == RESULT_OK ? SW_OK : SW_MEMORY_FAILURE;
}

status_word se_pin_verify(se_pins *pins, se_pin_name name, bytes candidate) {
    status_word sw = compare(pins, name, candidate);
    *(name == SE_PIN ? &pins->verified : &pins->officer) = sw == SW_OK;
    return sw;
}

status_word se_pin_query(const se_pins *pins, se_pin_name name) {
    const se_pin *p = &pins->all[name];
    if (!p->set)
        return SW_REFERENCE_NOT_FOUND;
    return (name == SE_PIN ? pins->verified : pins->officer) ? SW_OK : tries_word(p);
}

static status_word write_value(se_pin *p, se_pin_name name, bytes value) {
    if (!fits(name, value))
        return SW_WRONG_DATA;
    if (reference_value_store(&p->reference, value) != RESULT_OK)
        return SW_MEMORY_FAILURE;
    p->set = true;
    return SW_OK;
}

status_word se_pin_set(se_pins *pins, se_pin_name name, bytes value) {
    se_pin *p = &pins->all[name];
    value = without_filler(value);
    if (se_pins_operational(pins) || p->set)
        return SW_CONDITIONS;
    if (!fits(name, value))
        return SW_WRONG_DATA;
    if (reference_value_store_tries(&p->reference, rules[name].tries) != RESULT_OK)
        return SW_MEMORY_FAILURE;
    status_word sw = write_value(p, name, value);
    if (sw == SW_OK && name == SE_PIN)
        pins->verified = true;
    return sw;
}

status_word se_pin_change(se_pins *pins, bytes old, bytes fresh) {
    fresh = without_filler(fresh);
    if (!fits(SE_PIN, fresh))
        return SW_WRONG_DATA; /* before a try is spent */
    status_word sw = compare(pins, SE_PIN, old);
    if (sw == SW_OK)
        sw = write_value(&pins->all[SE_PIN], SE_PIN, fresh);
    pins->verified = sw == SW_OK;
    return sw;
}

/* fresh fits. */
static status_word replace_pin(se_pins *pins, bytes fresh) {
    status_word sw = write_value(&pins->all[SE_PIN], SE_PIN, fresh);
    if (sw == SW_OK && reference_value_store_tries(&pins->all[SE_PIN].reference, rules[SE_PIN].tries) != RESULT_OK)
        sw = SW_MEMORY_FAILURE;
    return sw;
}

status_word se_pin_unblock(se_pins *pins, bytes puk, bytes fresh) {
    fresh = without_filler(fresh);
    if (!fits(SE_PIN, fresh))
        return SW_WRONG_DATA;
    status_word sw = compare(pins, SE_PUK, puk);
    return sw == SW_OK ? replace_pin(pins, fresh) : sw;
}

status_word se_pin_renew(se_pins *pins, bytes fresh) {
    fresh = without_filler(fresh);
    if (!pins->officer)
        return SW_SECURITY_STATUS;
    if (!pins->all[SE_PIN].set)
        return SW_CONDITIONS;
    if (!fits(SE_PIN, fresh))
        return SW_WRONG_DATA;
    se_pins_forget(pins, SE_PIN);
    se_pins_forget(pins, SE_PUK);
    return replace_pin(pins, fresh);
}
