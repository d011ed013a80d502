/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A server's own certificate and key, looked at before libmicrohttpd gets them: it does not say what is wrong. */
#pragma once

#include "base/buffer.h"

/* What the two PEM files hold belongs together. RESULT_INVALID; the log names the file, the cause and the next step. A
 * certificate outside its validity is only warned of: clients see it. */
result http_identity_check(const char *certificate_path, bytes certificate, const char *key_path, bytes key);
