/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The local store with its keys: records are sealed under a data key that only this terminal's Secure Element unwraps,
 * and that the Secure Element has signed. Rows that others have added, changed, removed or restored are reported and
 * not used (lib/delivery/ledger.h). */
#pragma once

#include "core/card_access.h"

#include "delivery/store_access.h"

/* Opens SE and store and unwraps the data key; the first time, makes one. Compares the store with its ledger, again
 * whenever another process has written into the file. Refused while locked (se/terminal_lock.h). */
outcome local_store_open(card_access *cards, store_access *store, command_context *ctx);
/* The same for a command that only reads what is stored: it does without an SE in another process that is away while
 * the keys are still there ([se] away-minutes). */
outcome local_store_open_reading(card_access *cards, store_access *store, command_context *ctx);
/* The same after a person has typed the SE's PIN and secure_element_take has taken it: unlocks the terminal. */
outcome local_store_unlock(card_access *cards, store_access *store, command_context *ctx);
/* An empty store for this SE, which is logged in, by the decision of two administrators: not locked. Its keys are
 * forgotten again. */
outcome local_store_begin(store_access *store, report *r, token *se);
/* Compares the open store with its ledger when another process has written into the file. On a difference it fails and
 * forgets the keys. */
outcome local_store_check(card_access *cards, store_access *store, report *r);
