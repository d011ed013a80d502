/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/note_options.h"

#include "base/personal_number.h"
#include "delivery/japanese_text.h"

#include <stdio.h>
#include <string.h>

#define DAY_S 86400

outcome note_options_text(report *r, const char *option, const char *text, char *out, size_t size) {
    if (text == NULL || japanese_fold_text(text, out, size) == RESULT_OK)
        return OUTCOME_OK;
    return report_failure(r, OUTCOME_USAGE, "usage", _("--%s: a text of one line is needed."), option);
}

outcome note_options_day(report *r, const char *option, const char *text, char out[CLOCK_DATE_SIZE]) {
    char folded[FHIR_WORD_SIZE];
    if (text == NULL)
        return OUTCOME_OK;
    if (japanese_fold_code(text, folded, sizeof folded) == RESULT_OK && clock_check_date(folded) == RESULT_OK) {
        memcpy(out, folded, CLOCK_DATE_SIZE);
        return OUTCOME_OK;
    }
    return report_failure(r, OUTCOME_USAGE, "usage", _("--%s: write a day as 1972-11-03."), option);
}

outcome note_options_days(command_context *c, int64_t *from, int64_t *to) {
    char today[CLOCK_DATE_SIZE], first[CLOCK_DATE_SIZE], last[CLOCK_DATE_SIZE];
    clock_date_in_japan(clock_wall_s(), today);
    memcpy(first, today, sizeof first);
    memcpy(last, today, sizeof last);
    outcome done = note_options_day(&c->report, "from", c->options.from, first);
    if (done == OUTCOME_OK)
        done = note_options_day(&c->report, "to", c->options.to, last);
    if (done != OUTCOME_OK)
        return done;
    if (clock_begin_in_japan(first, from) != RESULT_OK || clock_begin_in_japan(last, to) != RESULT_OK || *from > *to)
        return report_failure(&c->report, OUTCOME_USAGE, "usage", _("--from is after --to."));
    *to += DAY_S;
    return OUTCOME_OK;
}

static outcome read_sex(report *r, const char *text, char *out, size_t size) {
    eligibility_sex sex;
    if (text == NULL)
        return OUTCOME_OK;
    if (!eligibility_sex_of(text, &sex))
        return report_failure(r, OUTCOME_USAGE, "usage", _("--sex: male, female, other or unknown."));
    snprintf(out, size, "%s", text);
    return OUTCOME_OK;
}

/* Hospitals have no use for the 個人番号, and may not keep it: a number that could be one is refused. */
static outcome read_hospital_number(report *r, const char *text, char out[FHIR_WORD_SIZE]) {
    char number[FHIR_WORD_SIZE];
    if (text == NULL)
        return OUTCOME_OK;
    if (hospital_number_read(text, number) != RESULT_OK)
        return report_failure(r, OUTCOME_USAGE, "hospital-number",
                              _("The hospital number has at most %d letters, digits and hyphens."),
                              HOSPITAL_NUMBER_MAX);
    if (strlen(number) == PERSONAL_NUMBER_LENGTH && personal_number_is_possible(number))
        return report_failure(r, OUTCOME_REFUSED, "personal-number",
                              _("This could be a 個人番号 (マイナンバー), which is not kept here. Type the number on "
                                "the hospital's own card."));
    memcpy(out, number, sizeof number);
    return OUTCOME_OK;
}

/* Whether a list of names with commas between has this one. */
static bool is_listed(const char *list, const char *name) {
    while (*list != 0) {
        list += strspn(list, ", ");
        size_t length = strcspn(list, ",");
        const char *next = list + length;
        while (length > 0 && list[length - 1] == ' ')
            length--;
        if (length == strlen(name) && length > 0 && strncmp(list, name, length) == 0)
            return true;
        list = next;
    }
    return false;
}

static outcome read_department(command_context *c, const char *text, char *out, size_t size) {
    const char *list = c->configuration.departments;
    char folded[PATH_MAX]; /* as what is typed */
    const outcome done = note_options_text(&c->report, "department", text, out, size);
    if (done != OUTCOME_OK || text == NULL || *list == 0 ||
        is_listed(japanese_fold_text(list, folded, sizeof folded) == RESULT_OK ? folded : list, out))
        return done;
    report_text(&c->report, "departments", NULL, list);
    return report_failure(&c->report, OUTCOME_USAGE, "department", _("There is no department %s here. There are: %s"),
                          out, list);
}

outcome note_options_read(command_context *c, desk_note *note) {
    const options *o = &c->options;
    report *r = &c->report;
    desk_person *said = &note->said;
    outcome done = read_hospital_number(r, o->hospital_number, note->hospital_number);
    if (done == OUTCOME_OK)
        done = read_department(c, o->department, note->department, sizeof note->department);
    if (done == OUTCOME_OK)
        done = note_options_text(r, "name", o->name, said->name, sizeof said->name);
    if (done == OUTCOME_OK)
        done = note_options_text(r, "kana", o->kana, said->kana, sizeof said->kana);
    if (done == OUTCOME_OK)
        done = note_options_day(r, "birth-date", o->birth_date, said->birth_date);
    return done == OUTCOME_OK ? read_sex(r, o->sex, said->sex, sizeof said->sex) : done;
}
