/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The reader's properties: capabilities (TAG_IFD_*, SCARD_ATTR_*) and PC/SC part 10 features. */
#pragma once

#include "base/buffer.h"
#include "slot.h"

#define PROPERTIES_READERS_MAX 16 /* pcscd 1.9 has no more readers */

/* Appends the value of a tag. s may be NULL for properties of the library (pcscd asks before a reader is open).
 * RESULT_NOT_FOUND: unknown tag, or no value. */
result properties_of_tag(uint32_t tag, slot *s, buffer *out);

/* Answers SCardControl. RESULT_UNSUPPORTED: unknown code. */
result properties_control(uint32_t code, buffer *out);

/* Waiting functions that pcscd fetches by tag (defined in ifd.c). */
extern const struct property_functions {
    long (*wait)(unsigned long lun, int timeout_ms);
    long (*stop)(unsigned long lun);
} property_functions;
