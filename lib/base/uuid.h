/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* UUID version 7 (RFC 9562 5.7): time-ordered, so that records sort by their id. */
#pragma once

#include "base/result.h"

#include <stdbool.h>
#include <stdint.h>

#define UUID_TEXT_SIZE 37

/* A new one, with the present time. RESULT_IO: no random bytes or no clock. */
result uuid_v7(char text[UUID_TEXT_SIZE]);
/* Version 8 (RFC 9562 5.8): the caller's own 122 bits; the six of version and variant are set here. */
void uuid_v8(const uint8_t raw[16], char text[UUID_TEXT_SIZE]);
/* Lower-case canonical form of any version. */
bool uuid_is_valid(const char *text);
