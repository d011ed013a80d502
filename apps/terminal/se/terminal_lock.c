/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "se/terminal_lock.h"

#include "delivery/sealed_record.h"
#include "se/secure_element.h"
#include "se/se_supervision.h"

#include <string.h>

#define SETTING_LOCK "lock" /* sealed: "open", or why it is locked */
#define OPEN "open"

static outcome locked(terminal *t, const char *why) {
    report_text(&t->report, "lockedBecause", NULL, why);
    return report_failure(&t->report, OUTCOME_CARD, "terminal-locked",
                          _("The terminal is locked. %s Then run, with the SE's PIN: uketsuke unlock"),
                          se_trouble_sentence(why));
}

outcome lock_check_clear(terminal *t) {
    buffer why = BUFFER_INIT(TERMINAL_WORD_SIZE);
    outcome done = OUTCOME_OK;
    if (terminal_store_setting(t->store.file, SETTING_SE_LOCK, NULL, &why) != RESULT_NOT_FOUND)
        done = locked(t, buffer_text(&why));
    buffer_wipe(&why);
    return done;
}

outcome lock_check(terminal *t) {
    buffer fact = BUFFER_INIT(TERMINAL_WORD_SIZE);
    outcome done = OUTCOME_OK;
    if (record_setting(&t->store, SETTING_LOCK, &fact) != RESULT_OK)
        done = locked(t, LOCK_LOST);
    else if (strcmp(buffer_text(&fact), OPEN) != 0)
        done = locked(t, buffer_text(&fact));
    buffer_wipe(&fact);
    return done;
}

result lock_open(terminal *t) {
    const result code = record_set(&t->store, SETTING_LOCK, bytes_of(OPEN, strlen(OPEN)));
    return code == RESULT_OK ? terminal_store_unset(t->store.file, SETTING_SE_LOCK) : code;
}

result lock_seal(terminal *t, const char *why) {
    const bytes reason = bytes_of(why, strlen(why));
    const result clear = terminal_store_set(t->store.file, SETTING_SE_LOCK, reason);
    const result sealed = t->store.ledger != NULL ? record_set(&t->store, SETTING_LOCK, reason) : RESULT_OK;
    return clear != RESULT_OK ? clear : sealed;
}

bool lock_se_is_fresh(terminal *t) {
    se_state now;
    return se_state_read(t->se, &now) == RESULT_OK && now.signatures <= LOCK_FRESH_SIGNATURES;
}
