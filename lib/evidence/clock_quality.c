/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "evidence/clock_quality.h"

#include <stdlib.h>

#define N_(text) text /* for the catalogue of translations; the caller that shows the text looks it up */

static const struct {
    const char *name, *text;
} words[] = {
    [EVIDENCE_CLOCK_PLAUSIBLE] = {"plausible", N_("The terminal's clock agreed with the platform's.")},
    [EVIDENCE_CLOCK_UNCONFIRMED] =
        {"clock-unconfirmed", N_("The terminal's clock was not compared with the platform's since it was started.")},
    [EVIDENCE_CLOCK_OFF] = {"clock-off", N_("WARNING: the terminal's clock was far from the platform's.")},
    [EVIDENCE_CLOCK_JUMPED] = {"clock-jumped",
                               N_("WARNING: the terminal's clock was set since it last heard the platform's.")},
    [EVIDENCE_CLOCK_INCONSISTENT] = {"clock-inconsistent",
                                     N_("WARNING: the times in the statement contradict each other.")},
};

evidence_clock evidence_clock_check(const statement *s) {
    const statement_clock *c = &s->clock;
    int64_t beacon = 0, stated = 0;
    if (c->beacon[0] == 0)
        return EVIDENCE_CLOCK_UNCONFIRMED;
    if (clock_parse(c->beacon, &beacon) != RESULT_OK || clock_parse(s->terminal_time, &stated) != RESULT_OK)
        return EVIDENCE_CLOCK_INCONSISTENT;
    if (c->restarted)
        return stated + EVIDENCE_CLOCK_OFF_S < beacon ? EVIDENCE_CLOCK_OFF : EVIDENCE_CLOCK_UNCONFIRMED;
    const int64_t off = c->offset +
                        c->jump; /* at that time: the measured offset, plus the changes of the clock since */
    if (llabs(stated - (beacon + c->age) - off) > EVIDENCE_CLOCK_ROUNDING_S)
        return EVIDENCE_CLOCK_INCONSISTENT;
    if (llabs(off) > EVIDENCE_CLOCK_OFF_S)
        return EVIDENCE_CLOCK_OFF;
    return llabs(c->jump) > EVIDENCE_CLOCK_JUMP_S ? EVIDENCE_CLOCK_JUMPED : EVIDENCE_CLOCK_PLAUSIBLE;
}

int64_t evidence_clock_platform_time(const statement *s) {
    int64_t beacon = 0;
    const bool known = s->clock.beacon[0] != 0 && !s->clock.restarted &&
                       clock_parse(s->clock.beacon, &beacon) == RESULT_OK;
    return known ? beacon + s->clock.age : 0;
}

bool evidence_clock_is_implausible(evidence_clock clock) {
    return clock >= EVIDENCE_CLOCK_OFF;
}

const char *evidence_clock_name(evidence_clock clock) {
    return (unsigned)clock < sizeof words / sizeof *words ? words[clock].name : "unknown";
}

const char *evidence_clock_text(evidence_clock clock) {
    return (unsigned)clock < sizeof words / sizeof *words ? words[clock].text : "unknown";
}
