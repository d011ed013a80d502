/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/operator_role.h"

#include "fhir/eligibility.h"

#include <stdio.h>
#include <string.h>

static const struct {
    role role;
    const char *word, *name;
} roles[] = {
    {ROLE_RECEPTION, "reception", N_("reception")},
    {ROLE_DOCTOR, "doctor", N_("doctor")},
    {ROLE_ADMINISTRATOR, "administrator", N_("administrator")},
};
#define ROLE_COUNT (sizeof roles / sizeof *roles)

const char *role_word(role r) {
    for (size_t i = 0; i < ROLE_COUNT; i++)
        if (roles[i].role == r)
            return roles[i].word;
    return "none";
}

const char *role_name(role r) {
    for (size_t i = 0; i < ROLE_COUNT; i++)
        if (roles[i].role == r)
            return language_text(roles[i].name);
    return _("nobody");
}

outcome role_refuse(report *r, role own, unsigned allowed) {
    char names[ROLE_COUNT * FHIR_WORD_SIZE] = "";
    size_t used = 0;
    for (size_t i = 0; i < ROLE_COUNT; i++)
        if ((roles[i].role & allowed) != 0 && used < sizeof names)
            used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", used > 0 ? ", " : "",
                                     role_name(roles[i].role));
    report_value(r, "roleNeeded", json_string(names));
    return report_failure(
        r, OUTCOME_REFUSED, "role",
        _("This is not for the role %s, but for: %s. A person with that role must log in first: uketsuke login"),
        role_name(own), names);
}

role role_of(const char *word) {
    for (size_t i = 0; i < ROLE_COUNT; i++)
        if (strcmp(roles[i].word, word) == 0)
            return roles[i].role;
    return ROLE_NONE;
}

result roles_write(unsigned several, buffer *text) {
    result code = RESULT_OK;
    const char *comma = "";
    for (size_t i = 0; i < ROLE_COUNT && code == RESULT_OK; i++)
        if ((roles[i].role & several) != 0) {
            code = buffer_append_format(text, "%s%s", comma, roles[i].word);
            comma = ",";
        }
    return code;
}
