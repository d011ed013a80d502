/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lines of lists: the parts about a person that all lists share, in the language of the report. */
#pragma once

#include "base/buffer.h"
#include "delivery/desk_note.h"

#define LIST_LINE_MAX 8192 /* bytes of a line */

/* Appends a text that is not empty, between before and after, and separated by two blanks. */
void list_line_put(buffer *line, const char *before, const char *text, const char *after);
/* Name, kana, birth date, sex, hospital number. */
void list_line_person(buffer *line, const desk_person *person, const char *hospital_number);
/* Who has marked it as done, and when. */
void list_line_done(buffer *line, const desk_note *note);
/* "" for an unknown word. */
const char *list_line_sex(const char *word);
