/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Institution authentication (特定機関認証) through PKCS#11 calls only: docs/interfaces/pkcs11.md, steps 1, 2 and 4. The
 * caller does step 3, the signature, with the SE or the platform. */
#pragma once

#include "iso7816/institution_message.h"
#include "p11/token.h"

/* Step 1. chain: certificates one after the other, holder last. RESULT_REFUSED: the card does not accept the chain
 * (forged, or another root's). */
result institution_import_chain(token *t, bytes chain);
/* Step 2. */
result institution_challenge(token *t, uint8_t challenge[INSTITUTION_CHALLENGE_LENGTH]);
/* Step 4. RESULT_DENIED: the signature is not that institution's over that challenge. */
result institution_login(token *t, bytes signature);
