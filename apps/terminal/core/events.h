/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What happens at the desk, as events for screens (docs/interfaces/events.md). An event is a word and a few values, no
 * sentence. It goes into the staff's stream; what the patient's screen is to show by the table of states (lib/states)
 * goes into the patient's: a phrase and a tone, never a reason, a number or a name.
 *
 * Only the daemon has events; elsewhere the pointer is NULL and the calls do nothing. Thread-safe. */
#pragma once

#include "core/event_ring.h"

#include "base/buffer.h"

#include <jansson.h>

typedef struct events events;

typedef enum event_stream { STREAM_PATIENT, STREAM_STAFF, EVENT_STREAMS } event_stream;

/* Its name: "patient" or "staff". */
const char *event_stream_name(event_stream stream);
/* The stream of this name; false: there is none, or name is NULL. */
bool event_stream_named(const char *name, event_stream *stream);

/* NULL: out of memory, or no eventfd. */
events *events_new(void);
void events_free(events **e);

/* Adds an event. event: its word; reason: the word that says why or how it ended, or NULL. The row of the reason, else
 * of the event, decides what the patient sees. values: further members, taken over; NULL: none. A member "evidenceId"
 * makes it an event of the session. */
void events_tell(events *e, const char *event, const char *reason, json_t *values);
/* At the end of a session: forgets the events that name a reception. */
void events_end_session(events *e);

/* Counts one idle round of the daemon's loop, for measurements of what idling costs. */
void events_count_tick(events *e);

/* --- for those who hand them on ----------------------------------------------------------------------------------- */

/* Readable (poll(2)) when there is something new; to be read (8 bytes). */
int events_descriptor(const events *e);
/* Identifies this run of the daemon: event numbers of another run are not comparable. */
const char *events_run(const events *e);
uint64_t events_ticks(const events *e);
/* Copies the event after number: RESULT_OK, and its number in *number. RESULT_NOT_FOUND: there is none yet.
 * RESULT_EXPIRED: those behind it are forgotten; *number is then the one before the oldest that is kept. */
result events_after(events *e, event_stream stream, uint64_t *number, char line[EVENT_LINE_SIZE]);
/* The number of the newest event, 0: there is none. */
uint64_t events_newest(events *e, event_stream stream);
