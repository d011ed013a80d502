/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "net/http_listen.h"

#include "base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

typedef union socket_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un local;
} socket_address;

/* Cause and next step for errno of socket, bind and listen. */
static const struct {
    int number;
    result outcome;
    const char *words;
} causes[] = {
    {EADDRINUSE, RESULT_UNAVAILABLE, "it is in use. End the program that listens there, or choose another"},
    {EADDRNOTAVAIL, RESULT_UNAVAILABLE, "this machine has no such address. Check the configuration and the network"},
    {EAFNOSUPPORT, RESULT_NOT_FOUND, "this machine does not support this kind of address. Choose another"},
    {EACCES, RESULT_DENIED, "this user may not listen there. Choose a port from 1024 on, or another folder"},
    {EPERM, RESULT_DENIED, "this user may not listen there. Choose a port from 1024 on, or another folder"},
    {ENOENT, RESULT_NOT_FOUND, "its folder is not there. Make it, or choose another"},
    {ENOTDIR, RESULT_NOT_FOUND, "its folder is not there. Make it, or choose another"},
};

static result explain(const char *where, unsigned port, int number) {
    char place[24] = "";
    if (port > 0)
        snprintf(place, sizeof place, " port %u", port);
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++)
        if (causes[i].number == number) {
            log_error("cannot listen at %s%s: %s.", where, place, causes[i].words);
            return causes[i].outcome;
        }
    log_error("cannot listen at %s%s: %s. Check the configuration.", where, place, strerror(number));
    return RESULT_IO;
}

/* Like libmicrohttpd's own: a service that is started again finds its port free, and IPv6 means IPv6. */
static bool set_options(int fd, int family) {
    const int yes = 1;
    return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
           (family != AF_INET6 || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes) == 0);
}

/* A listening socket, or -1 and errno. */
static int open_socket(const socket_address *address, socklen_t length) {
    const int family = address->any.sa_family;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if ((family == AF_UNIX || set_options(fd, family)) && bind(fd, &address->any, length) == 0 &&
        listen(fd, SOMAXCONN) == 0)
        return fd;
    const int number = errno;
    close(fd);
    errno = number;
    return -1;
}

static uint16_t port_of(int fd) {
    socket_address address = {.any.sa_family = AF_UNSPEC};
    socklen_t length = sizeof address;
    if (getsockname(fd, &address.any, &length) != 0)
        return 0;
    return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}

result http_listen_tcp(const char *address, uint16_t port, int *out, uint16_t *bound) {
    socket_address wanted = {.v4 = {.sin_family = AF_INET, .sin_port = htons(port)}};
    socklen_t length = sizeof wanted.v4;
    *out = -1;
    if (inet_pton(AF_INET, address, &wanted.v4.sin_addr) != 1) {
        wanted = (socket_address){.v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)}};
        length = sizeof wanted.v6;
        if (inet_pton(AF_INET6, address, &wanted.v6.sin6_addr) != 1) {
            log_error("%s is no IP address to listen at", address);
            return RESULT_INVALID;
        }
    }
    *out = open_socket(&wanted, length);
    if (*out < 0)
        return explain(address, port, errno);
    *bound = port_of(*out);
    return RESULT_OK;
}

result http_listen_unix(const char *path, int *out) {
    socket_address wanted = {.local = {.sun_family = AF_UNIX}};
    struct stat facts;
    *out = -1;
    if (strlen(path) >= sizeof wanted.local.sun_path) {
        log_error("cannot listen at %s: a socket's path has at most %zu bytes. Choose a shorter one.", path,
                  sizeof wanted.local.sun_path - 1);
        return RESULT_TOO_LONG;
    }
    strcpy(wanted.local.sun_path, path);
    if (lstat(path, &facts) == 0 && S_ISSOCK(facts.st_mode))
        unlink(path);
    const mode_t before = umask(0177);
    *out = open_socket(&wanted, sizeof wanted.local);
    const int number = errno;
    umask(before);
    return *out < 0 ? explain(path, 0, number) : RESULT_OK;
}

uint64_t http_listen_identity(int fd) {
    struct stat facts;
    return fstat(fd, &facts) == 0 ? facts.st_ino : 0;
}

void http_listen_undo(int fd, uint64_t identity) {
    if (identity != 0 && http_listen_identity(fd) == identity)
        close(fd);
}
