/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "base/buffer.h"

#include "base/secret.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static result fail(buffer *b, result code) {
    if (b->failed == RESULT_OK)
        b->failed = code;
    return code;
}

static void release(buffer *b) {
    if (b->secret)
        secret_free(b->data, b->allocated);
    else {
        if (b->data != NULL)
            secret_wipe(b->data, b->length);
        free(b->data);
    }
}

/* Always keeps one byte more than asked for, so that buffer_text can close the text. The old block is wiped, which
 * realloc would not do. The bytes behind the content are always zero, so they need neither wiping nor clearing. */
static result reserve(buffer *b, size_t more) {
    if (more > b->bound || b->length > b->bound - more)
        return fail(b, RESULT_TOO_LONG);
    size_t needed = b->length + more + 1;
    if (needed <= b->allocated)
        return RESULT_OK;
    size_t size = b->allocated < 32 ? 64 : 2 * b->allocated;
    if (size < needed)
        size = needed;
    uint8_t *fresh = b->secret ? secret_allocate(size) : calloc(1, size);
    if (fresh == NULL)
        return fail(b, RESULT_NO_MEMORY);
    if (b->length > 0)
        memcpy(fresh, b->data, b->length);
    release(b);
    b->data = fresh;
    b->allocated = size;
    return RESULT_OK;
}

result buffer_reserve(buffer *b, size_t length) {
    return reserve(b, length);
}

uint8_t *buffer_extend(buffer *b, size_t length) {
    if (reserve(b, length) != RESULT_OK)
        return NULL;
    uint8_t *start = b->data + b->length;
    b->length += length;
    return start;
}

result buffer_append(buffer *b, bytes tail) {
    result code = reserve(b, tail.length);
    if (code != RESULT_OK)
        return code;
    if (tail.length > 0)
        memcpy(b->data + b->length, tail.data, tail.length);
    b->length += tail.length;
    return RESULT_OK;
}

result buffer_append_u8(buffer *b, uint8_t value) {
    return buffer_append(b, bytes_of(&value, 1));
}

result buffer_append_u16(buffer *b, uint16_t value) {
    uint8_t raw[] = {(uint8_t)(value >> 8), (uint8_t)value};
    return buffer_append(b, BYTES(raw));
}

result buffer_append_u32(buffer *b, uint32_t value) {
    uint8_t raw[] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};
    return buffer_append(b, BYTES(raw));
}

result buffer_append_text(buffer *b, const char *text) {
    return buffer_append(b, bytes_of(text, strlen(text)));
}

result buffer_append_format(buffer *b, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int needed = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (needed < 0)
        return fail(b, RESULT_INTERNAL);
    result code = reserve(b, (size_t)needed);
    if (code != RESULT_OK)
        return code;
    va_start(arguments, format);
    vsnprintf((char *)b->data + b->length, (size_t)needed + 1, format, arguments);
    va_end(arguments);
    b->length += (size_t)needed;
    return RESULT_OK;
}

void buffer_truncate(buffer *b, size_t length) {
    if (length >= b->length)
        return;
    secret_wipe(b->data + length, b->length - length);
    b->length = length;
}

void buffer_clear(buffer *b) {
    buffer_truncate(b, 0);
    b->failed = RESULT_OK;
}

void buffer_wipe(buffer *b) {
    release(b);
    *b = (buffer){.bound = b->bound, .secret = b->secret};
}

const char *buffer_text(buffer *b) {
    if (b->data == NULL)
        return "";
    b->data[b->length] = 0;
    return (const char *)b->data;
}
