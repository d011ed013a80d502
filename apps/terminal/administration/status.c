/* `status`: who is logged in, what is in the readers, how the SE stands, what waits. */
#include "administration/administration.h"
#include "administration/enroll.h"
#include "core/anchors.h"
#include "core/clock_beacon.h"
#include "core/record.h"
#include "operator/session.h"
#include "se/local_store.h"
#include "se/supervision.h"

#include "base/clock.h"

#include <stdio.h>

static void show_reader(terminal *t, token_module *module, const char *name, const char *label, const char *reader) {
    const result code = module != NULL ? token_card_present(module, reader) : RESULT_NOT_FOUND;
    const char *word = code == RESULT_OK ? "card" : code == RESULT_REMOVED ? "empty" : "missing";
    const char *text = code == RESULT_OK        ? _("a card is in the reader")
                       : code == RESULT_REMOVED ? _("empty")
                                                : _("the reader is not connected");
    report_value(&t->report, name, json_string(word));
    report_line(&t->report, "%s: %s", label, text);
}

static void show_session(terminal *t) {
    operator_card operator;
    /* A report of its own: nobody logged in is a fact here, not a failure. */
    report own = t->report;
    t->report = (report){.json = true, .fields = json_object()};
    outcome done = session_require(t, ROLE_RECEPTION | ROLE_DOCTOR | ROLE_ADMINISTRATOR, &operator);
    json_decref(t->report.fields);
    t->report = own;
    report_text(&t->report, "operatorId", _("Operator"), done == OUTCOME_OK ? operator.id : "");
    report_text(&t->report, "role", NULL, done == OUTCOME_OK ? role_word(operator.role) : "");
    if (done == OUTCOME_OK)
        report_line(&t->report, "%s: %s", _("Role"), role_name(operator.role));
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

static long long count_of(terminal *t, const char *kind, const char *state) {
    int64_t count = 0;
    terminal_store_count(t->store, kind, state, &count);
    return count;
}

static void show_clock(terminal *t) {
    statement_clock c;
    clock_beacon_state(t, &c);
    report_time(&t->report, "platformTimeHeard", _("The platform's time was last heard at"), c.beacon);
    if (c.beacon[0] == 0 || c.restarted)
        return;
    report_number(&t->report, "clockOffset", _("The clock is ahead of the platform's by (s)"), c.offset + c.jump);
    report_number(&t->report, "clockJump", _("of which it was set since (s)"), c.jump);
}

outcome status_command(terminal *t) {
    char contact[CLOCK_TEXT_SIZE] = "";
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
    int64_t at = record_last_contact(t);
    if (at != 0)
        clock_text(at, contact);
    report_time(&t->report, "lastPlatformContact", _("Last contact with the platform"), contact);
    report_number(&t->report, "receptionsPending", _("Receptions waiting for the platform"),
                  count_of(t, RECORD_RECEPTION, STATE_PENDING));
    report_number(&t->report, "receptionsChanged", _("Receptions whose coverage turned out changed"),
                  count_of(t, RECORD_RECEPTION, STATE_CHANGED));
    report_number(&t->report, "receptionsToCall", _("Receptions that need a call"),
                  count_of(t, RECORD_RECEPTION, STATE_NEEDS_CALL) + count_of(t, RECORD_RECEPTION, STATE_LOST));
    report_number(&t->report, "receptionsRefused", _("Receptions whose evidence the platform refused"),
                  count_of(t, RECORD_RECEPTION, STATE_REFUSED));
    report_number(&t->report, "visitsQueued", _("Visits waiting for the history service"),
                  count_of(t, RECORD_VISIT, STATE_QUEUED));
    enroll_show_registration(t);
    show_clock(t);
    char sending[CLOCK_TEXT_SIZE] = "";
    if (t->sending_at > clock_wall_s())
        clock_text(t->sending_at, sending);
    report_time(&t->report, "nextSending", _("What waits is sent not before"), sending);
    report_number(&t->report, "visitsRejected", _("Visits that the history service refuses (set aside)"),
                  count_of(t, RECORD_VISIT, STATE_REJECTED));
    anchors_warn(t);
    report_number(&t->report, "visitsRegistered", _("Visits registered"), count_of(t, RECORD_VISIT, STATE_REGISTERED));
    return OUTCOME_OK;
}
