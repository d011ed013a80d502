/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* When the platform has room for many: after an outage the whole country has something to send. */
#pragma once

#include "core/terminal.h"
#include "services/service_call.h"

/* How many receptions may wait and still be sent at once, without asking: one batch. */
#define SLOT_FREE_MAX FHIR_BATCH_MAX

/* Whether the institution's slot is to be waited for: the platform's t->waits: s until it begins, spread_s for its first
 * half, so that whoever waits does not miss it. False: now, or the platform does not tell. */
bool slot_ask(terminal *t, http_client *platform);
