/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A card backend in a thread of the test: its card answers a command with the command's bytes backwards and 9000. */
#pragma once

#include "cardlink/backend.h"

#include <pthread.h>
#include <stdatomic.h>

#define HONEST_ATR {0x3B, 0x80, 0x80, 0x01, 0x01}

typedef struct honest {
    cardlink_backend *backend;
    pthread_t thread;
    atomic_bool stop;
    atomic_bool mute;  /* requests are read and not answered */
    atomic_int resets; /* power-ups, resets and power-downs so far */
} honest;

result honest_start(honest *h, const char *path);
void honest_stop(honest *h);
