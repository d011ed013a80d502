/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "states/state_json.h"

#include "states/state_text.h"

#include <stdio.h>

typedef struct filling {
    const json_t *values;
    char number[32];
} filling;

static const char *value_in_words(void *context, const char *name) {
    filling *f = context;
    const json_t *value = json_object_get(f->values, name);
    if (!json_is_integer(value))
        return json_string_value(value);
    snprintf(f->number, sizeof f->number, "%lld", (long long)json_integer_value(value));
    return f->number;
}

result state_text_append_json(const char *text, const json_t *values, buffer *out) {
    filling f = {.values = values};
    return state_text_append(text, value_in_words, &f, out);
}
