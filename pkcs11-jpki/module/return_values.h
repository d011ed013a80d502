/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Return values that stock OpenSC uses with another meaning than PKCS #11 2.40. */
#pragma once

#include "stock.h"

/* Replaces a return value that OpenSC gets wrong. call: the function's name without C_. Returns rv otherwise. */
CK_RV codes_correct(const char *call, CK_RV rv);
