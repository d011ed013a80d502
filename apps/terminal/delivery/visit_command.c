/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `visit`: the doctor's visit record (受診記録): for a patient whom the doctor chose from the list and confirmed by name;
 * signed with the doctor's card; registered at the history service, when the reception's eligibility is confirmed. */
#include "delivery/visit_command.h"

#include "card/card_signature.h"
#include "core/audit.h"
#include "core/local_store_file.h"
#include "core/pin_entry.h"
#include "core/quarantine.h"
#include "delivery/delivery_slot.h"
#include "operator/operator_session.h"
#include "services/service_call.h"
#include "today/day_list.h"

#include "crypt/cms.h"
#include "delivery/japanese_text.h"
#include "delivery/ledger.h"
#include "delivery/outbox.h"
#include "fhir/visit.h"

#include <stdio.h>
#include <string.h>

#define VISITS_MAX 8 /* of one reception: one, and those that are damaged */

#define PATIENT_TYPED_MAX 256

typedef struct visit {
    terminal *terminal;
    operator_card actor;
    list_row row;               /* the reception as lists show it */
    reception_record reception; /* empty: without a card */
    visit_record record;
    buffer body; /* the Bundle as it is sent, and sent again */
} visit;

/* --- which patient ------------------------------------------------------------------------------------------------ */

/* Shows the list of the doctor's department to choose from: the newest reception is never taken unseen. */
static outcome let_choose(visit *v) {
    terminal *t = v->terminal;
    json_t *list = json_array();
    const result code = day_list_show_today(t, v->actor.department, list);
    const bool none = json_array_size(list) == 0;
    report_value(&t->context.report, "receptions", list);
    if (code != RESULT_OK)
        return day_list_failed(&t->context.report, code);
    if (none)
        return report_failure(&t->context.report, OUTCOME_USAGE, "no-reception",
                              _("No patient of this department was received today."));
    return report_failure(&t->context.report, OUTCOME_USAGE, "choose-patient",
                          _("Choose the patient: --evidence and the number from the list."));
}

static outcome find_reception(visit *v) {
    terminal *t = v->terminal;
    const char *named = t->context.options.evidence_id;
    if (named == NULL)
        return let_choose(v);
    const outcome done = day_list_find(t, named, &v->row);
    if (done != OUTCOME_OK || v->row.without_card)
        return done;
    const result code = record_get_reception(&t->store, v->row.id, &v->reception);
    if (code == RESULT_OK)
        return OUTCOME_OK;
    return day_list_failed(&t->context.report, code);
}

/* Whether the typed text confirms the patient: the whole name, the whole kana, or the hospital number; the reception
 * number if nothing else is known. */
static bool is_patient(const list_row *row, const char *typed) {
    char wanted[FHIR_NAME_SIZE], known[FHIR_NAME_SIZE], number[RECEPTION_NUMBER_SIZE];
    const desk_person *p = &row->person;
    const char *const names[] = {p->name, p->kana, row->note.hospital_number};
    bool anything = false;
    if (japanese_fold_name(typed, wanted, sizeof wanted) != RESULT_OK)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (*names[i] == 0 || japanese_fold_name(names[i], known, sizeof known) != RESULT_OK)
            continue;
        anything = true;
        if (strcmp(wanted, known) == 0)
            return true;
    }
    reception_number(row->id, number);
    return !anything && strcmp(wanted, number) == 0;
}

/* Checks the confirmation before the PIN. typed NULL: not asked yet. */
static outcome confirm(visit *v, const char *typed) {
    terminal *t = v->terminal;
    if (typed == NULL)
        return report_failure(&t->context.report, OUTCOME_USAGE, "confirm-patient",
                              _("Confirm the patient before signing: --patient and the name, the kana or the hospital "
                                "number."));
    if (is_patient(&v->row, typed))
        return OUTCOME_OK;
    return report_failure(&t->context.report, OUTCOME_REFUSED, "other-patient",
                          _("That is not the patient of this reception. Nothing was signed. Choose again from the "
                            "list."));
}

/* Whether this process has the keyboard and asks by itself. */
static bool asks_itself(const options *o) {
    return o->sign_pin.length == 0 && o->sign_pin_fd < 0 && !o->json;
}

static outcome confirm_patient(visit *v) {
    terminal *t = v->terminal;
    char typed[PATIENT_TYPED_MAX];
    const options *o = &t->context.options;
    if (o->patient != NULL || !asks_itself(o))
        return confirm(v, o->patient);
    list_row_tell(&t->context.report, &v->row);
    fflush(t->context.report.out);
    if (line_read(_(PROMPT_PATIENT), typed, sizeof typed) != RESULT_OK)
        *typed = 0;
    return confirm(v, typed);
}

/* The stored answer has the form of an earlier version, which cannot be proven without naming the patient: asks the
 * platform for the same answer in today's form. */
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

/* The link id of a pending reception is not known yet: the record is signed without it now, and sent when it is
 * known. */
static bool is_pending(const visit *v) {
    return strcmp(v->row.state, STATE_PENDING) == 0;
}

static bool may_be_sent(const visit *v) {
    return strcmp(v->row.state, STATE_CONFIRMED) == 0 || strcmp(v->row.state, STATE_CHANGED) == 0;
}

static bool has_proof(const reception_record *reception) {
    buffer proof = BUFFER_INIT(ANSWER_PROOF_MAX);
    const bool has = outbox_visit_proof(reception, &proof) == RESULT_OK;
    buffer_wipe(&proof);
    return has;
}

static outcome check_reception(visit *v, eligibility_response *answer) {
    terminal *t = v->terminal;
    if (v->row.without_card || is_pending(v))
        return OUTCOME_OK;
    if (!may_be_sent(v))
        return report_failure(&t->context.report, OUTCOME_REFUSED, "not-eligible",
                              _("This reception has no confirmed coverage (%s), so no visit can be registered for it."),
                              list_row_state_words(&v->row));
    if (!has_proof(&v->reception))
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
    snprintf(e->link_id, sizeof e->link_id, "%s", may_be_sent(v) ? answer->link_id : "");
    memcpy(e->evidence_id, v->row.id, sizeof e->evidence_id);
    snprintf(e->institution_code, sizeof e->institution_code, "%.64s",
             v->terminal->context.configuration.institution_code);
    memcpy(e->operator_id, v->actor.id, sizeof e->operator_id);
    memcpy(e->operator_name, v->actor.name, sizeof e->operator_name);
    snprintf(e->department, sizeof e->department, "%.511s", v->actor.department[0] != 0 ? v->actor.department : "-");
    clock_text(v->row.at, e->start);
    int64_t now = clock_wall_s();
    clock_text(now > v->row.at ? now : v->row.at, e->end);
    result code = uuid_v7(e->visit_id);
    if (code == RESULT_OK)
        code = buffer_append(&v->record.evidence, buffer_bytes(&v->reception.evidence));
    return code == RESULT_OK && may_be_sent(v) ? outbox_visit_proof(&v->reception, &v->record.proof) : code;
}

/* --- keeping and sending ------------------------------------------------------------------------------------------ */

/* A visit of this reception that is stored already, and can be read. */
static result recall(visit *v, terminal_record *row) {
    terminal *t = v->terminal;
    terminal_record rows[VISITS_MAX];
    size_t count = 0;
    const terminal_filter same = {.kind = RECORD_VISIT, .subject = v->row.id};
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

static const char *state_of(const visit *v) {
    return v->row.without_card ? STATE_FILED : is_pending(v) ? STATE_AWAITING : STATE_QUEUED;
}

static result keep(visit *v, terminal_record *row) {
    terminal *t = v->terminal;
    *row = (terminal_record){.at = clock_wall_s(), .kind = RECORD_VISIT};
    memcpy(row->id, v->record.encounter.visit_id, sizeof row->id);
    snprintf(row->subject, sizeof row->subject, "%.36s", v->row.id);
    snprintf(row->state, sizeof row->state, "%s", state_of(v));
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

static outcome store_failed(terminal *t, result code) {
    return report_failure(&t->context.report, OUTCOME_INTERNAL, "store",
                          _("The visit record could not be stored (%s)."), store_problem(code));
}

/* Fetches a relay's answers first. */
static void exchange(terminal *t, const remote *history, const remote_state *state, outbox_visits *sent) {
    const outbox_events events = events_of(t);
    outbox_visits fetched = {0};
    if (state->results)
        outbox_fetch_visits(&t->store, history, &events, &fetched);
    outbox_send_visits(&t->store, history, &events, state->visit_batch, sent);
    if (fetched.run.end == OUTBOX_UNUSABLE || fetched.run.end == OUTBOX_STORE)
        sent->run = fetched.run;
}

/* More than one batch is queued: send in the institution's slot. A relay does so itself. */
static outcome wait_for_slot(terminal *t, const remote_state *state, pacing_wait *told) {
    if (!state->keeps && ledger_count(&t->store, RECORD_VISIT, STATE_QUEUED) > SLOT_FREE_MAX)
        *told = pacing_slot(state->not_before, state->not_after, state->now);
    if (told->s == 0)
        return OUTCOME_OK;
    return report_failure(&t->context.report, OUTCOME_SERVICE, "visit-slot",
                          _("The history service's slot for this institution is in %lld seconds."), (long long)told->s);
}

static outcome send_waiting(terminal *t, const remote *history, pacing_wait *told) {
    char message[HTTP_CLIENT_MESSAGE_MAX];
    outbox_visits sent;
    remote_state state;
    remote_ask_state(history, &state, message, sizeof message); /* a service that is away fails again below */
    const outcome done = wait_for_slot(t, &state, told);
    if (done != OUTCOME_OK)
        return done;
    exchange(t, history, &state, &sent);
    *told = sent.run.wait;
    return report_end_of(t, &sent.run);
}

outcome visit_send_waiting(terminal *t, pacing_wait *told) {
    remote history;
    const result code = outbox_release_visits(&t->store);
    if (code != RESULT_OK)
        return store_failed(t, code);
    if (ledger_count(&t->store, RECORD_VISIT, STATE_QUEUED) == 0)
        return OUTCOME_OK;
    outcome done = service_open(t->services, SERVICE_HISTORY, &history);
    if (done != OUTCOME_OK)
        return done;
    done = send_waiting(t, &history, told);
    service_close(t->services, SERVICE_HISTORY, &history);
    return done;
}

/* --- the command -------------------------------------------------------------------------------------------------- */

/* The visit was signed before: shows its state. OUTCOME_OK: it must be sent now. */
static outcome recalled(visit *v, const terminal_record *row) {
    report *r = &v->terminal->context.report;
    if (strcmp(row->state, STATE_REGISTERED) == 0)
        return report_failure(r, OUTCOME_REFUSED, "already-registered",
                              _("The visit of this reception is registered already (%s)."), row->id);
    if (strcmp(row->state, STATE_AWAITING) == 0)
        return report_failure(r, OUTCOME_REFUSED, "already-signed",
                              _("The visit of this reception is signed already. It is sent by itself after the "
                                "platform has confirmed the eligibility."));
    if (strcmp(row->state, STATE_FILED) == 0)
        return report_failure(r, OUTCOME_REFUSED, "already-signed",
                              _("The visit of this reception is signed already, and kept here."));
    return OUTCOME_OK;
}

/* Makes and stores a signed visit, which stays queued until the history service has it. */
static outcome make(visit *v, const eligibility_response *answer, terminal_record *row) {
    result code = fill_encounter(v, answer);
    if (code != RESULT_OK)
        return store_failed(v->terminal, code);
    const outcome done = sign(v);
    if (done != OUTCOME_OK)
        return done;
    code = visit_record_write(&v->record, &v->body);
    if (code == RESULT_OK)
        code = keep(v, row);
    return code == RESULT_OK ? OUTCOME_OK : store_failed(v->terminal, code);
}

/* Ends the command for a visit that cannot be sent now. */
static outcome finish(visit *v, const terminal_record *row) {
    report *r = &v->terminal->context.report;
    if (may_be_sent(v))
        return send_visit(v, row);
    report_text(r, "visitId", _("Visit"), row->id);
    report_text(r, "visitState", NULL, row->state);
    report_line(r, "%s",
                v->row.without_card
                    ? _("The visit is signed and kept here: the history service takes visits with evidence only.")
                    : _("The visit is signed. It is sent by itself after the platform has confirmed the eligibility."));
    return OUTCOME_OK;
}

static outcome choose(visit *v, eligibility_response *answer) {
    outcome done = session_require(v->terminal->session, ROLE_DOCTOR, &v->actor);
    if (done == OUTCOME_OK)
        done = find_reception(v);
    return done == OUTCOME_OK ? check_reception(v, answer) : done;
}

/* Whether the visit was signed before: a visit is signed only once. */
static outcome look_for_signed(visit *v, terminal_record *row, bool *signed_before) {
    const result released = outbox_release_visits(&v->terminal->store);
    const result code = released == RESULT_OK ? recall(v, row) : released;
    *signed_before = code == RESULT_OK;
    if (code == RESULT_NOT_FOUND)
        return OUTCOME_OK;
    return code == RESULT_OK ? recalled(v, row) : store_failed(v->terminal, code);
}

static outcome run(visit *v) {
    static eligibility_response answer; /* large: kept off the stack */
    terminal_record row = {0};
    bool signed_before = false;
    outcome done = choose(v, &answer);
    if (done == OUTCOME_OK)
        done = look_for_signed(v, &row, &signed_before);
    if (done == OUTCOME_OK && !signed_before)
        done = confirm_patient(v);
    if (done == OUTCOME_OK && !signed_before)
        done = make(v, &answer, &row);
    return done == OUTCOME_OK ? finish(v, &row) : done;
}

static void wipe(visit *v) {
    reception_record_wipe(&v->reception);
    visit_record_wipe(&v->record);
    buffer_wipe(&v->body);
}

static visit *begin(terminal *t) {
    static visit v; /* large: kept off the stack */
    v = (visit){.terminal = t,
                .reception = RECEPTION_RECORD_INIT,
                .record = VISIT_RECORD_INIT,
                .body = BUFFER_INIT(OUTBOX_VISIT_MAX)};
    return &v;
}

/* Shows the chosen patient, unless nothing is left to sign; if --patient was given, checks it. */
outcome visit_before_pin(terminal *t) {
    static eligibility_response answer; /* large: kept off the stack */
    terminal_record row = {0};
    bool signed_before;
    visit *v = begin(t);
    outcome done = choose(v, &answer);
    if (done == OUTCOME_OK)
        done = look_for_signed(v, &row, &signed_before);
    if (done == OUTCOME_OK && t->context.options.patient == NULL)
        list_row_tell(&t->context.report, &v->row);
    else if (done == OUTCOME_OK)
        done = confirm(v, t->context.options.patient);
    wipe(v);
    return done;
}

outcome visit_command(terminal *t) {
    visit *v = begin(t);
    const outcome done = run(v);
    wipe(v);
    return done;
}
