/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* uketsuke-se.so, the driver for the Secure Element. */
#include "se.h"

#include "opensc/opensc_module.h"

OPENSC_MODULE(se_driver);
