/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A server's check of its client's certificate: whether it is accepted, and its identity. */
#pragma once

#include "net/http_handler.h"
#include "net/http_trust.h"

/* RESULT_DENIED with *cause, a static sentence with cause and next step. */
result http_peer_check(const http_trust *trust, gnutls_session_t session, http_peer *peer, const char **cause);
