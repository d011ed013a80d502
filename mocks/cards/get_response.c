/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "get_response.h"

status_word get_response_give(buffer *waiting, uint32_t le, buffer *response) {
    bytes all = buffer_bytes(waiting);
    bytes now = bytes_slice(all, 0, le);
    size_t left = all.length - now.length;
    buffer rest = BUFFER_INIT(waiting->bound);
    if (buffer_append(response, now) != RESULT_OK ||
        buffer_append(&rest, bytes_slice(all, now.length, left)) != RESULT_OK)
        return SW_UNKNOWN;
    buffer_wipe(waiting);
    *waiting = rest;
    return left == 0 ? SW_OK : (status_word)(SW_MORE_DATA | (left > 0xFF ? 0 : left));
}
