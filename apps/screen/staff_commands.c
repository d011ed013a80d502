/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "staff_commands.h"
#include "desk_call.h"
#include "words.h"

#include <stdlib.h>
#include <string.h>

#define OPTIONS_MAX 8
#define ARGUMENTS_MAX 4
#define PIN_MAX 32

/* pin: the type of its frame (lib/desk/desk_wire.h); 0: none. */
typedef struct row {
    const char *name;
    char pin;
    size_t arguments;
    const char *options[OPTIONS_MAX];
} row;

static const row rows[] = {
    {"login", 'P', 0, {NULL}},
    {"logout", 0, 0, {NULL}},
    {"status", 0, 0, {NULL}},
    {"reception", 0, 0, {"again", "hospitalNumber", "department", "identified"}},
    {"today", 0, 0, {"from", "to"}},
    {"today find", 0, ARGUMENTS_MAX, {NULL}},
    {"today show", 0, 1, {NULL}},
    {"today slip", 0, 1, {NULL}},
    {"today amend", 0, 1, {"hospitalNumber", "department"}},
    {"receptions", 0, 0, {"all"}},
    {"receptions done", 0, 1, {"again"}},
    {"reconcile", 0, 0, {NULL}},
    {"person", 'P', 0, {NULL}},
    {"visit", 'S', 0, {"evidence", "patient"}},
    /* administration, without the commands that read or write files */
    {"unlock", 'P', 0, {NULL}},
    {"unlock card", 'P', 0, {NULL}},
    {"se replace", 'P', 0, {NULL}},
    {"clock confirm", 'P', 0, {NULL}},
    {"limits show", 0, 0, {NULL}},
    {"limits propose", 'P', 1, {NULL}},
    {"limits confirm", 'P', 0, {NULL}},
    {"institutions show", 0, 0, {NULL}},
    {"institutions propose", 'P', 1, {NULL}},
    {"institutions confirm", 'P', 0, {NULL}},
    {"anchors show", 0, 0, {NULL}},
    {"anchors apply", 'P', 0, {NULL}},
    {"audit", 0, 0, {NULL}},
};

static const row *row_named(const char *name) {
    for (size_t i = 0; name != NULL && i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

/* The PIN comes first, so that it is taken out before JSON is parsed and copied. */
static result split(bytes body, bytes *pin, bytes *rest) {
    static const char opening[] = "[\"";
    *pin = bytes_of(NULL, 0);
    *rest = body;
    if (body.length < sizeof opening || memcmp(body.data, opening, sizeof opening - 1) != 0)
        return RESULT_OK;
    const bytes after = bytes_slice(body, sizeof opening - 1, body.length);
    const uint8_t *quote = memchr(after.data, '"', after.length);
    if (quote == NULL || quote + 2 > after.data + after.length || quote[1] != ',' || body.data[body.length - 1] != ']')
        return RESULT_INVALID;
    *pin = bytes_of(after.data, (size_t)(quote - after.data));
    *rest = bytes_of(quote + 2, (size_t)(body.data + body.length - 1 - (quote + 2)));
    return pin->length <= PIN_MAX && memchr(pin->data, '\\', pin->length) == NULL ? RESULT_OK : RESULT_INVALID;
}

static bool takes_option(const row *r, const char *name) {
    for (size_t i = 0; i < OPTIONS_MAX && r->options[i] != NULL; i++)
        if (strcmp(r->options[i], name) == 0)
            return true;
    return strcmp(name, "command") == 0 || strcmp(name, "arguments") == 0 || strcmp(name, "language") == 0;
}

static bool takes_all(const row *r, const json_t *asked) {
    const json_t *arguments = json_object_get(asked, "arguments");
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)asked, name, value) {
        if (!takes_option(r, name) || (!json_is_string(value) && !json_is_boolean(value) && value != arguments))
            return false;
    }
    if (json_array_size(arguments) > r->arguments)
        return false;
    for (size_t i = 0; i < json_array_size(arguments); i++)
        if (!json_is_string(json_array_get(arguments, i)))
            return false;
    return true;
}

/* The page's command as a request to the desk, with --json. */
static json_t *request_of(const json_t *asked) {
    json_t *request = json_copy((json_t *)(uintptr_t)asked);
    json_object_set_new(request, "json", json_true());
    if (!json_is_string(json_object_get(request, "language")))
        json_object_set_new(request, "language", json_string("en"));
    if (!json_is_array(json_object_get(request, "arguments")))
        json_object_set_new(request, "arguments", json_array());
    return request;
}

/* Each row of a list gets the words for its own outcome. */
static void add_words_to_rows(const json_t *list) {
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *one = json_array_get(list, i);
        const char *state = json_string_value(json_object_get(one, "state"));
        const char *grade = json_string_value(json_object_get(one, "grade"));
        const char *word = state != NULL && strcmp(state, "pending") == 0 ? grade : state;
        if (word != NULL && words_has(word))
            json_object_set_new(one, "words", words_for_staff(word, one));
    }
}

static void add_words(json_t *answer) {
    const char *reason = json_string_value(json_object_get(answer, "reason"));
    const char *because = json_string_value(json_object_get(answer, "lockedBecause"));
    const char *grade = json_string_value(json_object_get(answer, "grade"));
    const char *word = reason != NULL ? reason : grade;
    if (word != NULL)
        json_object_set_new(answer, "words", words_for_staff(word, answer));
    if (because != NULL)
        json_object_set_new(answer, "because", words_for_staff(because, answer));
    json_object_del(answer, "message"); /* for administrators: it may name files and commands */
    add_words_to_rows(json_object_get(answer, "receptions"));
}

static result answer_to(const char *desk, const json_t *asked, bytes pin, buffer *out) {
    const row *r = row_named(json_string_value(json_object_get(asked, "command")));
    if (r == NULL || (r->pin != 0) != (pin.length > 0) || !takes_all(r, asked))
        return RESULT_INVALID;
    json_t *answer = desk_call(desk, request_of(asked), r->pin, pin);
    add_words(answer);
    char *text = answer != NULL ? json_dumps(answer, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    const result code = text != NULL ? buffer_append_text(out, text) : RESULT_NO_MEMORY;
    free(text);
    json_decref(answer);
    return code;
}

result staff_command(const char *desk, bytes body, buffer *out) {
    bytes pin, rest;
    result code = split(body, &pin, &rest);
    if (code != RESULT_OK)
        return code;
    json_t *asked = json_loadb((const char *)rest.data, rest.length, JSON_REJECT_DUPLICATES, NULL);
    code = json_is_object(asked) ? answer_to(desk, asked, pin, out) : RESULT_INVALID;
    json_decref(asked);
    return code;
}
