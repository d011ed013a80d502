/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "p11_rpc/rpc_frame.h"

#define CALL_ERROR 0 /* p11-kit: the call of an answer that is only a CK_RV */

static uint32_t number_at(const uint8_t *raw) {
    return (uint32_t)raw[0] << 24 | (uint32_t)raw[1] << 16 | (uint32_t)raw[2] << 8 | raw[3];
}

result rpc_header_read(const uint8_t raw[RPC_HEADER_LENGTH], size_t max, rpc_header *out) {
    *out = (rpc_header){number_at(raw), number_at(raw + 4), number_at(raw + 8)};
    return (uint64_t)out->options + out->body <= max ? RESULT_OK : RESULT_TOO_LONG;
}

/* The body: the call, the signature of its parameters as a counted text, the parameters. One "u" is a 64-bit number. */
result rpc_error_frame(uint32_t code, unsigned long rv, buffer *frame) {
    buffer body = BUFFER_INIT(32);
    buffer_append_u32(&body, CALL_ERROR);
    buffer_append_u32(&body, 1);
    buffer_append_u8(&body, 'u');
    buffer_append_u32(&body, (uint32_t)((uint64_t)rv >> 32));
    buffer_append_u32(&body, (uint32_t)rv);
    buffer_append_u32(frame, code);
    buffer_append_u32(frame, 0);
    buffer_append_u32(frame, (uint32_t)body.length);
    const result failed = body.failed != RESULT_OK ? body.failed : buffer_append(frame, buffer_bytes(&body));
    buffer_wipe(&body);
    return failed;
}
