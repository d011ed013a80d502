/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The relay in one piece: its parts, as the configuration wants them. */
#pragma once

#include "gate/connection_gate.h"
#include "pass/pass_server.h"
#include "wire/frame_server.h"

#include "service/service_configuration.h"

typedef struct relay_service {
    const configuration *configuration;
    relay_store *store;
    relay_se *se;
    terminal_views *views;
    http_rate *rate;
    relay_desk desk;
    frame_server *frames;  /* NULL while the port is not open */
    connection_gate *gate; /* before the way to the services; NULL: there is none */
    pass_server *pass;     /* the port for the services; NULL while it is not open, or when there is to be none */
    char *control;         /* path of the socket for commands */
} relay_service;

/* Reads the settings and makes every part but the listening port. RESULT_INVALID: the log names the setting. */
result relay_service_open(const configuration *c, relay_service *out);
void relay_service_close(relay_service *service);

/* Where commands reach a running relay: [relay] control, else relay.sock in the state folder. The caller frees it. */
char *relay_service_control(const configuration *c);
