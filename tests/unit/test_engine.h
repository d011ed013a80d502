/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The engine on which a unit test's store stands: UKETSUKE_STORE_URL names it; without it SQLite in a folder of its own.
 * For tests of the terminal's store and what works with it. */
#pragma once

/* The store's URL, from test_engine_begin on; and the file's path ("" on a server). */
extern char test_engine_url[512], test_engine_path[96];

/* cmocka's setup: an empty store. */
int test_engine_begin(void **state);
/* cmocka's teardown. */
int test_engine_end(void **state);
