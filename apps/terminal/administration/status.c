/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `status`: who is logged in, what is in the readers, how the SE stands, what waits. */
#include "administration/administration.h"
#include "administration/enroll.h"
#include "core/trust_anchors.h"
#include "delivery/beacon.h"
#include "delivery/ledger.h"
#include "delivery/sealed_record.h"
#include "operator/operator_session.h"
#include "se/local_store.h"
#include "se/se_supervision.h"

#include "base/clock.h"

#include <stdio.h>

static void show_reader(terminal *t, token_module *module, const char *name, const char *label, const char *reader) {
    const result code = module != NULL ? token_card_present(module, reader) : RESULT_NOT_FOUND;
    const char *word = code == RESULT_OK ? "card" : code == RESULT_REMOVED ? "empty" : "missing";
    const bool seen = code != RESULT_NOT_FOUND || module == NULL || terminal_sees_readers(reader);
    const char *text = code == RESULT_OK        ? _("a card is in the reader")
                       : code == RESULT_REMOVED ? _("empty")
                       : seen                   ? _("the reader is not connected")
                                                : _("not to be seen (the service for card readers)");
    report_value(&t->report, name, json_string(word));
    report_line(&t->report, "%s: %s", label, text);
}

static void show_session(terminal *t) {
    operator_card actor;
    /* A report of its own: nobody logged in is a fact here, not a failure. */
    report own = t->report;
    t->report = (report){.json = true, .fields = json_object()};
    outcome done = session_require(t, ROLE_RECEPTION | ROLE_DOCTOR | ROLE_ADMINISTRATOR, &actor);
    json_decref(t->report.fields);
    t->report = own;
    report_text(&t->report, "operatorId", _("Operator"), done == OUTCOME_OK ? actor.id : "");
    report_text(&t->report, "role", NULL, done == OUTCOME_OK ? role_word(actor.role) : "");
    if (done == OUTCOME_OK)
        report_line(&t->report, "%s: %s", _("Role"), role_name(actor.role));
    else
        report_line(&t->report, _("Nobody is logged in."));
}

static void show_se(terminal *t) {
    se_state now;
    report_text(&t->report, "seSerial", _("SE"), token_serial(t->se));
    if (se_state_read(t->se, &now) != RESULT_OK)
        return;
    report_number(&t->report, "seCounter", _("Signatures made by the SE"), now.signatures);
    report_number(&t->report, "seChannelCounter", NULL, now.sequence);
    se_supervision_show(t);
}

static void show_clock(terminal *t) {
    statement_clock c;
    clock_beacon_state(&t->store, &c);
    report_time(&t->report, "platformTimeHeard", _("The platform's time was last heard at"), c.beacon);
    if (c.beacon[0] == 0 || c.restarted)
        return;
    report_number(&t->report, "clockOffset", _("The clock is ahead of the platform's by (s)"), c.offset + c.jump);
    report_number(&t->report, "clockJump", _("The clock was set since then by (s)"), c.jump);
}

static void show_sending(terminal *t) {
    char sending[CLOCK_TEXT_SIZE] = "";
    if (t->sending_at > clock_wall_s())
        clock_text(t->sending_at, sending);
    report_time(&t->report, "nextSending", _("What waits is sent not before"), sending);
}

static void show_contact(terminal *t) {
    char contact[CLOCK_TEXT_SIZE] = "";
    const int64_t at = record_last_contact(&t->store);
    if (at != 0)
        clock_text(at, contact);
    report_time(&t->report, "lastPlatformContact", _("Last contact with the platform"), contact);
}

static void show_counts(terminal *t) {
    static const struct {
        const char *name, *label, *kind, *states[2];
    } rows[] = {
        {"receptionsPending", N_("Receptions waiting for the platform"), RECORD_RECEPTION, {STATE_PENDING}},
        {"receptionsChanged", N_("Receptions whose coverage turned out changed"), RECORD_RECEPTION, {STATE_CHANGED}},
        {"receptionsToCall", N_("Receptions that need a call"), RECORD_RECEPTION, {STATE_NEEDS_CALL, STATE_LOST}},
        {"receptionsRefused", N_("Receptions whose evidence the platform refused"), RECORD_RECEPTION, {STATE_REFUSED}},
        {"receptionsDamaged", N_("Receptions that cannot be read any more"), RECORD_RECEPTION, {STATE_DAMAGED}},
        {"visitsQueued", N_("Visits waiting for the history service"), RECORD_VISIT, {STATE_QUEUED}},
        {"visitsRejected", N_("Visits that the history service refuses (set aside)"), RECORD_VISIT, {STATE_REJECTED}},
        {"visitsDamaged", N_("Visits that cannot be read any more"), RECORD_VISIT, {STATE_DAMAGED}},
        {"visitsRegistered", N_("Visits registered"), RECORD_VISIT, {STATE_REGISTERED}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const int64_t first = ledger_count(&t->store, rows[i].kind, rows[i].states[0]),
                      second = rows[i].states[1] != NULL ? ledger_count(&t->store, rows[i].kind, rows[i].states[1]) : 0;
        report_number(&t->report, rows[i].name, _(rows[i].label), first + second);
    }
}

outcome status_command(terminal *t) {
    outcome done = terminal_open_module(t);
    if (done != OUTCOME_OK)
        return done;
    show_reader(t, t->module, "readerPatient", _("Patient reader"), t->configuration.reader_patient);
    show_reader(t, t->module, "readerOperator", _("Operator reader"), t->configuration.reader_operator);
    done = terminal_open_se_module(t);
    show_reader(t, t->se_module, "readerSe", _("SE reader"), t->configuration.reader_se);
    if (done == OUTCOME_OK)
        done = local_store_open(t);
    if (done != OUTCOME_OK)
        return done;
    show_se(t);
    show_session(t);
    show_contact(t);
    show_clock(t);
    enroll_show_registration(t);
    show_sending(t);
    show_counts(t);
    anchors_warn(t);
    return OUTCOME_OK;
}
