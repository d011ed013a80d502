/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cardlink/backend.h"

#include "base/clock.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define HELLO_DEADLINE_MS 2000
#define SEND_DEADLINE_MS 2000
#define RETRY_FIRST_MS 10
#define RETRY_MAX_MS 200

/* Only the serving thread receives, opens and closes the stream. The mutex protects what other threads read or send
 * through; they never close, but shut the socket down, and the serving thread closes it. */
struct cardlink_backend {
    struct sockaddr_un address;
    uid_t other_user;
    int wake; /* eventfd of cardlink_backend_interrupt */
    int retry_ms;
    pthread_mutex_t mutex;
    cardlink_stream stream;
    bool linked;
    const char *problem;
    uint32_t generation;      /* of the present card, 0: none */
    uint32_t last_generation; /* never used twice on one link */
    uint8_t atr[CARDLINK_ATR_MAX];
    size_t atr_length;
};

result cardlink_backend_new(const char *path, uid_t other_user, cardlink_backend **out) {
    *out = NULL;
    if (strlen(path) >= sizeof((struct sockaddr_un *)NULL)->sun_path)
        return RESULT_TOO_LONG;
    cardlink_backend *backend = calloc(1, sizeof *backend);
    if (backend == NULL)
        return RESULT_NO_MEMORY;
    backend->address.sun_family = AF_UNIX;
    memcpy(backend->address.sun_path, path, strlen(path) + 1);
    backend->other_user = other_user;
    backend->stream = CARDLINK_STREAM_CLOSED;
    backend->retry_ms = RETRY_FIRST_MS;
    backend->problem = "not tried yet";
    pthread_mutex_init(&backend->mutex, NULL);
    backend->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (backend->wake < 0) {
        free(backend);
        return RESULT_IO;
    }
    *out = backend;
    return RESULT_OK;
}

void cardlink_backend_free(cardlink_backend **backend) {
    if (*backend == NULL)
        return;
    cardlink_stream_close(&(*backend)->stream);
    close((*backend)->wake);
    pthread_mutex_destroy(&(*backend)->mutex);
    free(*backend);
    *backend = NULL;
}

void cardlink_backend_interrupt(cardlink_backend *backend) {
    eventfd_write(backend->wake, 1);
}

/* Under the mutex. A handler that does not read counts as disconnected. */
static result send_locked(cardlink_backend *backend, cardlink_type type, uint32_t generation, bytes payload) {
    cardlink_frame frame = {type, generation, payload};
    result code = cardlink_stream_send(&backend->stream, &frame, clock_monotonic_ms() + SEND_DEADLINE_MS);
    if (code != RESULT_OK && backend->stream.fd >= 0)
        shutdown(backend->stream.fd, SHUT_RDWR);
    return code;
}

static void unlink_locked(cardlink_backend *backend, const char *problem) {
    cardlink_stream_close(&backend->stream);
    backend->linked = false;
    backend->problem = problem;
}

static uint32_t next_generation(cardlink_backend *backend) {
    if (++backend->last_generation == 0)
        backend->last_generation = 1;
    return backend->last_generation;
}

/* NULL, or what failed. */
static const char *shake_hands(cardlink_stream *stream) {
    int64_t deadline = clock_monotonic_ms() + HELLO_DEADLINE_MS;
    buffer hello = BUFFER_INIT(CARDLINK_HEADER_LENGTH + 16);
    cardlink_frame frame;
    size_t used;
    uint16_t version;
    result code = cardlink_hello_build(CARDLINK_VERSION, &hello);
    if (code == RESULT_OK)
        code = cardlink_frame_parse(buffer_bytes(&hello), &frame, &used);
    if (code == RESULT_OK)
        code = cardlink_stream_send(stream, &frame, deadline);
    buffer_wipe(&hello);
    if (code == RESULT_OK)
        code = cardlink_stream_receive(stream, &frame, deadline);
    if (code == RESULT_REMOVED)
        return "the handler hung up: the reader has another backend, or does not trust our user";
    if (code == RESULT_TIMEOUT)
        return "the handler does not answer";
    if (code != RESULT_OK)
        return "the program that listens there does not use the cardlink protocol";
    code = cardlink_hello_check(&frame, &version);
    return code == RESULT_OK            ? NULL
           : code == RESULT_UNSUPPORTED ? "the handler speaks another version of cardlink"
                                        : "the program that listens there does not use the cardlink protocol";
}

static const char *connect_to(cardlink_backend *backend, cardlink_stream *stream) {
    uid_t user;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return "no socket: too many open files?";
    if (connect(fd, (const struct sockaddr *)&backend->address, sizeof backend->address) != 0) {
        const char *problem = errno == EACCES ? "no permission for the reader's socket"
                                              : "no handler listens: is pcscd up?";
        close(fd);
        return problem;
    }
    if (cardlink_check_peer(fd, backend->other_user, &user) != RESULT_OK) {
        close(fd);
        return "the handler runs as a user that is not trusted";
    }
    if (cardlink_stream_open(stream, fd) != RESULT_OK)
        return "the socket cannot be set up";
    return shake_hands(stream);
}

static bool bring_up(cardlink_backend *backend) {
    cardlink_stream fresh = CARDLINK_STREAM_CLOSED;
    const char *problem = connect_to(backend, &fresh);
    if (problem != NULL)
        cardlink_stream_close(&fresh);
    pthread_mutex_lock(&backend->mutex);
    backend->linked = problem == NULL;
    backend->problem = problem == NULL ? "" : problem;
    if (backend->linked) {
        backend->stream = fresh;
        backend->retry_ms = RETRY_FIRST_MS;
        if (backend->generation != 0) {
            backend->generation = next_generation(backend);
            send_locked(backend, CARDLINK_CARD_IN, backend->generation, bytes_of(backend->atr, backend->atr_length));
        }
    }
    pthread_mutex_unlock(&backend->mutex);
    return problem == NULL;
}

/* Waits for the socket (when linked) and for cardlink_backend_interrupt. RESULT_OK: poll again. */
static result wait_until(cardlink_backend *backend, int64_t deadline_ms) {
    int64_t left = deadline_ms - clock_monotonic_ms();
    struct pollfd fds[] = {{.fd = backend->wake, .events = POLLIN}, {.fd = backend->stream.fd, .events = POLLIN}};
    int ready = poll(fds, backend->stream.fd >= 0 ? 2 : 1, left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left);
    eventfd_t ignored;
    if (ready > 0 && fds[0].revents != 0 && eventfd_read(backend->wake, &ignored) == 0)
        return RESULT_REMOVED;
    return ready == 0 ? RESULT_TIMEOUT : RESULT_OK;
}

static result wait_to_retry(cardlink_backend *backend, int64_t deadline_ms) {
    int64_t retry = clock_monotonic_ms() + backend->retry_ms;
    backend->retry_ms = backend->retry_ms * 2 < RETRY_MAX_MS ? backend->retry_ms * 2 : RETRY_MAX_MS;
    result code = wait_until(backend, retry < deadline_ms ? retry : deadline_ms);
    return code == RESULT_TIMEOUT && retry < deadline_ms ? RESULT_OK : code;
}

static bool is_request(cardlink_type type) {
    return type == CARDLINK_POWER_UP || type == CARDLINK_POWER_DOWN || type == CARDLINK_RESET ||
           type == CARDLINK_TRANSMIT;
}

/* Polls the link: a request, RESULT_TIMEOUT (nothing yet) or RESULT_NOT_FOUND (another event; poll again). */
static result look(cardlink_backend *backend, cardlink_request *request) {
    cardlink_frame frame;
    result code = cardlink_stream_receive(&backend->stream, &frame, 0);
    if (code == RESULT_TIMEOUT)
        return code;
    pthread_mutex_lock(&backend->mutex);
    if (code != RESULT_OK)
        unlink_locked(backend, code == RESULT_REMOVED ? "the handler closed the link" : "the link failed");
    else if (!is_request(frame.type))
        unlink_locked(backend, "the handler sent what only a backend may send");
    else if (frame.generation == backend->generation)
        *request = (cardlink_request){frame.type, frame.generation, frame.payload};
    else
        code = RESULT_NOT_FOUND; /* crossed with our CARD_OUT */
    bool linked = backend->linked;
    pthread_mutex_unlock(&backend->mutex);
    return linked ? code : RESULT_NOT_FOUND;
}

result cardlink_backend_next(cardlink_backend *backend, cardlink_request *request, int64_t deadline_ms) {
    for (;;) {
        result code;
        if (backend->stream.fd < 0) {
            code = bring_up(backend) ? RESULT_OK : wait_to_retry(backend, deadline_ms);
            if (code != RESULT_OK)
                return code;
            continue;
        }
        code = look(backend, request);
        if (code == RESULT_OK)
            return code;
        if (code == RESULT_NOT_FOUND)
            continue;
        /* The next poll detects a frame that stays incomplete. */
        int64_t limit = backend->stream.halted_since + CARDLINK_FRAME_DEADLINE_MS;
        bool halved = backend->stream.halted_since != 0 && limit < deadline_ms;
        code = wait_until(backend, halved ? limit : deadline_ms);
        if (code == RESULT_REMOVED || (code == RESULT_TIMEOUT && !halved))
            return code;
    }
}

result cardlink_backend_answer(cardlink_backend *backend, const cardlink_request *request, bytes payload) {
    pthread_mutex_lock(&backend->mutex);
    result code = RESULT_REMOVED;
    if (backend->linked && request->generation == backend->generation)
        code = send_locked(backend, CARDLINK_ANSWER(request->type), request->generation, payload);
    pthread_mutex_unlock(&backend->mutex);
    return code;
}

result cardlink_backend_card_in(cardlink_backend *backend, bytes atr) {
    if (atr.length < 2 || atr.length > sizeof backend->atr)
        return RESULT_INVALID;
    cardlink_backend_card_out(backend);
    pthread_mutex_lock(&backend->mutex);
    memcpy(backend->atr, atr.data, atr.length);
    backend->atr_length = atr.length;
    backend->generation = next_generation(backend);
    if (backend->linked)
        send_locked(backend, CARDLINK_CARD_IN, backend->generation, atr);
    pthread_mutex_unlock(&backend->mutex);
    return RESULT_OK;
}

void cardlink_backend_card_out(cardlink_backend *backend) {
    pthread_mutex_lock(&backend->mutex);
    uint32_t gone = backend->generation;
    backend->generation = 0;
    if (gone != 0 && backend->linked)
        send_locked(backend, CARDLINK_CARD_OUT, gone, (bytes){NULL, 0});
    pthread_mutex_unlock(&backend->mutex);
}

bool cardlink_backend_is_linked(cardlink_backend *backend) {
    pthread_mutex_lock(&backend->mutex);
    bool linked = backend->linked;
    pthread_mutex_unlock(&backend->mutex);
    return linked;
}

const char *cardlink_backend_problem(cardlink_backend *backend) {
    pthread_mutex_lock(&backend->mutex);
    const char *problem = backend->problem;
    pthread_mutex_unlock(&backend->mutex);
    return problem;
}

uint32_t cardlink_backend_generation(cardlink_backend *backend) {
    pthread_mutex_lock(&backend->mutex);
    uint32_t generation = backend->generation;
    pthread_mutex_unlock(&backend->mutex);
    return generation;
}
