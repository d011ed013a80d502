/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Checks a server's own certificate and key before libmicrohttpd gets them, because it does not report the cause of a
 * fault. */
#pragma once

#include "base/buffer.h"

/* Whether the two PEM files belong together. RESULT_INVALID; the log names the file, the cause and the next step. A
 * certificate outside its validity is only a warning: clients check it. */
result http_identity_check(const char *certificate_path, bytes certificate, const char *key_path, bytes key);
