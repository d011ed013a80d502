/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "se/terminal_lock.h"

#include "delivery/sealed_record.h"
#include "se/se_supervision.h"

#include <string.h>

#define SETTING_LOCK "lock" /* sealed: "open", or why it is locked */
#define OPEN "open"

static outcome locked(report *r, const char *why) {
    report_text(r, REPORT_BECAUSE, NULL, why);
    return report_failure(
        r, OUTCOME_CARD, "terminal-locked",
        _("The terminal is locked. %s Then an administrator runs, with card and PIN: uketsuke unlock card. Or with "
          "the SE's PIN: uketsuke unlock"),
        se_trouble_sentence(why));
}

outcome lock_check_clear(store_access *store, report *r) {
    buffer why = BUFFER_INIT(TERMINAL_WORD_SIZE);
    outcome done = OUTCOME_OK;
    if (terminal_store_setting(store->file, SETTING_SE_LOCK, NULL, &why) != RESULT_NOT_FOUND)
        done = locked(r, buffer_text(&why));
    buffer_wipe(&why);
    return done;
}

outcome lock_check(store_access *store, report *r) {
    buffer fact = BUFFER_INIT(TERMINAL_WORD_SIZE);
    outcome done = OUTCOME_OK;
    if (record_setting(store, SETTING_LOCK, &fact) != RESULT_OK)
        done = locked(r, LOCK_LOST);
    else if (strcmp(buffer_text(&fact), OPEN) != 0)
        done = locked(r, buffer_text(&fact));
    buffer_wipe(&fact);
    return done;
}

result lock_open(store_access *store) {
    const result code = record_set(store, SETTING_LOCK, bytes_of(OPEN, strlen(OPEN)));
    return code == RESULT_OK ? terminal_store_unset(store->file, SETTING_SE_LOCK) : code;
}

result lock_seal(store_access *store, const char *why) {
    const bytes reason = bytes_of(why, strlen(why));
    const result clear = terminal_store_set(store->file, SETTING_SE_LOCK, reason);
    const result sealed = store->ledger != NULL ? record_set(store, SETTING_LOCK, reason) : RESULT_OK;
    return clear != RESULT_OK ? clear : sealed;
}

bool lock_se_is_fresh(token *se) {
    se_state now;
    return se_state_read(se, &now) == RESULT_OK && now.signatures <= LOCK_FRESH_SIGNATURES;
}
