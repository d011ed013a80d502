/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "desk/desk_wire.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 128
#define EVENTS_SUFFIX ".events"

bool desk_event_socket_path(const char *desk, char out[PATH_MAX]) {
    return snprintf(out, PATH_MAX, "%s%s", desk, EVENTS_SUFFIX) < PATH_MAX;
}

/* Whether the process at the socket is our user's, or that of the folder's owner if no other user can write there: only
 * that owner can have made the socket. */
static bool is_the_desk(int fd, const char *path) {
    char copy[PATH_MAX];
    desk_peer peer;
    struct stat folder;
    if (!desk_peer_of(fd, &peer))
        return false;
    if (peer.uid == geteuid())
        return true;
    snprintf(copy, sizeof copy, "%s", path);
    return stat(dirname(copy), &folder) == 0 && folder.st_uid == peer.uid && (folder.st_mode & 022) == 0;
}

static result address_of(const char *path, struct sockaddr_un *address) {
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    int length = snprintf(address->sun_path, sizeof address->sun_path, "%s", path);
    return length > 0 && (size_t)length < sizeof address->sun_path ? RESULT_OK : RESULT_TOO_LONG;
}

result desk_wire_connect(const char *path, int *fd) {
    struct sockaddr_un address;
    result code = address_of(path, &address);
    if (code != RESULT_OK)
        return code;
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (*fd < 0)
        return RESULT_INTERNAL;
    if (connect(*fd, (const struct sockaddr *)&address, sizeof address) != 0)
        code = errno == EACCES ? RESULT_DENIED : RESULT_NOT_FOUND;
    else if (!is_the_desk(*fd, path))
        code = RESULT_DENIED;
    if (code != RESULT_OK) {
        close(*fd);
        *fd = -1;
    }
    return code;
}

static bool open_to(const char *path, gid_t group) {
    if (group == DESK_NO_GROUP)
        return true;
    return chown(path, (uid_t)-1, group) == 0 && chmod(path, 0660) == 0;
}

result desk_wire_listen(const char *path, gid_t group, int *fd) {
    struct sockaddr_un address;
    result code = address_of(path, &address);
    int probe;
    if (code != RESULT_OK)
        return code;
    if (desk_wire_connect(path, &probe) == RESULT_OK) {
        close(probe);
        return RESULT_EXISTS;
    }
    unlink(path);
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t before = umask(0177);
    if (*fd < 0 || bind(*fd, (const struct sockaddr *)&address, sizeof address) != 0)
        code = RESULT_IO;
    else if (!open_to(path, group))
        code = errno == EPERM ? RESULT_DENIED : RESULT_IO;
    else if (listen(*fd, BACKLOG) != 0)
        code = RESULT_IO;
    umask(before);
    if (code == RESULT_OK)
        return RESULT_OK;
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    return code;
}

static result send_all(int fd, bytes rest) {
    while (rest.length > 0) {
        ssize_t sent = send(fd, rest.data, rest.length, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return sent < 0 && errno == EAGAIN ? RESULT_TIMEOUT : RESULT_UNAVAILABLE;
        rest = bytes_of(rest.data + sent, rest.length - (size_t)sent);
    }
    return RESULT_OK;
}

static result receive_all(int fd, uint8_t *data, size_t length) {
    while (length > 0) {
        ssize_t got = recv(fd, data, length, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 && errno == EAGAIN ? RESULT_TIMEOUT : RESULT_UNAVAILABLE;
        data += got;
        length -= (size_t)got;
    }
    return RESULT_OK;
}

static void make_head(uint8_t head[DESK_HEAD_LENGTH], char type, size_t length) {
    head[0] = (uint8_t)type;
    for (int i = 1; i < DESK_HEAD_LENGTH; i++)
        head[i] = (uint8_t)(length >> 8 * (DESK_HEAD_LENGTH - 1 - i));
}

result desk_wire_append(buffer *to, char type, bytes content) {
    uint8_t head[DESK_HEAD_LENGTH];
    make_head(head, type, content.length);
    const result code = buffer_append(to, BYTES(head));
    return code == RESULT_OK ? buffer_append(to, content) : code;
}

size_t desk_wire_length(const uint8_t *head) {
    return (size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | head[4];
}

result desk_wire_send(int fd, char type, bytes content) {
    uint8_t head[DESK_HEAD_LENGTH];
    if (content.length > DESK_FRAME_MAX)
        return RESULT_TOO_LONG;
    make_head(head, type, content.length);
    result code = send_all(fd, bytes_of(head, sizeof head));
    return code == RESULT_OK ? send_all(fd, content) : code;
}

result desk_wire_receive(int fd, char *type, buffer *content) {
    uint8_t head[DESK_HEAD_LENGTH];
    buffer_clear(content);
    result code = receive_all(fd, head, sizeof head);
    if (code != RESULT_OK)
        return code;
    const size_t length = desk_wire_length(head);
    *type = (char)head[0];
    if (length == 0)
        return RESULT_OK;
    uint8_t *place = buffer_extend(content, length);
    return place != NULL ? receive_all(fd, place, length) : RESULT_TOO_LONG;
}
