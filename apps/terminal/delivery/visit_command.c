/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `visit`: the doctor's visit record (受診記録): made, signed with the doctor's card, registered at the history service. */
#include "delivery/visit_command.h"

#include "card/card_signature.h"
#include "core/audit.h"
#include "core/local_store_file.h"
#include "core/quarantine.h"
#include "operator/operator_session.h"
#include "services/service_call.h"

#include "crypt/cms.h"
#include "delivery/ledger.h"
#include "delivery/outbox.h"
#include "fhir/visit.h"

#include <stdio.h>
#include <string.h>

#define VISITS_MAX 8 /* of one reception: one, and those that are damaged */

typedef struct visit {
    terminal *terminal;
    operator_card actor;
    reception_record reception;
    visit_record record;
    buffer body; /* the Bundle as it is sent, and sent again */
} visit;

/* --- which reception ---------------------------------------------------------------------------------------------- */

/* The visit record's id is stored under the evidence id: the same reception gives the same visit again. */
static outcome find_reception(visit *v) {
    terminal *t = v->terminal;
    terminal_record newest;
    size_t count = 0;
    const terminal_filter receptions = {.kind = RECORD_RECEPTION, .newest_first = true};
    const char *id = t->context.options.evidence_id;
    result code = id != NULL ? RESULT_OK : terminal_store_list(t->store.file, &receptions, &newest, 1, &count);
    if (code == RESULT_OK && id == NULL && count == 0)
        return report_failure(&t->context.report, OUTCOME_USAGE, "no-reception",
                              _("There is no reception on this terminal yet."));
    if (id == NULL)
        id = newest.id;
    if (code == RESULT_OK)
        code = record_get_reception(&t->store, id, &v->reception);
    if (code == RESULT_NOT_FOUND)
        return report_failure(&t->context.report, OUTCOME_USAGE, "no-such-reception",
                              _("There is no reception %s on this terminal."), id);
    if (code != RESULT_OK)
        return report_failure(
            &t->context.report, OUTCOME_INTERNAL, "store",
            _("A reception could not be read from the local store (%s). Nothing was changed; begin again."),
            store_problem(code));
    return OUTCOME_OK;
}

/* Reconciled by the version before, which kept no proof of the platform's answer for each reception: the platform gives
 * the same answer again, with one. */
static outcome ask_again(visit *v) {
    terminal *t = v->terminal;
    snprintf(v->reception.state, sizeof v->reception.state, "%s", STATE_PENDING);
    const result code = record_replace_reception(&t->store, &v->reception);
    if (code != RESULT_OK)
        return report_failure(&t->context.report, OUTCOME_INTERNAL, "store",
                              _("The visit record could not be stored (%s)."), store_problem(code));
    return report_failure(
        &t->context.report, OUTCOME_REFUSED, "no-proof",
        _("This reception was reconciled by an earlier version, without the proof that the history service needs. The"
          " platform is asked once more: run uketsuke reconcile, then this command again."));
}

static outcome check_reception(visit *v, eligibility_response *answer) {
    terminal *t = v->terminal;
    const char *state = v->reception.state;
    if (strcmp(state, STATE_PENDING) == 0)
        return report_failure(
            &t->context.report, OUTCOME_REFUSED, "not-reconciled",
            _("The eligibility of this reception is not confirmed yet. Run uketsuke reconcile first; the visit"
              " record never overtakes it."));
    if (strcmp(state, STATE_CONFIRMED) != 0 && strcmp(state, STATE_CHANGED) != 0)
        return report_failure(&t->context.report, OUTCOME_REFUSED, "not-eligible",
                              _("This reception has no confirmed coverage (%s), so no visit can be registered for it."),
                              state);
    if (v->reception.signature.length == 0)
        return ask_again(v);
    if (eligibility_response_read(buffer_bytes(&v->reception.answer), answer, NULL) == RESULT_OK &&
        answer->link_id[0] != 0)
        return OUTCOME_OK;
    return report_failure(&t->context.report, OUTCOME_REFUSED, "no-link-id",
                          _("The platform gave no link id for this patient."));
}

/* --- making it ---------------------------------------------------------------------------------------------------- */

static outcome sign(visit *v) {
    buffer text = BUFFER_INIT(FHIR_ENCOUNTER_MAX);
    const card_signature_order order = {.reader = v->terminal->context.configuration.reader_operator,
                                        .label = CARD_SIGNATURE_OPERATOR,
                                        .name = _("Doctor's card")};
    outcome done = visit_encounter_write(&v->record.encounter, &text) == RESULT_OK
                       ? card_signature_make(&v->terminal->cards, &v->terminal->context, &order, buffer_bytes(&text),
                                             &v->record.signature)
                       : OUTCOME_INTERNAL;
    buffer_wipe(&text);
    return done;
}

static result fill_encounter(visit *v, const eligibility_response *answer) {
    visit_encounter *e = &v->record.encounter;
    snprintf(e->link_id, sizeof e->link_id, "%s", answer->link_id);
    snprintf(e->evidence_id, sizeof e->evidence_id, "%s", v->reception.evidence_id);
    snprintf(e->institution_code, sizeof e->institution_code, "%.64s",
             v->terminal->context.configuration.institution_code);
    snprintf(e->operator_id, sizeof e->operator_id, "%s", v->actor.id);
    snprintf(e->operator_name, sizeof e->operator_name, "%s", v->actor.name);
    snprintf(e->department, sizeof e->department, "%s", v->actor.department[0] != 0 ? v->actor.department : "-");
    clock_text(v->reception.at, e->start);
    int64_t now = clock_wall_s();
    clock_text(now > v->reception.at ? now : v->reception.at, e->end);
    result code = uuid_v7(e->visit_id);
    if (code == RESULT_OK)
        code = buffer_append(&v->record.evidence, buffer_bytes(&v->reception.evidence));
    return code == RESULT_OK ? outbox_visit_proof(&v->reception, &v->record.proof) : code;
}

/* --- keeping and sending ------------------------------------------------------------------------------------------ */

/* A visit of this reception that is stored already, and can be read. */
static result recall(visit *v, terminal_record *row) {
    terminal *t = v->terminal;
    terminal_record rows[VISITS_MAX];
    size_t count = 0;
    const terminal_filter same = {.kind = RECORD_VISIT, .subject = v->reception.evidence_id};
    result code = terminal_store_list(t->store.file, &same, rows, VISITS_MAX, &count);
    for (size_t i = 0; i < count && code == RESULT_OK; i++) {
        if (strcmp(rows[i].state, STATE_DAMAGED) == 0)
            continue;
        *row = rows[i];
        code = outbox_load_visit(&t->store, row, &v->body);
        if (code == RESULT_OK)
            return RESULT_OK;
        code = quarantine_record(&t->store, row->id, code);
    }
    return code == RESULT_OK ? RESULT_NOT_FOUND : code;
}

static result keep(visit *v, terminal_record *row) {
    terminal *t = v->terminal;
    *row = (terminal_record){.at = clock_wall_s(), .kind = RECORD_VISIT, .state = STATE_QUEUED};
    snprintf(row->id, sizeof row->id, "%s", v->record.encounter.visit_id);
    snprintf(row->subject, sizeof row->subject, "%s", v->reception.evidence_id);
    return record_add(&t->store, row, buffer_bytes(&v->body), NULL, NULL);
}

/* --- what became of it -------------------------------------------------------------------------------------------- */

static void show_receipt(void *context, const outbox_item *item) {
    terminal *t = context;
    report_text(&t->context.report, "visitId", _("Visit"), item->receipt->visit_id);
    report_text(&t->context.report, "receiptId", _("Receipt"), item->receipt->receipt_id);
    report_time(&t->context.report, "registeredAt", _("Registered at"), item->receipt->registered_at);
    report_line(&t->context.report, _("The visit is registered."));
}

static void note_rejected(void *context, const outbox_item *item) {
    terminal *t = context;
    audit_note(&t->store, "visit-rejected", "history-refused");
    report_failure(
        &t->context.report, OUTCOME_SERVICE, "history-refused",
        _("The history service refuses the visit: %s. It is set aside; show this to the administrator. After the"
          " cause is mended, run the command again."),
        item->message);
}

static void note_damaged(void *context, const outbox_item *item) {
    audit_note_about(&((terminal *)context)->store, "record-damaged", item->kind, item->id);
}

static outbox_events events_of(terminal *t) {
    return (outbox_events){t, show_receipt, note_rejected, note_damaged, NULL};
}

/* Why the run went no further. */
static outcome report_end_of(terminal *t, const outbox_run *run) {
    switch (run->end) {
    case OUTBOX_DONE: return OUTCOME_OK;
    case OUTBOX_KEPT:
        return report_failure(&t->context.report, OUTCOME_SERVICE, "history-later",
                              _("The visit is kept for the history service, which has not answered yet. The terminal"
                                " asks again by itself."));
    case OUTBOX_UNUSABLE:
        return report_failure(&t->context.report, OUTCOME_SERVICE, "receipt",
                              _("The receipt cannot be used (%s). The visit stays queued; run the command again."),
                              run->message[0] != 0 ? run->message : report_cause(run->code));
    case OUTBOX_STORE:
        return report_failure(&t->context.report, OUTCOME_INTERNAL, "store",
                              _("The visit record could not be stored (%s)."), store_problem(run->code));
    default:
        return report_failure(
            &t->context.report, OUTCOME_SERVICE, run->status == 0 ? "history-unreachable" : "history-refused",
            _("The history service did not register the visit: %s. It is kept; run the command again."), run->message);
    }
}

static outcome send_visit(visit *v, const terminal_record *row) {
    terminal *t = v->terminal;
    const outbox_events events = events_of(t);
    outbox_visits sent;
    remote history;
    const outcome done = service_open(t->services, SERVICE_HISTORY, &history);
    if (done != OUTCOME_OK)
        return done;
    outbox_send_visit(&t->store, &history, &events, row, &v->body, &sent);
    service_close(t->services, SERVICE_HISTORY, &history);
    return sent.refused > 0 ? OUTCOME_SERVICE : report_end_of(t, &sent.run);
}

outcome visit_send_waiting(terminal *t, pacing_wait *told) {
    const outbox_events events = events_of(t);
    outbox_visits sent;
    remote history;
    if (ledger_count(&t->store, RECORD_VISIT, STATE_QUEUED) == 0)
        return OUTCOME_OK;
    const outcome done = service_open(t->services, SERVICE_HISTORY, &history);
    if (done != OUTCOME_OK)
        return done;
    outbox_send_visits(&t->store, &history, &events, &sent);
    service_close(t->services, SERVICE_HISTORY, &history);
    *told = sent.run.wait;
    return report_end_of(t, &sent.run);
}

static outcome not_stored(visit *v, result code) {
    return report_failure(&v->terminal->context.report, OUTCOME_INTERNAL, "store",
                          _("The visit record could not be stored (%s)."), store_problem(code));
}

/* A visit that the doctor signs, kept until the history service has it. */
static outcome make(visit *v, const eligibility_response *answer, terminal_record *row) {
    result code = fill_encounter(v, answer);
    if (code != RESULT_OK)
        return not_stored(v, code);
    const outcome done = sign(v);
    if (done != OUTCOME_OK)
        return done;
    code = visit_record_write(&v->record, &v->body);
    if (code == RESULT_OK)
        code = keep(v, row);
    return code == RESULT_OK ? OUTCOME_OK : not_stored(v, code);
}

static outcome run(visit *v) {
    static eligibility_response answer; /* large: kept off the stack */
    terminal *t = v->terminal;
    terminal_record row = {0};
    outcome done = session_require(t->session, ROLE_DOCTOR, &v->actor);
    if (done == OUTCOME_OK)
        done = find_reception(v);
    if (done == OUTCOME_OK)
        done = check_reception(v, &answer);
    if (done != OUTCOME_OK)
        return done;
    const result code = recall(v, &row);
    if (code == RESULT_OK && strcmp(row.state, STATE_REGISTERED) == 0)
        return report_failure(&t->context.report, OUTCOME_REFUSED, "already-registered",
                              _("The visit of this reception is registered already (%s)."), row.id);
    if (code == RESULT_NOT_FOUND)
        done = make(v, &answer, &row);
    else if (code != RESULT_OK)
        done = not_stored(v, code);
    return done == OUTCOME_OK ? send_visit(v, &row) : done;
}

outcome visit_before_pin(terminal *t) {
    operator_card actor;
    return session_require(t->session, ROLE_DOCTOR, &actor);
}

outcome visit_command(terminal *t) {
    visit v = {.terminal = t,
               .reception = RECEPTION_RECORD_INIT,
               .record = VISIT_RECORD_INIT,
               .body = BUFFER_INIT(OUTBOX_VISIT_MAX)};
    outcome done = run(&v);
    reception_record_wipe(&v.reception);
    visit_record_wipe(&v.record);
    buffer_wipe(&v.body);
    return done;
}
