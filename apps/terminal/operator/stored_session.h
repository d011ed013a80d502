/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The session of commands that run by themselves, sealed in the local store. It belongs to one card and ends when that
 * card leaves its reader, even if it is put back, as in the daemon. Times are milliseconds since the start of the
 * machine, a clock that cannot be set (clock_boot_ms). */
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
/* Why the stored session is not this owner's: a reason word; "": no operator is logged in; NULL: it is theirs and
 * valid. */
const char *stored_session_over(store_access *store, const session_owner *owner, const limits *l, int64_t now_ms);
/* Notes a use, for the limit of idle sessions; written at most once a minute. RESULT_NOT_FOUND: it is not theirs. */
result stored_session_use(store_access *store, const session_owner *owner, int64_t now_ms);
/* Ends the stored session, if there is one. */
result stored_session_end(store_access *store);
