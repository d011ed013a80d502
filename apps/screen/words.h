/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What people are told, as JSON for a page: all languages at once, because the page's reader chooses. The texts are those
 * of lib/states. */
#pragma once

#include <jansson.h>

/* The words for staff of this reason, filled in with values: {"reason", "severity", "ja", "en", "nextJa", "nextEn"}. An
 * unknown reason has the words that something failed. NULL: out of memory. */
json_t *words_for_staff(const char *reason, const json_t *values);
/* Whether the table has this word. */
int words_has(const char *reason);
/* What the patient is told by this phrase: {"ja", "easy", "en"}; those of an unknown one are empty. */
json_t *words_for_patient(const char *phrase);
