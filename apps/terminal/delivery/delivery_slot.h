/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The time slot in which an institution may send many records: after an outage all institutions of the country have
 * records to send. */
#pragma once

#include "core/terminal.h"

#include "delivery/remote.h"

/* How many receptions, or visits, may wait and still be sent at once, without asking: one batch. */
#define SLOT_FREE_MAX FHIR_BATCH_MAX

/* How long to wait for the institution's slot; {0}: now, or the platform does not tell. */
pacing_wait slot_ask(terminal *t, const remote *platform);
