/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Appointments whose patients are to be called before they come, because the platform's pre-check says that their
 * insurance has changed or was not found. Only these are stored: a list for each day, as a sealed setting of the local
 * store under the day's name, removed after that day. */
#pragma once

#include "delivery/desk_note.h"
#include "delivery/pre_check.h"
#include "delivery/store_access.h"

#define APPOINTMENT_TIME_SIZE 6 /* 09:30 */

typedef struct appointment {
    char id[UUID_TEXT_SIZE];                                /* of a stored one */
    char day[CLOCK_DATE_SIZE], time[APPOINTMENT_TIME_SIZE]; /* in Japan; time "": not known */
    desk_note note;                                         /* the patient, as the file names them; who has called */
    pre_check_finding finding;
    char before[FHIR_NAME_SIZE], insurer[FHIR_NAME_SIZE]; /* insurers: known before, and on that day; "" none */
} appointment;

/* The finding for programs: "changed" ... */
const char *appointment_finding_word(pre_check_finding finding);
/* Whether the patient must be called. */
bool appointment_is_to_call(pre_check_finding finding);

/* Adds the findings of a check to the list of that day, and skips those of other days. A patient already on the list is
 * replaced, or removed when no call is needed any more; a done-mark stays as long as the finding is the same. A
 * question without an answer changes nothing. RESULT_TOO_LONG: the list is full and unchanged. */
result appointments_take(store_access *s, const char *day, const appointment found[], size_t count);

/* Every one of that day, by time, until use returns something else than RESULT_OK. */
typedef result appointment_use(void *context, const appointment *one);
result appointments_each(store_access *s, const char *day, appointment_use *use, void *context);
/* How many patients of that day must still be called. */
result appointments_waiting(store_access *s, const char *day, size_t *count);

/* The one with this number (reception_number of its id), of any day. RESULT_NOT_FOUND. */
result appointments_find(store_access *s, const char *number, appointment *out);
/* Stores its note. RESULT_NOT_FOUND: it is not on the list any more. */
result appointments_keep_note(store_access *s, const appointment *one);

/* Removes the lists of the days before this one; lists: how many there were. */
result appointments_purge(store_access *s, const char *day, size_t *lists);
