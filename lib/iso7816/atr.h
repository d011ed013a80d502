/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Answer to reset (ISO/IEC 7816-3 8.2) and its PC/SC form for contactless cards (PC/SC part 3, 3.1.3.2.3). */
#pragma once

#include "base/bytes.h"
#include "base/buffer.h"

#define ATR_MAX 33 /* ISO/IEC 7816-3 8.2.1: TS and at most 32 characters */

typedef struct atr {
    bytes historical; /* borrowed */
    bool offers_t0, offers_t1;
    bool contactless; /* 3B 8n 80 01: built by a contactless reader */
} atr;

/* RESULT_INVALID, RESULT_TRUNCATED; checks TCK where it is due (8.2.5). */
result atr_parse(bytes raw, atr *out);

/* ISO/IEC 14443-4 type B: AppData[4], ProtInfo[3] of the ATQB and MBLI (high nibble of the answer to ATTRIB). */
result atr_of_type_b(const uint8_t application_data[4], const uint8_t protocol_info[3], uint8_t mbli, buffer *out);
