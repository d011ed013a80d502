/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `serve`: the port, the socket for commands, the supervision of the SE. */
#pragma once

#include "main/relay_service.h"

/* Serves until SIGINT or SIGTERM. RESULT_TIMEOUT does not come back: the SE hangs, and the process ends with status 1, to
 * be started again. */
result relay_serve(relay_service *service);
