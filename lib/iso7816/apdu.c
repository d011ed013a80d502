/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "iso7816/apdu.h"

#define SHORT_DATA_MAX 255
#define SHORT_LE_MAX 256
#define EXTENDED_DATA_MAX 65535
#define EXTENDED_LE_MAX 65536

static uint32_t u16(bytes b, size_t offset) {
    return (uint32_t)b.data[offset] << 8 | b.data[offset + 1];
}

/* body: the bytes after the header, at least one, the first not an extended marker. 5.2: cases 2S, 3S, 4S. */
static result parse_short(bytes body, apdu_command *out) {
    if (body.length == 1) {
        out->le = body.data[0] ? body.data[0] : SHORT_LE_MAX;
        return RESULT_OK;
    }
    size_t lc = body.data[0];
    if (lc == 0 || body.length < 1 + lc || body.length > 2 + lc)
        return RESULT_INVALID;
    out->data = bytes_slice(body, 1, lc);
    if (body.length == 2 + lc)
        out->le = body.data[1 + lc] ? body.data[1 + lc] : SHORT_LE_MAX;
    return RESULT_OK;
}

static uint32_t extended_le(bytes body, size_t offset) {
    uint32_t le = u16(body, offset);
    return le ? le : EXTENDED_LE_MAX;
}

/* body begins with 00 and is three bytes or longer. 5.2: cases 2E, 3E, 4E. */
static result parse_extended(bytes body, apdu_command *out) {
    out->extended = true;
    if (body.length == 3) {
        out->le = extended_le(body, 1);
        return RESULT_OK;
    }
    size_t lc = u16(body, 1);
    bool with_le = body.length == 3 + lc + 2;
    if (lc == 0 || (body.length != 3 + lc && !with_le))
        return RESULT_INVALID;
    out->data = bytes_slice(body, 3, lc);
    if (with_le)
        out->le = extended_le(body, 3 + lc);
    return RESULT_OK;
}

result apdu_parse(bytes raw, apdu_command *out) {
    if (raw.length < 4)
        return RESULT_INVALID;
    apdu_command command = {
        .cla = raw.data[0], .ins = raw.data[1], .p1 = raw.data[2], .p2 = raw.data[3], .le = APDU_NO_LE};
    bytes body = bytes_slice(raw, 4, raw.length - 4);
    result r = RESULT_OK;
    if (body.length >= 3 && body.data[0] == 0)
        r = parse_extended(body, &command);
    else if (body.length > 0)
        r = parse_short(body, &command);
    if (r == RESULT_OK)
        *out = command;
    return r;
}

static void append_short(const apdu_command *command, buffer *out) {
    if (command->data.length) {
        buffer_append_u8(out, (uint8_t)command->data.length);
        buffer_append(out, command->data);
    }
    if (command->le != APDU_NO_LE)
        buffer_append_u8(out, (uint8_t)command->le); /* 256 is written 00 */
}

static void append_extended(const apdu_command *command, buffer *out) {
    if (command->data.length || command->le != APDU_NO_LE)
        buffer_append_u8(out, 0);
    if (command->data.length) {
        buffer_append_u16(out, (uint16_t)command->data.length);
        buffer_append(out, command->data);
    }
    if (command->le != APDU_NO_LE)
        buffer_append_u16(out, (uint16_t)command->le); /* 65,536 is written 0000 */
}

result apdu_build(const apdu_command *command, buffer *out) {
    if (command->data.length > EXTENDED_DATA_MAX)
        return RESULT_TOO_LONG;
    if (command->le > EXTENDED_LE_MAX)
        return RESULT_INVALID;
    size_t start = out->length;
    bool extended = command->extended || command->data.length > SHORT_DATA_MAX || command->le > SHORT_LE_MAX;
    buffer_append(out, BYTES(((uint8_t[]){command->cla, command->ins, command->p1, command->p2})));
    if (extended)
        append_extended(command, out);
    else
        append_short(command, out);
    if (out->failed != RESULT_OK)
        buffer_truncate(out, start);
    return out->failed;
}

result apdu_response(bytes raw, bytes *data, status_word *sw) {
    if (raw.length < 2)
        return RESULT_TRUNCATED;
    *data = bytes_slice(raw, 0, raw.length - 2);
    *sw = (status_word)u16(raw, raw.length - 2);
    return RESULT_OK;
}

void apdu_chain_reset(apdu_chain *chain) {
    buffer_wipe(&chain->data); /* parts may hold secrets */
    chain->open = false;
}

static bool continues(const apdu_chain *chain, const apdu_command *command) {
    return chain->open && chain->ins == command->ins && chain->p1 == command->p1 && chain->p2 == command->p2;
}

result apdu_chain_feed(apdu_chain *chain, apdu_command *command, bool *whole) {
    bool last = !(command->cla & APDU_CLA_CHAINED);
    *whole = false;
    if (!continues(chain, command))
        apdu_chain_reset(chain);
    if (!chain->open && last) {
        if (command->data.length > chain->data.bound)
            return RESULT_TOO_LONG;
        *whole = true; /* an ordinary command: nothing to collect */
        return RESULT_OK;
    }
    result r = buffer_append(&chain->data, command->data);
    if (r != RESULT_OK) {
        apdu_chain_reset(chain);
        return r;
    }
    chain->ins = command->ins;
    chain->p1 = command->p1;
    chain->p2 = command->p2;
    chain->open = !last;
    if (last) {
        command->data = buffer_bytes(&chain->data); /* stays until the next call, which finds the chain closed */
        *whole = true;
    }
    return RESULT_OK;
}
