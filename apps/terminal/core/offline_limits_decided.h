/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The limits in force: what two administrators have decided, as the local store holds it, and what the configuration
 * says. */
#pragma once

#include "core/command_context.h"

#include "delivery/store_access.h"

#define SETTING_LIMITS "limits"

/* What two administrators have decided; the defaults when they never did. The store must be open; a decision that cannot
 * be read is not taken for none. */
result limits_decided(store_access *store, limits *l);
/* Puts in force what is decided and configured (ctx->limits); nothing is allowed when that cannot be read. */
result limits_apply(store_access *store, command_context *ctx);
