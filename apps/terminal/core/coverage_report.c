/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/coverage_report.h"

#include <stdio.h>
#include <string.h>

#define PERMILLE_OF_A_TENTH 100

static const validity_words validities[] = {
    [ELIGIBILITY_INVALID] = {"not-covered",
                             N_("No coverage is in force: the last one has ended. Ask the patient about the "
                                "present insurance (資格確認書).")},
    [ELIGIBILITY_NEW_COVERAGE] = {"not-covered-yet", N_("No coverage is in force yet: a new one begins later. Ask the "
                                                        "patient about the present insurance (資格確認書).")},
    [ELIGIBILITY_NONE] = {"no-coverage-known", N_("The platform knows no coverage for this card. Ask the patient for a "
                                                  "document of the insurer (資格確認書).")},
    [ELIGIBILITY_SEVERAL] = {"several-coverages", N_("Several coverages are in force. Ask the patient which one "
                                                     "applies.")},
};

const validity_words *coverage_validity_words(eligibility_validity validity) {
    static const validity_words valid = {NULL, ""};
    return (unsigned)validity < sizeof validities / sizeof *validities && validities[validity].reason != NULL
               ? &validities[validity]
               : &valid;
}

static const struct {
    const char *code, *words;
} losses[] = {
    {"employment-ended", N_("left the employer")},
    {"dependant-ended", N_("no dependant any more")},
    {"moved", N_("moved away")},
    {"late-elderly", N_("changed to the insurance of the late elderly (後期高齢者医療)")},
    {"public-assistance", N_("public assistance began (生活保護)")},
    {"death", N_("death")},
};

const char *coverage_loss_words(const char *code) {
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++)
        if (strcmp(losses[i].code, code) == 0)
            return language_text(losses[i].words);
    return _("another reason");
}

void coverage_share_text(int permille, char text[COVERAGE_SHARE_SIZE]) {
    if (permille % PERMILLE_OF_A_TENTH == 0 && permille > 0)
        snprintf(text, COVERAGE_SHARE_SIZE, _("%d0 %%"), permille / PERMILLE_OF_A_TENTH);
    else
        snprintf(text, COVERAGE_SHARE_SIZE, "%d.%d %%", permille / 10, permille % 10);
}

json_t *coverage_json(const eligibility_coverage *c) {
    return json_pack("{s:s,s:s,s:o,s:s,s:o,s:s,s:s,s:o,s:f,s:o,s:b,s:o,s:b}", "insurer", c->insurer_name,
                     "insurerNumber", c->insurer_number, "symbol", report_text_or_null(c->symbol), "number", c->number,
                     "branch", report_text_or_null(c->branch), "relationship", c->family ? "family" : "self", "from",
                     c->from, "to", report_text_or_null(c->to), "burdenRatio", c->burden_permille / 1000.0,
                     "limitCategory", report_text_or_null(c->limit_category), "elderlyRecipient", c->elderly,
                     "lossReason", report_text_or_null(c->loss_reason), "inForce", c->in_force);
}

static void show_number(report *r, const eligibility_coverage *c) {
    report_line(r, "%s: %s (%s)", _("Insurer"), c->insurer_name, c->insurer_number);
    if (c->symbol[0] != 0)
        report_line(r, "%s: %s", _("Symbol"), c->symbol);
    report_line(r, "%s: %s", _("Number"), c->number);
    if (c->branch[0] != 0)
        report_line(r, "%s: %s", _("Branch"), c->branch);
}

static void show_conditions(report *r, const eligibility_coverage *c) {
    char share[COVERAGE_SHARE_SIZE];
    coverage_share_text(c->burden_permille, share);
    report_line(r, "%s: %s", _("Insured as"), c->family ? _("family (家族)") : _("insured person (本人)"));
    report_line(r, "%s: %s", _("Covered since"), c->from);
    if (c->to[0] != 0)
        report_line(r, "%s: %s", _("Valid until"), c->to);
    report_line(r, "%s: %s", _("Patient's share"), share);
    if (c->limit_category[0] != 0)
        report_line(r, "%s: %s", _("Limit category"), c->limit_category);
    if (c->elderly)
        report_line(r, "%s", _("Elderly recipient's certificate (高齢受給者証)"));
    if (c->loss_reason[0] != 0)
        report_line(r, "%s: %s", _("Reason of loss"), coverage_loss_words(c->loss_reason));
}

void report_coverage(report *r, const eligibility_coverage *c) {
    json_t *members = coverage_json(c);
    json_object_update(r->fields, members);
    json_decref(members);
    show_number(r, c);
    show_conditions(r, c);
}

void report_public_expenses(report *r, const eligibility_response *answer) {
    json_t *list = json_array();
    for (size_t i = 0; i < answer->public_expense_count; i++) {
        const eligibility_public_expense *e = &answer->public_expenses[i];
        if (!e->in_force)
            continue;
        json_array_append_new(list, json_pack("{s:s,s:s,s:o,s:s,s:o}", "name", e->name, "payerNumber", e->payer_number,
                                              "recipientNumber", report_text_or_null(e->recipient_number), "from",
                                              e->from, "to", report_text_or_null(e->to)));
        report_line(r, "%s: %s (%s, %s)", _("Public expense"), e->name, e->payer_number,
                    e->recipient_number[0] != 0 ? e->recipient_number : "-");
    }
    report_value(r, "publicExpenses", list);
}
