/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The settings of the relay's port for the services: [services], [https], [keep], [extract]. */
#pragma once

#include "pass/pass_server.h"

#include "service/service_configuration.h"

#define PASS_SPREAD_S 20 /* [keep] spread-seconds, when it is not given */

/* Whether the relay has such a port: [services] platform is given. */
bool pass_settings_are_given(const configuration *c);
/* The texts are the configuration's. out->terminals is the caller's to set. RESULT_INVALID: the log names the
 * setting. */
result pass_settings_read(const configuration *c, pass_server_options *out);
