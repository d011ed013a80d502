/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "desk/desk_request.h"

#include "desk/desk_wire.h"

#include <stdlib.h>
#include <string.h>

void desk_request_wipe(desk_request *r) {
    json_decref(r->root);
    buffer_wipe(&r->pin);
    buffer_wipe(&r->sign_pin);
    buffer_wipe(&r->frame);
    free(r->arguments);
    *r = (desk_request)DESK_REQUEST_INIT;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* What a frame may hold, by its type. */
static const struct {
    char type;
    size_t max;
} frames[] = {{'C', DESK_REQUEST_MAX}, {'P', DESK_REQUEST_PIN_MAX}, {'S', DESK_REQUEST_PIN_MAX}, {'.', 0}};

static result check_head(const uint8_t *head) {
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++)
        if (frames[i].type == (char)head[0])
            return desk_wire_length(head) <= frames[i].max ? RESULT_OK : RESULT_TOO_LONG;
    return RESULT_INVALID;
}

static result take_frame(desk_request *r, char type, bytes content) {
    buffer *pin = type == 'P' ? &r->pin : type == 'S' ? &r->sign_pin : NULL;
    if (type == '.')
        r->whole = r->root != NULL;
    else if (type == 'C' && r->root == NULL)
        r->root = json_loadb((const char *)content.data, content.length, JSON_REJECT_DUPLICATES, NULL);
    else if (pin != NULL && pin->length == 0)
        return buffer_append(pin, content);
    else
        return RESULT_INVALID;
    return json_is_object(r->root) ? RESULT_OK : RESULT_INVALID;
}

static size_t frame_length(const desk_request *r) {
    return DESK_HEAD_LENGTH + (r->frame.length < DESK_HEAD_LENGTH ? 0 : desk_wire_length(r->frame.data));
}

size_t desk_request_wants(const desk_request *r) {
    return r->whole ? 0 : frame_length(r) - r->frame.length;
}

result desk_request_take_bytes(desk_request *r, bytes part) {
    const bool was_head = r->frame.length < DESK_HEAD_LENGTH;
    result code = part.length <= desk_request_wants(r) ? buffer_append(&r->frame, part) : RESULT_INVALID;
    if (code == RESULT_OK && was_head && r->frame.length == DESK_HEAD_LENGTH)
        code = check_head(r->frame.data);
    if (code != RESULT_OK || r->frame.length < DESK_HEAD_LENGTH || r->frame.length < frame_length(r))
        return code;
    code = take_frame(r, (char)r->frame.data[0],
                      bytes_slice(buffer_bytes(&r->frame), DESK_HEAD_LENGTH, r->frame.length));
    buffer_clear(&r->frame);
    return code;
}

/* --- what it says ------------------------------------------------------------------------------------------------- */

static const char *member(const desk_request *r, const char *name) {
    return json_string_value(json_object_get(r->root, name));
}

const language *desk_request_language(const desk_request *r) {
    return language_named(member(r, "language"));
}

const char *desk_request_command(const desk_request *r) {
    const char *name = member(r, "command");
    return name != NULL ? name : "";
}

const char *desk_request_configuration(const desk_request *r) {
    return member(r, "configuration");
}

static bool asks_only(const desk_request *r) {
    return json_is_true(json_object_get(r->root, "beforePin"));
}

bool desk_request_receives(const desk_request *r) {
    return strcmp(desk_request_command(r), "reception") == 0 && !asks_only(r);
}

bool desk_request_names_files(const desk_request *r) {
    const command *chosen = command_named(desk_request_command(r));
    return (chosen != NULL && (chosen->paths || chosen->writes_files)) || option_table_names_files(r->root);
}

static bool has_pin(const desk_request *r, command_asks asks) {
    const buffer *pin = asks == ASKS_PIN ? &r->pin : &r->sign_pin;
    return asks == ASKS_NOTHING || asks_only(r) || pin->length > 0;
}

const command *desk_request_take(desk_request *r, options *out) {
    const json_t *list = json_object_get(r->root, "arguments");
    const size_t count = json_array_size(list);
    const command *chosen = command_named(desk_request_command(r));
    option_table_read(r->root, out); /* so that a refusal is worded as the client reads it */
    if (chosen == NULL || !chosen->resident || !has_pin(r, command_asks_for(chosen, out)) || r->arguments != NULL ||
        !command_line_takes_words(&chosen->line, count))
        return NULL;
    r->arguments = calloc(count + 1, sizeof *r->arguments);
    if (r->arguments == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++)
        if ((r->arguments[i] = (char *)(uintptr_t)json_string_value(json_array_get(list, i))) == NULL)
            return NULL;
    *out = (options){.configuration_path = out->configuration_path,
                     .before_pin = asks_only(r),
                     .pin_fd = -1,
                     .sign_pin_fd = -1,
                     .pin = buffer_bytes(&r->pin),
                     .sign_pin = buffer_bytes(&r->sign_pin),
                     .arguments = r->arguments,
                     .argument_count = (int)count};
    option_table_read(r->root, out);
    return chosen;
}
