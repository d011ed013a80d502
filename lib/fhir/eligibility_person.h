/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The person whom an answer is about, as a FHIR Patient with JP Core names (JP_Patient): docs/interfaces/http.md.
 * 個人番号 and every other identifier have no place in it. */
#pragma once

#include "base/canonical.h"
#include "base/clock.h"
#include "fhir/json.h"

#define PERSON_TEXT_SIZE 512    /* bytes of a name or an address, with NUL: 170 characters of three bytes */
#define PERSON_POSTAL_SIZE 9    /* 160-0023 */
#define PERSON_PATIENT_MAX 4096 /* bytes of the resource */
#define PATIENT_ID "patient-1"  /* of the resource */

typedef enum eligibility_sex { SEX_UNKNOWN, SEX_MALE, SEX_FEMALE, SEX_OTHER } eligibility_sex;

/* All texts are UTF-8 and showable (base/utf8.h). */
typedef struct eligibility_person {
    char name[PERSON_TEXT_SIZE]; /* 氏名: family name, ideographic space, given name. Empty: the person is unknown */
    char kana[PERSON_TEXT_SIZE]; /* カナ; may be empty */
    char birth_date[CLOCK_DATE_SIZE]; /* YYYY-MM-DD */
    eligibility_sex sex;
    char postal_code[PERSON_POSTAL_SIZE]; /* NNN-NNNN; may be empty */
    char address[PERSON_TEXT_SIZE];       /* may be empty */
} eligibility_person;

static inline bool eligibility_person_is_known(const eligibility_person *person) {
    return person->name[0] != 0;
}

/* RESULT_INVALID when a member does not have its form, and which in problem (may be NULL). */
result eligibility_person_check(const eligibility_person *person, fhir_problem *problem);

/* Appends the canonical Patient. RESULT_INVALID: unknown, or not of its form. */
result eligibility_person_write(const eligibility_person *person, buffer *text);
/* The same bytes back: false, and out is empty, when they are others. Goes on behind the Patient. */
bool eligibility_person_take(canonical_reader *r, eligibility_person *out);
/* Any JSON. RESULT_INVALID, and why in problem: out is empty then. An identifier is refused: no number of a person
 * belongs into an answer. */
result eligibility_person_of(const json_t *patient, eligibility_person *out, fhir_problem *problem);

/* FHIR's administrative gender: "male", "female", "other", "unknown". */
const char *eligibility_sex_code(eligibility_sex sex);
/* False: no such word. */
bool eligibility_sex_of(const char *code, eligibility_sex *out);
