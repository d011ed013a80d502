#include "pins.h"

#include "base/file.h"
#include "base/secret.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *tries_file, *value_file;
    uint8_t least, most, tries;
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
    if (value.length < rules[name].least || value.length > rules[name].most)
        return false;
    for (size_t i = 0; i < value.length; i++) {
        uint8_t c = value.data[i];
        if (rules[name].digits_only ? c < '0' || c > '9' : c <= ' ' || c > '~')
            return false;
    }
    return true;
}

/* value fits. */
static void to_block(bytes value, uint8_t block[1 + SE_PIN_ROOM]) {
    memset(block, 0, 1 + SE_PIN_ROOM);
    block[0] = (uint8_t)value.length;
    memcpy(block + 1, value.data, value.length);
}

static result load_value(se_pin *p, se_pin_name name) {
    buffer value = BUFFER_INIT(SE_PIN_ROOM);
    result code = file_read(p->value_path, &value);
    if (code == RESULT_OK && !fits(name, buffer_bytes(&value)))
        code = RESULT_INVALID;
    if (code == RESULT_OK) {
        to_block(buffer_bytes(&value), p->value);
        p->set = true;
    }
    buffer_wipe(&value);
    return code == RESULT_NOT_FOUND ? RESULT_OK : code;
}

/* Written before the value: a value without counter is damage. */
static result load_tries(se_pin *p, se_pin_name name) {
    buffer text = BUFFER_INIT(2);
    result code = file_read(p->tries_path, &text);
    if (code == RESULT_NOT_FOUND && !p->set) {
        code = RESULT_OK;
    } else if (code == RESULT_OK) {
        if (text.length != 1 || text.data[0] < '0' || text.data[0] > '0' + rules[name].tries)
            code = RESULT_INVALID;
        else
            p->tries = (uint8_t)(text.data[0] - '0');
    }
    buffer_wipe(&text);
    return code == RESULT_NOT_FOUND ? RESULT_INVALID : code;
}

result se_pins_load(se_pins *pins, const char *state_folder) {
    *pins = (se_pins){0};
    result code = RESULT_OK;
    for (se_pin_name i = 0; i < SE_PIN_COUNT && code == RESULT_OK; i++) {
        se_pin *p = &pins->all[i];
        p->tries_path = file_join(state_folder, rules[i].tries_file);
        p->value_path = file_join(state_folder, rules[i].value_file);
        code = p->tries_path == NULL || p->value_path == NULL ? RESULT_NO_MEMORY : load_value(p, i);
        if (code == RESULT_OK)
            code = load_tries(p, i);
    }
    return code;
}

void se_pins_wipe(se_pins *pins) {
    for (se_pin_name i = 0; i < SE_PIN_COUNT; i++) {
        free(pins->all[i].tries_path);
        free(pins->all[i].value_path);
    }
    secret_wipe(pins, sizeof *pins);
}

bool se_pins_operational(const se_pins *pins) {
    return pins->all[SE_PIN].set;
}

static result write_tries(se_pin *p, uint8_t tries) {
    uint8_t digit = (uint8_t)('0' + tries);
    result code = file_replace(p->tries_path, bytes_of(&digit, 1), 0600);
    if (code == RESULT_OK)
        p->tries = tries;
    return code;
}

static status_word tries_word(const se_pin *p) {
    return p->tries == 0 ? SW_AUTHENTICATION_BLOCKED : (status_word)(SW_TRIES_LEFT | p->tries);
}

void se_pins_forget(se_pins *pins, se_pin_name name) {
    *(name == SE_PIN ? &pins->verified : &pins->officer) = false;
}

/* One try: spent first, given back after the right value. */
static status_word compare(se_pins *pins, se_pin_name name, bytes candidate) {
    se_pin *p = &pins->all[name];
    uint8_t block[1 + SE_PIN_ROOM];
    se_pins_forget(pins, SE_PIN);
    se_pins_forget(pins, SE_PUK);
    if (!p->set)
        return SW_CONDITIONS;
    if (p->tries == 0)
        return SW_AUTHENTICATION_BLOCKED;
    candidate = without_filler(candidate);
    if (!fits(name, candidate))
        return SW_WRONG_DATA;
    if (write_tries(p, (uint8_t)(p->tries - 1)) != RESULT_OK)
        return SW_MEMORY_FAILURE;
    to_block(candidate, block);
    bool right = bytes_equal_secret(BYTES(block), BYTES(p->value));
    secret_wipe(block, sizeof block);
    if (!right)
        return (status_word)(SW_TRIES_LEFT | p->tries);
    return write_tries(p, rules[name].tries) == RESULT_OK ? SW_OK : SW_MEMORY_FAILURE;
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
    if (file_replace(p->value_path, value, 0600) != RESULT_OK)
        return SW_MEMORY_FAILURE;
    to_block(value, p->value);
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
    if (write_tries(p, rules[name].tries) != RESULT_OK)
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
    if (sw == SW_OK && write_tries(&pins->all[SE_PIN], rules[SE_PIN].tries) != RESULT_OK)
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
