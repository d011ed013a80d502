/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "softcard_control.h"

#include "base/clock.h"
#include "base/log.h"
#include "cardlink/stream.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define REQUEST_MAX 16384
#define ANSWER_MAX 262144
#define WORDS_MAX 8
#define CLIENT_DEADLINE_MS 2000   /* a client may dally this long */
#define ANSWER_DEADLINE_MS 120000 /* a removal waits for the command that runs */

typedef struct request {
    const char *words[WORDS_MAX];
    size_t count;
    reader *reader; /* of words[1], for commands that name one */
    bool stop;
} request;

reader *control_find(const control *c, const char *name) {
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(reader_name(c->readers[i]), name) == 0)
            return c->readers[i];
    return NULL;
}

result control_insert(control *c, reader *r, const char *image_folder, const char **problem) {
    for (size_t i = 0; i < c->count; i++) {
        const char *there = reader_image(c->readers[i]);
        if (c->readers[i] == r || there == NULL || strcmp(there, image_folder) != 0)
            continue;
        *problem = "this card is in another reader";
        return RESULT_EXISTS;
    }
    return reader_insert(r, image_folder, problem);
}

static const char *do_insert(control *c, request *q, buffer *answer) {
    const char *problem = NULL;
    (void)answer;
    return control_insert(c, q->reader, q->words[2], &problem) == RESULT_OK ? NULL : problem;
}

static const char *do_remove(control *c, request *q, buffer *answer) {
    (void)c;
    (void)answer;
    return reader_remove(q->reader) == RESULT_OK ? NULL : "no card is in";
}

static const char *do_swap(control *c, request *q, buffer *answer) {
    reader_remove(q->reader);
    return do_insert(c, q, answer);
}

static const char *do_fault(control *c, request *q, buffer *answer) {
    (void)c;
    (void)answer;
    return reader_fault(q->reader, q->words[2]) == RESULT_OK
               ? NULL
               : "no such fault; known: remove-before=N remove-after=N delay=MS status=HHHH truncate=N flip=N clear";
}

static const char *do_ready(control *c, request *q, buffer *answer) {
    (void)c;
    (void)answer;
    return reader_is_ready(q->reader)    ? NULL
           : reader_is_linked(q->reader) ? "the handler does not power the card"
                                         : "no handler is linked: is pcscd up, with a reader on this socket?";
}

static const char *do_stats(control *c, request *q, buffer *answer) {
    bool reset = q->count > 1 && strcmp(q->words[1], "reset") == 0;
    buffer_append_text(answer, "{\"readers\":[");
    for (size_t i = 0; i < c->count; i++) {
        buffer_append_text(answer, i > 0 ? "," : "");
        reader_stats(c->readers[i], reset, answer);
    }
    buffer_append_text(answer, "]}\n");
    return answer->failed == RESULT_OK ? NULL : "too many readers for one answer";
}

static const char *do_stop(control *c, request *q, buffer *answer) {
    (void)c;
    (void)answer;
    q->stop = true;
    return NULL;
}

static const struct command {
    const char *name;
    size_t words_min;
    bool names_reader;
    const char *(*run)(control *c, request *q, buffer *answer); /* NULL or what is wrong */
} commands[] = {
    {"insert", 3, true, do_insert}, {"remove", 2, true, do_remove}, {"swap", 3, true, do_swap},
    {"fault", 3, true, do_fault},   {"ready", 2, true, do_ready},   {"stats", 1, false, do_stats},
    {"stop", 1, false, do_stop},
};

static const char *run_command(control *c, request *q, buffer *answer) {
    for (size_t i = 0; q->count > 0 && i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(commands[i].name, q->words[0]) != 0)
            continue;
        if (q->count < commands[i].words_min)
            return "too few arguments";
        if (commands[i].names_reader && (q->reader = control_find(c, q->words[1])) == NULL)
            return "no such reader";
        return commands[i].run(c, q, answer);
    }
    return "unknown command";
}

/* Reads to the end of the stream. */
static result read_all(int fd, buffer *out, int64_t deadline_ms) {
    uint8_t step[1024];
    for (;;) {
        int64_t left = deadline_ms - clock_monotonic_ms();
        if (left <= 0 || poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, (int)left) == 0)
            return RESULT_TIMEOUT;
        ssize_t got = recv(fd, step, sizeof step, MSG_DONTWAIT);
        if (got == 0)
            return RESULT_OK;
        if (got < 0 && errno != EAGAIN && errno != EINTR)
            return RESULT_IO;
        if (got > 0 && buffer_append(out, bytes_of(step, (size_t)got)) != RESULT_OK)
            return RESULT_TOO_LONG;
    }
}

static result write_all(int fd, bytes text) {
    int64_t deadline_ms = clock_monotonic_ms() + CLIENT_DEADLINE_MS;
    while (text.length > 0) {
        ssize_t put = send(fd, text.data, text.length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (put > 0)
            text = bytes_slice(text, (size_t)put, text.length);
        else if (errno != EAGAIN && errno != EINTR)
            return RESULT_IO;
        else if (clock_monotonic_ms() >= deadline_ms)
            return RESULT_TIMEOUT;
        else
            poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, 100);
    }
    return RESULT_OK;
}

static void split_words(buffer *raw, request *q) {
    const char *text = buffer_text(raw), *end = text + raw->length;
    while (text < end && q->count < WORDS_MAX) {
        q->words[q->count++] = text;
        text += strlen(text) + 1;
    }
}

/* One client; true: it asked us to stop. */
static bool serve_client(control *c, int fd) {
    request q = {0};
    uid_t user;
    buffer raw = BUFFER_INIT(REQUEST_MAX), answer = BUFFER_INIT(ANSWER_MAX), body = BUFFER_INIT(ANSWER_MAX - 1024);
    bool heard = cardlink_check_peer(fd, (uid_t)-1, &user) == RESULT_OK &&
                 read_all(fd, &raw, clock_monotonic_ms() + CLIENT_DEADLINE_MS) == RESULT_OK;
    if (heard) {
        split_words(&raw, &q);
        const char *problem = run_command(c, &q, &body);
        if (problem != NULL)
            buffer_append_format(&answer, "error: %s\n", problem);
        else
            buffer_append_text(&answer, "ok\n");
        buffer_append(&answer, buffer_bytes(&body));
        write_all(fd, buffer_bytes(&answer));
    }
    buffer_wipe(&raw);
    buffer_wipe(&answer);
    buffer_wipe(&body);
    return q.stop;
}

static result socket_address(const char *path, struct sockaddr_un *address) {
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address->sun_path)
        return RESULT_TOO_LONG;
    memcpy(address->sun_path, path, strlen(path) + 1);
    return RESULT_OK;
}

/* Connected, or -1. */
static int connect_to(const struct sockaddr_un *address) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0)
        return fd;
    close(fd);
    return -1;
}

static result listen_at(const char *path, int *listener) {
    struct sockaddr_un address;
    struct stat about;
    result code = socket_address(path, &address);
    if (code != RESULT_OK)
        return code;
    int other = connect_to(&address);
    if (other >= 0) {
        close(other);
        return RESULT_EXISTS;
    }
    if (lstat(path, &about) == 0 && S_ISSOCK(about.st_mode))
        unlink(path); /* stale: left by a killed process */
    *listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (*listener < 0)
        return RESULT_IO;
    mode_t kept = umask(0177);
    int bound = bind(*listener, (struct sockaddr *)&address, sizeof address);
    umask(kept);
    if (bound == 0 && listen(*listener, 16) == 0)
        return RESULT_OK;
    close(*listener);
    return RESULT_IO;
}

static void serve_until_stopped(control *c, int listener, int signals) {
    struct pollfd fds[] = {{.fd = listener, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
    bool stop = false;
    while (!stop) {
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            return;
        int client = fds[0].revents == 0 ? -1 : accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (client >= 0) {
            stop = serve_client(c, client);
            close(client);
        }
        if (fds[1].revents != 0)
            stop = true;
    }
}

result control_serve(control *c, const char *socket_path) {
    sigset_t set;
    int listener;
    result code = listen_at(socket_path, &listener);
    if (code != RESULT_OK)
        return code;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals < 0) {
        close(listener);
        return RESULT_IO;
    }
    log_notice("ready: %zu readers, control socket %s", c->count, socket_path);
    serve_until_stopped(c, listener, signals);
    close(signals);
    close(listener);
    unlink(socket_path);
    return RESULT_OK;
}

result control_ask(const char *socket_path, const char *const *words, size_t count, buffer *answer) {
    struct sockaddr_un address;
    buffer request_text = BUFFER_INIT(REQUEST_MAX), raw = BUFFER_INIT(ANSWER_MAX);
    result code = socket_address(socket_path, &address);
    int fd = code == RESULT_OK ? connect_to(&address) : -1;
    if (code == RESULT_OK && fd < 0)
        code = RESULT_UNAVAILABLE;
    for (size_t i = 0; code == RESULT_OK && i < count; i++)
        code = buffer_append(&request_text, bytes_of(words[i], strlen(words[i]) + 1));
    if (code == RESULT_OK)
        code = write_all(fd, buffer_bytes(&request_text));
    if (code == RESULT_OK && shutdown(fd, SHUT_WR) != 0)
        code = RESULT_IO;
    if (code == RESULT_OK)
        code = read_all(fd, &raw, clock_monotonic_ms() + ANSWER_DEADLINE_MS);
    if (code == RESULT_OK) {
        bool good = raw.length >= 3 && memcmp(raw.data, "ok\n", 3) == 0;
        code = good ? RESULT_OK : raw.length > 0 ? RESULT_REFUSED : RESULT_UNAVAILABLE;
        buffer_append(answer, bytes_slice(buffer_bytes(&raw), good ? 3 : 0, raw.length));
    }
    if (fd >= 0)
        close(fd);
    buffer_wipe(&request_text);
    buffer_wipe(&raw);
    return code;
}
