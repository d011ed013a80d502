/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The pages' server as a whole: two feeds of the desk's events, who has been let in, the files, HTTP. */
#pragma once

#include "base/result.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define SCREEN_USERS_MAX 16

typedef struct screen_options {
    const char *desk;    /* path of the desk's socket */
    const char *folder;  /* ours: the door, the secret of cookies */
    const char *pages;   /* the folder of the pages' files */
    const char *phrases; /* the folder of recordings; NULL: there are none */
    uint16_t port;
    uid_t users[SCREEN_USERS_MAX]; /* who may open pages */
    size_t user_count;
} screen_options;

typedef struct screen screen;

/* options and its texts must outlive the screen. What stands in the way is in the log. */
result screen_start(const screen_options *options, screen **out);
uint16_t screen_port(const screen *s);
/* Lets a permitted program in, one after the other: to be called when screen_descriptor is readable. */
int screen_descriptor(const screen *s);
void screen_open_door(const screen *s);
void screen_stop(screen **s);
