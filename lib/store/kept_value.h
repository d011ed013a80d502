/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Short values that a store must remember once and for all, by name. A migration of each store that has them:
 * KEPT_VALUE_MIGRATION; stores that share a database share the table, so names begin with the store's. */
#pragma once

#include "store/sql.h"

#define KEPT_VALUE_SIZE 65
#define KEPT_VALUE_MIGRATION "CREATE TABLE IF NOT EXISTS kept_value (name TEXT PRIMARY KEY, value TEXT NOT NULL);"

/* The first value given under a name stays, also against another process at the same moment: kept gets the one that is
 * there in the end. value NULL only asks: RESULT_NOT_FOUND when there is none. */
result kept_value_set_if_absent(sql_database *db, const char *name, const char *value, char kept[KEPT_VALUE_SIZE]);
/* Reads, then writes a row durably: whether the store can do both now. */
result kept_value_probe(sql_database *db, const char *name);
/* Deletes the value: the next one given is the first again. */
result kept_value_delete(sql_database *db, const char *name);
