/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "desk/desk_exchange.h"

#include "desk/desk_wire.h"

#include <string.h>

result desk_request_send(int fd, const char *command, char pin_type, bytes pin) {
    result code = desk_wire_send(fd, 'C', bytes_of(command, strlen(command)));
    if (code == RESULT_OK && pin_type != 0)
        code = desk_wire_send(fd, pin_type, pin);
    return code == RESULT_OK ? desk_wire_send(fd, '.', bytes_of(NULL, 0)) : code;
}

result desk_answer_receive(int fd, desk_text_taker *take, void *context, uint8_t *exit_code) {
    buffer content = BUFFER_INIT(DESK_FRAME_MAX);
    char type = 0;
    result code;
    while ((code = desk_wire_receive(fd, &type, &content)) == RESULT_OK && (type == 'O' || type == 'E'))
        take(context, type, buffer_bytes(&content));
    if (code == RESULT_OK && (type == 'D' || type == 'B'))
        code = type == 'D' ? RESULT_DENIED : RESULT_REFUSED;
    else if (code == RESULT_OK && type == 'X' && content.length == 1)
        *exit_code = content.data[0];
    else if (code == RESULT_OK)
        code = RESULT_INVALID;
    buffer_wipe(&content);
    return code;
}
