/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The holder and role in an operator card's certificate, and whether this terminal accepts it. */
#pragma once

#include "core/command_context.h"
#include "core/operator_role.h"

#include "crypt/certificate.h"
#include "fhir/eligibility.h"

typedef struct operator_card {
    char id[FHIR_WORD_SIZE]; /* serialNumber */
    char name[FHIR_NAME_SIZE];
    char department[FHIR_NAME_SIZE];
    char institution[FHIR_WORD_SIZE]; /* organizationIdentifier: 10 digits; "": an old card */
    role role;
    char fingerprint[CERTIFICATE_FINGERPRINT_SIZE];
} operator_card;

/* Only reads it. RESULT_NOT_FOUND: no role that is known, or no id or name. */
result operator_certificate_read(const certificate *c, operator_card *out);
/* Reads it and checks chain, validity, revocation, institution and role. */
outcome operator_certificate_check(command_context *ctx, const certificate *c, operator_card *out);
