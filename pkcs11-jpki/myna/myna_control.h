/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the PKCS#15 hook (myna-init.so) asks of the driver (myna.so) through sc_card_ctl. */
#pragma once

#include "base/bytes.h"

#define MYNA_CONTROL_IMPORT_CHAIN 0x4D594E01UL /* data: bytes *, an institution's certificates */
