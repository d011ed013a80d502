/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What staff types about a patient, checked before it becomes part of a record. */
#pragma once

#include "core/command_context.h"

#include "delivery/desk_note.h"

/* Copies the given options into note; the rest of note stays unchanged. Refuses an invalid value with the option's
 * name: a day that does not exist, a department that the configuration does not name, a 個人番号 in the place of a hospital
 * number. */
outcome note_options_read(command_context *c, desk_note *note);
/* A text of one line: --option's value, canonical. NULL leaves out as it is. */
outcome note_options_text(report *r, const char *option, const char *text, char *out, size_t size);
/* The days from --from to --to, by default today: seconds since 1970, from inclusive, to exclusive. */
outcome note_options_days(command_context *c, int64_t *from, int64_t *to);
/* A day. NULL leaves out as it is. */
outcome note_options_day(report *r, const char *option, const char *text, char out[CLOCK_DATE_SIZE]);
