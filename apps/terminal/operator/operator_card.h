/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The operator card: who it says its holder is, and the proof that it is genuine and in its holder's hand.
 * Authentication (operator_card_authenticate) and reading of the operator's information (operator_card_read) are
 * separate functions, as the tender has them. Roles come from the certificate's subject (docs/interfaces/pki.md). */
#pragma once

#include "core/card_access.h"

#include "crypt/certificate.h"
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

/* Reads the card in the operator reader and checks its certificate: chain, validity, revocation, institution, role. No
 * PIN. */
outcome operator_card_read(card_access *cards, command_context *ctx, operator_card *out, token **card);
/* The same of a certificate alone. */
outcome operator_card_check(command_context *ctx, const certificate *c, operator_card *out);
#define OPERATOR_CERTIFICATE "User Authentication" /* key and certificate of the card, by label */
/* PIN and a signature over a fresh challenge, verified with the certificate. */
outcome operator_card_authenticate(card_access *cards, report *r, token *card, bytes pin);

/* The role in the language of the user, for people. */
const char *role_name(role r);
/* The failure "role": whom the command is for, and what to do. allowed: roles, or-ed. */
outcome role_refuse(report *r, role own, unsigned allowed);
const char *role_word(role r); /* as in the certificate */
