/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the files of the platform's store share. */
#pragma once

#include "store/platform_store.h"
#include "store/sql.h"

struct platform_store {
    sql_database *db;
    terminal_register terminals;
    int64_t refusals_kept; /* 0: all */
};

/* The name in kept_value of the generation of people that is in force. */
#define PLATFORM_GENERATION "platform people"
