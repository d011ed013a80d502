/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The commands about the hospital's ledger of outcomes (ledger/relay_store.h). */
#pragma once

#include "service/program.h"

/* Prints every row, as CSV or JSON. */
result outcome_command_export(const program_arguments *a);
/* Recomputes the chain, then prints how many rows there are of each service and outcome. */
result outcome_command_check(const program_arguments *a);
