#include "desk/desk_request.h"

#include "desk/desk_wire.h"

#include <stdlib.h>
#include <string.h>

#define REQUEST_MOST 65536

void desk_request_wipe(desk_request *r) {
    json_decref(r->root);
    buffer_wipe(&r->pin);
    buffer_wipe(&r->sign_pin);
    free(r->arguments);
    *r = (desk_request)DESK_REQUEST_INIT;
}

static result take_frame(desk_request *r, char type, const buffer *content) {
    buffer *pin = type == 'P' ? &r->pin : type == 'S' ? &r->sign_pin : NULL;
    if (type == 'C' && r->root == NULL)
        r->root = json_loadb((const char *)content->data, content->length, JSON_REJECT_DUPLICATES, NULL);
    else if (pin != NULL && pin->length == 0)
        return buffer_append(pin, buffer_bytes(content));
    else
        return RESULT_INVALID;
    return json_is_object(r->root) ? RESULT_OK : RESULT_INVALID;
}

result desk_request_receive(int fd, desk_request *r) {
    buffer content = BUFFER_INIT(REQUEST_MOST);
    char type = 0;
    result code;
    while ((code = desk_wire_receive(fd, &type, &content)) == RESULT_OK && type != '.')
        if ((code = take_frame(r, type, &content)) != RESULT_OK)
            break;
    buffer_wipe(&content);
    return code == RESULT_OK && r->root == NULL ? RESULT_INVALID : code;
}

static const char *member(const desk_request *r, const char *name) {
    return json_string_value(json_object_get(r->root, name));
}

const language *desk_request_language(const desk_request *r) {
    return language_named(member(r, "language"));
}

static bool has_pin(const desk_request *r, command_asks asks) {
    const buffer *pin = asks == ASKS_PIN ? &r->pin : &r->sign_pin;
    return asks == ASKS_NOTHING || json_is_true(json_object_get(r->root, "beforePin")) || pin->length > 0;
}

const command *desk_request_take(desk_request *r, options *out) {
    const json_t *list = json_object_get(r->root, "arguments");
    const size_t count = json_array_size(list);
    const command *chosen = member(r, "command") != NULL ? command_named(member(r, "command")) : NULL;
    out->json = json_is_true(json_object_get(r->root, "json")); /* so that a refusal is worded as the client reads it */
    if (chosen == NULL || !chosen->resident || !has_pin(r, chosen->asks) || r->arguments != NULL)
        return NULL;
    r->arguments = calloc(count + 1, sizeof *r->arguments);
    if (r->arguments == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++)
        if ((r->arguments[i] = (char *)(uintptr_t)json_string_value(json_array_get(list, i))) == NULL)
            return NULL;
    *out = (options){.configuration_path = out->configuration_path,
                     .json = out->json,
                     .before_pin = json_is_true(json_object_get(r->root, "beforePin")),
                     .patient_card = json_is_true(json_object_get(r->root, "patientCard")),
                     .attached = json_is_true(json_object_get(r->root, "attached")),
                     .pin_fd = -1,
                     .sign_pin_fd = -1,
                     .pin = buffer_bytes(&r->pin),
                     .sign_pin = buffer_bytes(&r->sign_pin),
                     .evidence_id = member(r, "evidence"),
                     .output = member(r, "output"),
                     .from = member(r, "from"),
                     .to = member(r, "to"),
                     .platform_cvc = member(r, "platformCvc"),
                     .arguments = r->arguments,
                     .argument_count = (int)count};
    return chosen;
}
