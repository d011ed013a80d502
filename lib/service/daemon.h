/* What every service does around its calls: TLS settings from the configuration, "listening on PORT", port file,
 * running until SIGINT or SIGTERM. */
#pragma once

#include "net/http_server.h"
#include "service/configuration.h"

/* Serves routes until SIGINT or SIGTERM. Reads [server] address, port, port-file, certificate, key, allow-tls-1.2
 * (yes), connections, connections-per-address, handshakes-per-second (per address), handshake-seconds, request-seconds,
 * idle-seconds and [trust] anchors (its tls-ca.pem and tls-ca.crl). Call daemon_block_signals first, before any
 * thread starts. */
result daemon_serve(const configuration *c, const http_route *routes, http_admitter *admitter, void *context);

/* SIGINT and SIGTERM wait for daemon_serve; SIGPIPE is ignored. */
void daemon_block_signals(void);
