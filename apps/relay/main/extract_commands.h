/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The commands about patients whose eligibility must be checked again (extract/extraction.h). */
#pragma once

#include "service/program.h"

/* Prints the patients whom a running relay extracts today, with the reasons. */
result extract_command_list(const program_arguments *a);
/* Makes the relay ask the platform about them now. */
result extract_command_query(const program_arguments *a);
