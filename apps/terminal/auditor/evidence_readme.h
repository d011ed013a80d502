/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What an exported folder says to whoever opens it, perhaps years later and without any of our programs. */
#pragma once

extern const char evidence_readme[];
