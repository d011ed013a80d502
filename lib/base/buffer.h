/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The one growing byte buffer. It never grows beyond the bound given at its start: lengths from outside are hostile.
 * An append that fails leaves the buffer unchanged and marks it: a chain of appends needs one check at its end.
 * buffer_wipe frees and overwrites, so a buffer may hold secrets. */
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <stdbool.h>

typedef struct buffer {
    uint8_t *data;
    size_t length;
    size_t allocated;
    size_t bound;  /* most bytes it may ever hold */
    result failed; /* RESULT_OK, or the first failure of an append */
    bool secret;   /* in locked memory (base/secret.h): for small contents */
} buffer;

#define BUFFER_INIT(max) ((buffer){.bound = (max)})
/* For PINs and keys. */
#define BUFFER_SECRET(max) ((buffer){.bound = (max), .secret = true})

/* Appends. RESULT_TOO_LONG: beyond the bound. RESULT_NO_MEMORY. The tail may not lie in the buffer itself. */
result buffer_append(buffer *b, bytes tail);
result buffer_append_u8(buffer *b, uint8_t value);
result buffer_append_u16(buffer *b, uint16_t value); /* big endian */
result buffer_append_u32(buffer *b, uint32_t value); /* big endian */
/* Without the NUL. */
result buffer_append_text(buffer *b, const char *text);
result buffer_append_format(buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Reserves space for length more bytes. */
result buffer_reserve(buffer *b, size_t length);

/* Appends length bytes and returns their start, or NULL. They are zero until written. */
uint8_t *buffer_extend(buffer *b, size_t length);

/* Keeps the first length bytes; the rest is overwritten. */
void buffer_truncate(buffer *b, size_t length);
void buffer_clear(buffer *b);

/* Overwrites, frees and returns to the state of BUFFER_INIT or BUFFER_SECRET with the same bound. */
void buffer_wipe(buffer *b);

static inline bytes buffer_bytes(const buffer *b) {
    return (bytes){b->data, b->length};
}

/* The content as text: a NUL follows the last byte (not counted in length). "" when empty. */
const char *buffer_text(buffer *b);
