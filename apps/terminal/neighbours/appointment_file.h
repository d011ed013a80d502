/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A file of appointments from another program, as CSV or FHIR (docs/interfaces/neighbours.md). The file is not trusted:
 * sizes are bounded, the 個人番号 is refused, and a fault is named with its place. */
#pragma once

#include "delivery/appointment.h"

#define APPOINTMENT_FILE_MAX (4 * 1024 * 1024)
#define APPOINTMENTS_MAX 3000     /* in a file */
#define APPOINTMENT_FAULTS_MAX 20 /* that are reported one by one */
#define APPOINTMENT_PLACE_SIZE 160

typedef struct appointment_fault {
    size_t line, column;                /* from 1 on; 0: the file as a whole, or FHIR */
    char place[APPOINTMENT_PLACE_SIZE]; /* for people: "line 3, column 2 (生年月日)" */
    const char *why;                    /* in the language of the report */
} appointment_fault;

typedef struct appointment_file {
    char first[CLOCK_DATE_SIZE], last[CLOCK_DATE_SIZE]; /* the days to be read, both included; set by the caller */
    const char *institution;                            /* 医療機関コード; the caller's */
    appointment *rows;                                  /* APPOINTMENTS_MAX of them, of which count are filled */
    size_t count;
    size_t passed_over; /* of other days, or cancelled */
    appointment_fault faults[APPOINTMENT_FAULTS_MAX];
    size_t fault_count;   /* all of them */
    bool personal_number; /* one of them: it holds the 個人番号, or may */
} appointment_file;

/* Reads every valid appointment. A fault of one appointment does not affect the others; a fault of the whole file, or
 * the 個人番号 in it, leaves no appointment. RESULT_NO_MEMORY. */
result appointment_csv_read(bytes content, appointment_file *out);
result appointment_fhir_read(bytes content, appointment_file *out);
void appointment_file_free(appointment_file *file);

/* --- for those who read one --------------------------------------------------------------------------------------- */

/* What is wrong with it, marked with N_(); field: the heading or element, may be "". */
void appointment_fault_at(appointment_file *f, size_t line, size_t column, const char *field, const char *why);
void appointment_fault_in(appointment_file *f, const char *place, const char *why);
/* Discards all appointments of the file. */
void appointment_file_refuse(appointment_file *f);
/* Adds an empty appointment; NULL: the file has too many, which is a fault of the whole file. */
appointment *appointment_file_add(appointment_file *f);
/* Keeps the appointment if its day is to be read; otherwise removes and counts it. */
void appointment_file_keep(appointment_file *f, const appointment *a);

/* Read a text, a day (2026-12-01, 2026/12/1, 20261201), a time (9:30, 0930), a hospital number. Each returns NULL, or
 * what is wrong (N_). An empty text is accepted. */
const char *appointment_text(const char *text, char *out, size_t size);
const char *appointment_day(const char *text, char out[CLOCK_DATE_SIZE]);
const char *appointment_time(const char *text, char out[APPOINTMENT_TIME_SIZE]);
const char *appointment_hospital_number(const char *text, char out[FHIR_WORD_SIZE]);
/* NULL when the appointment identifies a person (birth date, and number or name); else what is missing (N_). */
const char *appointment_lacks(const appointment *a);

/* Whether a heading or name means the 個人番号, in any width. */
bool appointment_names_personal_number(const char *heading);
/* NULL, or that this value could be one (N_); it is then noted in f. */
const char *appointment_personal_number(appointment_file *f, const char *value);
