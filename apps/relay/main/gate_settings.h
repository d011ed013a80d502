/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The settings of the gate before external connections: [gate]. */
#pragma once

#include "gate/connection_gate.h"

#include "service/service_configuration.h"

/* Whether the relay has a gate: any of its hooks is given. */
bool gate_settings_are_given(const configuration *c);
/* The texts are the configuration's. RESULT_INVALID: the log names the setting. */
result gate_settings_read(const configuration *c, connection_gate_options *out);
