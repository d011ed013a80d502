/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whether the terminal may work. Whether it is locked is a sealed setting, which the ledger counts: if it is missing,
 * the terminal is locked. The reason of a lock is in clear (SETTING_SE_LOCK), readable without the SE. A new store with
 * an SE that has worked already is locked, too: otherwise, moving the file away would unlock any terminal. */
#pragma once

#include "core/report.h"

#include "delivery/store_access.h"
#include "p11/token.h"

#define SETTING_SE_LOCK "se-lock"  /* in clear: it must be readable while the SE is away */
#define LOCK_NEW_STORE "store-new" /* the reason of a new store with an SE that has worked already */
#define LOCK_LOST "store-lost"     /* the reason of a store without the sealed setting */

/* How many signatures an SE may have made before its first work: for the requests of its keys (enroll begin), and as
 * many again for repeated tries. */
#define LOCK_FRESH_SIGNATURES 8

/* Refuses while locked, by the setting in clear, before the SE is opened. Needs the open file. */
outcome lock_check_clear(store_access *store, report *r);
/* The same by the sealed setting. Needs the keys. */
outcome lock_check(store_access *store, report *r);
/* Unlocks. */
result lock_open(store_access *store);
/* Locks: stores the reason in clear, and also sealed when the keys are there. why: a reason word of
 * se_supervision.h. */
result lock_seal(store_access *store, const char *why);
/* Whether the SE has not worked yet. An SE without a counter counts as one that has. */
bool lock_se_is_fresh(token *se);
