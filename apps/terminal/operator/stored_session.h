/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The session of commands that run by themselves, sealed in the local store. It is one card's, for as long as that card
 * is in the reader in which it logged in: taken out, even if put back, it has to log in again, as at the daemon. Times are
 * milliseconds since the start of the machine, which nobody can set (clock_boot_ms). */
#pragma once

#include "operator/session_rule.h"

#include "delivery/store_access.h"

/* All borrowed. */
typedef struct session_owner {
    const char *fingerprint; /* of the card's certificate */
    const char *id;          /* the operator's */
    const char *stay;        /* of the card in the reader: pcsc_card_stay */
} session_owner;

/* now_ms everywhere: clock_boot_ms. RESULT_TOO_LONG; else a failure of the store. */
result stored_session_begin(store_access *store, const session_owner *owner, int64_t now_ms);
/* Why the stored session is not this owner's: a reason word; "": nobody is logged in; NULL: it is theirs and counts. */
const char *stored_session_over(store_access *store, const session_owner *owner, const limits *l, int64_t now_ms);
/* It was used: counts for the limit of idle sessions. Written at most once a minute. RESULT_NOT_FOUND: not theirs. */
result stored_session_use(store_access *store, const session_owner *owner, int64_t now_ms);
/* Nobody's from now on; also when it was already. */
result stored_session_end(store_access *store);
