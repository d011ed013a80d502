/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The head of the evidence chain: the hash that the next offline evidence names as its predecessor. It is a setting of
 * the local store beside the records, and can be computed again from them: a damaged or missing head never begins a new
 * chain unnoticed. */
#pragma once

#include "core/report.h"

#include "delivery/sealed_record.h"

/* head: "" before the first offline evidence. A head that cannot be read is mended: it becomes that of the newest
 * offline record that can be read, which is said in the report (chainMended), in the log and in the audit log:
 * `chain-mended`, subject the evidence id, outcome `ok`, or `past-damaged` when newer records cannot be read either
 * (their evidence, if it comes up elsewhere, shows as a fork), or `begun-anew` when none can. The store must be
 * unlocked. */
result chain_head_read(store_access *store, report *r, char head[STATEMENT_HASH_SIZE]);
