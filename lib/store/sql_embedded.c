/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* For programs whose stores are SQLite files and nothing else: they need no libpq. */
#include "store/sql_internal.h"

const sql_engine *sql_server_engine(void) {
    return NULL;
}
