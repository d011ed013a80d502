/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The ledger of the local store: what must be in it. A row's content is sealed together with its other columns
 * (delivery/sealed_record.h), so a changed row is detected; a row that is missing, or was replaced by an earlier version
 * of it, is detected by the ledger. The ledger is itself a sealed setting, written in the same transaction as every
 * change. It holds
 *   - its own number, which every change raises, and which is the version of what the change wrote, so that no version
 *     is used twice;
 *   - the SE's signature counter when it was last noted;
 *   - every sealed setting by name and version;
 *   - for each kind and state of records their number, and the sum (exclusive or) of an HMAC over each record's row.
 *     Without the key the sums are unknown, so no other set of rows with the same sum can be searched for.
 * A complete earlier copy of a store agrees with its ledger; the SE's counter detects it when the store is opened
 * (se/local_store.h), and the ledger's number while it is open (delivery/ledger_load.h).
 * Only one process at a time has the keys (cards_open), so the ledger in its memory is the newest. */
#pragma once

#include "delivery/store_access.h"

#define SETTING_LEDGER "ledger"

/* The first ledger of an empty store. */
result ledger_begin(store_access *s);
/* Frees it; without it nothing can be written, and every setting is missing. */
void ledger_forget(store_access *s);

/* The version for what is written next. */
int64_t ledger_next(const store_access *s);
/* Writes a change, and the ledger with it. before: the row that change->record replaces, NULL for a new one. The last
 * place of change->settings must be free. RESULT_BAD_SIGNATURE: before is not in the ledger. */
result ledger_write(store_access *s, const terminal_record *before, terminal_change *change);

/* The version that a setting must have; 0: there must be none. */
int64_t ledger_setting(const store_access *s, const char *name);
/* How many records of this kind there must be; state NULL: in any. */
int64_t ledger_count(const store_access *s, const char *kind, const char *state);

/* The SE's signature counter as it was last noted; false: never. */
bool ledger_counter(const store_access *s, uint32_t *counter);
result ledger_note_counter(store_access *s, uint32_t counter);
