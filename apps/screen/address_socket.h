/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The socket at which a program of a permitted user asks for an address to open (`uketsuke-screen address`). The kernel
 * says whose program it is. */
#pragma once

#include "admissions.h"

#include <stdint.h>

#define ADDRESS_SOCKET_NAME "open.sock" /* in the program's folder */
#define SCREEN_ADDRESS_SIZE 96

typedef struct address_socket {
    admissions *admissions;
    uint16_t port;
    bool (*may_enter)(void *context, uid_t uid);
    void *context;
} address_socket;

/* Answers one who has connected; closes fd. Takes two seconds at most. */
void address_socket_answer(const address_socket *s, int fd);
/* The other side: the address of this view. RESULT_NOT_FOUND: the program does not run. RESULT_DENIED: this user may
 * not, or the socket is another user's. */
result address_socket_ask(const char *path, const char *view, char address[SCREEN_ADDRESS_SIZE]);
