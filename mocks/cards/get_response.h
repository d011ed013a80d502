/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Response data that did not fit into Le waits for GET RESPONSE (ISO/IEC 7816-4 11.7.1): needed for readers that leave
 * Le away. */
#pragma once

#include "base/buffer.h"
#include "iso7816/status_word.h"

/* Moves as much of the pending data as fits into le to the response. SW_OK, or 61XX when some is left (SW2: how much, 0
 * for more than 255). */
status_word get_response_give(buffer *waiting, uint32_t le, buffer *response);
