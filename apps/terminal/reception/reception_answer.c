/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The answer at the counter: who it is, grade, coverage, and what to do next. */
#include "core/coverage_report.h"
#include "core/grade.h"
#include "core/person_report.h"
#include "reception/reception.h"

#include "base/clock.h"
#include "states/state_table.h"

#include <stdio.h>
#include <string.h>

#define DAY_S 86400

/* The grade is a word of the table of states. */
static void show_grade(report *rep, const char *grade) {
    const char *spoken = language_name(language_spoken());
    const state_row *row = state_named(grade);
    if (row == NULL || row->severity == STATE_PATIENT)
        return; /* the failure says what is wrong */
    report_line(rep, "%s", state_words(&row->staff, spoken));
    report_text(rep, "next", _("Next"), state_words(&row->next, spoken));
}

/* --- how the holder was identified -------------------------------------------------------------------------------- */

static const char *const identifications[] = {
    [STATEMENT_NOT_ASKED] = N_("not asked"),
    [STATEMENT_BY_FACE] = N_("staff compared the face with the card"),
    [STATEMENT_BY_PIN] = N_("by the patient's PIN"),
    [STATEMENT_BY_NOBODY] = N_("nobody identified the holder"),
};

static void show_identification(report *rep, statement_identified how) {
    report_value(rep, "holderIdentified", json_string(statement_identified_text(how)));
    report_line(rep, "%s: %s", _("Identification of the holder"), language_text(identifications[how]));
}

/* --- what the last answer says, and what has changed since ---------------------------------------------------------- */

/* Offline: why the coverage is not confirmed, according to the last answer. */
static void show_basis(report *rep, const reception *r) {
    const grade_knowledge known = {r->answer_known ? &r->answer : NULL, r->answered_at};
    switch (grade_basis_of(&known, r->statement.service_date)) {
    case GRADE_BASIS_NOTHING: report_value(rep, "basis", json_string("nothing-known")); return;
    case GRADE_BASIS_COVERAGE: report_value(rep, "basis", json_string("covered")); return;
    case GRADE_BASIS_ENDED:
        report_value(rep, "basis", json_string("ended-since"));
        report_line(rep, "%s", _("The coverage of the last answer is not in force on this day."));
        return;
    case GRADE_BASIS_NONE: break;
    }
    const validity_words *words = coverage_validity_words(r->answer.validity);
    report_value(rep, "basis", json_string(words->reason));
    report_line(rep, _("The platform's last answer: %s"), language_text(words->sentence));
}

static bool is_other_insurance(const eligibility_coverage *a, const eligibility_coverage *b) {
    return strcmp(a->insurer_number, b->insurer_number) != 0 || strcmp(a->symbol, b->symbol) != 0 ||
           strcmp(a->number, b->number) != 0 || strcmp(a->branch, b->branch) != 0;
}

/* Online: shows what differs from the last answer, because staff would not notice it. */
static void show_changes(report *rep, const eligibility_coverage *before, const eligibility_coverage *now) {
    char old_share[COVERAGE_SHARE_SIZE], share[COVERAGE_SHARE_SIZE];
    if (before->number[0] == 0)
        return;
    json_t *changes = json_object();
    if (is_other_insurance(before, now)) {
        json_object_set_new(changes, "insuranceBefore", coverage_json(before));
        report_line(rep, _("CHANGED since the last time: insurer %s -> %s"), before->insurer_name, now->insurer_name);
    }
    if (before->burden_permille != now->burden_permille) {
        coverage_share_text(before->burden_permille, old_share);
        coverage_share_text(now->burden_permille, share);
        json_object_set_new(changes, "burdenRatioBefore", json_real(before->burden_permille / 1000.0));
        report_line(rep, _("CHANGED since the last time: the patient's share %s -> %s"), old_share, share);
    }
    report_value(rep, "changes", changes);
}

/* --- coverages ---------------------------------------------------------------------------------------------------- */

/* Shows all coverages when there is not exactly one in force: several, ended ones, future ones. */
static void show_all(report *rep, const eligibility_response *answer) {
    json_t *list = json_array();
    for (size_t i = 0; i < answer->coverage_count; i++) {
        const eligibility_coverage *c = &answer->coverages[i];
        json_array_append_new(list, coverage_json(c));
        report_line(rep, "  %s (%s) %s %s %s, %s - %s", c->insurer_name, c->insurer_number, c->symbol, c->number,
                    c->branch, c->from, c->to);
        if (c->loss_reason[0] != 0)
            report_line(rep, "  %s: %s", _("Reason of loss"), coverage_loss_words(c->loss_reason));
    }
    report_value(rep, "coverages", list);
}

/* Last the short number: for the telephone, and to find the reception again. */
static void show_number(report *rep, const char *evidence_id) {
    char number[RECEPTION_NUMBER_SIZE];
    reception_number(evidence_id, number);
    report_value(rep, "evidenceId", json_string(evidence_id));
    report_text(rep, "receptionNumber", _("Reception number"), number);
}

static void show_expired(report *rep, const reception *r) {
    char day[CLOCK_DATE_SIZE], last[CLOCK_DATE_SIZE];
    report_value(rep, "cardExpired", json_boolean(r->expired != 0));
    if (r->expired == 0)
        return;
    clock_date_in_japan(r->expired, day);
    clock_date_in_japan(r->expired + r->context->configuration.expired_card_days * DAY_S, last);
    report_text(rep, "cardAcceptedUntil", NULL, last);
    report_line(rep,
                _("WARNING: the card's certificate expired on %s. It shows the coverage until %s, and nothing else. The"
                  " patient renews it at the municipal office."),
                day, last);
}

static outcome tell_not_covered(report *rep, const reception *r) {
    const validity_words *words = coverage_validity_words(r->answer.validity);
    show_all(rep, &r->answer);
    return report_failure(rep, OUTCOME_REFUSED, words->reason != NULL ? words->reason : "not-covered", "%s",
                          language_text(words->reason != NULL
                                            ? words->sentence
                                            : coverage_validity_words(ELIGIBILITY_INVALID)->sentence));
}

outcome reception_show(reception *r) {
    report *rep = &r->context->report;
    const bool online = r->record.mode == STATEMENT_ONLINE;
    const eligibility_coverage *coverage = eligibility_coverage_on(r->answer_known ? &r->answer : NULL,
                                                                   r->statement.service_date);
    report_value(rep, "mode", json_string(statement_mode_text(r->record.mode)));
    report_text(rep, "grade", NULL, r->record.grade);
    show_grade(rep, r->record.grade);
    show_expired(rep, r);
    report_person(rep, &r->record.person);
    report_text(rep, "hospitalNumber", _("Hospital number"), r->record.note.hospital_number);
    report_text(rep, "department", _("Department"), r->record.note.department);
    show_identification(rep, r->statement.identified);
    if (coverage != NULL)
        report_coverage(rep, coverage);
    if (r->answer_known) {
        report_public_expenses(rep, &r->answer);
        report_time(rep, "asOf", _("Coverage as of"), r->answer.as_of);
    }
    if (!online)
        show_basis(rep, r);
    else if (coverage != NULL)
        show_changes(rep, &r->before, coverage);
    report_line(rep, "%s: %s", _("Mode"), online ? _("online") : _("offline"));
    report_value(rep, "platformAsked", json_boolean(!r->spared));
    report_value(rep, "platformSlow", json_boolean(service_platform_is_slow(r->services)));
    if (r->spared)
        report_line(rep, "%s",
                    _("The platform is slow now, so patients do not wait for it. One reception in ten asks it again."));
    show_number(rep, r->statement.evidence_id);
    return online && coverage == NULL ? tell_not_covered(rep, r) : OUTCOME_OK;
}
