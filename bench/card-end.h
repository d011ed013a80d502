/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The card's end of a virtual reader, in two kinds that do the same work with the same echo card (mocks/cards/echo.c):
 * ours (cardlink) and vsmartcard's (vpcd). */
#pragma once

#include "personalities.h"

#include <stdbool.h>

typedef struct card_end_kind {
    const char *name;
    /* address: the reader's socket, or vpcd's TCP port on this host. The card is out at first. */
    bool (*start)(const char *address, card *echo);
    /* The first thing that the reader can notice happens before these return. */
    void (*insert)(void);
    void (*remove)(void);
} card_end_kind;

extern const card_end_kind card_end_cardlink, card_end_vpcd;
/* As vpcd, but with TCP_QUICKACK: without it each answer waits 40 ms for a delayed acknowledgement, because vpcd sends
 * length and body apart and leaves Nagle's algorithm on. */
extern const card_end_kind card_end_vpcd_quickack;

/* By name, NULL when there is none. */
const card_end_kind *card_end_kind_of(const char *name);

/* Opens an echo card's image; ends the program with a message when it is none. */
card *card_end_open_echo(const char *image_folder);
