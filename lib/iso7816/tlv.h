/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* BER-TLV data objects (ISO/IEC 8825-1 8.1, ISO/IEC 7816-4 Annex E): tags of one to three bytes, definite lengths up to
 * 65,535. A reader never reads outside its input. */
#pragma once

#include "base/buffer.h"

typedef struct tlv {
    uint32_t tag; /* as its bytes, for example 0x5F4E or 0x7F21 */
    bytes value;  /* borrowed */
} tlv;

/* Takes the next object off *rest. RESULT_NOT_FOUND when rest is empty, RESULT_TRUNCATED, RESULT_INVALID (indefinite or
 * over-long length). */
result tlv_next(bytes *rest, tlv *out);

/* The first object with this tag at this level, not inside others. RESULT_NOT_FOUND. */
result tlv_find(bytes level, uint32_t tag, bytes *value);

/* Appends tag, shortest length form, value. */
result tlv_append(buffer *out, uint32_t tag, bytes value);
/* Only tag and length, for a value that the caller appends itself. */
result tlv_append_header(buffer *out, uint32_t tag, size_t value_length);

/* The length that a whole object occupies at the start of data, from its header alone: used to read a file whose DER
 * certificate is followed by filler. */
result tlv_whole_length(bytes data, size_t *length);
