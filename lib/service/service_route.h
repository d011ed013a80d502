/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How a service's routes are served: admission by the row's class (http_route.class is an admission_class) is done here
 * and not in the handlers. A row without a class is refused, so that no new call goes without admission. */
#pragma once

#include "net/http_server.h"
#include "service/admission.h"

typedef struct service_route_context {
    admission *admission; /* both borrowed */
    void *service;        /* the handlers' context */
} service_route_context;

/* An http_admitter and an http_runner; the context is a service_route_context. Capacity of the institution is taken
 * around each handler; that of ADMISSION_BATCH works in the background (service/background.h). */
bool service_route_admit(void *context, const http_route *route, const http_request *request, http_reply *reply);
void service_route_run(void *context, const http_route *route, const http_request *request, http_reply *reply);
