/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/event_ring.h"

#include <string.h>

bool event_ring_add(event_ring *ring, const char *line, bool in_session) {
    const size_t place = ring->next % EVENT_RING_PLACES, length = strlen(line);
    if (length >= EVENT_LINE_SIZE)
        return false;
    memcpy(ring->lines[place], line, length + 1);
    ring->in_session[place] = in_session;
    ring->next++;
    return true;
}

uint64_t event_ring_first(const event_ring *ring) {
    return ring->next > EVENT_RING_PLACES ? ring->next - EVENT_RING_PLACES : 1;
}

const char *event_ring_line(const event_ring *ring, uint64_t number) {
    if (number < event_ring_first(ring) || number >= ring->next)
        return NULL;
    return ring->lines[number % EVENT_RING_PLACES];
}

void event_ring_end_session(event_ring *ring) {
    for (size_t i = 0; i < EVENT_RING_PLACES; i++)
        if (ring->in_session[i])
            memcpy(ring->lines[i], "{}", sizeof "{}");
}
