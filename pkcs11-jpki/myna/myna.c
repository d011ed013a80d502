/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* myna.so, the driver for patient and operator cards. */
#include "myna.h"

#include "opensc/opensc_module.h"

OPENSC_MODULE(myna_driver);
