/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The state of the SE's channel, in a file beside the binding key ("<key file>.state"): the last value of the SE's
 * sequence counter, and which process owns the channel. All processes of the terminal share the file; only the owner of
 * the card's lock writes. Three uses:
 *
 *  - A process continues its channel while no other was opened, without commands for a new one.
 *  - The SE counts each channel that is opened with the key. When it has counted more than the terminal has opened,
 *    another program has the key: the jump is reported and counted here. Without the key the counter does not change.
 *  - The SE has one security status for all processes. A logged-in process holds a lock on the file, which ends with
 *    the process at the latest, so that the logout of one program does not end the login of another.
 *
 * The file is written before the command. So a process that is killed in between may undercount by one, never
 * overcount. After a failed write the file's content is no longer used. */
#pragma once

#include "base/result.h"

#include <stdbool.h>
#include <stdint.h>

#define CHANNEL_STATE_OWNER_LENGTH 16

typedef struct channel_state {
    int file;                                  /* -1: none, no state is kept */
    bool doubtful;                             /* the last write failed */
    uint8_t owner[CHANNEL_STATE_OWNER_LENGTH]; /* this process's channel; random, new for each */
} channel_state;

/* key_path: of the binding key. RESULT_IO: the file cannot be written, so no state is kept. */
result channel_state_open(channel_state *l, const char *key_path);
void channel_state_close(channel_state *l);

/* Whether the channel is still ours: no other one was opened. */
bool channel_state_is_ours(const channel_state *l);
/* Before INITIALIZE UPDATE. */
void channel_state_begin(channel_state *l);
/* The channel is open, with this value of the SE's sequence counter; 0: unknown. Returns how far it has jumped beyond
 * the channels of this terminal (1 when it went back); 0 when it fits or no earlier value was known. */
uint32_t channel_state_end(channel_state *l, uint32_t sequence);

/* This process has logged in, or out. Like all functions here, call with the card's lock held. */
void channel_state_log_in(const channel_state *l);
void channel_state_log_out(const channel_state *l);
/* Whether another process is logged in. */
bool channel_state_others_logged_in(const channel_state *l);

typedef struct channel_state_record {
    bool known;        /* sequence is valid */
    uint32_t sequence; /* last counter seen */
    uint32_t jumps;    /* channels of other programs, counted since the binding */
} channel_state_record;

/* What the file says now, for the SE's state; without a file nothing is known. */
channel_state_record channel_state_read(const channel_state *l);
