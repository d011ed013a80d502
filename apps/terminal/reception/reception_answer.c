/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The answer at the counter: grade, coverage, and what to do next. */
#include "core/grade.h"
#include "reception/reception.h"

#include <stdio.h>
#include <string.h>

static void show_coverage(report *rep, const eligibility_coverage *c) {
    char number[3 * FHIR_WORD_SIZE];
    snprintf(number, sizeof number, "%s %s %s", c->symbol, c->number, c->branch);
    report_text(rep, "insurer", _("Insurer"), c->insurer_name);
    report_text(rep, "insurerNumber", _("Insurer number"), c->insurer_number);
    report_text(rep, "insured", _("Symbol, number, branch"), number);
    report_value(rep, "burdenRatio", json_real(c->burden_permille / 1000.0));
    report_line(rep, _("Patient's share: %d %%"), c->burden_permille / 10);
}

static const struct {
    const char *grade, *title, *next;
} answers[] = {
    {"confirmed", N_("CONFIRMED (確定)"), ""},
    {"provisional-a", N_("PROVISIONAL A (暫定A): card genuine, coverage confirmed within 30 days"),
     N_("Treat as insured. The terminal confirms by itself when the platform is back.")},
    {"provisional-b", N_("PROVISIONAL B (暫定B): card genuine, coverage known from an older answer"),
     N_("Ask whether the insurance has changed. The terminal confirms by itself when the platform is back.")},
    {"provisional-c", N_("PROVISIONAL C (暫定C): card genuine, coverage unknown here"),
     N_("Ask for the insurance information sheet (資格情報のお知らせ) or a written statement (被保険者資格申立書).")},
};

outcome reception_show(reception *r) {
    report *rep = &r->terminal->context.report;
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
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        if (strcmp(answers[i].grade, r->record.grade) != 0)
            continue;
        report_text(rep, "next", _("Next"), *answers[i].next != 0 ? language_text(answers[i].next) : "");
        report_line(rep, "%s", language_text(answers[i].title));
    }
    return OUTCOME_OK;
}
