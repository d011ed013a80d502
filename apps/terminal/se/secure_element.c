/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "se/secure_element.h"

#include "core/audit.h"
#include "core/local_store_file.h"
#include "core/pin_entry.h"
#include "core/presence.h"
#include "se/data_key.h"
#include "se/se_identity.h"
#include "se/se_pin_file.h"
#include "se/se_supervision.h"
#include "se/terminal_lock.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "pcsc/pcsc_service.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* An ending pcscd may remove its readers before it closes the connection. */
#define SERVICE_ENDS_TRIES 5
#define SERVICE_ENDS_STEP_US 40000
#define PRESENT_TRIES 3
#define MINUTE_MS 60000

/* --- opening ----------------------------------------------------------------------------------------------------- */

static bool is_institution_se(const token *t) {
    return strncmp(token_label(t), SE_LABEL, strlen(SE_LABEL)) == 0;
}

/* Reports why the SE cannot be used: the driver shows it as a token with only the SE-state record. */
static outcome tell_out_of_service(card_access *cards, store_access *store, command_context *ctx) {
    token *se = NULL;
    const char *reader = ctx->configuration.reader_se;
    const char *reason = se_no_answer; /* an unreadable SE is not reported as another terminal's */
    if (token_open(cards->se_module, reader, SE_STATE_TOKEN_LABEL, &se) == RESULT_OK) {
        reason = se_supervision_begin(cards, store, se);
        if (reason != NULL && strcmp(reason, "se-unbound") == 0 && !identity_has_serial(store, token_serial(se)))
            reason = "se-foreign";
        if (reason == NULL)
            reason = se_no_answer; /* usable again, but not when it was inserted: OpenSC reads a card once */
    } else if (token_open(cards->se_module, reader, "", &se) == RESULT_OK && !is_institution_se(se)) {
        reason = "se-foreign"; /* otherwise it could be opened again */
    }
    token_close(&se);
    return report_failure(&ctx->report, OUTCOME_CARD, reason, _("Receptions are not possible. %s"),
                          se_trouble_sentence(reason));
}

static outcome report_missing(card_access *cards, command_context *ctx) {
    const char *reader = ctx->configuration.reader_se;
    /* The SE may be in another user's process: then this user's rights say nothing; but a pcscd that does not run
     * serves nobody. */
    const bool elsewhere = cards->se_module != cards->module;
    const outcome done = !elsewhere || pcsc_ask(NULL) == PCSC_ABSENT ? cards_check_readers(&ctx->report, reader)
                                                                     : OUTCOME_OK;
    if (done != OUTCOME_OK)
        return done;
    if (elsewhere)
        return report_failure(
            &ctx->report, OUTCOME_CARD, "se-missing",
            _("The Secure Element cannot be reached through %s. Is it in its reader (%s), and does its server run?"
              " Receptions are not possible without it."),
            *ctx->configuration.se_server != 0 ? ctx->configuration.se_server : ctx->configuration.se_module, reader);
    return report_failure(&ctx->report, OUTCOME_CARD, "se-missing",
                          _("The Secure Element is not in its reader (%s). Receptions are not possible without it."),
                          reader);
}

outcome secure_element_still_there(card_access *cards, command_context *ctx) {
    return token_card_present(cards->se_module, ctx->configuration.reader_se) == RESULT_OK ? OUTCOME_OK
                                                                                           : report_missing(cards, ctx);
}

/* A reader may appear empty during a reset. */
static bool is_in_reader(card_access *cards, const char *reader) {
    bool there = token_card_present(cards->se_module, reader) == RESULT_OK;
    for (int i = 0; !there && i < PRESENT_TRIES && usleep(TOKEN_ASK_AGAIN_US) == 0; i++)
        there = token_card_present(cards->se_module, reader) == RESULT_OK;
    return there;
}

/* Whether the failure may be another program's disturbance. */
static bool may_be_disturbed(card_access *cards, const char *reader, int64_t began_ms, unsigned tries) {
    return !token_asked_enough(began_ms, TOKEN_ANSWERS_WITHIN_MS, tries) && is_in_reader(cards, reader) &&
           !cards_reader_holds(cards->se_module, reader, SE_STATE_TOKEN_LABEL) && usleep(TOKEN_ASK_AGAIN_US) == 0;
}

outcome secure_element_find(card_access *cards, store_access *store, command_context *ctx, token **se) {
    const char *reader = ctx->configuration.reader_se;
    const int64_t began_ms = clock_monotonic_ms();
    unsigned tries = 0;
    result code;
    do
        code = token_open(cards->se_module, reader, SE_LABEL, se);
    while (code != RESULT_OK && may_be_disturbed(cards, reader, began_ms, ++tries));
    if (code == RESULT_OK)
        return OUTCOME_OK;
    if (code != RESULT_REMOVED && token_card_present(cards->se_module, reader) == RESULT_OK)
        return tell_out_of_service(cards, store, ctx);
    return report_missing(cards, ctx);
}

/* Without an answer it is unknown whether a PIN try was spent: the PIN is sent again only while none is. */
static bool may_try_again(token *se, result code, int64_t began_ms, unsigned logins) {
    token_tries tries = TOKEN_TRIES_NONE;
    return (code == RESULT_IO || code == RESULT_INTERNAL) &&
           !token_asked_enough(began_ms, TOKEN_ANSWERS_WITHIN_MS, logins) && usleep(TOKEN_ASK_AGAIN_US) == 0 &&
           token_pin_tries(se, &tries) == RESULT_OK && tries == TOKEN_TRIES_FULL;
}

outcome secure_element_log_in(card_access *cards, report *r, token *se, bytes pin, const char *pin_from) {
    const int64_t began_ms = clock_monotonic_ms();
    unsigned logins = 0;
    result code;
    do
        code = token_login(se, pin);
    while (may_try_again(se, code, began_ms, ++logins));
    if (code == RESULT_OK)
        return OUTCOME_OK;
    if (code == RESULT_DENIED || code == RESULT_INVALID)
        return report_failure(
            r, OUTCOME_CARD, "se-pin-wrong",
            _("The SE refuses the activation PIN (%s). A further wrong try may block it: make sure of it first."),
            pin_from);
    return cards_token_failure(cards, r, code, _("Secure Element"), se);
}

/* A relay's SE asks for no PIN: the relay has it. To unlock, a person types the code that the relay's administrator has
 * made for this terminal; it is sent as the security officer's PIN. */
static outcome check_code(card_access *cards, report *r, token *se, bytes typed) {
    const result code = token_check_officer(se, typed);
    if (code == RESULT_DENIED || code == RESULT_INVALID)
        return report_failure(r, OUTCOME_CARD, "relay-code-wrong",
                              _("The relay does not accept this code. Its administrator makes one for this terminal: "
                                "uketsuke-relay terminal unlock"));
    return code == RESULT_OK ? OUTCOME_OK : cards_token_failure(cards, r, code, _("Secure Element"), se);
}

static outcome log_in(card_access *cards, command_context *ctx, token *se, bytes pin, bool typed) {
    report *r = &ctx->report;
    bool needs;
    const result code = token_needs_login(se, &needs);
    if (code != RESULT_OK)
        return cards_token_failure(cards, r, code, _("Secure Element"), se);
    if (!needs)
        return typed ? check_code(cards, r, se, pin) : OUTCOME_OK;
    if (pin.length == 0)
        return report_failure(r, OUTCOME_CARD, "se-pin-needed",
                              _("The SE asks for its activation PIN, and the configuration names no PIN file ([se] "
                                "pin-file). Run, with the SE's PIN: uketsuke unlock"));
    return secure_element_log_in(cards, r, se, pin, typed ? _("typed") : ctx->configuration.se_pin_file);
}

/* Reopens a session that another program has ended while the SE is being opened; there is no login yet. */
static bool revive(void *context) {
    return token_revive(context) == RESULT_OK;
}

/* The driver has no channel just now. */
static const char *begin_supervision(card_access *cards, store_access *store, const configuration *conf, token *se) {
    const int64_t began_ms = clock_monotonic_ms();
    unsigned tries = 0;
    const char *trouble = se_supervision_begin(cards, store, se);
    while (trouble == se_no_answer && !token_asked_enough(began_ms, TOKEN_ANSWERS_WITHIN_MS, ++tries) &&
           is_in_reader(cards, conf->reader_se) && usleep(TOKEN_ASK_AGAIN_US) == 0)
        trouble = se_supervision_begin(cards, store, se);
    return trouble;
}

/* What is needed to restore a lost session. */
typedef struct recovery {
    card_access *cards;
    store_access *store;
    const configuration *conf;
} recovery;

static recovery of_this; /* a process has one SE */
static bool recover(void *context);

/* Adds the SE to the watched cards. */
static outcome watch(presence *p, token *se) {
    if (p == NULL)
        return OUTCOME_OK;
    if (token_watch_add(p->watch, se, &p->se_removed, &p->se_login_lost) != RESULT_OK)
        return OUTCOME_INTERNAL;
    pcsc_link_close(&p->service);
    pcsc_link_open(&p->service);
    return OUTCOME_OK;
}

outcome secure_element_take(card_access *cards, store_access *store, command_context *ctx, bytes pin, bool typed) {
    CLEANED_BY(token_close) token *se = NULL;
    outcome done;
    if ((done = cards_open_se_module(cards, ctx)) != OUTCOME_OK ||
        (done = store_open_file(store, &ctx->report)) != OUTCOME_OK ||
        (done = secure_element_find(cards, store, ctx, &se)) != OUTCOME_OK)
        return done;
    token_recover_by(se, revive, se); /* from here on calls that other programs disturb are repeated */
    if ((done = identity_check(cards, store, ctx, se)) != OUTCOME_OK)
        return done;
    const char *trouble = begin_supervision(cards, store, &ctx->configuration, se);
    if (trouble != NULL)
        return report_failure(&ctx->report, OUTCOME_CARD, trouble, _("Receptions are not possible. %s"),
                              se_trouble_sentence(trouble));
    if ((done = log_in(cards, ctx, se, pin, typed)) != OUTCOME_OK || (done = watch(cards->presence, se)) != OUTCOME_OK)
        return done;
    cards->se = se;
    cards->se_away_ms = 0;
    se = NULL;
    of_this = (recovery){cards, store, &ctx->configuration};
    token_recover_by(cards->se, recover, &of_this);
    token_remember_objects(cards->se);
    return OUTCOME_OK;
}

outcome secure_element_open(card_access *cards, store_access *store, command_context *ctx) {
    CLEANED_BY(buffer_wipe) buffer pin = BUFFER_SECRET(PIN_TYPED_MAX);
    const char *pin_file = ctx->configuration.se_pin_file;
    outcome done;
    presence_supervise(cards->presence);
    if (cards->se != NULL)
        return OUTCOME_OK;
    if ((done = store_open_file(store, &ctx->report)) != OUTCOME_OK ||
        (done = lock_check_clear(store, &ctx->report)) != OUTCOME_OK ||
        (*pin_file != 0 && (done = se_pin_file_read(pin_file, &pin, &ctx->report)) != OUTCOME_OK))
        return done;
    return secure_element_take(cards, store, ctx, buffer_bytes(&pin), false);
}

/* --- while it works ---------------------------------------------------------------------------------------------- */

/* The SE has lost its login: another program has reset it or sent commands in our place, the issuer opened its channel,
 * or a program logged out past the driver. Logs in again with the PIN file, as at the start of the machine, after
 * checking everything that forbids it. A wrong PIN also ends the login: then our correct PIN would reset the try
 * counter for an attacker who guesses. */
static const char *log_in_again(card_access *cards, store_access *store, const configuration *conf) {
    buffer pin = BUFFER_SECRET(PIN_TYPED_MAX);
    report quiet;
    bool needs;
    if (token_needs_login(cards->se, &needs) != RESULT_OK)
        return se_no_answer;
    if (!needs)
        return NULL;
    report_begin(&quiet, true, NULL, NULL);
    const char *trouble = "se-pin";
    token_tries tries = TOKEN_TRIES_NONE;
    if (token_pin_tries(cards->se, &tries) != RESULT_OK)
        trouble = se_no_answer;
    else if (tries != TOKEN_TRIES_FULL)
        trouble = "se-pin-tried";
    else if (se_pin_file_read(conf->se_pin_file, &pin, &quiet) == OUTCOME_OK) {
        const result code = token_login(cards->se, buffer_bytes(&pin));
        const bool refused = code == RESULT_DENIED || code == RESULT_BLOCKED || code == RESULT_INVALID;
        trouble = code == RESULT_OK ? NULL : refused ? "se-pin" : se_no_answer;
    }
    if (trouble == NULL && se_supervision_may_tell(&cards->se_seen->login_told_ms)) {
        log_notice("the SE had forgotten the PIN: logged in again");
        audit_note(store, "se-login-again", "");
    }
    buffer_wipe(&pin);
    report_discard(&quiet);
    return trouble;
}

/* Whether the SE may only be without power; every other reason comes from the SE itself. */
static bool may_be_the_service(const char *trouble) {
    return strcmp(trouble, "se-removed") == 0 || trouble == se_no_answer;
}

static bool service_has_ended(const presence *p) {
    for (int i = 0; p != NULL && i < SERVICE_ENDS_TRIES; i++) {
        if (pcsc_link_is_cut(p->service))
            return true;
        usleep(SERVICE_ENDS_STEP_US);
    }
    return false;
}

static bool is_elsewhere(const card_access *cards) {
    return cards->se_module != cards->module;
}

/* pcscd has ended, so that every card has lost power; or the SE's process does not answer. Neither is evidence of
 * tampering. The SE is opened again when it is needed and answers, as at the start of the machine: identified by serial
 * number, certificate and pairing, its counters compared with the noted ones (se_supervision_begin). */
static void put_away(card_access *cards, store_access *store, bool keep_keys, const char *event, const char *words) {
    log_notice("%s: the SE is opened again", words);
    if (keep_keys)
        cards_close_se(cards);
    else
        data_key_forget(cards, store);
    cards->se_away_ms = is_elsewhere(cards) ? clock_monotonic_ms() : 0;
    audit_note(store, event, "");
    atomic_store(&cards->presence->se_removed, false);
    atomic_store(&cards->presence->se_login_lost, false);
}

/* *revived: whether there was a session to ask in. */
static const char *look_once(card_access *cards, store_access *store, const configuration *conf, bool lost,
                             bool *revived) {
    const result code = lost ? token_revive(cards->se) : RESULT_OK;
    *revived = code == RESULT_OK;
    if (!*revived)
        return code == RESULT_REFUSED ? "se-removed" : se_no_answer;
    const char *trouble = se_supervision_look(cards, store, lost);
    return trouble == NULL && lost ? log_in_again(cards, store, conf) : trouble;
}

/* The reader is empty, or was removed with its SE. A missing reader in another process proves nothing: the process may
 * have ended. */
static bool is_empty(card_access *cards, const configuration *conf) {
    const result code = token_card_present(cards->se_module, conf->reader_se);
    return code == RESULT_REMOVED || (code != RESULT_OK && !is_elsewhere(cards));
}

/* The connection to another process has ended, and needs a new one (p11-kit manual, "Remoting"). */
static bool is_cut_off(card_access *cards, const configuration *conf) {
    if (!is_elsewhere(cards))
        return false;
    const result code = token_card_present(cards->se_module, conf->reader_se);
    return code == RESULT_IO || code == RESULT_INTERNAL;
}

/* Another card answers: the one that was opened was removed. */
static bool another_answers(card_access *cards, const configuration *conf) {
    token *found = NULL;
    se_state state;
    bool another = false;
    if (token_open(cards->se_module, conf->reader_se, "", &found) == RESULT_OK)
        another = strcmp(token_serial(found), token_serial(cards->se)) != 0 ||
                  strcmp(token_label(found), token_label(cards->se)) != 0 ||
                  (se_state_read(found, &state) == RESULT_OK && state.connection != cards->se_seen->connection);
    token_close(&found);
    return another;
}

/* A program that resets the SE continuously may be faster than one command, but not every time, so the check is
 * repeated. It is not repeated for an SE that is missing or slow. */
static const char *look(card_access *cards, store_access *store, const configuration *conf, bool lost) {
    const int64_t began_ms = clock_monotonic_ms();
    bool revived;
    const char *trouble = look_once(cards, store, conf, lost, &revived);
    while (trouble == se_no_answer) {
        if (is_empty(cards, conf) || (!revived && another_answers(cards, conf)))
            return "se-removed";
        if (clock_monotonic_ms() - began_ms > TOKEN_ANSWERS_WITHIN_MS || is_cut_off(cards, conf))
            return trouble;
        usleep(TOKEN_ASK_AGAIN_US);
        trouble = look_once(cards, store, conf, true, &revived);
    }
    return trouble;
}

static bool is_lost(const presence *p) {
    return p != NULL && (atomic_load(&p->se_removed) || atomic_load(&p->se_login_lost));
}

/* An event during the check is handled by a further check. */
static const char *look_if_lost(card_access *cards, store_access *store, const configuration *conf) {
    const bool lost = is_lost(cards->presence);
    if (lost)
        atomic_store(&cards->presence->se_login_lost, false);
    const char *trouble = look(cards, store, conf, lost);
    if (trouble == NULL && lost)
        atomic_store(&cards->presence->se_removed, false);
    return trouble;
}

/* Called between two steps of a command: the desk, not this function, decides about a lock. */
static bool recover(void *context) {
    const recovery *r = context;
    return r->cards->se != NULL && look(r->cards, r->store, r->conf, true) == NULL;
}

void secure_element_steady(card_access *cards, store_access *store, const configuration *conf) {
    if (cards->se != NULL && is_lost(cards->presence))
        look_if_lost(cards, store, conf);
}

/* Stored data stays readable for a while when an SE in another process is away: restarting a relay must not clear the
 * screens of a whole hospital. It locks nothing. */
static void forget_after_a_while(card_access *cards, store_access *store, const configuration *conf) {
    if (cards->se_away_ms == 0 || !store->unlocked ||
        clock_monotonic_ms() - cards->se_away_ms < conf->se_away_minutes * MINUTE_MS)
        return;
    log_notice("the SE has been away for %ld minutes: the local data is closed", conf->se_away_minutes);
    store_forget_keys(store);
}

const char *secure_element_look(card_access *cards, store_access *store, const configuration *conf) {
    if (cards->se == NULL) {
        forget_after_a_while(cards, store, conf);
        return NULL;
    }
    const char *trouble = look_if_lost(cards, store, conf);
    if (trouble == NULL || cards->presence == NULL || !may_be_the_service(trouble))
        return trouble;
    if (service_has_ended(cards->presence))
        put_away(cards, store, false, "se-service-restarted",
                 "the service for card readers (pcscd) has ended or was started again");
    else if (trouble == se_no_answer)
        put_away(cards, store, is_elsewhere(cards) && conf->se_away_minutes > 0, "se-unreachable",
                 "the SE does not answer");
    else
        return trouble;
    return NULL;
}

/* --- locking ----------------------------------------------------------------------------------------------------- */

/* Signs the audit row of the lock: not with an SE that may be without power, and not after a jump of its counter,
 * because the checkpoint would note the other program's signatures as ours. */
static void sign_lock(card_access *cards, store_access *store, const char *why) {
    if (cards->se == NULL || may_be_the_service(why) || strcmp(why, "se-counter-jumped") == 0)
        return;
    audit_checkpoint(cards->se, store);
    se_supervision_note_counter(cards, store);
}

void secure_element_lock(card_access *cards, store_access *store, report *r, const char *why) {
    /* Locks while the keys are there, so that the sealed setting is written, too. */
    if (store_open_file(store, r) != OUTCOME_OK || lock_seal(store, why) != RESULT_OK)
        log_write(LOG_ERROR, "the lock could not be written: %s", why);
    audit_note(store, "terminal-locked", why);
    sign_lock(cards, store, why);
    data_key_forget(cards, store);
}
