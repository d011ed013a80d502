/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How each terminal sees the SE: the number of signatures is of those that were made for it, so that another number
 * means to the terminal that somebody has signed in its name; the counter that goes into its evidence is the SE's own
 * right after this terminal's last signature, which no other piece of evidence can have. */
#pragma once

#include "ledger/relay_store.h"

typedef struct terminal_views terminal_views;

/* store: borrowed. RESULT_NO_MEMORY. */
result terminal_views_new(relay_store *store, terminal_views **out);
void terminal_views_free(terminal_views **views);

/* A use has been asked for and is in the ledger by this number; to be noted once. counter: the SE's after it; 0: it was not
 * made. */
void terminal_views_note(terminal_views *views, const char *terminal, int64_t number, uint32_t counter);
/* How many signatures this terminal has asked for. */
result terminal_views_signatures(terminal_views *views, const char *terminal, uint32_t *count);
/* RESULT_NOT_FOUND: none was made for it since the relay started, so nothing is known. */
result terminal_views_counter(terminal_views *views, const char *terminal, uint32_t *counter);
