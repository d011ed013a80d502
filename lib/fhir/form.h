/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Canonical JSON by a form: its text with a ' for each quote, a ~ where a text stands and a ^ where base64 does.
 * Written and read so, a message needs no tree of objects. */
#pragma once

#include "base/canonical.h"

/* For each ~ a const char *; no ^. A text that is not UTF-8 marks json as failed. Returns json->failed. */
result fhir_form_append(buffer *json, const char *form, ...);

/* For each ~ a char * and its size_t (1 to size - 1 bytes, no control characters), for each ^ a buffer * that receives
 * what the base64 says. False when the bytes are not of this form, however JSON would read them. */
bool fhir_form_take(canonical_reader *r, const char *form, ...);
