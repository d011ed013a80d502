/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fhir/json.h"

#include "crypt/base64.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_PART_MAX 64

result fhir_complain(fhir_problem *problem, const char *format, ...) {
    if (problem != NULL && problem->text[0] == 0) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(problem->text, sizeof problem->text, format, arguments);
        va_end(arguments);
    }
    return RESULT_INVALID;
}

/* jansson quotes the faulty input, with control characters or a partial UTF-8 character. An OperationOutcome cannot
 * have these, and a terminal must not show them. */
static void keep_printable(char *text) {
    for (; *text != 0; text++)
        if (*text < 0x20 || *text > 0x7E)
            *text = '?';
}

json_t *fhir_parse(bytes text, fhir_problem *problem) {
    json_error_t error;
    json_t *root = json_loadb((const char *)text.data, text.length, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL) {
        keep_printable(error.text);
        fhir_complain(problem, "not JSON: %.80s (line %d, column %d)", error.text, error.line, error.column);
    } else if (!json_is_object(root)) {
        fhir_complain(problem, "the message is not a JSON object");
        json_decref(root);
        root = NULL;
    }
    return root;
}

result fhir_dump(const json_t *value, buffer *text) {
    char *dumped = json_dumps(value, JSON_SORT_KEYS | JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
    if (dumped == NULL)
        return RESULT_NO_MEMORY;
    result code = buffer_append_text(text, dumped);
    free(dumped);
    return code;
}

result fhir_dump_and_free(json_t *value, buffer *text) {
    result code = value != NULL ? fhir_dump(value, text) : RESULT_INVALID;
    json_decref(value);
    return code;
}

/* One step: into an array by its index in digits, into an object by a name that begins otherwise. */
static const json_t *step(const json_t *from, const char *part) {
    bool is_index = *part != 0 && part[strspn(part, "0123456789")] == 0;
    if (json_is_array(from))
        return is_index ? json_array_get(from, (size_t)strtoul(part, NULL, 10)) : NULL;
    return is_index ? NULL : json_object_get(from, part);
}

const json_t *fhir_at(const json_t *root, const char *path) {
    while (root != NULL && *path != 0) {
        char part[PATH_PART_MAX];
        size_t length = strcspn(path, ".");
        if (length >= sizeof part)
            return NULL;
        memcpy(part, path, length);
        part[length] = 0;
        root = step(root, part);
        path += length + (path[length] == '.');
    }
    return root;
}

static bool has_control_character(const char *text) {
    for (; *text != 0; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7F)
            return true;
    return false;
}

result fhir_text(const json_t *root, const char *path, char *text, size_t size, fhir_problem *problem) {
    const json_t *value = fhir_at(root, path);
    text[0] = 0;
    if (!json_is_string(value))
        return fhir_complain(problem, "%s: a text is missing", path);
    size_t length = json_string_length(value);
    const char *string = json_string_value(value);
    if (length == 0 || length >= size || strlen(string) != length || has_control_character(string))
        return fhir_complain(problem, "%s: must have 1 to %zu bytes and no control characters", path, size - 1);
    memcpy(text, string, length + 1);
    return RESULT_OK;
}

result fhir_optional_text(const json_t *root, const char *path, char *text, size_t size, fhir_problem *problem) {
    text[0] = 0;
    return fhir_at(root, path) == NULL ? RESULT_OK : fhir_text(root, path, text, size, problem);
}

void fhir_copy(const json_t *object, const char *name, char *text, size_t size) {
    const char *value = json_string_value(json_object_get(object, name));
    snprintf(text, size, "%s", value != NULL ? value : "");
}

void fhir_set_text(json_t *object, const char *name, const char *text) {
    if (*text != 0)
        json_object_set_new(object, name, json_string(text));
}

result fhir_expect(const json_t *root, const char *path, const char *text, fhir_problem *problem) {
    const json_t *value = fhir_at(root, path);
    if (json_is_string(value) && strcmp(json_string_value(value), text) == 0)
        return RESULT_OK;
    return fhir_complain(problem, "%s: must be \"%s\"", path, text);
}

result fhir_base64(const json_t *root, const char *path, buffer *data, fhir_problem *problem) {
    const json_t *value = fhir_at(root, path);
    if (!json_is_string(value) || json_string_length(value) == 0)
        return fhir_complain(problem, "%s: base64 content is missing", path);
    result code = crypt_base64_decode(bytes_of(json_string_value(value), json_string_length(value)), data);
    return code == RESULT_OK ? code : fhir_complain(problem, "%s: not base64, or too long", path);
}

const json_t *fhir_extension(const json_t *root, const char *url) {
    const json_t *extension;
    size_t i;
    json_array_foreach(json_object_get(root, "extension"), i, extension) {
        const json_t *name = json_object_get(extension, "url");
        if (json_is_string(name) && strcmp(json_string_value(name), url) == 0)
            return extension;
    }
    return NULL;
}

json_t *fhir_array_of(json_t *array, size_t count) {
    if (json_array_size(array) == count)
        return array;
    json_decref(array);
    return NULL;
}

json_t *fhir_base64_string(bytes data) {
    buffer text = BUFFER_INIT(data.length * 2 + 8);
    json_t *string = crypt_base64_append(&text, data) == RESULT_OK ? json_string(buffer_text(&text)) : NULL;
    buffer_wipe(&text);
    return string;
}
