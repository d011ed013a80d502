/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Recordings of what the patient is told: one WAV file for each phrase of lib/states and each language of the patient's
 * page, in a folder of the administrator's. uketsuke-phrases(8) makes them; a phrase without one is not spoken from here. */
#pragma once

#include "states/state_row.h"

#include "base/buffer.h"

#include <stddef.h>

#define PHRASE_LANGUAGES 3                                           /* "ja", "easy", "en" */
#define PHRASE_RECORDINGS ((PATIENT_PHRASES - 1) * PHRASE_LANGUAGES) /* "unchanged" says nothing */
#define PHRASE_NAME_SIZE 32
#define PHRASE_BYTES_MAX ((size_t)2 * 1024 * 1024) /* 21 seconds of 48,000 samples of 16 bits */

/* index: below PHRASE_RECORDINGS. "put-card-ja". */
void phrase_name(size_t index, char name[PHRASE_NAME_SIZE]);
/* What is to be said there. */
const char *phrase_text(size_t index);

/* Appends the recording of this name. folder NULL: none is configured. RESULT_NOT_FOUND: it is not recorded.
 * RESULT_UNSUPPORTED: no regular file, or no WAV. RESULT_TOO_LONG, RESULT_DENIED, RESULT_IO. */
result phrase_read(const char *folder, const char *name, buffer *out);
