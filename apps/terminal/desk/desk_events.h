/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the desk notices between two commands and publishes as events: cards laid down or left behind, the lock, the SE,
 * queued records. And whether a card that was laid down starts a reception. */
#pragma once

#include "core/events.h"
#include "core/terminal.h"
#include "desk/event_readers.h"

typedef struct desk_events {
    event_readers *readers;
    bool had_se, was_locked;
    int64_t received_ms;       /* when the last reception ended with its card still there; 0: none did */
    unsigned received_arrival; /* the arrival count when that reception began */
    int64_t receptions_waiting, visits_waiting;
    unsigned arrivals_seen;
} desk_events;

/* Opens the events and the socket beside the desk's, path. The failure is in the report. */
outcome desk_events_start(terminal *t, desk_events *d, const char *path, gid_t group);
void desk_events_end(terminal *t, desk_events *d, const char *path);

/* The terminal was locked, for this reason. */
void desk_events_lock(terminal *t, desk_events *d, const char *reason);
/* Once in each round of the loop. */
void desk_events_look(terminal *t, desk_events *d);
/* Whether to start a reception: a card was laid down since the last call, the configuration says so, and an operator is
 * logged in. */
bool desk_events_begin_reception(const terminal *t, desk_events *d);
/* A reception begins, by command or by card, with the card that lies there. A card that comes later is another one. */
void desk_events_receive(desk_events *d);
/* It has ended. */
void desk_events_received(desk_events *d);
