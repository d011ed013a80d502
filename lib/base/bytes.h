/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A read-only view of borrowed bytes. Passed by value; never freed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct bytes {
    const uint8_t *data; /* may be NULL only when length is 0 */
    size_t length;
} bytes;

#define BYTES(array) ((bytes){(const uint8_t *)(array), sizeof(array)})

static inline bytes bytes_of(const void *data, size_t length) {
    return (bytes){(const uint8_t *)data, length};
}

/* Length and content; not for secrets. */
bool bytes_equal(bytes a, bytes b);

/* The same, in a time that depends on the lengths only: for MACs, PINs and challenges. */
bool bytes_equal_secret(bytes a, bytes b);

/* The part from offset on, at most length bytes; empty when offset lies behind the end. */
bytes bytes_slice(bytes whole, size_t offset, size_t length);
