/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The extraction's way to the platform: a batch of pre-checks of one terminal's patients, whose answer is kept for that
 * terminal as if it had asked itself. */
#pragma once

#include "pass/pass_calls.h"

/* As extraction_platform (extract/extraction.h) has them; context: a pass_context. */
bool check_call_may_ask(void *context);
result check_call_ask(void *context, const char *terminal, bytes request, buffer *answer);
