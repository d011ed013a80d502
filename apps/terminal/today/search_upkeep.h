/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Builds the search index of a store that a version without one has written. */
#pragma once

#include "core/report.h"

#include "delivery/store_access.h"

/* Indexes every reception that is already stored; once for each store. */
result search_upkeep(store_access *s);
