/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "se/local_store.h"

#include "core/audit.h"
#include "core/chain_head.h"
#include "core/decisions.h"
#include "core/ledger_check.h"
#include "core/local_store_file.h"
#include "core/presence.h"
#include "se/data_key.h"
#include "se/se_supervision.h"
#include "se/secure_element.h"
#include "se/terminal_lock.h"

#include "base/log.h"
#include "base/secret.h"
#include "delivery/ledger.h"

static int64_t count_all(store_access *store) {
    static const char *const kinds[] = {RECORD_RECEPTION, RECORD_VISIT, RECORD_WITHOUT_CARD};
    int64_t all = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        int64_t count = 0;
        all += terminal_store_count(store->file, kinds[i], NULL, &count) == RESULT_OK ? count : 1;
    }
    return all;
}

static result count_setting(void *context, const char *name, int64_t version) {
    int64_t *count = context;
    (void)name;
    (void)version;
    (*count)++;
    return RESULT_OK;
}

/* New, or the program ended while making it; or emptied by an attacker, which gains no more than moving the file away:
 * a new store is locked. A store that lacks only its data key still has sealed rows, so it is not empty. */
static bool is_empty(store_access *store) {
    int64_t sealed = 0;
    return terminal_store_each_setting(store->file, count_setting, &sealed) == RESULT_OK && sealed == 0 &&
           count_all(store) == 0;
}

static result begin_store(token *se, store_access *store, bool by_person) {
    uint8_t key[CRYPT_SEAL_KEY_LENGTH];
    const bool fresh = by_person || lock_se_is_fresh(se);
    result code = data_key_make(se, store, key);
    if (code == RESULT_OK)
        code = store_derive_keys(store, key);
    if (code == RESULT_OK)
        code = ledger_begin(store);
    if (code == RESULT_OK)
        code = fresh ? lock_open(store) : lock_seal(store, LOCK_NEW_STORE);
    secret_wipe(key, sizeof key);
    return code;
}

static outcome unreadable(card_access *cards, store_access *store, command_context *ctx, result code) {
    const outcome done = secure_element_still_there(cards, ctx);
    if (done != OUTCOME_OK)
        return done;
    data_key_forget(cards, store);
    if (code == RESULT_BAD_SIGNATURE)
        return report_failure(
            &ctx->report, OUTCOME_REFUSED, "store-foreign",
            _("This Secure Element has not made the local store: it belongs to another terminal, or was put there. "
              "It is not used. Keep the file terminal.sqlite and tell the administrator. Continue with this "
              "terminal's own store, or move the file away: then an empty one begins."));
    if (code == RESULT_DENIED)
        return report_failure(&ctx->report, OUTCOME_USAGE, "store-secret",
                              _("The machine's secret that the local store was begun with is not in its file ([se] "
                                "store-secret: %s). Restore that file; without it the local data cannot be opened."),
                              *ctx->configuration.se_store_secret != 0 ? ctx->configuration.se_store_secret : "-");
    return report_failure(
        &ctx->report, OUTCOME_CARD, "store-locked",
        _("The local data cannot be opened with this Secure Element (%s). Is it the one of this terminal?"),
        report_cause(code));
}

/* Everybody who can write the file can change the number in clear, but not the sealed one. */
static void compare_counter(card_access *cards, store_access *store) {
    se_state now;
    uint32_t noted;
    if (cards->se_seen->counter_jump != 0 || !ledger_counter(store, &noted) ||
        se_state_read(cards->se, &now) != RESULT_OK || now.signatures == noted)
        return;
    const int64_t missing = (int64_t)now.signatures - noted;
    if (se_supervision_explains(cards, store, missing)) {
        se_supervision_note_counter(cards, store);
        return;
    }
    cards->se_seen->counter_jump = missing;
    log_warning("the local store is from another time than the SE: %lld signatures",
                (long long)cards->se_seen->counter_jump);
    audit_note(store, "se-counter-jumped", "store");
}

static outcome take_up(card_access *cards, store_access *store, command_context *ctx) {
    char head[STATEMENT_HASH_SIZE];
    const result decided = decisions_apply(store, ctx);
    if (decided != RESULT_OK)
        return ledger_failure(store, &ctx->report, decided, "");
    /* it is read again, and the failure reported, when it is needed */
    if (chain_head_read(store, &ctx->report, head) != RESULT_OK)
        log_warning("the head of the evidence chain cannot be read");
    compare_counter(cards, store);
    return OUTCOME_OK;
}

/* Unwraps the keys of an existing store and compares all of it with its ledger. */
static outcome open_keys(card_access *cards, store_access *store, command_context *ctx) {
    uint8_t key[CRYPT_SEAL_KEY_LENGTH];
    char problem[LEDGER_PROBLEM_SIZE] = "";
    if (is_empty(store)) {
        const result begun = begin_store(cards->se, store, false);
        se_supervision_note_counter(cards, store); /* this signature is the terminal's own, also if it is locked now */
        return begun == RESULT_OK ? OUTCOME_OK : unreadable(cards, store, ctx, begun);
    }
    result code = data_key_unwrap(cards->se, store, key);
    if (code == RESULT_OK)
        code = store_derive_keys(store, key);
    secret_wipe(key, sizeof key);
    if (code != RESULT_OK)
        return unreadable(cards, store, ctx, code == RESULT_NOT_FOUND ? RESULT_BAD_SIGNATURE : code);
    code = ledger_load(store, problem);
    return code == RESULT_OK ? OUTCOME_OK : ledger_failure(store, &ctx->report, code, problem);
}

static outcome open_store(card_access *cards, store_access *store, command_context *ctx, bool unlocking) {
    outcome done = open_keys(cards, store, ctx);
    if (done == OUTCOME_OK && unlocking && lock_open(store) != RESULT_OK)
        done = report_failure(&ctx->report, OUTCOME_INTERNAL, "store", _("The lock could not be taken off: %s."),
                              store_problem(RESULT_IO));
    if (done == OUTCOME_OK)
        done = lock_check(store, &ctx->report);
    if (done == OUTCOME_OK)
        done = take_up(cards, store, ctx);
    store->unlocked = done == OUTCOME_OK;
    if (!store->unlocked)
        data_key_forget(cards, store);
    return done;
}

outcome local_store_check(card_access *cards, store_access *store, report *r) {
    const outcome done = ledger_check(store, r);
    if (done != OUTCOME_OK)
        data_key_forget(cards, store);
    return done;
}

outcome local_store_open(card_access *cards, store_access *store, command_context *ctx) {
    const outcome done = secure_element_open(cards, store, ctx);
    if (done != OUTCOME_OK)
        return done;
    if (!store->unlocked)
        return open_store(cards, store, ctx, false);
    return local_store_check(cards, store, &ctx->report);
}

outcome local_store_open_reading(card_access *cards, store_access *store, command_context *ctx) {
    presence_supervise(cards->presence); /* one check: a later removal of the SE is not waited for */
    if (store->unlocked && (cards->se != NULL || cards->se_away_ms != 0))
        return local_store_check(cards, store, &ctx->report);
    return local_store_open(cards, store, ctx);
}

outcome local_store_unlock(card_access *cards, store_access *store, command_context *ctx) {
    return open_store(cards, store, ctx, true);
}

outcome local_store_begin(store_access *store, report *r, token *se) {
    const result code = begin_store(se, store, true);
    store_forget_keys(store);
    if (code == RESULT_OK)
        return OUTCOME_OK;
    return report_failure(r, OUTCOME_INTERNAL, "store", _("The local store cannot be begun (%s)."),
                          store_problem(code));
}
