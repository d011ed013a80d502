/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "desk/desk_background.h"

#include "core/audit.h"
#include "core/presence.h"
#include "delivery/purge.h"
#include "delivery/reconcile.h"
#include "delivery/visit_command.h"
#include "neighbours/neighbours.h"
#include "se/local_store.h"
#include "se/se_supervision.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdlib.h>
#include <sys/random.h>

#define CLOCK_JUMP_MS 5000      /* between two turns; NTP's gradual corrections stay below */
#define BACK_LOOK_MS 2000       /* between two checks whether an SE that was away is back */
#define AUDIT_LOOK_MS 20000     /* between two checks of audit rows without a checkpoint */
#define NEIGHBOURS_LOOK_MS 1000 /* between two checks for requests of other programs */
#define PURGE_LOOK_MS 3600000   /* between two checks for persons whose retention is over */

/* Background sending. Each service has its own schedule: Retry-After or the silence of one service does not delay the
 * other. Queued visits have their eligibility; they do not wait for other receptions. */
static const struct errand {
    outcome (*run)(terminal *t, pacing_wait *told);
    const char *name; /* in the log */
} errands[TERMINAL_SERVICES] = {
    [SERVICE_PLATFORM] = {reconcile_waiting, "reconcile"},
    [SERVICE_HISTORY] = {visit_send_waiting, "visits"},
};

void desk_background_sign(terminal *t, void (*sign)(token *se, store_access *store)) {
    sign(t->cards.se, &t->store);
    se_supervision_note_counter(&t->cards, &t->store);
}

outcome desk_background_quietly(terminal *t, outcome (*run)(terminal *t, pacing_wait *told), const char *what,
                                pacing_wait *told) {
    const report own = t->context.report;
    char *words = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&words, &length);
    if (stream == NULL)
        return OUTCOME_INTERNAL;
    t->store.operator_id[0] = 0;
    report_begin(&t->context.report, false, stream, stream);
    outcome done = run(t, told);
    se_supervision_note_counter(&t->cards, &t->store);
    if (done != OUTCOME_OK && done != OUTCOME_SERVICE)
        log_warning("%s: %s: %s", what, report_reason(&t->context.report), report_message(&t->context.report));
    report_end(&t->context.report, done);
    t->context.report = own;
    fclose(stream);
    free(words);
    return done;
}

static uint16_t chance(void) {
    uint16_t random = 0;
    return getrandom(&random, sizeof random, 0) == sizeof random ? random : 0;
}

/* The earliest of the times that services gave. */
static int64_t first_told(const desk_background *b) {
    int64_t first = 0;
    for (size_t i = 0; i < TERMINAL_SERVICES; i++)
        if (b->next[i].told_s != 0 && (first == 0 || b->next[i].told_s < first))
            first = b->next[i].told_s;
    return first;
}

/* Provisional receptions become final by themselves (P-1): the daemon tries repeatedly while records are queued. A slow
 * service delays neither clients nor the handling of cards. */
static void try_service(terminal *t, desk_background *b, service which, bool (*urgent)(void *context), void *context) {
    struct desk_try *next = &b->next[which];
    if (!t->store.unlocked || !pacing_is_due(&next->pacing, clock_monotonic_ms()))
        return;
    pacing_wait told = {0};
    t->cards.presence->work_waits = urgent;
    t->cards.presence->waits_context = context;
    t->cards.presence->gave_way = false;
    const outcome done = desk_background_quietly(t, errands[which].run, errands[which].name, &told);
    t->cards.presence->work_waits = NULL;
    if (t->cards.presence->gave_way) {
        pacing_again(&next->pacing, clock_monotonic_ms());
        return;
    }
    const int64_t pause = pacing_after(&next->pacing, told, done == OUTCOME_OK, clock_monotonic_ms(), chance());
    next->told_s = next->pacing.told ? clock_wall_s() + pause / 1000 : 0;
    if (next->told_s != 0)
        log_notice("%s: retrying queued records in %lld seconds", errands[which].name, (long long)(pause / 1000));
    t->sending_at = first_told(b);
}

/* Sends earlier queued records over the connection that this reception has opened. */
static void send_after_patient(terminal *t, desk_background *b) {
    if (reconcile_platform_was_heard(t))
        pacing_is_back(&b->next[SERVICE_PLATFORM].pacing, clock_monotonic_ms(), chance());
}

/* Notes when a person or NTP has set the clock by more than a correction. Evidence states it by itself
 * (lib/delivery/beacon.h). */
static void watch_clock(terminal *t, desk_background *b) {
    const int64_t gap = clock_wall_ms() - clock_boot_ms(), jump = gap - b->clock_gap_ms;
    b->clock_gap_ms = gap;
    if (llabs(jump) < CLOCK_JUMP_MS)
        return;
    log_warning("the clock was set by %lld seconds", (long long)(jump / 1000));
    t->store.operator_id[0] = 0;
    if (t->store.unlocked)
        audit_note(&t->store, "clock-jumped", jump > 0 ? "ahead" : "back");
}

/* Persons whose retention is over. A failure is tried again in an hour. */
static void watch_retention(terminal *t, desk_background *b) {
    long long purged = 0;
    if (!t->store.unlocked || clock_monotonic_ms() < b->purge_due_ms)
        return;
    b->purge_due_ms = clock_monotonic_ms() + PURGE_LOOK_MS;
    t->store.operator_id[0] = 0;
    const result code = purge_old_persons(t, &purged);
    if (purged > 0)
        log_notice("persons removed from %lld records: their retention is over", purged);
    if (code != RESULT_OK && code != RESULT_NOT_FOUND)
        log_warning("persons whose retention is over could not be removed: %s", result_text(code));
}

/* Signs the audit log also when no command runs for long. */
static void watch_audit(terminal *t, desk_background *b) {
    if (clock_monotonic_ms() < b->audit_due_ms)
        return;
    b->audit_due_ms = clock_monotonic_ms() + AUDIT_LOOK_MS;
    desk_background_sign(t, audit_checkpoint_if_due);
}

/* Reopens an SE in another process by itself when it is back: then queued records are sent. */
static void watch_away_se(terminal *t, desk_background *b) {
    if (t->cards.se != NULL || t->cards.se_away_ms == 0 || clock_monotonic_ms() < b->back_due_ms)
        return;
    const report own = report_begin_silent(&t->context.report);
    local_store_open(&t->cards, &t->store, &t->context);
    report_end_silent(&t->context.report, own);
    b->back_due_ms = clock_monotonic_ms() + BACK_LOOK_MS;
}

/* Answers the requests of other programs in the shared folder. */
static void watch_neighbours(terminal *t, desk_background *b) {
    if (clock_monotonic_ms() < b->neighbours_due_ms)
        return;
    b->neighbours_due_ms = clock_monotonic_ms() + NEIGHBOURS_LOOK_MS;
    neighbours_look(t);
}

void desk_background_begin(desk_background *b) {
    *b = (desk_background){.clock_gap_ms = clock_wall_ms() - clock_boot_ms()};
}

void desk_background_turn(terminal *t, desk_background *b, bool (*urgent)(void *context), void *context) {
    watch_clock(t, b);
    watch_audit(t, b);
    watch_retention(t, b);
    watch_away_se(t, b);
    watch_neighbours(t, b);
    send_after_patient(t, b);
    try_service(t, b, SERVICE_PLATFORM, urgent, context);
    try_service(t, b, SERVICE_HISTORY, urgent, context);
}
