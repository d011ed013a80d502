/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/presence.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void wake(void *context) {
    const presence *p = context;
    const uint64_t one = 1;
    if (write(p->wake, &one, sizeof one) != sizeof one)
        return; /* the counter is full: the loop is awake already */
}

outcome presence_begin(terminal *t, void (*supervise)(terminal *t)) {
    presence *p = calloc(1, sizeof *p);
    if (p == NULL)
        return report_failure(&t->report, OUTCOME_INTERNAL, "internal", "%s", report_system_cause(ENOMEM));
    p->supervise = supervise;
    p->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (p->wake >= 0 && token_watch_new(t->module, wake, p, &p->watch) == RESULT_OK) {
        t->presence = p;
        return OUTCOME_OK;
    }
    if (p->wake >= 0)
        close(p->wake);
    free(p);
    return report_failure(&t->report, OUTCOME_INTERNAL, "internal", _("The card cannot be watched."));
}

void presence_supervise(terminal *t) {
    if (t->presence != NULL)
        t->presence->supervise(t);
}

bool presence_interrupted(const terminal *t) {
    const presence *p = t->presence;
    return p != NULL && (atomic_load(&p->operator_gone) || atomic_load(&p->se_gone));
}

bool presence_must_stop(const terminal *t) {
    presence *p = t->presence;
    if (p == NULL)
        return false;
    if (p->somebody_waits == NULL)
        return presence_interrupted(t);
    p->gave_way = p->gave_way || presence_interrupted(t) || p->somebody_waits(p->waits_context);
    return p->gave_way;
}

void presence_end(terminal *t) {
    if (t->presence == NULL)
        return;
    token_watch_end(&t->presence->watch, &t->module);
    pcsc_link_close(&t->presence->service);
    close(t->presence->wake);
    free(t->presence);
    t->presence = NULL;
}
