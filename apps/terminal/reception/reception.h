/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One reception: who is there, online or offline, evidence, record, answer at the counter. It is a table of states
 * (reception.c); each state's action is a function below or in the file of its part:
 *
 *   reception_patient.c  the card, its certificate, what is known of the patient
 *   reception_holder.c   how the holder was identified
 *   online.c             the platform authenticates to the card with its own key, and answers
 *   offline.c            the institution key in the SE authenticates to the card, both sign the evidence
 *   card_authentication.c     the card's side of both
 *   reception_desk.c     notes typed at the desk, and whether the card was received a moment ago
 *   reception_answer.c   the answer shown at the counter */
#pragma once

#include "delivery/sealed_record.h"
#include "core/terminal.h"
#include "operator/operator_session.h"
#include "services/service_call.h"

#include "crypt/cms.h"

/* What a reception gathers on its way. */
typedef struct reception {
    card_access *cards;
    store_access *store;
    command_context *context;
    services *services;
    operator_session *session;
    operator_card actor;
    token *patient;           /* the institution token of the patient's card */
    certificate *certificate; /* the patient's user-authentication certificate */
    remote platform;          /* during an online reception */
    char subject[TERMINAL_WORD_SIZE];
    int64_t now;
    statement statement;
    reception_record record;
    eligibility_response answer; /* online: of the platform; offline: the last one known */
    bool answer_known;
    int64_t answered_at;
    statement_identified identified; /* how the holder was identified, not-asked unless --identified was given */
    int64_t expired; /* when the card's certificate expired, for a card that is accepted nevertheless; 0: it is valid */
    bool spared;     /* the platform is slow, and this reception does not wait for it */
    eligibility_coverage before; /* online: the coverage of the answer before this one; number "": none */
} reception;

/* How a state's action went. */
typedef struct reception_event {
    enum { EVENT_IS_DONE, EVENT_IS_SILENCE, EVENT_IS_FAILURE } kind;
    outcome failure; /* reported already */
} reception_event;

#define EVENT_DONE ((reception_event){EVENT_IS_DONE, OUTCOME_OK})
#define EVENT_SILENCE ((reception_event){EVENT_IS_SILENCE, OUTCOME_OK})

static inline reception_event reception_event_of(outcome done) {
    return done == OUTCOME_OK ? EVENT_DONE : (reception_event){EVENT_IS_FAILURE, done};
}

/* --- the patient (reception_patient.c) --- */

/* Opens the token of the card on the patient reader as r->patient. Otherwise the failure says which card is there. */
outcome reception_find_card(reception *r);
/* How the holder was identified: what --identified says; for a PIN, whether the card accepts it. */
outcome reception_identify(reception *r);
/* Certificate: chain, validity, revocation. */
outcome reception_read_card(reception *r);
/* The newest answer of the platform about this patient, from the local store. */
void reception_recall(reception *r);
/* Fills in the part of the statement that both ways share, with a new evidence id. */
result reception_begin_statement(reception *r);

/* --- the desk (reception_desk.c) --- */

/* Reads what was typed about the patient into r->record.note. */
outcome reception_read_note(reception *r);
/* Refuses a card that was received a moment ago (received-already), unless --again was given; takes the hospital's
 * number from the card's last reception when none was typed. */
outcome reception_recognise(reception *r);

/* --- online (online.c): EVENT_SILENCE when the platform cannot be reached or does not answer in time --- */

/* Opens the connection, r->platform, and asks whether the platform is there: it has REMOTE_SILENCE_MS. */
reception_event reception_ask_platform(reception *r);
/* Shows the card the chain of the platform's key and receives the card's challenge. */
reception_event reception_online_challenge(reception *r);
/* Has the platform sign the challenge, and opens the card with that. Takes session and nonce into the statement. */
reception_event reception_online_exchange(reception *r);
/* The patient's card signs the statement: r->record.evidence. */
reception_event reception_online_evidence(reception *r);
/* Sends the evidence and takes the platform's signed answer, which must be about this evidence and this patient. */
reception_event reception_online_submit(reception *r);

/* --- offline (offline.c) --- */

/* Refuses when the terminal has worked offline for too long or too often, or its clock was set back. */
reception_event reception_offline_limits(reception *r);
/* The card sends its challenge; the institution key in the SE signs it, which opens the card. */
reception_event reception_offline_exchange(reception *r);
/* Names the terminal's previous evidence in the statement. */
reception_event reception_offline_predecessor(reception *r);
reception_event reception_offline_evidence(reception *r);

/* --- parts for both (card_authentication.c) --- */

/* Steps 1 and 2 at the card. chain: the certificates of the key that will sign. Puts CHR and challenge into the
 * statement. */
outcome reception_challenge(reception *r, bytes chain);
/* Step 4: the signature opens the card. */
outcome reception_open_card(reception *r, bytes signature);
/* The patient's signer for evidence. */
cms_signer reception_patient_signer(reception *r);

/* --- the counter (reception_answer.c) --- */

/* Shows the answer at the counter: coverage, grade and what to do. Refused when there is no coverage in force. */
outcome reception_show(reception *r);

/* The command. */
outcome reception_command(terminal *t);
/* The checks before the patient types a PIN; also decides whether a PIN is asked for. */
outcome reception_before_pin(terminal *t);
bool reception_asks_for_pin(const options *o);
