/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "se/terminal_unlock.h"

#include "core/local_store_file.h"
#include "core/pin_entry.h"
#include "core/presence.h"
#include "se/local_store.h"
#include "se/secure_element.h"
#include "se/se_supervision.h"

#include "base/cleanup.h"
#include "delivery/sealed_record.h"

/* Opens the SE, unless it is open: then nothing is locked. */
static outcome take(terminal *t, bytes pin, bool typed) {
    presence_supervise(t->cards.presence);
    if (t->cards.se == NULL)
        return secure_element_take(&t->cards, &t->store, &t->context, pin, typed);
    report_line(&t->context.report, _("The terminal is not locked."));
    return OUTCOME_OK;
}

outcome terminal_unlock_with(terminal *t, bytes pin, bool typed) {
    outcome done = take(t, pin, typed);
    if (done != OUTCOME_OK)
        return done;
    done = t->store.unlocked ? local_store_open(&t->cards, &t->store, &t->context)
                             : local_store_unlock(&t->cards, &t->store, &t->context);
    /* A login from before the lock ends, as in the daemon. */
    if (done == OUTCOME_OK && record_unset(&t->store, SETTING_SESSION) != RESULT_OK)
        done = report_failure(&t->context.report, OUTCOME_INTERNAL, "store", _("The session could not be ended: %s."),
                              store_problem(RESULT_IO));
    if (done != OUTCOME_OK)
        return done;
    se_supervision_show(&t->cards, &t->context.report);
    report_line(&t->context.report, _("The Secure Element is this terminal's and is active again. Log in to go on."));
    return OUTCOME_OK;
}

outcome unlock_command(terminal *t) {
    CLEANED_BY(buffer_wipe) buffer pin = BUFFER_SECRET(PIN_TYPED_MAX);
    const outcome done = pin_read(t->context.options.pin, t->context.options.pin_fd, _(PROMPT_SE_PIN), &pin,
                                  &t->context.report);
    return done == OUTCOME_OK ? terminal_unlock_with(t, buffer_bytes(&pin), true) : done;
}
