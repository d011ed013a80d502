/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One view, kept up to date: a thread reads the desk's events of its stream and comes back by itself when the desk was
 * away; pages wait for what it shows to change. */
#pragma once

#include "views.h"

#include "base/buffer.h"

#include <stdbool.h>

#define FEED_ALIVE_MS 1000  /* the most that feed_wait waits, and between two signs of life */
#define FEED_SILENT_MS 2500 /* without a word from the desk: it has stopped */

typedef struct feed feed;

/* desk: path of its socket; kept by pointer. RESULT_NO_MEMORY, RESULT_INTERNAL. */
result feed_start(const desk_view *v, const char *desk, feed **out);
/* Ends the thread. Nobody may wait any more. */
void feed_end(feed **f);

/* Waits until there is something newer than *version, and appends it to out as text of one line. RESULT_TIMEOUT after
 * FEED_ALIVE_MS. "core" in it says whether the desk is there; "quiet", that it is not new: no tone is to be heard. */
result feed_wait(feed *f, unsigned long *version, buffer *out);
