/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/report.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "states/state_json.h"
#include "states/state_table.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define SENTENCE_MAX 800
#define REAL_DIGITS 15 /* as many as survive a round trip: 0.3, not 0.29999999999999999 */

void report_begin(report *r, bool json, FILE *out, FILE *err) {
    *r = (report){.json = json, .fields = json_object(), .out = out, .err = err};
}

report report_begin_silent(report *r) {
    const report own = *r;
    report_begin(r, true, NULL, NULL);
    return own;
}

void report_end_silent(report *r, report own) {
    report_discard(r);
    *r = own;
}

void report_value(report *r, const char *name, json_t *value) {
    json_object_set_new(r->fields, name, value != NULL ? value : json_null());
}

json_t *report_text_or_null(const char *text) {
    return *text != 0 ? json_string(text) : json_null();
}

/* What cards, certificates and files hold is shown before anybody knows whose it is: it must neither move the cursor nor
 * look like a line of ours. */
static void show_fact(const report *r, const char *label, const char *text) {
    char *shown = strdup(text);
    if (shown == NULL)
        return;
    utf8_make_showable(shown, "");
    fprintf(r->out, "%s: %s\n", label, shown);
    free(shown);
}

void report_text(report *r, const char *name, const char *label, const char *text) {
    report_value(r, name, report_text_or_null(text));
    if (!r->json && label != NULL && *text != 0)
        show_fact(r, label, text);
}

void report_time(report *r, const char *name, const char *label, const char *text) {
    char shown[CLOCK_PEOPLE_SIZE];
    int64_t at;
    report_text(r, name, NULL, text);
    if (r->json || *text == 0)
        return;
    if (clock_parse(text, &at) == RESULT_OK)
        clock_text_in_japan(at, shown);
    else
        shown[0] = 0;
    show_fact(r, label, shown[0] != 0 ? shown : text);
}

void report_number(report *r, const char *name, const char *label, long long number) {
    report_value(r, name, json_integer(number));
    if (!r->json && label != NULL)
        fprintf(r->out, "%s: %lld\n", label, number);
}

void report_line(report *r, const char *format, ...) {
    if (r->json)
        return;
    char *text;
    va_list arguments;
    va_start(arguments, format);
    const int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    utf8_make_showable(text, "\n");
    fprintf(r->out, "%s\n", text);
    free(text);
}

/* --- failures ----------------------------------------------------------------------------------------------------- */

static const state_row *row_of(const char *reason) {
    const state_row *row = state_named(reason);
    return row != NULL ? row : state_unknown();
}

void report_append_words(const staff_words *words, const json_t *values, buffer *out) {
    const char *spoken = language_name(language_spoken()), *text = state_words(words, spoken);
    if (*text == 0)
        return;
    if (out->length > 0 && strcmp(spoken, "ja") != 0)
        buffer_append_text(out, " ");
    state_text_append_json(text, values, out);
}

void report_words(const report *r, buffer *out) {
    const char *because = json_string_value(json_object_get(r->fields, REPORT_BECAUSE));
    const state_row *row = row_of(report_reason(r));
    report_append_words(&row->staff, r->fields, out);
    if (because != NULL && strcmp(because, row->reason) != 0)
        report_append_words(&row_of(because)->staff, r->fields, out);
    report_append_words(&row->next, r->fields, out);
}

/* A sentence inserted into another one has its own full stop: removes doubled ones. Dots of an ellipsis or a path
 * stay. */
static void single_full_stops(char *text) {
    for (char *at = strstr(text, "。。"); at != NULL; at = strstr(at, "。。"))
        memmove(at, at + strlen("。"), strlen(at + strlen("。")) + 1);
    for (char *at = strstr(text, ".."); at != NULL; at = strstr(at + 1, "..")) {
        const bool ends_word = at > text && strchr(" ./(\"", at[-1]) == NULL;
        if (ends_word && (at[2] == 0 || at[2] == ' ' || at[2] == ')'))
            memmove(at, at + 1, strlen(at + 1) + 1);
    }
}

/* Administrators, and everybody after a usage error, get the exact sentence. */
static void tell_failure(const report *r, const char *sentence) {
    const bool in_row = r->at_counter && row_of(report_reason(r))->audience == STATE_COUNTER;
    buffer words = BUFFER_INIT(4 * SENTENCE_MAX);
    if (in_row) {
        report_words(r, &words);
        utf8_make_showable((char *)(uintptr_t)buffer_text(&words), "\n");
        fprintf(r->err, "uketsuke: %s\n", buffer_text(&words));
    }
    if (!in_row || r->verbose)
        fprintf(r->err, "uketsuke: %s\n", sentence);
    buffer_wipe(&words);
}

outcome report_failure(report *r, outcome code, const char *reason, const char *format, ...) {
    char sentence[SENTENCE_MAX];
    va_list arguments;
    if (json_object_get(r->fields, "reason") != NULL)
        return code;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    utf8_make_showable(sentence, "\n");
    single_full_stops(sentence);
    report_value(r, "reason", json_string(reason));
    report_value(r, "message", json_string(sentence));
    if (!r->json) {
        fflush(r->out);
        tell_failure(r, sentence);
    }
    return code;
}

const char *report_cause(result code) {
    return language_text(result_text(code));
}

const char *report_system_cause(int error) {
    static const struct {
        int error;
        const char *words;
    } causes[] = {
        {ENOENT, N_("not found")},
        {EACCES, N_("denied")},
        {EPERM, N_("denied")},
        {ENOMEM, N_("out of memory")},
        {ENOSPC, N_("the disk is full; free space and begin again")},
        {EROFS, N_("this file system is read-only")},
        {EIO, N_("input/output error")},
    };
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
        if (causes[i].error == error)
            return language_text(causes[i].words);
    return strerror(error);
}

const char *report_file_cause(result code) {
    return code == RESULT_IO && errno != 0 ? report_system_cause(errno) : report_cause(code);
}

const char *report_reason(const report *r) {
    const char *reason = json_string_value(json_object_get(r->fields, "reason"));
    return reason != NULL ? reason : "";
}

const char *report_message(const report *r) {
    const char *message = json_string_value(json_object_get(r->fields, "message"));
    return message != NULL ? message : "";
}

void report_end(report *r, outcome code) {
    if (r->json) {
        report_value(r, "ok", json_boolean(code == OUTCOME_OK));
        json_dumpf(r->fields, r->out, JSON_INDENT(2) | JSON_SORT_KEYS | JSON_REAL_PRECISION(REAL_DIGITS));
        fputc('\n', r->out);
    }
    report_discard(r);
}

void report_discard(report *r) {
    json_decref(r->fields);
    r->fields = NULL;
}
