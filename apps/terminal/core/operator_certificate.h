/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the certificate of an operator card says of its holder, and whether it counts at this terminal. */
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

/* Only what it says. RESULT_NOT_FOUND: no role that is known, or no id or name. */
result operator_certificate_read(const certificate *c, operator_card *out);
/* The same, and whether it counts: chain, validity, revocation, institution, role. */
outcome operator_certificate_check(command_context *ctx, const certificate *c, operator_card *out);
