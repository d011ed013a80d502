/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `reception paper`: a reception without a card. Staff type what is on the paper; numbers are checked by their check
 * digits. There is no evidence, and nothing is sent. */
#include "core/local_store_file.h"
#include "core/note_options.h"
#include "operator/operator_session.h"
#include "today/list_row.h"
#include "today/paper_words.h"
#include "today/today.h"

#include <stdio.h>
#include <string.h>

/* What a paper must have on it. */
typedef enum paper_needs {
    NEEDS_NAME = 1,
    NEEDS_BIRTH_DATE = 2,
    NEEDS_INSURER = 4,
    NEEDS_NUMBER = 8,
    TAKES_INSURANCE = 16, /* symbol, number, branch, last day */
} paper_needs;

static const struct {
    const char *title, *next;
    unsigned needs;
    result (*insurer)(const char *text, char out[INSURANCE_NUMBER_SIZE]);
} papers[PAPER_KINDS] = {
    [PAPER_CERTIFICATE] = {N_("certificate of eligibility (資格確認書)"), N_("Compare the name with the person."),
                           NEEDS_NAME | NEEDS_BIRTH_DATE | NEEDS_INSURER | NEEDS_NUMBER | TAKES_INSURANCE,
                           insurer_number_read},
    [PAPER_NOTICE] = {N_("insurance information sheet (資格情報のお知らせ)"),
                      N_("It counts only together with the My Number card: look at both."),
                      NEEDS_NAME | NEEDS_BIRTH_DATE | NEEDS_INSURER | NEEDS_NUMBER | TAKES_INSURANCE,
                      insurer_number_read},
    [PAPER_STATEMENT] = {N_("written statement (被保険者資格申立書)"),
                         N_("Keep the signed paper; find out the coverage before the claim is made."),
                         NEEDS_NAME | NEEDS_BIRTH_DATE | TAKES_INSURANCE, insurer_number_read},
    [PAPER_WELFARE] = {N_("medical voucher (医療券, 生活保護)"), N_("Keep the voucher."),
                       NEEDS_NAME | NEEDS_BIRTH_DATE | NEEDS_INSURER | NEEDS_NUMBER | TAKES_INSURANCE,
                       payer_number_read},
    [PAPER_SELF_PAY] = {N_("pays alone (自費)"), N_("The patient pays the whole amount."), NEEDS_NAME, NULL},
};

const char *paper_title(paper_kind kind) {
    return language_text(papers[kind].title);
}

/* --- what is typed ------------------------------------------------------------------------------------------------ */

static outcome missing(report *r, const char *option) {
    return report_failure(r, OUTCOME_USAGE, "usage", _("--%s is needed for this paper."), option);
}

static outcome mistyped(report *r, result code, const char *option) {
    if (code == RESULT_BAD_SIGNATURE)
        return report_failure(r, OUTCOME_REFUSED, "check-digit",
                              _("--%s: the check digit does not fit. A digit is mistyped: compare with the paper."),
                              option);
    return report_failure(r, OUTCOME_USAGE, "usage", _("--%s: this is no such number. Compare with the paper."),
                          option);
}

static outcome take_insurer(report *r, const options *o, paper_record *p) {
    if (o->insurer_number == NULL)
        return (papers[p->kind].needs & NEEDS_INSURER) != 0 ? missing(r, "insurer-number") : OUTCOME_OK;
    const result code = papers[p->kind].insurer(o->insurer_number, p->insurer_number);
    return code == RESULT_OK ? OUTCOME_OK : mistyped(r, code, "insurer-number");
}

static outcome take_number(report *r, const options *o, paper_record *p) {
    if (o->number == NULL)
        return (papers[p->kind].needs & NEEDS_NUMBER) != 0 ? missing(r, "number") : OUTCOME_OK;
    const result code = p->kind == PAPER_WELFARE ? recipient_number_read(o->number, p->number)
                                                 : insured_text_read(o->number, p->number);
    return code == RESULT_OK ? OUTCOME_OK : mistyped(r, code, "number");
}

static outcome take_rest(report *r, const options *o, paper_record *p) {
    result code = RESULT_OK;
    if (o->symbol != NULL && (code = insured_text_read(o->symbol, p->symbol)) != RESULT_OK)
        return mistyped(r, code, "symbol");
    if (o->branch != NULL && (code = branch_number_read(o->branch, p->branch)) != RESULT_OK)
        return mistyped(r, code, "branch");
    return note_options_day(r, "to", o->to, p->valid_to);
}

/* A paper whose last day is over proves nothing. */
static outcome check_last_day(report *r, const paper_record *p) {
    char today[CLOCK_DATE_SIZE];
    clock_date_in_japan(p->at, today);
    if (p->valid_to[0] == 0 || strcmp(p->valid_to, today) >= 0)
        return OUTCOME_OK;
    report_text(r, "validTo", NULL, p->valid_to);
    return report_failure(r, OUTCOME_REFUSED, "paper-expired",
                          _("The paper was valid up to %s. Ask for another proof of insurance."), p->valid_to);
}

static outcome take_insurance(report *r, const options *o, paper_record *p) {
    if ((papers[p->kind].needs & TAKES_INSURANCE) == 0) {
        const bool typed = o->insurer_number != NULL || o->number != NULL || o->symbol != NULL || o->branch != NULL ||
                           o->to != NULL;
        return typed ? report_failure(r, OUTCOME_USAGE, "usage", _("Who pays alone shows no insurance.")) : OUTCOME_OK;
    }
    outcome done = take_insurer(r, o, p);
    if (done == OUTCOME_OK)
        done = take_number(r, o, p);
    if (done == OUTCOME_OK)
        done = take_rest(r, o, p);
    return done == OUTCOME_OK ? check_last_day(r, p) : done;
}

static outcome take_person(report *r, const paper_record *p) {
    const unsigned needs = papers[p->kind].needs;
    if ((needs & NEEDS_NAME) != 0 && p->note.said.name[0] == 0 && p->note.said.kana[0] == 0)
        return missing(r, "name");
    return (needs & NEEDS_BIRTH_DATE) != 0 && p->note.said.birth_date[0] == 0 ? missing(r, "birth-date") : OUTCOME_OK;
}

static outcome take_kind(report *r, const options *o, paper_record *p) {
    if (paper_kind_read(o->arguments[0], &p->kind) == RESULT_OK)
        return OUTCOME_OK;
    return report_failure(r, OUTCOME_USAGE, "usage",
                          _("There is no paper %s. There are: certificate, notice, statement, welfare, self-pay."),
                          o->arguments[0]);
}

/* --- the command -------------------------------------------------------------------------------------------------- */

static outcome keep(terminal *t, const paper_record *p) {
    const result code = paper_record_add(&t->store, p);
    if (code == RESULT_OK)
        return OUTCOME_OK;
    return report_failure(&t->context.report, OUTCOME_INTERNAL, "store",
                          code == RESULT_UNAVAILABLE
                              ? _("The disk is full: the reception was not recorded. Free space and begin again.")
                              : _("The reception could not be recorded (%s). Begin again."),
                          store_problem(code));
}

static void show(report *r, const paper_record *p) {
    list_row row = {.at = p->at, .without_card = true, .paper = p->kind, .note = p->note, .person = p->note.said};
    char number[FHIR_NAME_SIZE];
    snprintf(row.id, sizeof row.id, "%s", p->id);
    snprintf(row.state, sizeof row.state, "%s", STATE_RECEIVED);
    snprintf(row.insurer_number, sizeof row.insurer_number, "%s", p->insurer_number);
    snprintf(number, sizeof number, "%s %s %s", p->symbol, p->number, p->branch);
    list_row_tell(r, &row);
    report_text(r, "paper", NULL, paper_kind_word(p->kind));
    report_text(r, "symbol", NULL, p->symbol);
    report_text(r, "number", NULL, p->number);
    report_text(r, "branch", NULL, p->branch);
    if (p->number[0] != 0)
        report_line(r, "%s: %s", _("Symbol, number, branch"), number);
    report_text(r, "validTo", _("Valid up to"), p->valid_to);
    report_text(r, "next", _("Next"), language_text(papers[p->kind].next));
}

outcome reception_paper_command(terminal *t) {
    static paper_record p; /* large: kept off the stack */
    const options *o = &t->context.options;
    report *r = &t->context.report;
    operator_card actor;
    p = (paper_record){.at = clock_wall_s()};
    outcome done = session_require(t->session, ROLE_RECEPTION | ROLE_ADMINISTRATOR, &actor);
    if (done == OUTCOME_OK)
        done = take_kind(r, o, &p);
    if (done == OUTCOME_OK)
        done = note_options_read(&t->context, &p.note);
    if (done == OUTCOME_OK)
        done = take_person(r, &p);
    if (done == OUTCOME_OK)
        done = take_insurance(r, o, &p);
    if (done != OUTCOME_OK)
        return done;
    snprintf(p.operator_id, sizeof p.operator_id, "%s", actor.id);
    if (uuid_v7(p.id) != RESULT_OK)
        return report_failure(r, OUTCOME_INTERNAL, "internal", _("The reception could not begin."));
    done = keep(t, &p);
    if (done == OUTCOME_OK)
        show(r, &p);
    return done;
}
