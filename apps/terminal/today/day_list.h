/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Receptions of both kinds, with and without a card, in one order. */
#pragma once

#include "core/terminal.h"
#include "today/list_row.h"

/* Calls use for each reception of some days, the newest first, and counts them. from, to: seconds since 1970, from
 * included, to not. The first failure of use ends it. */
result day_list_each(store_access *s, int64_t from, int64_t to, result (*use)(void *context, const list_row *row),
                     void *context, size_t *count);
/* The receptions of some days, the newest first. from, to: seconds since 1970, from included, to not. department: of a
 * doctor; NULL for all. A row for each is shown, and added to list. */
result day_list_show(terminal *t, int64_t from, int64_t to, const char *department, json_t *list);
/* The same for today in Japan. */
result day_list_show_today(terminal *t, const char *department, json_t *list);

/* Finds a reception by its id or its short number. Its record is read. The failure is reported:
 * there is none, or there are several. */
outcome day_list_find(terminal *t, const char *named, list_row *out);

/* Reads the reception with this id. RESULT_NOT_FOUND: there is none. Codes: record_read. */
result day_list_read(store_access *s, const char *id, list_row *out);

/* Stores another note of that reception, reads it again and shows it. The failure is reported. */
outcome day_list_keep_note(terminal *t, list_row *row, const desk_note *note);

/* Reports that a reception could not be read. */
outcome day_list_failed(report *r, result code);
