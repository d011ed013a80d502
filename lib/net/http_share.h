/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is scarce, shared: each key has a share of it, and takes more only while half of all is free. So one who asks for
 * everything gets much while nobody else asks, and others always find room at once. */
#pragma once

#include "base/result.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct http_share http_share;

/* most: how much there is; share: of each key. Thread-safe. RESULT_NO_MEMORY. */
result http_share_new(size_t max, size_t share, http_share **out);
void http_share_free(http_share **share);

/* Takes an amount for the key, if it may have it; give it back by http_share_give. */
bool http_share_take(http_share *share, const char *key, size_t amount);
/* Whether http_share_take would, now. */
bool http_share_has(http_share *share, const char *key, size_t amount);
void http_share_give(http_share *share, const char *key, size_t amount);
