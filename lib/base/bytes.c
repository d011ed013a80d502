/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "base/bytes.h"

#include <string.h>

bool bytes_equal(bytes a, bytes b) {
    return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

bool bytes_equal_secret(bytes a, bytes b) {
    if (a.length != b.length)
        return false;
    volatile uint8_t difference = 0;
    for (size_t i = 0; i < a.length; i++)
        difference |= a.data[i] ^ b.data[i];
    return difference == 0;
}

bytes bytes_slice(bytes whole, size_t offset, size_t length) {
    if (offset >= whole.length)
        return (bytes){whole.data, 0};
    size_t rest = whole.length - offset;
    return (bytes){whole.data + offset, length < rest ? length : rest};
}
