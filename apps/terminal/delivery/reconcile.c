/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `reconcile`: sends the evidence of offline receptions to the platform and stores the answers (オンライン照合). */
#include "delivery/reconcile.h"

#include "core/audit.h"
#include "core/local_store_file.h"
#include "delivery/delivery_slot.h"
#include "delivery/receptions.h"
#include "operator/operator_session.h"
#include "se/local_store.h"
#include "services/beacon_fetch.h"
#include "services/service_call.h"

#include "base/log.h"
#include "delivery/ledger.h"
#include "delivery/outbox.h"

/* Shows the result of each reception. */
typedef struct showing {
    terminal *terminal;
    json_t *list;
} showing;

static void show(void *context, const outbox_item *item) {
    const showing *s = context;
    receptions_show(&s->terminal->context.report, item->reception, item->now, s->list);
}

static void note_damaged(void *context, const outbox_item *item) {
    const showing *s = context;
    audit_note_about(&s->terminal->store, "record-damaged", item->kind, item->id);
}

/* Reports why the run stopped. */
static outcome report_end_of(terminal *t, const outbox_run *run) {
    switch (run->end) {
    case OUTBOX_DONE: return OUTCOME_OK;
    case OUTBOX_KEPT:
        return report_failure(&t->context.report, OUTCOME_SERVICE, "platform-later",
                              _("What was sent is kept for the platform, which has not answered yet. It stays pending;"
                                " the terminal asks again by itself."));
    case OUTBOX_BUSY:
        return report_failure(
            &t->context.report, OUTCOME_SERVICE, "platform-busy",
            _("The platform has no capacity now. Try again in %lld seconds; queued receptions are kept."),
            (long long)run->wait.s);
    case OUTBOX_NOT_TAKEN:
        return report_failure(&t->context.report, OUTCOME_SERVICE, "platform",
                              _("The platform did not take the batch: %s"), run->message);
    case OUTBOX_UNUSABLE:
        return report_failure(&t->context.report, run->code == RESULT_INVALID ? OUTCOME_SERVICE : OUTCOME_INTERNAL,
                              "reconcile",
                              _("The platform's answer could not be taken in (%s). What was not taken stays pending."),
                              store_problem(run->code));
    default:
        return report_failure(&t->context.report, OUTCOME_INTERNAL, "store",
                              _("A waiting reception could not be read."));
    }
}

/* Fetches a relay's answers first: those receptions need not be sent again. A person's command sends every queued
 * reception. */
static void exchange(terminal *t, const remote *platform, const remote_state *state, bool by_person,
                     outbox_receptions *n, json_t *list) {
    showing s = {t, list};
    const outbox_events events = {&s, show, show, note_damaged, NULL};
    outbox_receptions fetched = {0};
    if (state->results)
        outbox_fetch_receptions(&t->store, platform, &events, &fetched);
    if (by_person)
        outbox_send_receptions(&t->store, platform, &events, !state->keeps, n);
    else
        outbox_send_new_receptions(&t->store, platform, &events, !state->keeps, n);
    outbox_add_receptions(n, &fetched);
    if (fetched.run.end == OUTBOX_UNUSABLE || fetched.run.end == OUTBOX_STORE)
        n->run = fetched.run;
}

static outcome report_run(terminal *t, const outbox_receptions *n) {
    outcome done = report_end_of(t, &n->run);
    if (done == OUTCOME_OK && n->unregistered)
        done = report_failure(
            &t->context.report, OUTCOME_REFUSED, "not-registered",
            _("The platform does not know this terminal with this SE. Queued receptions are kept. Register it: "
              "uketsuke enroll register"));
    if (done == OUTCOME_OK && n->unusable > 0)
        done = report_failure(&t->context.report, OUTCOME_SERVICE, "reconcile",
                              _("%lld of the platform's answers cannot be used. Their receptions stay pending; tell the"
                                " administrator."),
                              n->unusable);
    return done;
}

static void report_counts(report *r, const outbox_receptions *n, json_t *list) {
    report_value(r, "receptions", list);
    report_number(r, "confirmed", NULL, n->confirmed);
    report_number(r, "changed", NULL, n->changed);
    report_number(r, "lost", NULL, n->lost);
    report_number(r, "needsCall", NULL, n->needs_call);
    report_number(r, "refused", NULL, n->refused);
    report_number(r, "damaged", NULL, n->damaged);
}

/* More than one batch is queued, and no patient waits for it: send in the institution's slot. */
static outcome wait_for_slot(terminal *t, const remote *platform, const remote_state *state, pacing_wait *told) {
    if (ledger_count(&t->store, RECORD_RECEPTION, STATE_PENDING) <= SLOT_FREE_MAX)
        return OUTCOME_OK;
    *told = state->now != 0 && state->not_before != 0 ? pacing_slot(state->not_before, state->not_after, state->now)
                                                      : slot_ask(t, platform);
    if (told->s == 0)
        return OUTCOME_OK;
    return report_failure(&t->context.report, OUTCOME_SERVICE, "reconcile-slot",
                          _("The platform's slot for this institution is in %lld seconds."), (long long)told->s);
}

/* A relay accepts queued receptions also while the platform is away. */
static outcome reach(terminal *t, remote *platform, remote_state *state) {
    char message[HTTP_CLIENT_MESSAGE_MAX];
    const outcome done = service_open(t->services, SERVICE_PLATFORM, platform);
    if (done != OUTCOME_OK)
        return done;
    const result code = remote_ask_state(platform, state, message, sizeof message);
    service_note_state(t->services, state);
    if (code != RESULT_OK && state->keeps)
        return OUTCOME_OK;
    if (code != RESULT_OK)
        return report_failure(&t->context.report, OUTCOME_SERVICE, "platform-unreachable",
                              _("The platform cannot be reached: %s"), message);
    return OUTCOME_OK;
}

/* The platform's time usually comes with the answers. Asks for it separately when nothing, or only full batches, were
 * sent, and with a platform of an earlier version. */
static void hear_time(terminal *t, const remote *platform, const outbox_receptions *n) {
    if (n->clock_off)
        audit_note(&t->store, "clock-off", "");
    else if (n->run.end == OUTBOX_DONE)
        time_beacon_refresh(&t->store, platform);
}

static void report_sent(terminal *t, outcome done, const outbox_receptions *n, json_t *list) {
    report_counts(&t->context.report, n, list);
    if (done == OUTCOME_OK)
        report_line(&t->context.report,
                    _("Reconciled: %lld confirmed, %lld changed, %lld without coverage, %lld to call, %lld refused"),
                    n->confirmed, n->changed, n->lost, n->needs_call, n->refused);
    if (n->damaged > 0)
        report_line(
            &t->context.report,
            _("%lld receptions cannot be read any more and were set aside. They are in the list of receptions."),
            n->damaged);
}

/* told: set when the daemon sends by itself: it keeps to the institution's slot and gets the time to retry; NULL: a
 * person's command. */
static outcome reconcile(terminal *t, pacing_wait *told) {
    remote platform;
    remote_state state;
    outbox_receptions n = {0};
    json_t *list = json_array();
    outcome done = reach(t, &platform, &state);
    if (done == OUTCOME_OK && told != NULL && !state.keeps)
        done = wait_for_slot(t, &platform, &state, told);
    if (done == OUTCOME_OK) {
        exchange(t, &platform, &state, told == NULL, &n, list);
        hear_time(t, &platform, &n);
        done = report_run(t, &n);
        if (told != NULL)
            *told = n.run.wait;
    }
    service_close(t->services, SERVICE_PLATFORM, &platform);
    report_sent(t, done, &n, list);
    return done;
}

outcome reconcile_command(terminal *t) {
    operator_card actor;
    outcome done = session_require(t->session, ROLE_RECEPTION | ROLE_ADMINISTRATOR, &actor);
    return done == OUTCOME_OK ? reconcile(t, NULL) : done;
}

/* Fetches the answers to a relay's own questions. The relay has them already, so the platform is not called. If the
 * relay is away, the next turn tries again. */
static outcome fetch_results(terminal *t) {
    remote platform;
    outbox_receptions n = {0};
    json_t *list = json_array();
    showing s = {t, list};
    const outbox_events events = {&s, show, show, note_damaged, NULL};
    const outcome done = service_open(t->services, SERVICE_PLATFORM, &platform);
    if (done == OUTCOME_OK)
        outbox_fetch_receptions(&t->store, &platform, &events, &n);
    service_close(t->services, SERVICE_PLATFORM, &platform);
    if (n.to_call > 0)
        log_notice("%lld patients have another coverage than before: they are on the list of appointments", n.to_call);
    report_value(&t->context.report, "receptions", list);
    return OUTCOME_OK;
}

outcome reconcile_waiting(terminal *t, pacing_wait *told) {
    const outcome done = local_store_check(&t->cards, &t->store, &t->context.report);
    if (done != OUTCOME_OK)
        return done;
    if (ledger_count(&t->store, RECORD_RECEPTION, STATE_PENDING) > 0)
        return reconcile(t, told);
    return service_results_are_due(t->services) ? fetch_results(t) : OUTCOME_OK;
}

bool reconcile_platform_was_heard(const terminal *t) {
    return service_platform_was_heard(t->services);
}
