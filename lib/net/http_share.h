/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Shares of a limited resource: each key has a share, and gets more only while half of the total is free. So one heavy
 * user gets much while no other asks, and others always get some at once. */
#pragma once

#include "base/result.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct http_share http_share;

/* max: the total; share: of each key. Thread-safe. RESULT_NO_MEMORY. */
result http_share_new(size_t max, size_t share, http_share **out);
void http_share_free(http_share **share);

/* Takes an amount for the key, if permitted; return it with http_share_give. */
bool http_share_take(http_share *share, const char *key, size_t amount);
/* Whether http_share_take would, now. */
bool http_share_has(http_share *share, const char *key, size_t amount);
void http_share_give(http_share *share, const char *key, size_t amount);
