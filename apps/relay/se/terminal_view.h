/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How each terminal sees the SE. The number of signatures counts those made for this terminal: a larger one tells the
 * terminal that another machine has signed in its name. The counter that goes into evidence is the SE's own, read after
 * this terminal's last signature, so no other piece of evidence has the same. */
#pragma once

#include "ledger/relay_store.h"

typedef struct terminal_views terminal_views;

/* store: borrowed. RESULT_NO_MEMORY. */
result terminal_views_new(relay_store *store, terminal_views **out);
void terminal_views_free(terminal_views **views);

/* Notes, once, a use that is in the ledger under this number. counter: the SE's after it; 0: it was not
 * made. */
void terminal_views_note(terminal_views *views, const char *terminal, int64_t number, uint32_t counter);
/* How many signatures this terminal has asked for. */
result terminal_views_signatures(terminal_views *views, const char *terminal, uint32_t *count);
/* RESULT_NOT_FOUND: none was made for it since the relay started, so nothing is known. */
result terminal_views_counter(terminal_views *views, const char *terminal, uint32_t *counter);
