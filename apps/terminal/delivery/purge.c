/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "delivery/purge.h"

#include "core/audit.h"
#include "core/local_store_file.h"
#include "delivery/appointment.h"
#include "delivery/beacon.h"
#include "delivery/retention.h"
#include "operator/operator_session.h"

#include "base/clock.h"

#include <stdio.h>

#define DAY_S 86400

/* A clock that was set ahead must not remove recent records: the platform's signed time counts, or ours if it is
 * earlier. 0: the platform's time was never heard. */
static int64_t trusted_now(terminal *t) {
    statement_clock c;
    int64_t heard = 0;
    const int64_t now = clock_wall_s();
    clock_beacon_state(&t->store, &c);
    if (c.beacon[0] == 0 || clock_parse(c.beacon, &heard) != RESULT_OK)
        return 0;
    return heard < now ? heard : now;
}

/* A list of people to call is removed after its day. */
static result purge_appointments(terminal *t, int64_t now) {
    char today[CLOCK_DATE_SIZE], count[32];
    size_t lists = 0;
    clock_date_in_japan(now, today);
    const result code = appointments_purge(&t->store, today, &lists);
    snprintf(count, sizeof count, "%zu", lists);
    if (lists > 0)
        audit_note(&t->store, "appointments-purged", count);
    return code;
}

result purge_old_persons(terminal *t, long long *purged) {
    retention_run run = {.more = true};
    const int64_t now = trusted_now(t);
    result code = now != 0 ? purge_appointments(t, now) : RESULT_NOT_FOUND;
    char count[32];
    *purged = 0;
    while (code == RESULT_OK && run.more) {
        code = retention_purge(&t->store, now - t->context.configuration.person_keep_days * DAY_S, &run);
        *purged += run.receptions + run.visits;
    }
    snprintf(count, sizeof count, "%lld", *purged);
    if (*purged > 0)
        audit_note(&t->store, "persons-purged", count);
    return code;
}

outcome purge_command(terminal *t) {
    operator_card actor;
    long long purged;
    report *r = &t->context.report;
    const outcome done = session_require(t->session, ROLE_ADMINISTRATOR, &actor);
    if (done != OUTCOME_OK)
        return done;
    const result code = purge_old_persons(t, &purged);
    report_value(r, "purged", json_integer(purged));
    if (code == RESULT_NOT_FOUND)
        return report_failure(r, OUTCOME_REFUSED, "clock",
                              _("The platform's time was never heard, so the age of records is not known. Nothing was"
                                " removed; connect the terminal with the platform first."));
    if (code != RESULT_OK)
        return report_failure(r, OUTCOME_INTERNAL, "store", _("Not all persons could be removed (%s). Begin again."),
                              store_problem(code));
    report_line(r, _("Persons removed from %lld records older than %ld days."), purged,
                t->context.configuration.person_keep_days);
    return OUTCOME_OK;
}
