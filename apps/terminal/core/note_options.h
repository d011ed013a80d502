/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What somebody types about a patient at the desk, checked before it becomes part of a record. */
#pragma once

#include "core/command_context.h"

#include "delivery/desk_note.h"

/* Puts into note what the options say; what they do not say stays as it is there. Refuses, with the option's name, what
 * is none: a day that does not exist, a department that the configuration does not name, a 個人番号 in the place of a
 * hospital number. */
outcome note_options_read(command_context *c, desk_note *note);
/* A text of one line: --option's value, canonical. NULL leaves out as it is. */
outcome note_options_text(report *r, const char *option, const char *text, char *out, size_t size);
/* The days from --from to --to, today where nothing is said: seconds since 1970, from included, to not. */
outcome note_options_days(command_context *c, int64_t *from, int64_t *to);
/* A day. NULL leaves out as it is. */
outcome note_options_day(report *r, const char *option, const char *text, char out[CLOCK_DATE_SIZE]);
