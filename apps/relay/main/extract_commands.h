/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The commands about patients whose eligibility must be checked again (extract/extraction.h). */
#pragma once

#include "service/program.h"

/* Prints whom a running relay extracts today, and why. */
result extract_command_list(const program_arguments *a);
/* Has it ask the platform about them now. */
result extract_command_query(const program_arguments *a);
