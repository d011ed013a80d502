/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Applets that come from files of their own: docs/guides/add-an-applet.md. */
#pragma once

#include "base/result.h"

/* Loads the shared object, whose code then runs inside softcard, and makes its application known by its AID: cards
 * whose image has its folder have it from then on. It stays loaded. *problem (static text) says what is wrong. */
result applet_load(const char *object_path, const char **problem);
