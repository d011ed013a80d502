/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* All who read the desk's events, on a socket of their own, served by a thread of their own: neither a command that
 * takes long nor a reader that is slow holds up anything. What they say and get is in docs/interfaces/events.md. */
#pragma once

#include "core/events.h"
#include "desk/desk_peer.h"

#define EVENT_READERS_MAX 16
#define EVENT_ALIVE_MS 1000    /* between two signs of life */
#define EVENT_STALLED_MS 60000 /* in which a reader takes nothing */
#define EVENT_REQUEST_SIZE 256 /* bytes of the line with which a reader begins */

typedef struct event_readers event_readers;

/* Who may read what, besides the daemon's user. */
typedef struct event_rights {
    gid_t group;       /* members: both streams; DESK_NO_GROUP: nobody */
    bool has_screen;   /* there is a user of the patient's screen */
    uid_t screen_user; /* who: the patient's stream, and nothing else */
} event_rights;

/* Takes the listener over and starts the thread; e must outlive it. RESULT_NO_MEMORY, RESULT_INTERNAL. */
result event_readers_start(events *e, int listener, event_rights rights, event_readers **out);
/* Ends thread and connections, closes the listener. */
void event_readers_end(event_readers **readers);
