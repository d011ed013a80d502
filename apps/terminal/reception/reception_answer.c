/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The answer at the counter: grade, coverage, and what to do next. */
#include "core/grade.h"
#include "reception/reception.h"

#include "states/state_table.h"

#include <stdio.h>

static void show_coverage(report *rep, const eligibility_coverage *c) {
    char number[3 * FHIR_WORD_SIZE];
    snprintf(number, sizeof number, "%s %s %s", c->symbol, c->number, c->branch);
    report_text(rep, "insurer", _("Insurer"), c->insurer_name);
    report_text(rep, "insurerNumber", _("Insurer number"), c->insurer_number);
    report_text(rep, "insured", _("Symbol, number, branch"), number);
    report_value(rep, "burdenRatio", json_real(c->burden_permille / 1000.0));
    report_line(rep, _("Patient's share: %d %%"), c->burden_permille / 10);
}

/* The grade is a word of the table of states. */
static void show_grade(report *rep, const char *grade) {
    const char *spoken = language_name(language_spoken());
    const state_row *row = state_named(grade);
    if (row == NULL)
        return;
    report_text(rep, "next", _("Next"), state_words(&row->next, spoken));
    report_line(rep, "%s", state_words(&row->staff, spoken));
}

outcome reception_show(reception *r) {
    report *rep = &r->context->report;
    const eligibility_coverage *coverage = eligibility_coverage_on(r->answer_known ? &r->answer : NULL,
                                                                   r->statement.service_date);
    report_value(rep, "mode", json_string(statement_mode_text(r->record.mode)));
    report_line(rep, "%s: %s", _("Mode"), r->record.mode == STATEMENT_ONLINE ? _("online") : _("offline"));
    report_text(rep, "evidenceId", _("Evidence"), r->statement.evidence_id);
    if (coverage != NULL)
        show_coverage(rep, coverage);
    if (r->answer_known)
        report_time(rep, "asOf", _("Coverage as of"), r->answer.as_of);
    report_text(rep, "grade", NULL, r->record.grade);
    if (r->record.mode == STATEMENT_ONLINE && coverage == NULL)
        return report_failure(rep, OUTCOME_REFUSED, "not-covered", _("The platform knows no coverage in force: %s"),
                              r->answer.disposition);
    show_grade(rep, r->record.grade);
    return OUTCOME_OK;
}
