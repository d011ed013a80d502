/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whether the store is what its ledger says (delivery/ledger.h): read when the keys are there, and compared row by row. */
#pragma once

#include "delivery/store_access.h"

#define LEDGER_PROBLEM_SIZE 256

/* Reads the ledger and compares everything with it. RESULT_BAD_SIGNATURE: they do not agree; problem says which row, or
 * which kind of rows, in words for people. Other codes: the store cannot be read. */
result ledger_load(store_access *s, char problem[LEDGER_PROBLEM_SIZE]);
/* The same again when somebody else may have written into the store since; else RESULT_OK at once. */
result ledger_load_again(store_access *s, char problem[LEDGER_PROBLEM_SIZE]);
