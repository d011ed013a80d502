/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "reception/reception.h"

#include "core/events.h"
#include "core/local_store_file.h"
#include "core/presence.h"
#include "se/secure_element.h"
#include "services/beacon_fetch.h"

#include "base/clock.h"
#include "evidence/evidence.h"

#include <stdio.h>
#include <string.h>

/* --- steps that are neither of the patient, nor online, nor offline ----------------------------------------------- */

static reception_event require_session(reception *r) {
    return reception_event_of(session_require(r->session, ROLE_RECEPTION | ROLE_ADMINISTRATOR, &r->actor));
}

static reception_event read_note(reception *r) {
    return reception_event_of(reception_read_note(r));
}

static reception_event find_card(reception *r) {
    return reception_event_of(reception_find_card(r));
}

static reception_event read_card(reception *r) {
    return reception_event_of(reception_read_card(r));
}

static reception_event identify(reception *r) {
    return reception_event_of(reception_identify(r));
}

static reception_event begin(reception *r) {
    if (record_subject(r->store, certificate_issuer(r->certificate), certificate_serial(r->certificate), r->subject) !=
            RESULT_OK ||
        reception_begin_statement(r) != RESULT_OK)
        return reception_event_of(
            report_failure(&r->context->report, OUTCOME_INTERNAL, "internal", _("The reception could not begin.")));
    const outcome done = reception_recognise(r);
    if (done == OUTCOME_OK)
        reception_recall(r);
    return reception_event_of(done);
}

/* Discards an online attempt: a new statement, no state at the card, no evidence. */
static reception_event begin_again(reception *r) {
    service_close(r->services, SERVICE_PLATFORM, &r->platform);
    reception_record_wipe(&r->record);
    token_logout(r->patient);
    return reception_begin_statement(r) == RESULT_OK ? EVENT_DONE : reception_event_of(OUTCOME_INTERNAL);
}

static outcome keep_record(reception *r) {
    char head[STATEMENT_HASH_SIZE], contact[CLOCK_TEXT_SIZE];
    const bool offline = r->record.mode == STATEMENT_OFFLINE;
    memcpy(r->record.evidence_id, r->statement.evidence_id, sizeof r->record.evidence_id);
    r->record.at = r->now;
    clock_text(r->now, contact);
    result code = evidence_hash(buffer_bytes(&r->record.evidence), head);
    if (code == RESULT_OK)
        code = record_add_reception(r->store, &r->record, r->subject, offline ? SETTING_CHAIN_HEAD : SETTING_CONTACT,
                                    offline ? head : contact);
    if (code == RESULT_OK)
        return OUTCOME_OK;
    return report_failure(&r->context->report, OUTCOME_INTERNAL, "store",
                          code == RESULT_UNAVAILABLE
                              ? _("The disk is full: the reception was not recorded. Free space and begin again.")
                              : _("The reception could not be recorded (%s). Begin again."),
                          store_problem(code));
}

static reception_event keep(reception *r) {
    return reception_event_of(keep_record(r));
}

static reception_event show(reception *r) {
    return reception_event_of(reception_show(r));
}

/* --- the table of states ------------------------------------------------------------------------------------------ */

typedef enum reception_state {
    AT_SESSION,
    AT_NOTE,
    AT_CARD,
    AT_CERTIFICATE,
    AT_HOLDER,
    AT_BEGIN,
    AT_PLATFORM,
    AT_ONLINE_CHALLENGE,
    AT_ONLINE_EXCHANGE,
    AT_ONLINE_EVIDENCE,
    AT_ONLINE_SUBMIT,
    AT_BEGIN_AGAIN,
    AT_OFFLINE_LIMITS,
    AT_OFFLINE_EXCHANGE,
    AT_OFFLINE_PREDECESSOR,
    AT_OFFLINE_EVIDENCE,
    AT_KEEP,
    AT_SHOW,
    AT_END,
} reception_state;

/* The action of each state, and the next state. A failure ends the reception in every state, and nothing is recorded
 * before AT_KEEP, which records everything in one step. In a guarded state operator card and SE must still be present;
 * once evidence was sent to the platform its answer is kept in any case. */
static const struct {
    reception_event (*act)(reception *r);
    reception_state done, silent; /* silent: the platform does not answer, or not in time */
    bool guarded;
    int step; /* of RECEPTION_STEPS, for events: card, platform, signatures, record */
} table[] = {
    [AT_SESSION] = {require_session, AT_NOTE, AT_END, false, 0},
    [AT_NOTE] = {read_note, AT_CARD, AT_END, false, 0},
    [AT_CARD] = {find_card, AT_CERTIFICATE, AT_END, true, 1},
    [AT_CERTIFICATE] = {read_card, AT_HOLDER, AT_END, true, 1},
    [AT_HOLDER] = {identify, AT_BEGIN, AT_END, true, 1},
    [AT_BEGIN] = {begin, AT_PLATFORM, AT_END, true, 1},
    [AT_PLATFORM] = {reception_ask_platform, AT_ONLINE_CHALLENGE, AT_BEGIN_AGAIN, true, 2},
    [AT_ONLINE_CHALLENGE] = {reception_online_challenge, AT_ONLINE_EXCHANGE, AT_END, true, 2},
    [AT_ONLINE_EXCHANGE] = {reception_online_exchange, AT_ONLINE_EVIDENCE, AT_BEGIN_AGAIN, true, 3},
    [AT_ONLINE_EVIDENCE] = {reception_online_evidence, AT_ONLINE_SUBMIT, AT_END, true, 3},
    [AT_ONLINE_SUBMIT] = {reception_online_submit, AT_KEEP, AT_BEGIN_AGAIN, true, 3},
    [AT_BEGIN_AGAIN] = {begin_again, AT_OFFLINE_LIMITS, AT_END, true, 2},
    [AT_OFFLINE_LIMITS] = {reception_offline_limits, AT_OFFLINE_EXCHANGE, AT_END, true, 2},
    [AT_OFFLINE_EXCHANGE] = {reception_offline_exchange, AT_OFFLINE_PREDECESSOR, AT_END, true, 3},
    [AT_OFFLINE_PREDECESSOR] = {reception_offline_predecessor, AT_OFFLINE_EVIDENCE, AT_END, true, 3},
    [AT_OFFLINE_EVIDENCE] = {reception_offline_evidence, AT_KEEP, AT_END, true, 3},
    [AT_KEEP] = {keep, AT_SHOW, AT_END, false, 4},
    [AT_SHOW] = {show, AT_END, AT_END, false, 4},
};

static outcome interrupted(reception *r) {
    return report_failure(
        &r->context->report, OUTCOME_CARD, "interrupted",
        _("The operator card or the Secure Element was removed during the reception. Nothing was recorded; log in "
          "and begin again."));
}

#define RECEPTION_STEPS 4

static void tell_step(const reception *r, int step, int *told) {
    if (step != 0 && step != *told)
        events_tell(r->context->events, "step", NULL, json_pack("{s:i,s:i}", "step", step, "of", RECEPTION_STEPS));
    *told = step;
}

static outcome run(reception *r) {
    reception_state state = AT_SESSION;
    int told = 0;
    while (state != AT_END) {
        tell_step(r, table[state].step, &told);
        secure_element_steady(r->cards, r->store, &r->context->configuration);
        if (table[state].guarded && presence_interrupted(r->cards->presence))
            return interrupted(r);
        const reception_event event = table[state].act(r);
        if (event.kind == EVENT_IS_FAILURE)
            return event.failure;
        if (event.kind == EVENT_IS_SILENCE)
            events_tell(r->context->events, "platform-silent", NULL, NULL);
        state = event.kind == EVENT_IS_DONE ? table[state].done : table[state].silent;
    }
    return OUTCOME_OK;
}

/* Publishes the result: the grade, or why there is none. */
static void tell_end(const reception *r, outcome done) {
    const char *reason = done == OUTCOME_OK ? r->record.grade : report_reason(&r->context->report);
    const bool stored = json_object_get(r->context->report.fields, "evidenceId") != NULL;
    events_tell(r->context->events, "done", *reason != 0 ? reason : NULL,
                json_pack("{s:b,s:s*}", "ok", (int)(done == OUTCOME_OK), "evidenceId",
                          stored ? r->statement.evidence_id : NULL));
}

static reception *new_reception(terminal *t) {
    static reception r; /* large: kept off the stack */
    r = (reception){.cards = &t->cards,
                    .store = &t->store,
                    .context = &t->context,
                    .services = t->services,
                    .session = t->session,
                    .now = clock_wall_s(),
                    .record = RECEPTION_RECORD_INIT};
    return &r;
}

static void end(reception *r) {
    service_close(r->services, SERVICE_PLATFORM, &r->platform);
    token_close(&r->patient);
    certificate_free(&r->certificate);
    reception_record_wipe(&r->record);
}

/* The patient types no PIN where the reception would fail: no card, a card that is not accepted, a card that was
 * received a moment ago. */
outcome reception_before_pin(terminal *t) {
    reception *r = new_reception(t);
    outcome done = session_require(t->session, ROLE_RECEPTION | ROLE_ADMINISTRATOR, &r->actor);
    if (done == OUTCOME_OK)
        done = reception_read_note(r);
    if (done == OUTCOME_OK)
        done = reception_find_card(r);
    if (done == OUTCOME_OK)
        done = reception_read_card(r);
    if (done == OUTCOME_OK && record_subject(r->store, certificate_issuer(r->certificate),
                                             certificate_serial(r->certificate), r->subject) == RESULT_OK)
        done = reception_recognise(r);
    end(r);
    return done;
}

outcome reception_command(terminal *t) {
    reception *r = new_reception(t);
    const outcome done = run(r);
    tell_end(r, done);
    if (done == OUTCOME_OK && r->record.mode == STATEMENT_ONLINE)
        time_beacon_refresh(&t->store, &r->platform);
    end(r);
    return done;
}
