/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The synthetic people: a table. These people do not exist; names, addresses and numbers are invented. */
#pragma once

#include "x509.h"

#define PERSON_COVERAGES_MAX 2

typedef struct coverage {
    const char *insurer_number, *insurer_name, *symbol, *number, *branch;
    const char *relationship; /* self | family */
    const char *from, *to;    /* YYYY-MM-DD; to NULL: goes on */
    const char *burden_ratio; /* of the costs, the patient's part: a JSON number */
    const char *loss_reason;  /* a code of docs/interfaces/http.md; NULL: none */
    const char *limit;        /* 適用区分; NULL: no certificate */
} coverage;

/* 公費; payer_number NULL: none. */
typedef struct public_expense {
    const char *payer_number, *recipient_number, *name;
    const char *from; /* YYYY-MM-DD; goes on */
} public_expense;

typedef struct person {
    const char *id; /* also the usual name of the card: patient-1 */
    x509_person x509;
    const char *kana;
    const char *municipality; /* 5 digits */
    const char *postal_code;  /* NNN-NNNN; NULL: none */
    public_expense public_expense;
    coverage coverages[PERSON_COVERAGES_MAX];
    const coverage *after_change_of_job; /* in persons-after.json; NULL: no change */
} person;

extern const person people[];
extern const size_t people_count;

/* By id, in the table of people. NULL when there is none. */
const person *person_find(const char *id); /* NULL when there is none */
