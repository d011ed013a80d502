/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compares the local store with its ledger (lib/delivery/ledger.h): it must be what this terminal has written. */
#pragma once

#include "core/report.h"

#include "delivery/ledger_load.h"

/* Compares again when another process has written into the file since. On a difference it fails and forgets the
 * keys. */
outcome ledger_check(store_access *store, report *r);
/* Reports the failure: store-altered, or that the store cannot be read. */
outcome ledger_failure(store_access *store, report *r, result code, const char *problem);
