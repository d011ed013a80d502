/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "desk/command.h"

#include "core/audit.h"
#include "core/watchdog.h"
#include "se/se_supervision.h"

#include <stdlib.h>
#include <unistd.h>

const command *command_named(const char *name) {
    return (const command *)command_line_find(&terminal_program, name);
}

/* Evidence and signatures are verified on any machine; if there is a configuration, its anchors are the default. */
static bool goes_without(const command *chosen, const options *o) {
    const bool named = o->configuration_path != NULL || getenv("UKETSUKE_CONFIG") != NULL;
    const bool wants_anchors = (chosen->line.takes & TAKES(ANCHORS)) != 0 && o->anchors == NULL;
    return !chosen->needs_configuration && !named && !(wants_anchors && access(CONFIGURATION_DEFAULT_PATH, R_OK) == 0);
}

outcome command_configure(terminal *t, const command *chosen) {
    if (goes_without(chosen, &t->context.options))
        return OUTCOME_OK;
    const outcome done = configuration_read(t->context.options.configuration_path, &t->context.configuration,
                                            &t->context.report);
    if (done == OUTCOME_OK)
        watchdog_expect_answers(t->context.configuration.se_answer_seconds);
    return done;
}

outcome command_run(terminal *t, const command *chosen) {
    const bool asked_only = t->context.options.before_pin;
    outcome done = !asked_only ? chosen->run(t) : chosen->before_pin != NULL ? chosen->before_pin(t) : OUTCOME_OK;
    if (chosen->resident && (!asked_only || done != OUTCOME_OK))
        audit_note_command(t->cards.se, &t->store, &t->context.report, chosen->line.name, done);
    se_supervision_note_counter(&t->cards, &t->store);
    return done;
}
