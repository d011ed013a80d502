/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/refusal.h"

#include "service/reply.h"

#include <stdarg.h>
#include <stdio.h>

bool refuse(refusal *out, int status, const char *code, const char *format, ...) {
    va_list arguments;
    out->status = status;
    out->code = code;
    va_start(arguments, format);
    vsnprintf(out->reason, sizeof out->reason, format, arguments);
    va_end(arguments);
    return false;
}

void refusal_reply(const refusal *r, http_reply *reply) {
    if (r->status == 503)
        reply_unavailable(reply, r->reason);
    else
        reply_outcome(reply, r->status, r->code, r->reason);
}
