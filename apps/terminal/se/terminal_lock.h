/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whether the terminal may work. That it is not locked is itself a sealed fact, which the ledger counts: where it is
 * missing, the terminal is locked. In clear beside it stands only why (SETTING_SE_LOCK), for whoever asks while the SE
 * is away. A store that begins with an SE that has worked already is locked, too: else moving the file away would take
 * any lock off. */
#pragma once

#include "core/report.h"

#include "delivery/store_access.h"
#include "p11/token.h"

#define SETTING_SE_LOCK "se-lock"  /* in clear: it must be readable while the SE is away */
#define LOCK_NEW_STORE "store-new" /* the reason of a new store with an SE that has worked already */
#define LOCK_LOST "store-lost"     /* of a store that does not say that it is not locked */

/* How many signatures an SE may have made that has never worked: for the requests of its keys (enroll begin), and as
 * many again for tries. */
#define LOCK_FRESH_SIGNATURES 8

/* Refuses while locked, before the SE is opened: by what stands in clear. Needs the open file. */
outcome lock_check_clear(store_access *store, report *r);
/* The same by the sealed fact. Needs the keys. */
outcome lock_check(store_access *store, report *r);
/* Not locked from now on. */
result lock_open(store_access *store);
/* Locked from now on; sealed too, when the keys are there. why: a reason word of se_supervision.h. */
result lock_seal(store_access *store, const char *why);
/* Whether the SE has not worked yet. One that does not tell has. */
bool lock_se_is_fresh(token *se);
