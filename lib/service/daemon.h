/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What every service does around its calls: TLS settings from the configuration, "listening on PORT", port file,
 * running until SIGINT or SIGTERM. */
#pragma once

#include "net/http_server.h"
#include "service/admission.h"
#include "service/service_configuration.h"

/* Serves routes, whose handlers get the service as context, until SIGINT or SIGTERM; then the process is gone within five seconds, with what is still at work broken
 * off (by _exit, status 0) where it does not finish. Reads [server] address, port, port-file, certificate, key, allow-tls-1.2
 * (yes), connections, connections-per-address, connections-per-institution, bodies-mebibytes,
 * bodies-per-institution-mebibytes, handshakes-per-second (per address), handshake-seconds, request-seconds, idle-seconds and [trust] anchors (its tls-ca.pem and tls-ca.crl). Call daemon_block_signals first, before any
 * thread starts. */
result daemon_serve(const configuration *c, const http_route *routes, admission *admitter, void *service);

/* SIGINT and SIGTERM wait for daemon_serve; SIGPIPE is ignored. */
void daemon_block_signals(void);
