/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the desk adds to a reception, with or without a card: the hospital's own number, the department, and whether its
 * result was dealt with. It is part of the sealed record. */
#pragma once

#include "base/clock.h"
#include "fhir/eligibility.h"

#include <jansson.h>
#include <stdbool.h>

#define HOSPITAL_NUMBER_MAX 20

/* A person. Each member may be empty. */
typedef struct desk_person {
    char name[FHIR_NAME_SIZE], kana[FHIR_NAME_SIZE];
    char birth_date[CLOCK_DATE_SIZE];
    char sex[16]; /* as FHIR's AdministrativeGender has it: male, female, other, unknown */
} desk_person;

typedef struct desk_note {
    char hospital_number[FHIR_WORD_SIZE]; /* 診察券番号 */
    char department[FHIR_NAME_SIZE];      /* where the patient is to be seen; "" any */
    desk_person said;                     /* as the patient or a paper says; the platform's answer takes precedence */
    char done_by[FHIR_WORD_SIZE], done_name[FHIR_NAME_SIZE]; /* who has called the patient or corrected the fault */
    char done_at[CLOCK_TEXT_SIZE];                           /* "": not done */
} desk_note;

/* The note as a JSON object with the members that are not empty. NULL: out of memory. */
json_t *desk_note_json(const desk_note *note);
/* Reads one; what is missing becomes empty. object NULL: all of it. */
void desk_note_read(const json_t *object, desk_note *out);

/* Marks it as done by this operator at this time (seconds since 1970); NULL: removes the mark. */
typedef struct desk_worker {
    const char *id, *name;
} desk_worker;
void desk_note_mark(desk_note *note, const desk_worker *by, int64_t at);

/* The operator who has marked it, by name if there is one. Borrowed. */
const char *desk_note_worker(const desk_note *note);
/* Whether it is marked as done; at: when, in Japan time, "" when that cannot be read. */
bool desk_note_done(const desk_note *note, char at[CLOCK_PEOPLE_SIZE]);

/* Whether nothing is noted. */
bool desk_note_is_empty(const desk_note *note);

/* The number's canonical form, at most HOSPITAL_NUMBER_MAX of A-Z, 0-9 and hyphens. RESULT_INVALID: it is none. */
result hospital_number_read(const char *text, char out[FHIR_WORD_SIZE]);

/* The short number by which people name a reception: the end of its id, which is random (RFC 9562, 5.7). */
#define RECEPTION_NUMBER_LENGTH 8
#define RECEPTION_NUMBER_SIZE (RECEPTION_NUMBER_LENGTH + 1)
void reception_number(const char *id, char number[RECEPTION_NUMBER_SIZE]);
