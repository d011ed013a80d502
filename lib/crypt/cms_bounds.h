/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How much a CMS message may hold, read or written: more is RESULT_TOO_LONG. */
#pragma once

#define CMS_SIGNERS_MAX 4
#define CMS_CERTIFICATES_MAX 16
