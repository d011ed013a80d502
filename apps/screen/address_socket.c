/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "address_socket.h"

#include "desk/desk_peer.h"
#include "desk/desk_wire.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define WORD_SIZE 16
#define WAIT_S 2

static const char *const view_names[] = {"patient", "staff"};

static void set_limit(int fd) {
    const struct timeval limit = {.tv_sec = WAIT_S};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

/* A view's name arrives in one piece, with its newline. */
static const char *read_view(int fd) {
    char word[WORD_SIZE];
    const ssize_t got = recv(fd, word, sizeof word - 1, 0);
    if (got <= 0)
        return NULL;
    word[got] = 0;
    word[strcspn(word, "\n")] = 0;
    for (size_t i = 0; i < sizeof view_names / sizeof *view_names; i++)
        if (strcmp(view_names[i], word) == 0)
            return view_names[i];
    return NULL;
}

void address_socket_answer(const address_socket *s, int fd) {
    char key[ADMISSION_KEY_SIZE];
    desk_peer peer;
    set_limit(fd);
    const char *view = desk_peer_of(fd, &peer) && s->may_enter(s->context, peer.uid) ? read_view(fd) : NULL;
    if (view != NULL && admissions_invite(s->admissions, view, peer.uid, key) == RESULT_OK)
        dprintf(fd, "http://127.0.0.1:%u/%s?key=%s\n", s->port, view, key);
    close(fd);
}

result address_socket_ask(const char *path, const char *view, char address[SCREEN_ADDRESS_SIZE]) {
    int fd = -1;
    const result code = desk_wire_connect(path, &fd);
    if (code != RESULT_OK)
        return code;
    set_limit(fd);
    ssize_t got = 0;
    if (dprintf(fd, "%s\n", view) > 0)
        got = recv(fd, address, SCREEN_ADDRESS_SIZE - 1, MSG_WAITALL);
    close(fd);
    if (got <= 0)
        return RESULT_DENIED;
    address[got] = 0;
    address[strcspn(address, "\n")] = 0;
    return RESULT_OK;
}
