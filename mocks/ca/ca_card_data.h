/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a patient's card knows of its holder beside certificates: the numbers printed on its face and the keys to them,
 * invented for a synthetic person. */
#pragma once

#include "office.h"
#include "ca_people.h"

typedef struct card_data {
    const person *who;
    char number[13]; /* 12 digits in the form of a 個人番号, the check digit always wrong, so that no person has it */
    char birth[9];   /* YYYYMMDD */
    char expiry[9];  /* of the card: the tenth birthday after its issue, the fifth for those under 18 */
    char security_code[5]; /* 4 digits */
    char birth_in_era[7];  /* YYMMDD with the year of the Japanese era */
    char face_number[15];  /* 照合番号B: birth in era, year of expiry, security code */
} card_data;

/* Random numbers; dates from the person and the office's clock. */
result card_data_make(const office *o, const person *who, card_data *data);

/* YYYY-MM-DD to YYMMDD in the Japanese era of that day (Meiji to Reiwa). */
void card_data_birth_in_era(const char *birth, char text[7]);
