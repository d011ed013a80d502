/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* An empty store of sealed records with its ledger, on the engine of test_engine.h, and ids for the records. */
#pragma once

#include "delivery/store_access.h"

/* Open and unlocked from test_store_begin on. */
extern store_access test_store;

/* cmocka's setup. */
int test_store_begin(void **state);
/* cmocka's teardown; it fails when what the test did does not agree with the ledger. */
int test_store_end(void **state);

/* The id of a record, for numbers from 0 on. Overwritten by the next call. */
const char *test_record_id(int number);
/* The state of the record with that id, which must be there. Overwritten by the next call. */
const char *test_record_state(int number);
