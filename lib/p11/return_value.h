/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Maps CK_RV (PKCS #11 v3.0, 5.1) to result and to text. */
#pragma once

#include "base/result.h"

#include <p11-kit/pkcs11.h>

/* RESULT_INTERNAL for an unknown one. */
result return_value_result(CK_RV rv);
/* "CKR_PIN_INCORRECT"; "CKR_(other)" for an unknown one. */
const char *return_value_name(CK_RV rv);
