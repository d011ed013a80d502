/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `status`: the logged-in operator, the readers, the SE's status, queued records. */
#include "administration/administration.h"
#include "administration/enroll.h"
#include "core/trust_anchors.h"
#include "delivery/beacon.h"
#include "delivery/ledger.h"
#include "delivery/sealed_record.h"
#include "operator/operator_session.h"
#include "se/local_store.h"
#include "se/se_supervision.h"
#include "services/service_call.h"

#include "base/clock.h"

#include <stdio.h>

static void show_reader(report *r, token_module *module, const char *name, const char *label, const char *reader) {
    const result code = module != NULL ? token_card_present(module, reader) : RESULT_NOT_FOUND;
    const char *word = code == RESULT_OK ? "card" : code == RESULT_REMOVED ? "empty" : "missing";
    const bool seen = code != RESULT_NOT_FOUND || module == NULL || cards_sees_readers(reader);
    const char *text = code == RESULT_OK        ? _("a card is in the reader")
                       : code == RESULT_REMOVED ? _("empty")
                       : seen                   ? _("the reader is not connected")
                                                : _("not to be seen (the service for card readers)");
    report_value(r, name, json_string(word));
    report_line(r, "%s: %s", label, text);
}

static void show_session(terminal *t) {
    operator_card actor;
    /* A separate report: no login is a fact here, not a failure. */
    const report own = report_begin_silent(&t->context.report);
    outcome done = session_require(t->session, ROLE_RECEPTION | ROLE_DOCTOR | ROLE_ADMINISTRATOR, &actor);
    report_end_silent(&t->context.report, own);
    report_text(&t->context.report, "operatorId", _("Operator"), done == OUTCOME_OK ? actor.id : "");
    report_text(&t->context.report, "role", NULL, done == OUTCOME_OK ? role_word(actor.role) : "");
    if (done == OUTCOME_OK)
        report_line(&t->context.report, "%s: %s", _("Role"), role_name(actor.role));
    else
        report_line(&t->context.report, _("Nobody is logged in."));
}

static void show_se(card_access *cards, report *r) {
    se_state now;
    report_text(r, "seSerial", _("SE"), token_serial(cards->se));
    if (se_state_read(cards->se, &now) != RESULT_OK)
        return;
    report_number(r, "seCounter", _("Signatures made by the SE"), now.signatures);
    report_number(r, "seChannelCounter", NULL, now.sequence);
    se_supervision_show(cards, r);
}

static void show_platform(terminal *t) {
    const bool slow = t->services != NULL && service_platform_is_slow(t->services);
    report_value(&t->context.report, "platformSlow", json_boolean(slow));
    if (slow)
        report_line(&t->context.report, "%s",
                    _("The platform is slow now, so patients do not wait for it. One reception in ten asks it again."));
}

static void show_clock(store_access *store, report *r) {
    statement_clock c;
    clock_beacon_state(store, &c);
    report_time(r, "platformTimeHeard", _("The platform's time was last heard at"), c.beacon);
    if (c.beacon[0] == 0 || c.restarted)
        return;
    report_number(r, "clockOffset", _("The clock is ahead of the platform's by (s)"), c.offset + c.jump);
    report_number(r, "clockJump", _("The clock was set since then by (s)"), c.jump);
}

static void show_sending(terminal *t) {
    char sending[CLOCK_TEXT_SIZE] = "";
    if (t->sending_at > clock_wall_s())
        clock_text(t->sending_at, sending);
    report_time(&t->context.report, "nextSending", _("Queued records are sent not before"), sending);
}

static void show_contact(store_access *store, report *r) {
    char contact[CLOCK_TEXT_SIZE] = "";
    const int64_t at = record_last_contact(store);
    if (at != 0)
        clock_text(at, contact);
    report_time(r, "lastPlatformContact", _("Last contact with the platform"), contact);
}

static void show_counts(store_access *store, report *r) {
    static const struct {
        const char *name, *label, *kind, *states[2];
    } rows[] = {
        {"receptionsPending", N_("Receptions waiting for the platform"), RECORD_RECEPTION, {STATE_PENDING}},
        {"receptionsChanged", N_("Receptions whose coverage turned out changed"), RECORD_RECEPTION, {STATE_CHANGED}},
        {"receptionsToCall",
         N_("Receptions with no coverage or several"),
         RECORD_RECEPTION,
         {STATE_NEEDS_CALL, STATE_LOST}},
        {"receptionsRefused", N_("Receptions whose evidence the platform refused"), RECORD_RECEPTION, {STATE_REFUSED}},
        {"receptionsDamaged", N_("Receptions that cannot be read any more"), RECORD_RECEPTION, {STATE_DAMAGED}},
        {"visitsAwaiting", N_("Visits waiting for the eligibility"), RECORD_VISIT, {STATE_AWAITING}},
        {"visitsHeld", N_("Visits not sent, because there is no eligibility"), RECORD_VISIT, {STATE_HELD}},
        {"visitsQueued", N_("Visits waiting for the history service"), RECORD_VISIT, {STATE_QUEUED}},
        {"visitsRejected", N_("Visits that the history service refuses (set aside)"), RECORD_VISIT, {STATE_REJECTED}},
        {"visitsDamaged", N_("Visits that cannot be read any more"), RECORD_VISIT, {STATE_DAMAGED}},
        {"visitsRegistered", N_("Visits registered"), RECORD_VISIT, {STATE_REGISTERED}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const int64_t first = ledger_count(store, rows[i].kind, rows[i].states[0]),
                      second = rows[i].states[1] != NULL ? ledger_count(store, rows[i].kind, rows[i].states[1]) : 0;
        report_number(r, rows[i].name, _(rows[i].label), first + second);
    }
}

outcome status_command(terminal *t) {
    outcome done = cards_open(&t->cards, &t->context);
    if (done != OUTCOME_OK)
        return done;
    show_reader(&t->context.report, t->cards.module, "readerPatient", _("Patient reader"),
                t->context.configuration.reader_patient);
    show_reader(&t->context.report, t->cards.module, "readerOperator", _("Operator reader"),
                t->context.configuration.reader_operator);
    done = cards_open_se_module(&t->cards, &t->context);
    show_reader(&t->context.report, t->cards.se_module, "readerSe", _("SE reader"), t->context.configuration.reader_se);
    if (done == OUTCOME_OK)
        done = local_store_open(&t->cards, &t->store, &t->context);
    if (done != OUTCOME_OK)
        return done;
    show_se(&t->cards, &t->context.report);
    show_session(t);
    show_contact(&t->store, &t->context.report);
    show_clock(&t->store, &t->context.report);
    show_platform(t);
    enroll_show_registration(&t->store, &t->context.report);
    show_sending(t);
    show_counts(&t->store, &t->context.report);
    anchors_warn(t->cards.se, &t->context);
    return OUTCOME_OK;
}
