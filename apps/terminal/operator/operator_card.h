/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The operator card: its holder, and the proof that card and PIN are genuine. Authentication
 * (operator_card_authenticate) and reading of the operator's information (operator_card_read) are separate functions,
 * as the tender requires. Roles come from the certificate's subject (docs/interfaces/pki.md). */
#pragma once

#include "core/card_access.h"
#include "core/operator_certificate.h"

/* Reads the card in the operator reader and checks its certificate: chain, validity, revocation, institution, role. No
 * PIN. */
outcome operator_card_read(card_access *cards, command_context *ctx, operator_card *out, token **card);
#define OPERATOR_CERTIFICATE "User Authentication" /* key and certificate of the card, by label */
/* PIN and a signature over a fresh challenge, verified with the certificate, which must be the holder's that
 * operator_card_read has checked. */
outcome operator_card_authenticate(card_access *cards, report *r, token *card, const operator_card *holder, bytes pin);
