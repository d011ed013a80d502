/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Making the cards: key pairs, certificates and image of a patient's or an operator's card. */
#pragma once

#include "answers_to_reset.h"
#include "authority.h"
#include "ca_people.h"

/* The PINs of every emulated card; to be changed at the card, as with real ones. */
#define CARDS_AUTH_PIN "1234"
#define CARDS_SIGN_PIN "ABC123"
#define CARDS_FACE_PIN "1234" /* of the other applications that have one */

#define PHOTO_NONE "none"

typedef struct patient_order {
    const person *who;
    const char *photo; /* a file (JPEG 2000), or PHOTO_NONE; NULL: a drawing, or none for those under one year of age */
    bool old;          /* as cards were before the issuer security domain had its second certificate */
    bool no_pin;       /* 顔認証マイナンバーカード: no PIN can be used, and there is no signature certificate */
    const char *atr, *atr_contactless; /* hexadecimal; NULL: the usual ones */
    const char *application_name;      /* of the token information; NULL: a My Number card's */
    const char *switches;              /* lines (docs/interfaces/card-image.md); NULL: none */
    validity valid;                    /* from 0: today, to the fifth birthday */
    unsigned generation;               /* of the CAs: 1 or 2 (authority_create_generations); 0, 3: the current one */
    uint32_t serial;                   /* of the user-authentication certificate; 0: the next */
    bool not_in_register;              /* persons.json does not learn of it */
    const char *trust;                 /* the folder whose cvc-root.cvc the card trusts; NULL: this office's */
} patient_order;

typedef struct operator_order {
    const char *id, *role, *department, *name;
    const char *institution;      /* its name */
    const char *institution_code; /* 10 digits; NULL: an old card, which does not name its institution */
    validity valid;               /* from 0: three years from today */
} operator_order;

/* folder: of the card image; must not exist. serial, when not NULL, receives that of the authentication certificate. */
result cards_make_patient(office *o, const patient_order *order, const char *folder, uint32_t *serial);
result cards_make_operator(office *o, const operator_order *order, const char *folder);
