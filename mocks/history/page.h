/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The state of registered records, for people on the server: counts, filters, the newest submissions. */
#pragma once

#include "net/http_page.h"
#include "store/history_store.h"

/* An http_page_writer; context: the history_store. parameter: a state to show, "" for all. */
result page_write(void *store, const char *state, buffer *html);
