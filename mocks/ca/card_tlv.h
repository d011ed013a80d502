/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* BER-TLV as the card's files have it: a length from 128 on takes two bytes behind 82, also where DER would have one
 * behind 81 (docs/interfaces/patient-card.md). */
#pragma once

#include "base/buffer.h"

/* As tlv_append and tlv_append_header of lib/iso7816. */
result card_tlv_append(buffer *out, uint32_t tag, bytes value);
result card_tlv_append_header(buffer *out, uint32_t tag, size_t value_length);
