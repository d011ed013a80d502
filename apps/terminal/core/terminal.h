/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The state of one command run. Parts are opened when first needed: a check of evidence needs no card. Only a
 * command takes the whole; what it calls takes the parts that it uses. */
#pragma once

#include "core/card_access.h"
#include "core/command_context.h"

#include "delivery/store_access.h"

typedef enum service { SERVICE_PLATFORM, SERVICE_HISTORY, TERMINAL_SERVICES } service;

typedef struct terminal {
    command_context context;
    card_access cards;
    store_access store;               /* the local store */
    int64_t sending_at;               /* the daemon: not before this time is anything sent by itself; 0: any time */
    struct services *services;        /* of services/service_call.c */
    struct operator_session *session; /* of operator/operator_session.c */
} terminal;

/* An empty one. It stays where it is: its parts point at each other. */
void terminal_begin(terminal *t);
/* Forgets the keys of the store and closes the SE: nothing personal can be read any more. */
void terminal_close(terminal *t);
