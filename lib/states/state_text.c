/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "states/state_text.h"

#include <string.h>

#define NAME_SIZE 32

/* Brackets do not nest; a place may stand in brackets, and nothing in a place. */
static bool is_whole(const char *text) {
    bool bracket = false, brace = false;
    for (; *text != 0; text++) {
        const bool opens = *text == '[' || *text == '{', closes = *text == ']' || *text == '}';
        if ((opens && brace) || (*text == '[' && bracket) || (*text == '}' && !brace) ||
            (*text == ']' && (!bracket || brace)))
            return false;
        bracket = *text == '[' || (bracket && *text != ']');
        brace = *text == '{' || (brace && !closes);
    }
    return !bracket && !brace;
}

/* The value of the name between place and its closing brace; NULL: there is none. */
static const char *value_at(const char *place, state_value value, void *context) {
    char name[NAME_SIZE];
    const size_t length = strcspn(place, "}");
    if (length >= sizeof name)
        return NULL;
    memcpy(name, place, length);
    name[length] = 0;
    return value(context, name);
}

/* Whether every value up to the closing bracket is there. */
static bool has_all(const char *part, size_t length, state_value value, void *context) {
    for (const char *c = part; c < part + length; c++)
        if (*c == '{' && value_at(c + 1, value, context) == NULL)
            return false;
    return true;
}

static result append_part(bytes part, state_value value, void *context, buffer *out) {
    const char *text = (const char *)part.data, *end = text + part.length;
    result code = RESULT_OK;
    while (text < end && code == RESULT_OK) {
        const char *brace = memchr(text, '{', (size_t)(end - text));
        const size_t plain = (size_t)((brace != NULL ? brace : end) - text);
        code = buffer_append(out, bytes_of(text, plain));
        text += plain;
        if (brace == NULL || code != RESULT_OK)
            continue;
        const char *found = value_at(brace + 1, value, context);
        found = found != NULL ? found : "?";
        code = buffer_append(out, bytes_of(found, strlen(found)));
        text = brace + strcspn(brace, "}") + 1;
    }
    return code;
}

result state_text_append(const char *text, state_value value, void *context, buffer *out) {
    result code = RESULT_OK;
    if (!is_whole(text))
        return RESULT_INVALID;
    while (*text != 0 && code == RESULT_OK) {
        const bool optional = *text == '[';
        text += optional;
        const size_t length = strcspn(text, optional ? "]" : "[");
        if (!optional || has_all(text, length, value, context))
            code = append_part(bytes_of(text, length), value, context, out);
        text += length + optional;
    }
    return code;
}
