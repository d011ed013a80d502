/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What has happened at a reader, as pcscd tells it. OpenSC looks only in some of its calls, keeps a slot's state for a
 * second, and may take a card that was exchanged between two looks, or behind a restarted pcscd, for the one it knows.
 * Here one question to pcscd, without a command to a card, answers before each call of the module. Inside the gate. */
#pragma once

#include "stock.h"

#include <stdbool.h>
#include <stdint.h>

#define READER_NAME_SIZE 64 /* CK_SLOT_INFO.slotDescription: padded with blanks, longer names cut */

typedef enum readers_news {
    READERS_OK,
    READERS_RESTARTED, /* another pcscd than before, or the first one: nothing of before holds */
    READERS_AWAY,      /* no pcscd answers, or it does not let us in */
} readers_news;

/* At C_Initialize, also in the child of a fork: what is there now has not happened. */
void readers_begin(void);
void readers_end(void);

/* Looks at the reader of that description; NULL: at all of them, and which there are. */
readers_news readers_look(const CK_UTF8CHAR *reader);

/* As of the last look. Which stay of a card this is in that reader: another number after any card has come or left, and
 * after another pcscd; 0 when there is no such reader. */
uint64_t readers_stay(const CK_UTF8CHAR *reader);
/* Readers have come or left since this was last asked. */
bool readers_list_changed(void);
/* A card has come to that reader, or left, since readers_begin. */
bool readers_moved(const CK_UTF8CHAR *reader);
