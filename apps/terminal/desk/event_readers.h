/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The readers of the desk's events, on a socket and a thread of their own, so that a long command does not delay events
 * and a slow reader delays nothing. The protocol is in docs/interfaces/events.md. */
#pragma once

#include "core/events.h"
#include "desk/desk_peer.h"

#define EVENT_READERS_MAX 16
#define EVENT_ALIVE_MS 1000    /* between two signs of life */
#define EVENT_STALLED_MS 60000 /* without progress of a reader */
#define EVENT_REQUEST_SIZE 256 /* bytes of the line with which a reader begins */

typedef struct event_readers event_readers;

/* Which users may read which stream, besides the daemon's own. */
typedef struct event_rights {
    gid_t group;       /* its members read both streams; DESK_NO_GROUP: none */
    bool has_screen;   /* screen_user is set */
    uid_t screen_user; /* reads the patient's stream only */
} event_rights;

/* Takes the listener over and starts the thread; e must outlive it. RESULT_NO_MEMORY, RESULT_INTERNAL. */
result event_readers_start(events *e, int listener, event_rights rights, event_readers **out);
/* Ends thread and connections, closes the listener. */
void event_readers_end(event_readers **readers);
