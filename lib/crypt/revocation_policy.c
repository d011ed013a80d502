/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "crypt/revocation_policy.h"

#include <stddef.h>

#define N_(text) text /* for the catalogue of translations; the caller that shows the text looks it up */
#define DAY 86400
#define CLOCK_TOLERANCE_S 300

static const revocation_rule rules[] = {
    [REVOCATION_CURRENT] = {true, false, N_("is current")},
    [REVOCATION_ENDING] = {true, true, N_("ends soon: get the next one from the CA")},
    [REVOCATION_GRACE] = {true, true,
                          N_("is past its nextUpdate and will soon be refused: get the present one from the CA")},
    [REVOCATION_STALE] = {false, true, N_("is past its nextUpdate: get the present one from the CA")},
    [REVOCATION_EARLY] = {false, true, N_("is from the future: check the clock")},
    [REVOCATION_NOT_UNDERSTOOD] =
        {false, true,
         N_("is a part only, or has a critical extension that is not understood: get a whole one from the CA")},
    [REVOCATION_OTHER_ISSUER] = {false, true, N_("was not issued by this CA: get CA and list from one place")},
    [REVOCATION_MISSING] = {false, true, N_("is missing: get it from the CA")},
};

revocation_state revocation_check(const revocation_facts *list, const revocation_policy *policy, int64_t at,
                                  int64_t now) {
    const int64_t until = list->until >= 0 ? list->until : list->from;
    if (!list->understood)
        return REVOCATION_NOT_UNDERSTOOD;
    if (list->from > now + CLOCK_TOLERANCE_S)
        return REVOCATION_EARLY;
    if (at > now) /* no list covers the future; callers refuse such times themselves */
        at = now;
    if (at > until)
        return at - until <= (int64_t)policy->grace_days * DAY ? REVOCATION_GRACE : REVOCATION_STALE;
    return at > until - (int64_t)REVOCATION_WARNING_DAYS * DAY ? REVOCATION_ENDING : REVOCATION_CURRENT;
}

revocation_rule revocation_rule_of(revocation_state state, const revocation_policy *policy) {
    if ((size_t)state >= sizeof rules / sizeof *rules)
        state = REVOCATION_MISSING;
    if (state == REVOCATION_MISSING && policy->without_lists)
        return (revocation_rule){true, false, N_("does not exist, by configuration")};
    return rules[state];
}
