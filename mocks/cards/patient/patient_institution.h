/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The card's side of the institution authentication (docs/interfaces/institution-authentication.md): from the trust
 * anchor over two card-verifiable certificates to a signature over a challenge. A state machine over data and status
 * words, independent of APDUs. */
#pragma once

#include "base/buffer.h"
#include "iso7816/institution_message.h"
#include "iso7816/status_word.h"

#include <stdbool.h>

/* How far down the held certificate is. Only an intermediate's key signs certificates, only a holder's authenticates:
 * the certificate itself has no rights field, so its depth says what it may do. */
typedef enum institution_level { LEVEL_NONE, LEVEL_INTERMEDIATE, LEVEL_HOLDER } institution_level;

typedef struct institution {
    bool has_anchor; /* patients' cards only; all below is volatile */
    cvc anchor;
    uint8_t card_id[INSTITUTION_CARD_ID_LENGTH];
    institution_level level;
    cvc held;          /* the last certificate that verified */
    bool body_pending; /* observed profile: part one has come */
    cvc body;
    bool issuer_chosen; /* ISO profile: MSE:SET DST */
    uint8_t issuer[CVC_REFERENCE_LENGTH];
    bool challenge_outstanding;
    uint8_t challenge[INSTITUTION_CHALLENGE_LENGTH];
    bool authenticated;
} institution;

/* SELECT of an application, reset: everything volatile goes. */
void institution_clear(institution *i);

/* Observed profile: 80A206C1 (7F21{5F4E}, 307 bytes) and 80A200C1 (5F37, 261 bytes). */
status_word institution_import_body(institution *i, bytes data);
status_word institution_import_signature(institution *i, bytes data);

/* ISO profile: MSE:SET DST (83 <CAR>), PSO VERIFY CERTIFICATE (5F4E 5F37, 563 bytes), MSE:SET AT (83 <CHR>). */
status_word institution_choose_issuer(institution *i, bytes data);
status_word institution_verify_certificate(institution *i, bytes data);
status_word institution_choose_holder(const institution *i, bytes data);

/* GET CHALLENGE gave these bytes. Only 16 of them are a challenge; any other length ends an outstanding one. */
void institution_challenge_given(institution *i, bytes random);
/* EXTERNAL AUTHENTICATE. Right or wrong, the challenge is spent; wrong also ends an earlier authentication. */
status_word institution_authenticate(institution *i, bytes signature);
