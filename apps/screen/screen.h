/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The pages' server as a whole: two feeds of the desk's events, the admitted browsers, the files, HTTP. */
#pragma once

#include "base/result.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define SCREEN_USERS_MAX 16

typedef struct screen_options {
    const char *desk;    /* path of the desk's socket */
    const char *folder;  /* ours: the socket for addresses, the secret of cookies */
    const char *pages;   /* the folder of the pages' files */
    const char *phrases; /* the folder of recordings; NULL: there are none */
    uint16_t port;
    uid_t users[SCREEN_USERS_MAX]; /* who may open pages */
    size_t user_count;
} screen_options;

typedef struct screen screen;

/* options and its texts must outlive the screen. The log says why it fails. */
result screen_start(const screen_options *options, screen **out);
uint16_t screen_port(const screen *s);
/* Call screen_answer_address when screen_descriptor is readable: it gives one program an address. */
int screen_descriptor(const screen *s);
void screen_answer_address(const screen *s);
void screen_stop(screen **s);
