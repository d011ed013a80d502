/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "patient_pins.h"

#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>

static bool pin_fits(const pin_rule *rule, bytes value) {
    bool letter = false, digit = false;
    if (value.length < rule->min || value.length > rule->max)
        return false;
    for (size_t i = 0; i < value.length; i++) {
        uint8_t c = value.data[i];
        if (c >= '0' && c <= '9')
            digit = true;
        else if (c >= 'A' && c <= 'Z')
            letter = true;
        else
            return false;
    }
    return rule->digits_only ? !letter : letter && digit;
}

/* A file with one value, perhaps with a newline behind it (an image may be made with echo). */
static result read_value(const char *path, buffer *out) {
    result code = file_read(path, out);
    if (code == RESULT_OK && out->length > 0 && out->data[out->length - 1] == '\n')
        buffer_truncate(out, out->length - 1);
    return code;
}

static result pin_load_value(pin *p, const char *issued_path, const char **problem) {
    buffer value = BUFFER_INIT(PIN_MAX + 1);
    if (p->rule->valueless) {
        p->reference.block[0] = PIN_MAX + 1; /* a length that no candidate has */
        return RESULT_OK;
    }
    result code = read_value(p->reference.value_path, &value);
    if (code == RESULT_NOT_FOUND)
        code = read_value(issued_path, &value);
    if (code == RESULT_OK && !pin_fits(p->rule, buffer_bytes(&value)))
        code = RESULT_INVALID;
    if (code == RESULT_OK)
        code = reference_value_know(&p->reference, buffer_bytes(&value));
    if (code != RESULT_OK)
        *problem = "pin/: a PIN is missing or not of its form (docs/interfaces/card-image.md)";
    buffer_wipe(&value);
    return code;
}

/* No file: a fresh card. */
static result pin_load_tries(pin *p, const char **problem) {
    p->reference.tries = p->reference.tries_max = p->rule->tries;
    result code = reference_value_load_tries(&p->reference);
    if (code == RESULT_NOT_FOUND)
        return RESULT_OK;
    if (code != RESULT_OK)
        *problem = "state/: a PIN's try counter is damaged; issue the card again";
    return code;
}

static char *path_of(const char *folder, const char *kind, const char *name, const char *suffix) {
    char *path = NULL;
    return asprintf(&path, "%s/%s/%s%s", folder, kind, name, suffix) < 0 ? NULL : path;
}

result pin_load(pin *p, const pin_rule *rule, const char *folder, const char **problem) {
    *p = (pin){.rule = rule};
    if (rule->tries == 0)
        return RESULT_OK;
    char *issued_path = path_of(folder, "pin", rule->name, "");
    p->reference.tries_path = path_of(folder, "state", rule->name, "-tries");
    p->reference.value_path = path_of(folder, "state", rule->name, "-pin");
    result code = RESULT_OK;
    if (issued_path == NULL || p->reference.tries_path == NULL || p->reference.value_path == NULL)
        code = RESULT_NO_MEMORY;
    if (code == RESULT_OK)
        code = pin_load_value(p, issued_path, problem);
    if (code == RESULT_OK)
        code = pin_load_tries(p, problem);
    free(issued_path);
    return code;
}

void pin_wipe(pin *p) {
    reference_value_wipe(&p->reference);
    p->verified = false;
}

status_word pin_verify(pin *p, bytes candidate) {
    if (candidate.length > PIN_MAX)
        return SW_WRONG_LENGTH;
    p->verified = false;
    if (p->reference.tries == 0)
        return SW_DATA_INVALIDATED;
    result code = reference_value_compare(&p->reference, candidate);
    p->verified = code == RESULT_OK;
    if (code == RESULT_BAD_SIGNATURE)
        return pin_query(p);
    return code == RESULT_OK ? SW_OK : SW_MEMORY_FAILURE;
}

status_word pin_query(const pin *p) {
    return (status_word)(SW_TRIES_LEFT | p->reference.tries);
}

status_word pin_change(pin *p, bytes value) {
    if (p->reference.tries == 0)
        return SW_DATA_INVALIDATED;
    if (!p->verified)
        return SW_SECURITY_STATUS;
    if (p->rule->unchangeable)
        return SW_CONDITIONS;
    if (value.length < p->rule->min || value.length > p->rule->max)
        return SW_WRONG_LENGTH;
    if (!pin_fits(p->rule, value))
        return SW_WRONG_DATA;
    return reference_value_store(&p->reference, value) == RESULT_OK ? SW_OK : SW_MEMORY_FAILURE;
}
