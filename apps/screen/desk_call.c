/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "desk_call.h"

#include "desk/desk_exchange.h"
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
    const result code = desk_request_send(fd, text, pin_type, pin);
    free(text);
    return code;
}

/* The frame for standard output holds the JSON report. */
static void take_output(void *context, char type, bytes text) {
    if (type == 'O')
        buffer_append(context, text);
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
    uint8_t exit_code = 0;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    const result sent = send_request(fd, request, pin_type, pin);
    /* A desk that refuses the connection still sends the reason. */
    const result code = sent == RESULT_OK || sent == RESULT_UNAVAILABLE
                            ? desk_answer_receive(fd, take_output, &text, &exit_code)
                            : sent;
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
