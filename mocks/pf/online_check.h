/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* POST /institution-authentication: the platform authenticates itself to the card at the counter, with its own key. */
#pragma once

#include "platform.h"

/* An http_handler: opens a session and writes the signed answer. */
void authentication_reply(void *platform, const http_request *request, http_reply *reply);
