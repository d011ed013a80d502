/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Exchanges with a card in the log: headers and lengths, without any data field that can hold a PIN, a key or a challenge
 * answer. */
#pragma once

#include "base/bytes.h"

/* One exchange with a card: command header, length of its data, status word, length of the answer, time. Data is shown
 * only for SELECT (ISO/IEC 7816-4 11.2.2), where it is a file or application name. */
void log_apdu(bytes command, bytes response, long microseconds);
