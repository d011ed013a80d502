/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "backend_link.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SCHEME "cardlink:"
#define DEADLINE_DEFAULT_MS 30000 /* an SE may generate an RSA key in one command */
#define DEADLINE_MIN_MS 10
#define DEADLINE_MAX_MS 600000
#define GREETING_DEADLINE_MS 2000
#define SEND_DEADLINE_MS 2000
#define BACKLOG 4

/* One "key=number:" in front of the path. Moves *text behind it. */
static result take_option(const char **text, link_options *options) {
    char *end;
    size_t key_length = strcspn(*text, "=");
    const char *key = *text, *digits = key + key_length + 1;
    if (key[key_length] == 0 || *digits < '0' || *digits > '9')
        return RESULT_INVALID;
    errno = 0;
    unsigned long value = strtoul(digits, &end, 10);
    if (errno != 0 || *end != ':')
        return RESULT_INVALID;
    *text = end + 1;
    if (strncmp(key, "deadline=", key_length + 1) == 0 && value >= DEADLINE_MIN_MS && value <= DEADLINE_MAX_MS)
        options->deadline_ms = (int64_t)value;
    else if (strncmp(key, "peer=", key_length + 1) == 0 && value < (uid_t)-1)
        options->peer = (uid_t)value;
    else
        return RESULT_INVALID;
    return RESULT_OK;
}

result link_parse_device(const char *device, link_options *options) {
    *options = (link_options){.peer = (uid_t)-1, .deadline_ms = DEADLINE_DEFAULT_MS};
    if (strncmp(device, SCHEME, strlen(SCHEME)) != 0)
        return RESULT_INVALID;
    const char *rest = device + strlen(SCHEME);
    while (*rest != '/') {
        result code = take_option(&rest, options);
        if (code != RESULT_OK)
            return code;
    }
    const char *name = strrchr(rest, '/') + 1;
    size_t length = strlen(name);
    options->path = rest;
    /* Leaves space for ".new"; "." and ".." are no file names. */
    return length > 0 && length + 5 <= LINK_NAME_SIZE && name[0] != '.' ? RESULT_OK : RESULT_INVALID;
}

/* Everything below uses the folder's descriptor, so that renaming parts of the path in between has no effect. */
static result open_folder(card_link *link, const char *path) {
    const char *slash = strrchr(path, '/');
    char *folder = strndup(path, slash == path ? 1 : (size_t)(slash - path));
    if (folder == NULL)
        return RESULT_NO_MEMORY;
    link->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    struct stat about;
    if (link->folder < 0 || fstat(link->folder, &about) != 0)
        return RESULT_NOT_FOUND;
    bool trusted = about.st_uid == 0 || about.st_uid == geteuid() || about.st_uid == link->options.peer;
    snprintf(link->name, sizeof link->name, "%s", slash + 1);
    return trusted && (about.st_mode & S_IWOTH) == 0 ? RESULT_OK : RESULT_DENIED;
}

static struct sockaddr_un address_of(const card_link *link, const char *suffix) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%.*s%s", link->folder, LINK_NAME_SIZE - 1,
             link->name, suffix);
    return address;
}

/* What exists under the socket's name: nothing or a stale socket (both RESULT_OK), a socket in use, or another file. */
static result check_name_is_free(const card_link *link) {
    struct stat about;
    if (fstatat(link->folder, link->name, &about, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? RESULT_OK : RESULT_IO;
    if (!S_ISSOCK(about.st_mode))
        return RESULT_EXISTS;
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (probe < 0)
        return RESULT_IO;
    struct sockaddr_un address = address_of(link, "");
    bool refused = connect(probe, (struct sockaddr *)&address, sizeof address) != 0 && errno == ECONNREFUSED;
    close(probe);
    return refused ? RESULT_OK : RESULT_EXISTS;
}

/* No chown: under Debian 13's pcscd.service that call kills pcscd (SystemCallFilter=~@privileged). The kernel gives the
 * socket the folder's group if the folder has the set-group-ID bit (inode(7)), else the process's own. */
static void warn_of_group(const card_link *link, const struct stat *socket) {
    struct stat folder;
    if (fstat(link->folder, &folder) == 0 && (folder.st_mode & S_IRWXG) != 0 && folder.st_gid != socket->st_gid)
        log_warning("reader socket %s: its folder's group (%u) cannot connect; chmod g+s the folder, then start pcscd "
                    "again",
                    link->name, (unsigned)folder.st_gid);
}

/* Bound under another name and renamed once it listens: a backend never sees a socket that refuses it, and a stale file
 * is replaced in the same step. The mode is set before any client can connect; umask belongs to the process and is not
 * changed. */
static result listen_as_name(card_link *link) {
    struct stat about;
    char fresh[LINK_NAME_SIZE + 8];
    snprintf(fresh, sizeof fresh, "%s.new", link->name);
    if (fstatat(link->folder, fresh, &about, AT_SYMLINK_NOFOLLOW) == 0 && S_ISSOCK(about.st_mode))
        unlinkat(link->folder, fresh, 0);
    struct sockaddr_un address = address_of(link, ".new");
    if (bind(link->listener, (struct sockaddr *)&address, sizeof address) != 0)
        return errno == EROFS || errno == EACCES ? RESULT_DENIED : RESULT_IO;
    if (fchmodat(link->folder, fresh, 0660, 0) != 0 || listen(link->listener, BACKLOG) != 0 ||
        fstatat(link->folder, fresh, &about, AT_SYMLINK_NOFOLLOW) != 0 ||
        renameat(link->folder, fresh, link->folder, link->name) != 0) {
        unlinkat(link->folder, fresh, 0);
        return RESULT_IO;
    }
    warn_of_group(link, &about);
    link->device = about.st_dev;
    link->inode = about.st_ino;
    return RESULT_OK;
}

static result watch(card_link *link, int operation, int fd, uint32_t events) {
    struct epoll_event event = {.events = events, .data.fd = fd};
    return epoll_ctl(link->epoll, operation, fd, &event) == 0 ? RESULT_OK : RESULT_IO;
}

result link_open(card_link *link, const link_options *options, int epoll) {
    *link = CARD_LINK_CLOSED;
    link->options = *options;
    link->options.path = NULL;
    link->epoll = epoll;
    result code = open_folder(link, options->path);
    if (code == RESULT_OK)
        code = check_name_is_free(link);
    if (code == RESULT_OK) {
        link->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        code = link->listener < 0 ? RESULT_IO : listen_as_name(link);
    }
    if (code == RESULT_OK)
        code = watch(link, EPOLL_CTL_ADD, link->listener, EPOLLIN);
    if (code != RESULT_OK)
        link_close(link);
    return code;
}

void link_close(card_link *link) {
    struct stat about;
    cardlink_stream_close(&link->stream);
    if (link->listener >= 0)
        close(link->listener);
    bool ours = link->folder >= 0 && link->inode != 0 &&
                fstatat(link->folder, link->name, &about, AT_SYMLINK_NOFOLLOW) == 0 && about.st_dev == link->device &&
                about.st_ino == link->inode;
    if (ours)
        unlinkat(link->folder, link->name, 0);
    if (link->folder >= 0)
        close(link->folder);
    *link = CARD_LINK_CLOSED;
}

void link_drop(card_link *link, const char *complaint) {
    cardlink_stream_close(&link->stream); /* which also removes it from the epoll set */
    link->greeted = false;
    if (complaint == NULL || complaint == link->complaint)
        return;
    link->complaint = complaint;
    log_warning("reader socket %s: %s", link->name, complaint);
}

static result say_hello(card_link *link) {
    buffer raw = BUFFER_INIT(CARDLINK_HEADER_LENGTH + 16);
    cardlink_frame hello;
    size_t used;
    result code = cardlink_hello_build(CARDLINK_VERSION, &raw);
    if (code == RESULT_OK)
        code = cardlink_frame_parse(buffer_bytes(&raw), &hello, &used);
    if (code == RESULT_OK)
        code = cardlink_stream_send(&link->stream, &hello, 0);
    buffer_wipe(&raw);
    return code;
}

static void take_connection(card_link *link, int fd) {
    uid_t user;
    if (link->stream.fd >= 0) {
        close(fd); /* one backend per reader: keeps the first */
        return;
    }
    if (cardlink_check_peer(fd, link->options.peer, &user) != RESULT_OK) {
        close(fd);
        link_drop(link, "rejected a connection of a user that is not trusted (peer=UID in DEVICENAME trusts one)");
        return;
    }
    if (cardlink_stream_open(&link->stream, fd) != RESULT_OK)
        return;
    link->greeting_deadline = clock_monotonic_ms() + GREETING_DEADLINE_MS;
    if (watch(link, EPOLL_CTL_ADD, fd, EPOLLIN) != RESULT_OK || say_hello(link) != RESULT_OK)
        link_drop(link, "the connection to a backend could not be set up");
}

static void accept_waiting(card_link *link) {
    for (int i = 0; i < BACKLOG; i++) {
        int fd = accept4(link->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0)
            return;
        take_connection(link, fd);
    }
}

/* The frame must be a HELLO of our version. RESULT_TIMEOUT: it is; continue. */
static result greet(card_link *link, const cardlink_frame *frame) {
    uint16_t version;
    result code = cardlink_hello_check(frame, &version);
    if (code == RESULT_OK) {
        link->greeted = true;
        return RESULT_TIMEOUT;
    }
    link_drop(link, code == RESULT_UNSUPPORTED ? "the backend speaks another version of cardlink"
                                               : "the backend does not speak cardlink");
    return RESULT_REMOVED;
}

result link_poll(card_link *link, cardlink_frame *frame) {
    accept_waiting(link);
    if (link->stream.fd < 0)
        return RESULT_TIMEOUT;
    result code = cardlink_stream_receive(&link->stream, frame, 0);
    if (code == RESULT_OK && !link->greeted) {
        code = greet(link, frame);
        if (code != RESULT_TIMEOUT)
            return code;
        code = cardlink_stream_receive(&link->stream, frame, 0);
    }
    if (code == RESULT_TIMEOUT && !link->greeted && clock_monotonic_ms() >= link->greeting_deadline) {
        link_drop(link, "a backend connected and sent nothing");
        return RESULT_REMOVED;
    }
    if (code == RESULT_OK || code == RESULT_TIMEOUT)
        return code;
    link_drop(link, code == RESULT_REMOVED ? NULL : "the backend broke the protocol");
    return RESULT_REMOVED;
}

bool link_is_up(const card_link *link) {
    return link->stream.fd >= 0 && link->greeted;
}

int64_t link_deadline(const card_link *link) {
    if (link->stream.fd < 0)
        return 0;
    if (!link->greeted)
        return link->greeting_deadline;
    return link->stream.halted_since == 0 ? 0 : link->stream.halted_since + CARDLINK_FRAME_DEADLINE_MS;
}

result link_send(card_link *link, const cardlink_frame *frame) {
    result code = cardlink_stream_send(&link->stream, frame, clock_monotonic_ms() + SEND_DEADLINE_MS);
    if (code != RESULT_OK)
        link_drop(link, code == RESULT_REMOVED ? NULL : "the backend does not take requests");
    return code;
}

result link_receive(card_link *link, cardlink_frame *frame, int64_t deadline_ms) {
    result code = cardlink_stream_receive(&link->stream, frame, deadline_ms);
    if (code == RESULT_OK)
        link->complaint = NULL;
    else
        link_drop(link, code == RESULT_REMOVED   ? NULL
                        : code == RESULT_TIMEOUT ? "the backend did not answer in time"
                                                 : "the backend broke the protocol");
    return code;
}

void link_quiet(card_link *link, bool quiet) {
    if (link->stream.fd >= 0)
        watch(link, EPOLL_CTL_MOD, link->stream.fd, quiet ? 0 : EPOLLIN);
}

bool link_has_more(const card_link *link) {
    return link->stream.input.length > link->stream.taken;
}
