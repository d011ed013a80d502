/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fhir/form.h"

#include "crypt/base64.h"

#include <stdarg.h>
#include <string.h>

result fhir_form_append(buffer *json, const char *form, ...) {
    va_list arguments;
    va_start(arguments, form);
    while (*form != 0) {
        size_t plain = strcspn(form, "'~");
        buffer_append(json, bytes_of(form, plain));
        form += plain;
        if (*form == '\'')
            buffer_append_u8(json, '"');
        else if (*form == '~')
            canonical_append_text(json, va_arg(arguments, const char *));
        form += *form != 0;
    }
    va_end(arguments);
    return json->failed;
}

static bool take_base64(canonical_reader *r, buffer *data) {
    bytes text;
    return canonical_take_plain(r, &text) && text.length > 0 && crypt_base64_decode(text, data) == RESULT_OK;
}

/* The form up to the next place for a value; *form goes on to there. */
static bool take_fixed(canonical_reader *r, const char **form) {
    size_t length = strcspn(*form, "~^");
    if (length > r->rest.length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (r->rest.data[i] != (uint8_t)((*form)[i] == '\'' ? '"' : (*form)[i]))
            return false;
    r->rest = bytes_slice(r->rest, length, r->rest.length);
    *form += length;
    return true;
}

bool fhir_form_take(canonical_reader *r, const char *form, ...) {
    va_list arguments;
    va_start(arguments, form);
    bool good = take_fixed(r, &form);
    while (good && *form != 0) {
        if (*form++ == '~') {
            char *text = va_arg(arguments, char *);
            good = canonical_take_text(r, text, va_arg(arguments, size_t));
        } else {
            good = take_base64(r, va_arg(arguments, buffer *));
        }
        good = good && take_fixed(r, &form);
    }
    va_end(arguments);
    return good;
}
