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

static bool take_byte(canonical_reader *r, char c) {
    return canonical_take(r, (char[]){c, 0});
}

bool fhir_form_take(canonical_reader *r, const char *form, ...) {
    va_list arguments;
    bool good = true;
    va_start(arguments, form);
    for (; *form != 0 && good; form++) {
        if (*form == '~') {
            char *text = va_arg(arguments, char *);
            good = canonical_take_text(r, text, va_arg(arguments, size_t));
        } else {
            good = *form == '^' ? take_base64(r, va_arg(arguments, buffer *))
                                : take_byte(r, *form == '\'' ? '"' : *form);
        }
    }
    va_end(arguments);
    return good;
}
