/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The state of one command run. Parts are opened when first needed: a check of evidence needs no card. Only commands
 * get the whole struct; the functions that they call get the parts that they use. */
#pragma once

#include "core/card_access.h"
#include "core/command_context.h"

#include "delivery/store_access.h"

typedef enum service { SERVICE_PLATFORM, SERVICE_HISTORY, TERMINAL_SERVICES } service;

typedef struct terminal {
    command_context context;
    card_access cards;
    store_access store;               /* the local store */
    int64_t sending_at;               /* the daemon: it sends nothing by itself before this time; 0: any time */
    struct services *services;        /* of services/service_call.c */
    struct operator_session *session; /* of operator/operator_session.c */
} terminal;

/* Makes an empty one. Do not move or copy it: its parts point at each other. */
void terminal_begin(terminal *t);
/* Forgets the keys of the store and closes the SE: nothing personal can be read any more. */
void terminal_close(terminal *t);
