#include "pins.h"

#include "base/file.h"
#include "base/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool pin_fits(const pin_rule *rule, bytes value) {
    bool letter = false, digit = false;
    if (value.length < rule->least || value.length > rule->most)
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

/* value.length is at most PIN_MOST. */
static void pin_block(bytes value, uint8_t block[1 + PIN_MOST]) {
    memset(block, 0, 1 + PIN_MOST);
    block[0] = (uint8_t)value.length;
    if (value.length > 0)
        memcpy(block + 1, value.data, value.length);
}

/* A file with one value, perhaps with a newline behind it (an image may be made with echo). */
static result read_value(const char *path, buffer *out) {
    result code = file_read(path, out);
    if (code == RESULT_OK && out->length > 0 && out->data[out->length - 1] == '\n')
        buffer_truncate(out, out->length - 1);
    return code;
}

static result pin_load_value(pin *p, const char *issued_path, const char **problem) {
    buffer value = BUFFER_INIT(PIN_MOST + 1);
    if (p->rule->valueless) {
        p->value[0] = PIN_MOST + 1; /* a length that no candidate has */
        return RESULT_OK;
    }
    result code = read_value(p->value_path, &value);
    if (code == RESULT_NOT_FOUND)
        code = read_value(issued_path, &value);
    if (code == RESULT_OK && !pin_fits(p->rule, buffer_bytes(&value)))
        code = RESULT_INVALID;
    if (code == RESULT_OK)
        pin_block(buffer_bytes(&value), p->value);
    else
        *problem = "pin/: a PIN is missing or not of its form (docs/interfaces/card-image.md)";
    buffer_wipe(&value);
    return code;
}

/* No file: a fresh card. A file that is no counter: somebody touched it, and the card must not be used. */
static result pin_load_tries(pin *p, const char **problem) {
    buffer text = BUFFER_INIT(3);
    result code = read_value(p->tries_path, &text);
    unsigned tries = 0;
    bool number = text.length >= 1 && text.length <= 2;
    for (size_t i = 0; i < text.length && number; i++) {
        number = text.data[i] >= '0' && text.data[i] <= '9';
        tries = tries * 10 + text.data[i] - '0';
    }
    p->tries = p->rule->tries;
    if (code == RESULT_NOT_FOUND) {
        code = RESULT_OK;
    } else if (code == RESULT_OK && number && tries <= p->rule->tries) {
        p->tries = (uint8_t)tries;
    } else {
        code = code == RESULT_OK ? RESULT_INVALID : code;
        *problem = "state/: a PIN's try counter is damaged; issue the card anew";
    }
    buffer_wipe(&text);
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
    p->tries_path = path_of(folder, "state", rule->name, "-tries");
    p->value_path = path_of(folder, "state", rule->name, "-pin");
    result code = RESULT_OK;
    if (issued_path == NULL || p->tries_path == NULL || p->value_path == NULL)
        code = RESULT_NO_MEMORY;
    if (code == RESULT_OK)
        code = pin_load_value(p, issued_path, problem);
    if (code == RESULT_OK)
        code = pin_load_tries(p, problem);
    free(issued_path);
    return code;
}

void pin_wipe(pin *p) {
    free(p->tries_path);
    free(p->value_path);
    secret_wipe(p, sizeof *p);
}

static result write_tries(pin *p, uint8_t tries) {
    char text[4];
    int length = snprintf(text, sizeof text, "%u", tries);
    result code = file_replace(p->tries_path, bytes_of(text, (size_t)length), 0600);
    if (code == RESULT_OK)
        p->tries = tries;
    return code;
}

status_word pin_verify(pin *p, bytes candidate) {
    if (candidate.length > PIN_MOST)
        return SW_WRONG_LENGTH;
    p->verified = false;
    if (p->tries == 0)
        return SW_DATA_INVALIDATED;
    if (write_tries(p, (uint8_t)(p->tries - 1)) != RESULT_OK)
        return SW_MEMORY_FAILURE;
    uint8_t block[1 + PIN_MOST];
    pin_block(candidate, block);
    bool right = bytes_equal_secret(BYTES(block), BYTES(p->value));
    secret_wipe(block, sizeof block);
    if (!right)
        return pin_query(p);
    if (write_tries(p, p->rule->tries) != RESULT_OK)
        return SW_MEMORY_FAILURE;
    p->verified = true;
    return SW_OK;
}

status_word pin_query(const pin *p) {
    return (status_word)(SW_TRIES_LEFT | p->tries);
}

status_word pin_change(pin *p, bytes value) {
    if (p->tries == 0)
        return SW_DATA_INVALIDATED;
    if (!p->verified)
        return SW_SECURITY_STATUS;
    if (p->rule->unchangeable)
        return SW_CONDITIONS;
    if (value.length < p->rule->least || value.length > p->rule->most)
        return SW_WRONG_LENGTH;
    if (!pin_fits(p->rule, value))
        return SW_WRONG_DATA;
    if (file_replace(p->value_path, value, 0600) != RESULT_OK)
        return SW_MEMORY_FAILURE;
    pin_block(value, p->value);
    return SW_OK;
}
