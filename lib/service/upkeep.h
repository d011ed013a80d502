/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Periodic work of a service: deletes expired data. */
#pragma once

#include "service/service_configuration.h"

/* How long refused work is remembered: [refused] kept (of each institution, the newest; 1000), days (90). */
typedef struct upkeep_rules {
    long kept, days;
} upkeep_rules;
result upkeep_read(const configuration *c, upkeep_rules *out);

typedef struct upkeep upkeep;
/* Runs work(context) every 30 s in a thread of its own, of lower priority, until upkeep_stop; and look(context) every
 * second. RESULT_NO_MEMORY. */
result upkeep_start(void (*work)(void *context), void (*look)(void *context), void *context, upkeep **out);
void upkeep_stop(upkeep **u);
