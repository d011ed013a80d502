/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The running relay's answers to the commands about extraction (main/extract_commands.h). */
#pragma once

#include "base/buffer.h"

#define EXTRACT_LIST_LINE "extract-list"
#define EXTRACT_QUERY_LINE "extract-query"

/* As relay_control_line (main/relay_control.h) has them; context: the relay_service. "ok" and one object, or a reason:
 * "off", nothing is noted; "store". */
result extract_control_list(void *context, bytes argument, buffer *answer);
result extract_control_query(void *context, bytes argument, buffer *answer);
