/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whether the local store is still what this terminal has written: its ledger (lib/delivery/ledger.h), with words for
 * people. */
#pragma once

#include "core/report.h"

#include "delivery/ledger_load.h"

/* Compares again when somebody else has written into the file since. What does not agree is a failure, and the keys are
 * forgotten. */
outcome ledger_check(store_access *store, report *r);
/* The failure: store-altered, or that it cannot be read. */
outcome ledger_failure(store_access *store, report *r, result code, const char *problem);
