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

outcome presence_begin(presence **out, token_module *module, report *r, void (*supervise)(void *context),
                       void *context) {
    presence *p = calloc(1, sizeof *p);
    if (p == NULL)
        return report_failure(r, OUTCOME_INTERNAL, "internal", "%s", report_system_cause(ENOMEM));
    p->supervise = supervise;
    p->supervise_context = context;
    p->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (p->wake >= 0 && token_watch_new(module, wake, p, &p->watch) == RESULT_OK) {
        *out = p;
        return OUTCOME_OK;
    }
    if (p->wake >= 0)
        close(p->wake);
    free(p);
    return report_failure(r, OUTCOME_INTERNAL, "internal", _("The card cannot be watched."));
}

static void tell(void *context, bool present) {
    presence *p = context;
    p->told(p->told_context, present);
    wake(p);
}

outcome presence_watch_reader(presence *p, report *r, const char *reader, void (*told)(void *context, bool present),
                              void *context) {
    p->told = told;
    p->told_context = context;
    return reader_watch_start(reader, tell, p, &p->patient) == RESULT_OK
               ? OUTCOME_OK
               : report_failure(r, OUTCOME_INTERNAL, "internal", _("The card cannot be watched."));
}

void presence_leave_reader(presence *p) {
    reader_watch_end(&p->patient);
}

void presence_supervise(presence *p) {
    if (p != NULL)
        p->supervise(p->supervise_context);
}

bool presence_interrupted(const presence *p) {
    return p != NULL && (atomic_load(&p->operator_removed) || atomic_load(&p->se_removed));
}

bool presence_must_stop(presence *p) {
    if (p == NULL)
        return false;
    if (p->work_waits == NULL)
        return presence_interrupted(p);
    p->gave_way = p->gave_way || presence_interrupted(p) || p->work_waits(p->waits_context);
    return p->gave_way;
}

void presence_end(presence **p, token_module **module) {
    if (*p == NULL)
        return;
    presence_leave_reader(*p);
    token_watch_end(&(*p)->watch, module);
    pcsc_link_close(&(*p)->service);
    close((*p)->wake);
    free(*p);
    *p = NULL;
}
