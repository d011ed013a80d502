/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a terminal remembers of its SE's channel, in a file beside the binding key ("<key file>.state"): the last value
 * of the SE's sequence counter, and which process holds the channel. All processes of the terminal share the file; only
 * the one that has the card's lock writes. Three uses:
 *
 *  - A process whose channel nobody has replaced goes on with it: no command is spent on a new one.
 *  - The SE counts each channel that is opened with the key. When it has counted more than the terminal has opened,
 *    somebody else has the key: the jump is told and counted here. Who has it not moves no counter.
 *  - The SE has one PIN state for all of them. Who is logged in holds a lock on the file, which ends with the process
 *    at the latest, so that a program that logs out takes the login from nobody else.
 *
 * A process that dies between the command and the note may hide one count, never invent one: the note comes first. Nor
 * does a note that could not be written: what the file says then is not believed any more. */
#pragma once

#include "base/result.h"

#include <stdbool.h>
#include <stdint.h>

#define CHANNEL_STATE_OWNER_LENGTH 16

typedef struct channel_state {
    int file;                                  /* -1: none, nothing is remembered */
    bool doubtful;                             /* the last note could not be written */
    uint8_t owner[CHANNEL_STATE_OWNER_LENGTH]; /* this process's channel; random, new for each */
} channel_state;

/* key_path: of the binding key. Without a file that can be written there is no memory; RESULT_IO says so. */
result channel_state_open(channel_state *l, const char *key_path);
void channel_state_close(channel_state *l);

/* Whether the channel is still ours: nobody has opened another one. */
bool channel_state_is_ours(const channel_state *l);
/* Before INITIALIZE UPDATE. */
void channel_state_begin(channel_state *l);
/* The channel is open, and the SE's counter of channels stands so; 0: it does not tell. The return value is by how much
 * it has jumped beyond what this terminal opened (1 when it went back); 0 when all is well or nothing was known. */
uint32_t channel_state_end(channel_state *l, uint32_t sequence);

/* With the card's lock, like everything here. This process is logged in; it no longer is. */
void channel_state_log_in(const channel_state *l);
void channel_state_log_out(const channel_state *l);
/* Whether another process is. */
bool channel_state_others_logged_in(const channel_state *l);

typedef struct channel_state_record {
    bool known;        /* sequence means something */
    uint32_t sequence; /* last counter seen */
    uint32_t jumps;    /* channels of somebody else, counted since the binding */
} channel_state_record;

/* What the file says now, for the SE's state; without a file nothing is known. */
channel_state_record channel_state_read(const channel_state *l);
