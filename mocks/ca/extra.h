/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What tests of bad input need, in extra/: cards that must be refused, a forged CVC chain, a TLS server of another CA.
 *
 *   foreign/                        another CA with the same names
 *   cards/patient-foreign           by the foreign CA: same names and same serial number as patient-1's
 *   cards/patient-expired, patient-not-yet-valid, patient-revoked
 *   cards/operator-foreign          by the foreign CA; says it is the doctor
 *   cards/operator-expired
 *   institution-forged.key .cvc     the references of the genuine chain under the foreign root's signature
 *   tls-foreign.key .pem            for localhost, by the foreign TLS CA
 */
#pragma once

#include "ca_institution.h"

/* Makes extra/ again; institution: whose genuine chain the forged one imitates. */
result extra_make(office *o, const institution_order *institution);
