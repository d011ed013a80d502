/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The README of an exported audit log: how to verify it elsewhere with stock openssl. */
#pragma once

extern const char audit_readme[];
