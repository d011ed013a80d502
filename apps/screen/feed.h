/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One view, kept up to date: a thread reads the desk's events of its stream, and reconnects when the desk was away;
 * pages wait for a change. */
#pragma once

#include "views.h"

#include "base/buffer.h"

#include <stdbool.h>

#define FEED_ALIVE_MS 1000  /* how long feed_wait waits at most; the interval between two signs of life */
#define FEED_SILENT_MS 2500 /* without anything from the desk, it counts as stopped */

typedef struct feed feed;

/* desk: path of its socket; kept by pointer. RESULT_NO_MEMORY, RESULT_INTERNAL. */
result feed_start(const desk_view *v, const char *desk, feed **out);
/* Ends the thread. No other thread may be in feed_wait. */
void feed_end(feed **f);

/* Waits until there is something newer than *version, and appends it to out as text of one line. RESULT_TIMEOUT after
 * FEED_ALIVE_MS. Its member "core" tells whether the desk is there; "quiet" tells that the state is not new, so no tone
 * is played. */
result feed_wait(feed *f, unsigned long *version, buffer *out);
