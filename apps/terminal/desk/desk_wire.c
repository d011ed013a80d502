#include "desk/desk_wire.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 32
#define HEAD_LENGTH 5
#define REQUEST_PATIENCE_S 10

static bool same_user(int fd) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 && peer.uid == geteuid();
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
    else if (!same_user(*fd))
        code = RESULT_DENIED;
    if (code != RESULT_OK) {
        close(*fd);
        *fd = -1;
    }
    return code;
}

result desk_wire_listen(const char *path, int *fd) {
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
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    mode_t before = umask(0177);
    bool good = *fd >= 0 && bind(*fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
                listen(*fd, BACKLOG) == 0;
    umask(before);
    if (good)
        return RESULT_OK;
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    return RESULT_IO;
}

void desk_wire_patience(int fd, int seconds) {
    const struct timeval limit = {.tv_sec = seconds};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

result desk_wire_accept(int listener, int *fd) {
    *fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (*fd < 0)
        return RESULT_UNAVAILABLE;
    if (same_user(*fd)) {
        desk_wire_patience(*fd, REQUEST_PATIENCE_S);
        return RESULT_OK;
    }
    close(*fd);
    *fd = -1;
    return RESULT_DENIED;
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

result desk_wire_send(int fd, char type, bytes content) {
    const uint32_t length = (uint32_t)content.length;
    const uint8_t head[HEAD_LENGTH] = {(uint8_t)type, (uint8_t)(length >> 24), (uint8_t)(length >> 16),
                                       (uint8_t)(length >> 8), (uint8_t)length};
    if (content.length > DESK_FRAME_MOST)
        return RESULT_TOO_LONG;
    result code = send_all(fd, bytes_of(head, sizeof head));
    return code == RESULT_OK ? send_all(fd, content) : code;
}

result desk_wire_receive(int fd, char *type, buffer *content) {
    uint8_t head[HEAD_LENGTH];
    buffer_clear(content);
    result code = receive_all(fd, head, sizeof head);
    if (code != RESULT_OK)
        return code;
    const size_t length = (size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | head[4];
    *type = (char)head[0];
    if (length == 0)
        return RESULT_OK;
    uint8_t *place = buffer_extend(content, length);
    return place != NULL ? receive_all(fd, place, length) : RESULT_TOO_LONG;
}
