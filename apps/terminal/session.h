/* The operator's session: begun by `login` with card and PIN, kept sealed in the local store, valid only while the same
 * card is in the operator reader. Roles come from the certificate's subject (docs/interfaces/pki.md). */
#pragma once

#include "terminal.h"

#include "fhir/eligibility.h"

typedef enum role {
    ROLE_NONE = 0,
    ROLE_RECEPTION = 1,
    ROLE_DOCTOR = 2,
    ROLE_ADMINISTRATOR = 4,
} role;

typedef struct operator_card {
    char id[FHIR_WORD_SIZE]; /* serialNumber */
    char name[FHIR_NAME_SIZE];
    char department[FHIR_NAME_SIZE];
    role role;
    char fingerprint[65]; /* SHA-256 of the certificate, capital hexadecimal */
} operator_card;

/* Authentication of the operator card (operator_card_authenticate) and reading of the operator's information
 * (operator_card_read) are separate functions, as the tender has them. */

/* Reads the card in the operator reader and checks its certificate: chain, validity, revocation, role. No PIN. */
outcome operator_card_read(terminal *t, operator_card *out, token **card);
/* PIN and a signature over a fresh challenge, verified with the certificate. */
outcome operator_card_authenticate(terminal *t, token *card, bytes pin);

outcome session_begin(terminal *t, const operator_card *operator);
outcome session_end(terminal *t);
/* The session in force: same card in the reader, not too old, one of these roles. */
outcome session_require(terminal *t, unsigned roles, operator_card *out);

const char *role_name(role r); /* for people */
const char *role_word(role r); /* as in the certificate */
