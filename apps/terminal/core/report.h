/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The answer of a command to its user: lines for people, or one JSON object (--json). A command ends with exactly one
 * outcome; a failure has a reason, one word for programs, and one sentence for people: the cause and the next step.
 * Lines for people hold no control characters, whatever a card or a certificate says: '?' stands in their place. */
#pragma once

#include "base/buffer.h"
#include "base/language.h"
#include "base/result.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#define _(text) language_text(text)
#define N_(text) text /* marks a text for the catalogue; it is translated where it is shown */

/* Exit codes. */
typedef enum outcome {
    OUTCOME_OK = 0,
    OUTCOME_REFUSED = 1,  /* a rule says no: rights, limits, certificates, coverage */
    OUTCOME_USAGE = 2,    /* arguments or configuration */
    OUTCOME_CARD = 3,     /* card, reader, PIN, SE */
    OUTCOME_SERVICE = 4,  /* platform or history service */
    OUTCOME_INTERNAL = 5, /* store, memory, a bug */
} outcome;

typedef struct report {
    bool json;
    bool at_counter; /* a failure is shown in the words of lib/states; its sentence is for administrators */
    bool verbose;    /* show the sentence after them */
    json_t *fields;  /* of the JSON object */
    FILE *out, *err; /* borrowed: the user's terminal, or memory on its way to a user of the daemon */
} report;

/* Begins an empty report, for report_end or report_discard. out and err are borrowed, or NULL for a silent one. */
void report_begin(report *r, bool json, FILE *out, FILE *err);

/* Replaces *r by a silent report, for work that the user did not ask for. Give the returned report to
 * report_end_silent. */
report report_begin_silent(report *r);
void report_end_silent(report *r, report own);

/* A fact: shown as a line "label: text" when label is not NULL, and as a member of the JSON object. text may be empty:
 * nothing is shown then, and null is written. */
void report_text(report *r, const char *name, const char *label, const char *text);
/* A time (RFC 3339 in UTC, as lib/base/clock.h writes it): in JSON as it is, for people as the clock in Japan
 * shows it. */
void report_time(report *r, const char *name, const char *label, const char *text);
void report_number(report *r, const char *name, const char *label, long long number);
/* A JSON string, or null of an empty text: as report_text writes it. */
json_t *report_text_or_null(const char *text);
/* Only in JSON; takes over value. */
void report_value(report *r, const char *name, json_t *value);
/* Only for people. */
void report_line(report *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The failure: reason and sentence. Returns the outcome, for return statements. Only the first one counts. The reason
 * is a word that has a row in lib/states. In JSON the sentence is "message"; it may hold what a library or a service has
 * said, in any language, and names commands. At the counter people read the row instead (report_words). */
outcome report_failure(report *r, outcome code, const char *reason, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The cause as text, in the language of the report. */
const char *report_cause(result code);
/* The same for a system call's errno. A cause without a text of ours has libc's English one. */
const char *report_system_cause(int error);
/* The cause of a failed call of base/file.h. Call it right after that call: for RESULT_IO it reads errno (a full disk,
 * for example). */
const char *report_file_cause(result code);

/* The member that says why the terminal is locked: a reason word, whose row is shown with that of "terminal-locked". */
#define REPORT_BECAUSE "lockedBecause"

struct staff_words; /* of states/state_row.h */
/* The words of a row of lib/states in the language of the report, appended to out, with its places filled in by the
 * members of values. */
void report_append_words(const struct staff_words *words, const json_t *values, buffer *out);
/* Appends what staff is told about the failure so far and what to do next, in the language of the report. */
void report_words(const report *r, buffer *out);

/* The reason of the failure so far, "" without one. Lives as long as the report. */
const char *report_reason(const report *r);
/* Its sentence, in the same way. */
const char *report_message(const report *r);

/* Writes the rest of the report and frees it. */
void report_end(report *r, outcome code);
/* Frees it and writes nothing. */
void report_discard(report *r);
