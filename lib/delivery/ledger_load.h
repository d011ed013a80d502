/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compares the store with its ledger (delivery/ledger.h), row by row: at once, or while the store is in use already. */
#pragma once

#include "delivery/store_access.h"

#define LEDGER_PROBLEM_SIZE 256

/* Reads the ledger and compares everything with it. RESULT_BAD_SIGNATURE: they do not agree; problem says which row, or
 * which kind of rows, in words for people. Other codes: the store cannot be read. */
result ledger_load(store_access *s, char problem[LEDGER_PROBLEM_SIZE]);
/* The part of it whose time does not depend on the number of records: the ledger itself, the settings, the schema.
 * Whether a record is missing, or was replaced by an older version, is known only after ledger_compare; each record by
 * itself is bound to its row (delivery/sealed_record.h). */
result ledger_load_quickly(store_access *s, char problem[LEDGER_PROBLEM_SIZE]);
/* The rest, also while others write: whether the indexes agree with the tables, then every record as of one moment with
 * the ledger of that moment, which must not have a lower number than since. RESULT_TIMEOUT: *must_stop (NULL: never) has
 * become true. s->ledger is not touched. */
result ledger_compare(store_access *s, int64_t since, const _Atomic bool *must_stop, char problem[LEDGER_PROBLEM_SIZE]);
/* Repeats ledger_load if another process may have written into the store since; else RESULT_OK at once.
 * RESULT_BAD_SIGNATURE, too, if the file was replaced by an earlier copy, complete in itself: its ledger has a lower
 * number than the one in memory. */
result ledger_load_again(store_access *s, char problem[LEDGER_PROBLEM_SIZE]);
