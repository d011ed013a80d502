/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The session of commands that run by themselves: one card's, sealed in the local store. */
#pragma once

#include "core/offline_limits.h"

#include "delivery/store_access.h"

/* Stores the session of the operator with this id, whose card has a certificate with this fingerprint. now: seconds since
 * 1970. */
result stored_session_begin(store_access *store, const char *fingerprint, const char *id, int64_t now);
/* Whether the stored session is this card's and still counts. */
bool stored_session_fits(store_access *store, const char *fingerprint, const limits *l, int64_t now);
/* It was used: counts for the limit of idle sessions. Written at most once a minute. */
result stored_session_use(store_access *store, const char *fingerprint, const char *id, int64_t now);
/* Nobody's from now on; also when it was already. */
result stored_session_end(store_access *store);
