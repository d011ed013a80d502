/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A server of lib/net on loopback with its CA, and clients for it. Everything in here ends the test when it fails. */
#pragma once

#include "net/http_client.h"
#include "net/http_server.h"
#include "test_certificates.h"

#include <stdatomic.h>

/* The files: certificate, then key. */
enum {
    NET_CA = 0,
    NET_SERVER = 2,
    NET_OTHER_CA = 4,
    NET_OTHER_SERVER = 6, /* by the other CA */
    NET_TERMINAL = 8,
    NET_FOREIGN = 10, /* by the other CA */
    NET_REVOKED = 12,
    NET_LIST = 14, /* the CA's revocation list */
    NET_EXPIRED_SERVER = 15,
    NET_NAMED_SERVER = 17, /* for another name */
    NET_UNPRINTABLE = 19,
};
extern char net_paths[32][128];
extern test_identity net_ca, net_server_identity, net_terminal, net_revoked;

/* Of a further file in the same folder, which is removed at the end. */
const char *net_path(const char *name);

extern http_server *net_server;
extern char net_url[64];
extern atomic_int net_slow_calls; /* calls of GET /slow that have begun */

/* cmocka's setup and teardown: of the program, and of a test that needs the server. */
int net_begin(void **state);
int net_end(void **state);
int net_serve(void **state);
int net_stop(void **state);

/* Routes POST and GET /echo, which takes 1000 bytes, GET /slow; to be changed, then net_serve_with. */
http_server_options net_server_options(void);
int net_serve_with(const http_server_options *options);

/* A client that takes answers of 500 bytes; certificate, key: files. */
http_client *net_client(const char *certificate, const char *key);
