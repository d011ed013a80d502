/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Card events of a reader, from pcscd. OpenSC polls only in some of its calls, keeps a slot's state for a second, and
 * may mistake a card that was exchanged between two polls, or during a restart of pcscd, for the known one. Here one
 * query to pcscd, without a command to a card, precedes each call of the module. Call with the call lock held. */
#pragma once

#include "stock.h"

#include <stdbool.h>
#include <stdint.h>

#define READER_NAME_SIZE 64 /* CK_SLOT_INFO.slotDescription: padded with blanks, longer names cut */

typedef enum readers_news {
    READERS_OK,
    READERS_RESTARTED, /* pcscd was restarted, or this is the first query: earlier state is invalid */
    READERS_AWAY,      /* pcscd does not answer or refuses us */
} readers_news;

/* At C_Initialize, also in the child of a fork: the present state counts as no event. */
void readers_begin(void);
void readers_end(void);

/* Queries the reader of that description; NULL: all readers, and the list of readers. */
readers_news readers_look(const CK_UTF8CHAR *reader);

/* As of the last query. Number of the card's stay in that reader: changes with each insertion, removal and restart of
 * pcscd; 0 when there is no such reader. */
uint64_t readers_stay(const CK_UTF8CHAR *reader);
/* Readers were added or removed since the last call. */
bool readers_list_changed(void);
/* A card was inserted into that reader, or removed, since readers_begin. */
bool readers_moved(const CK_UTF8CHAR *reader);
