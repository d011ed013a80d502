/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lines of lists: what all of them say about a person, in the language of the report. */
#pragma once

#include "base/buffer.h"
#include "delivery/desk_note.h"

#define LIST_LINE_MAX 8192 /* bytes of a line */

/* Appends a text that is not empty, with what stands before and after it, two blanks from the one before. */
void list_line_put(buffer *line, const char *before, const char *text, const char *after);
/* Name, kana, birth date, sex, hospital number. */
void list_line_person(buffer *line, const desk_person *person, const char *hospital_number);
/* Who has seen to it, and when. */
void list_line_done(buffer *line, const desk_note *note);
/* "" of a word that is none. */
const char *list_line_sex(const char *word);
