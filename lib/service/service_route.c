/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/service_route.h"

#include "base/clock.h"
#include "base/log.h"
#include "service/background.h"
#include "service/reply.h"
#include "store/sql.h"

bool service_route_admit(void *context, const http_route *route, const http_request *request, http_reply *reply) {
    const service_route_context *c = context;
    if (route->class != ADMISSION_NONE)
        return admission_admit(c->admission, (admission_class)route->class, request->peer->institution_code, reply);
    log_error("%s %s is refused: its row in the table of routes has no admission class", route->method, route->path);
    reply_refuse(NULL, 503, "This call is not served now.", reply);
    return false;
}

typedef struct call {
    const http_route *route;
    void *service;
    const http_request *request;
    http_reply *reply;
} call;

/* The connections to the database are taken on the account of the institution whose call it is. */
static void run_call(void *context) {
    const call *c = context;
    sql_work_for(c->request->peer->institution_code);
    c->route->handler(c->service, c->request, c->reply);
    sql_work_for("");
}

void service_route_run(void *context, const http_route *route, const http_request *request, http_reply *reply) {
    const service_route_context *c = context;
    const admission_class class = (admission_class)route->class;
    const char *institution = request->peer->institution_code;
    call mine = {route, c->service, request, reply};
    if (class == ADMISSION_FREE) {
        run_call(&mine);
        return;
    }
    const size_t weight = admission_weight(request->body.length);
    if (!admission_enter(c->admission, class, institution, weight, reply))
        return;
    const int64_t begun_ms = clock_monotonic_ms();
    if (class == ADMISSION_BATCH)
        background_run(run_call, &mine);
    else
        run_call(&mine);
    if (class == ADMISSION_LIVE)
        admission_note_live(c->admission, clock_monotonic_ms() - begun_ms);
    admission_leave(c->admission, class, institution, weight);
}
