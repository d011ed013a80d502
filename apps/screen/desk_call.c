/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "desk_call.h"

#include "base/secret.h"
#include "desk/desk_wire.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define ANSWER_S 60

static json_t *failure(const char *reason) {
    return json_pack("{s:b,s:s}", "ok", 0, "reason", reason);
}

static result send_request(int fd, const json_t *request, char pin_type, bytes pin) {
    char *text = json_dumps(request, JSON_COMPACT);
    if (text == NULL)
        return RESULT_NO_MEMORY;
    result code = desk_wire_send(fd, 'C', bytes_of(text, strlen(text)));
    free(text);
    if (code == RESULT_OK && pin_type != 0)
        code = desk_wire_send(fd, pin_type, pin);
    return code == RESULT_OK ? desk_wire_send(fd, '.', bytes_of(NULL, 0)) : code;
}

/* What stands in frames of type O. RESULT_DENIED, RESULT_REFUSED: turned away. */
static result receive_answer(int fd, buffer *out, int *exit_code) {
    buffer content = BUFFER_INIT(DESK_FRAME_MAX);
    char type = 0;
    result code;
    while ((code = desk_wire_receive(fd, &type, &content)) == RESULT_OK && (type == 'O' || type == 'E'))
        if (type == 'O')
            buffer_append(out, buffer_bytes(&content));
    if (code == RESULT_OK && (type == 'D' || type == 'B'))
        code = type == 'D' ? RESULT_DENIED : RESULT_REFUSED;
    else if (code == RESULT_OK && type == 'X' && content.length == 1)
        *exit_code = content.data[0];
    else if (code == RESULT_OK)
        code = RESULT_INVALID;
    buffer_wipe(&content);
    return code;
}

static json_t *answer_of(buffer *text, int exit_code) {
    json_t *answer = json_loadb(buffer_text(text), text->length, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(answer)) {
        json_decref(answer);
        return failure("desk");
    }
    json_object_set_new(answer, "exit", json_integer(exit_code));
    return answer;
}

static json_t *converse(int fd, const json_t *request, char pin_type, bytes pin) {
    const struct timeval limit = {.tv_sec = ANSWER_S};
    buffer text = BUFFER_INIT(DESK_FRAME_MAX);
    int exit_code = 0;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    const result sent = send_request(fd, request, pin_type, pin);
    /* Turned away, the desk does not listen, but it has said why. */
    const result code = sent == RESULT_OK || sent == RESULT_UNAVAILABLE ? receive_answer(fd, &text, &exit_code) : sent;
    json_t *answer = code == RESULT_OK        ? answer_of(&text, exit_code)
                     : code == RESULT_DENIED  ? failure("desk-denied")
                     : code == RESULT_REFUSED ? failure("desk-busy")
                                              : failure("desk");
    buffer_wipe(&text);
    return answer;
}

json_t *desk_call(const char *desk, json_t *request, char pin_type, bytes pin) {
    int fd = -1;
    if (request == NULL)
        return NULL;
    const result code = desk_wire_connect(desk, &fd);
    json_t *answer = code == RESULT_OK       ? converse(fd, request, pin_type, pin)
                     : code == RESULT_DENIED ? failure("desk-denied")
                                             : failure("desk");
    if (fd >= 0)
        close(fd);
    json_decref(request);
    return answer;
}
