/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "main/relay_control.h"

#include "net/http_listen.h"
#include "p11_rpc/rpc_end.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define LINE_MAX_BYTES 256
#define SPEAK_MS 1000 /* a client sends its line at once */
#define ASK_MS 30000

struct relay_control {
    const relay_control_line *lines;
    void *context;
    char *path;
    int listener;
};

/* --- the relay's end ---------------------------------------------------------------------------------------------- */

static void answer_line(const relay_control *control, bytes line, buffer *answer) {
    for (const relay_control_line *row = control->lines; row->word != NULL; row++) {
        const size_t length = strlen(row->word);
        if (line.length < length || memcmp(line.data, row->word, length) != 0)
            continue;
        row->answer(control->context, bytes_slice(line, length + 1, line.length), answer);
        return;
    }
    buffer_append_text(answer, "unknown\n");
}

static bool may_speak(int fd) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 && (peer.uid == geteuid() || peer.uid == 0);
}

/* Up to the line's end. */
static result read_line(const rpc_end *from, buffer *line) {
    uint8_t one;
    result code;
    while ((code = rpc_read(from, &one, 1, SPEAK_MS)) == RESULT_OK && one != '\n')
        if ((code = buffer_append_u8(line, one)) != RESULT_OK)
            break;
    return code;
}

static void serve(const relay_control *control, int fd) {
    const rpc_end end = {.fd = fd};
    buffer line = BUFFER_SECRET(LINE_MAX_BYTES), answer = BUFFER_INIT(CONTROL_ANSWER_MAX);
    if (may_speak(fd) && read_line(&end, &line) == RESULT_OK) {
        answer_line(control, buffer_bytes(&line), &answer);
        rpc_write(&end, buffer_bytes(&answer), SPEAK_MS);
    }
    buffer_wipe(&line);
    buffer_wipe(&answer);
}

result relay_control_start(const char *path, const relay_control_line *lines, void *context, relay_control **out) {
    relay_control *control = *out = calloc(1, sizeof *control);
    if (control == NULL)
        return RESULT_NO_MEMORY;
    *control = (relay_control){.lines = lines, .context = context, .path = strdup(path), .listener = -1};
    const result code = control->path != NULL ? http_listen_unix(path, &control->listener) : RESULT_NO_MEMORY;
    if (code != RESULT_OK)
        relay_control_stop(out);
    return code;
}

void relay_control_turn(relay_control *control) {
    struct pollfd one = {.fd = control->listener, .events = POLLIN};
    while (poll(&one, 1, 0) > 0) {
        const int fd = accept4(control->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            return;
        serve(control, fd);
        close(fd);
    }
}

void relay_control_stop(relay_control **control) {
    if (*control == NULL)
        return;
    if ((*control)->listener >= 0) {
        unlink((*control)->path);
        close((*control)->listener);
    }
    free((*control)->path);
    free(*control);
    *control = NULL;
}

/* --- the command's end -------------------------------------------------------------------------------------------- */

result relay_control_ask(const char *path, bytes line, buffer *answer) {
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    uint8_t one;
    if (snprintf(to.sun_path, sizeof to.sun_path, "%s", path) >= (int)sizeof to.sun_path)
        return RESULT_TOO_LONG;
    const rpc_end end = {.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    result code = end.fd >= 0 && connect(end.fd, (const struct sockaddr *)&to, sizeof to) == 0 ? RESULT_OK
                                                                                               : RESULT_NOT_FOUND;
    if (code == RESULT_OK)
        code = rpc_write(&end, line, ASK_MS);
    while (code == RESULT_OK && (code = rpc_read(&end, &one, 1, ASK_MS)) == RESULT_OK)
        code = buffer_append_u8(answer, one);
    if (end.fd >= 0)
        close(end.fd);
    return code == RESULT_REMOVED && answer->length > 0 ? RESULT_OK : code;
}
