/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Codes by which stock OpenSC says something else than PKCS #11 2.40 does with them. */
#pragma once

#include "stock.h"

/* The right value for a call's wrong one. call: its name without C_; rv as it came otherwise. */
CK_RV codes_correct(const char *call, CK_RV rv);
