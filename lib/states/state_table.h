/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The table of states, as one: rows by their word, phrases, names for programs (lib/states/state_row.h). */
#pragma once

#include "states/state_row.h"

#include <stddef.h>

/* The row of this word, or NULL. */
const state_row *state_named(const char *reason);
/* The row for an unknown word, of another version for example: something failed, and whom to inform. */
const state_row *state_unknown(void);
/* All rows one after the other, NULL after the last. */
const state_row *state_at(size_t index);

/* Its words; those of PHRASE_UNCHANGED when there is no such phrase. */
const patient_words *state_phrase(patient_phrase phrase);
/* The words for programs: "patient", "done", ... */
const char *state_severity_name(state_severity severity);
const char *state_tone_name(state_tone tone);

/* The text in this language ("ja"; else English). */
const char *state_words(const staff_words *words, const char *language);
