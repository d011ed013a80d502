/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#define P11_KIT_FUTURE_UNSTABLE_API /* p11-kit/remote.h, p11_kit_remote_serve_module: the same since 0.23 */

#include "wire/frame_session.h"

#include "se/filter.h"

#include "base/log.h"

#include <p11-kit/remote.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#define FRAME_MS 10000 /* for the rest of a frame */
/* of the SE, including the wait for earlier callers; the relay itself ends when the SE hangs */
#define ANSWER_MS 120000
#define STACK_BYTES ((size_t)512 * 1024)

typedef struct serving {
    relay_client *client;
    int fd;
} serving;

/* p11-kit's own loop, in a thread of its own: it blocks. */
static void *serve(void *context) {
    const serving *s = context;
    relay_client_serve(s->client);
    p11_kit_remote_serve_module(filter_functions(), s->fd, s->fd);
    shutdown(s->fd, SHUT_RDWR);
    return NULL;
}

/* Each side sends its version, one byte. */
static result exchange_versions(const rpc_end *terminal, const rpc_end *inside) {
    uint8_t version;
    result code = rpc_read(terminal, &version, 1, FRAME_MS);
    if (code == RESULT_OK)
        code = rpc_write(inside, bytes_of(&version, 1), FRAME_MS);
    if (code == RESULT_OK)
        code = rpc_read(inside, &version, 1, FRAME_MS);
    return code == RESULT_OK ? rpc_write(terminal, bytes_of(&version, 1), FRAME_MS) : code;
}

static result pass_one(const rpc_end *terminal, const rpc_end *inside, const frame_session_rules *rules) {
    buffer question = BUFFER_INIT(RPC_HEADER_LENGTH + RPC_QUESTION_MAX);
    buffer answer = BUFFER_INIT(RPC_HEADER_LENGTH + RPC_ANSWER_MAX);
    result code = rpc_receive(terminal, RPC_QUESTION_MAX, rules->idle_ms, FRAME_MS, &question);
    if (code == RESULT_OK && !rules->may_go_on(rules->context))
        code = RESULT_DENIED;
    if (code == RESULT_OK) {
        atomic_fetch_add(rules->frames, 1);
        code = rpc_write(inside, buffer_bytes(&question), FRAME_MS);
    }
    if (code == RESULT_OK)
        code = rpc_receive(inside, RPC_ANSWER_MAX, ANSWER_MS, FRAME_MS, &answer);
    if (code == RESULT_OK)
        code = rpc_write(terminal, buffer_bytes(&answer), FRAME_MS);
    buffer_wipe(&question);
    buffer_wipe(&answer);
    return code;
}

static void pass_all(const rpc_end *terminal, const rpc_end *inside, const char *name,
                     const frame_session_rules *rules) {
    result code = exchange_versions(terminal, inside);
    while (code == RESULT_OK)
        code = pass_one(terminal, inside, rules);
    if (code == RESULT_TOO_LONG)
        log_warning("%s has sent a frame that is too long: its connection ends", name);
    else
        log_info("%s: its connection ends (%s)", name, result_text(code));
}

static bool start(pthread_t *thread, serving *s) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    const bool started = pthread_create(thread, &attributes, serve, s) == 0;
    pthread_attr_destroy(&attributes);
    return started;
}

void frame_session_run(relay_desk *desk, const char *terminal, const rpc_end *end, const frame_session_rules *rules) {
    int pair[2];
    pthread_t thread;
    relay_client *client = NULL;
    if (relay_client_new(desk, terminal, &client) != RESULT_OK)
        return;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0) {
        serving s = {client, pair[1]};
        const rpc_end inside = {.fd = pair[0]};
        if (start(&thread, &s)) {
            pass_all(end, &inside, terminal, rules);
            shutdown(pair[0], SHUT_RDWR);
            pthread_join(thread, NULL);
        }
        close(pair[0]);
        close(pair[1]);
    }
    relay_client_free(&client);
}
