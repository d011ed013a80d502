/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The newest events of one stream, numbered from 1 without gaps: a ring buffer that drops the oldest. Each reader keeps
 * the number of its last event, so a slow reader costs nothing and learns what it has missed. Not thread-safe;
 * core/events.h has the lock. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EVENT_RING_PLACES 256
#define EVENT_LINE_SIZE 512 /* of JSON, with its NUL */

typedef struct event_ring {
    uint64_t next; /* the number of the next event; begin with 1 */
    char lines[EVENT_RING_PLACES][EVENT_LINE_SIZE];
    bool in_session[EVENT_RING_PLACES]; /* names a reception: only for the present session */
} event_ring;

/* Adds one; line is copied. false: it is too long, and was not added. */
bool event_ring_add(event_ring *ring, const char *line, bool in_session);
/* The number of the oldest event that is kept; next when there is none. */
uint64_t event_ring_first(const event_ring *ring);
/* The line of this number, NULL when it is not kept. It lives until events are added. */
const char *event_ring_line(const event_ring *ring, uint64_t number);
/* At the end of a session: replaces the events that name a reception by "{}". Their numbers stay. */
void event_ring_end_session(event_ring *ring);
