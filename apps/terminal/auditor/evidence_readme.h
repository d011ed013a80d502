/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The README of an exported folder, for readers years later and without our programs. */
#pragma once

extern const char evidence_readme[];
