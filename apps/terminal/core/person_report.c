/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/person_report.h"

#include "base/japanese_era.h"

static const char *const sexes[] = {
    [SEX_UNKNOWN] = N_("unknown"), [SEX_MALE] = N_("male"), [SEX_FEMALE] = N_("female"), [SEX_OTHER] = N_("other")};

json_t *person_json(const eligibility_person *p) {
    if (!eligibility_person_is_known(p))
        return json_null();
    return json_pack("{s:s,s:o,s:s,s:s,s:o,s:o}", "name", p->name, "kana", report_text_or_null(p->kana), "birthDate",
                     p->birth_date, "sex", eligibility_sex_code(p->sex), "postalCode",
                     report_text_or_null(p->postal_code), "address", report_text_or_null(p->address));
}

static void show_birth_date(report *r, const char *day) {
    char era[JAPANESE_ERA_SIZE];
    if (japanese_era_text(day, era))
        report_line(r, "%s: %s (%s)", _("Birth date"), day, era);
    else
        report_line(r, "%s: %s", _("Birth date"), day);
}

void report_person(report *r, const eligibility_person *p) {
    report_value(r, "person", person_json(p));
    if (!eligibility_person_is_known(p))
        return;
    report_line(r, "%s: %s", _("Name"), p->name);
    if (p->kana[0] != 0)
        report_line(r, "%s: %s", _("Kana"), p->kana);
    show_birth_date(r, p->birth_date);
    report_line(r, "%s: %s", _("Sex"), language_text(sexes[(unsigned)p->sex <= SEX_OTHER ? p->sex : SEX_UNKNOWN]));
    if (p->address[0] != 0)
        report_line(r, "%s: %s%s%s", _("Address"), p->postal_code, p->postal_code[0] != 0 ? " " : "", p->address);
}
