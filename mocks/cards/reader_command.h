/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a contactless reader answers itself and no card sees: pseudo-APDUs of class FF (PC/SC part 3, 3.2.2). */
#pragma once

#include "base/buffer.h"

#define READER_PUPI_LENGTH 4 /* of a type B card: its pseudo-unique identifier (ISO/IEC 14443-3 7.9.2) */

/* False: not for the reader, response is unchanged. */
bool reader_command_answer(bytes command, const uint8_t pupi[READER_PUPI_LENGTH], buffer *response);
