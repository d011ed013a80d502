/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Canonical JSON, written and read piece by piece: keys sorted, no white space, UTF-8 (RFC 8259); `"`, `\` and control
 * characters escaped, nothing else: the bytes that jansson's JSON_SORT_KEYS | JSON_COMPACT gives. Without a tree of
 * objects, which would cost more than most uses of its values. Names, order and punctuation are the caller's. */
#pragma once

#include "base/buffer.h"

/* Appends the text in quotes. RESULT_INVALID when it is not UTF-8: then nothing is appended, and json is marked. */
result canonical_append_text(buffer *json, const char *text);

/* Advances behind each piece that matches, and stays in front of one that does not. */
typedef struct canonical_reader {
    bytes rest;
} canonical_reader;

/* Exactly these bytes. */
bool canonical_take(canonical_reader *r, const char *literal);
/* A string of 1 to size - 1 bytes of UTF-8 without control characters; of escapes only `\"` and `\\`. */
bool canonical_take_text(canonical_reader *r, char *text, size_t size);
/* The bytes between two quotes, where none is escaped: base64. Borrowed. */
bool canonical_take_plain(canonical_reader *r, bytes *text);
/* A whole number of at most 18 digits. */
bool canonical_take_integer(canonical_reader *r, int64_t *number);
