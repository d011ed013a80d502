/* One reception: who is there, online or offline, evidence, record, answer at the counter. */
#pragma once

#include "record.h"
#include "session.h"
#include "service.h"

#include "crypt/cms.h"

/* What a reception gathers on its way. */
typedef struct reception {
    terminal *terminal;
    operator_card operator;
    token *patient;            /* the institution token of the patient's card */
    certificate *certificate;  /* the patient's user-authentication certificate */
    char subject[TERMINAL_WORD_SIZE];
    int64_t now;
    statement statement;
    reception_record record;
    eligibility_response answer; /* online: of the platform; offline: the last one known */
    bool answer_known;
    int64_t answered_at;
} reception;



/* --- the two ways (online.c, offline.c) --- */

/* RESULT_OK: the platform confirmed or denied; r->answer and r->record are filled, nothing is stored yet. RESULT_TIMEOUT or
 * RESULT_UNAVAILABLE: the platform fell silent; begin again offline. Else *done says what was reported. */
result reception_online(reception *r, http_client *client, outcome *done);
/* Fills statement, evidence and record. */
outcome reception_offline(reception *r);

/* --- parts for both (authentication.c) --- */

/* Steps 1 and 2 at the card. chain: of whoever is to sign; gives CHR and challenge in the statement. */
outcome reception_challenge(reception *r, bytes chain);
/* Step 4: the signature opens the card. */
outcome reception_open_card(reception *r, bytes signature);
/* The patient's signer for evidence. */
cms_signer reception_patient_signer(reception *r);
