/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Base64 (RFC 4648 4), one line, padded; strict when read. */
#pragma once

#include "base/buffer.h"

/* RESULT_TOO_LONG: beyond the bound of text. RESULT_NO_MEMORY. */
result crypt_base64_append(buffer *text, bytes data);
/* RESULT_INVALID for anything but the one canonical encoding. Appends. */
result crypt_base64_decode(bytes text, buffer *data);
