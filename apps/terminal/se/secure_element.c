/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "se/secure_element.h"

#include "core/audit.h"
#include "core/guarded_state.h"
#include "core/presence.h"
#include "se/se_identity.h"
#include "se/terminal_lock.h"
#include "se/se_supervision.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "pcsc/pcsc_service.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIN_MAX 64
/* A service that ends may take its readers away before it hangs up. */
#define SERVICE_ENDS_TRIES 5
#define SERVICE_ENDS_STEP_US 40000
#define ANSWERS_WITHIN_MS 2000 /* an SE that others disturb */
#define ASK_AGAIN_US 5000

outcome secure_element_pin(terminal *t, buffer *pin) {
    struct stat seen;
    const char *path = t->configuration.se_pin_file;
    if (stat(path, &seen) != 0)
        return report_failure(&t->report, OUTCOME_USAGE, "se-pin-file",
                              _("The SE's PIN file %s is not there. Write the SE's PIN into it (mode 0600), or name"
                                " another file in the configuration ([se] pin-file)."),
                              path);
    if ((seen.st_mode & 077) != 0)
        return report_failure(&t->report, OUTCOME_USAGE, "se-pin-file",
                              _("The SE's PIN file %s is readable by others. Run: chmod 600 %s"), path, path);
    const outcome guarded = guarded_check(path, &t->report);
    if (guarded != OUTCOME_OK)
        return guarded;
    if (file_read(path, pin) != RESULT_OK || pin->length == 0)
        return report_failure(&t->report, OUTCOME_USAGE, "se-pin-file", _("The SE's PIN file %s cannot be read."),
                              path);
    while (pin->length > 0 && (pin->data[pin->length - 1] == '\n' || pin->data[pin->length - 1] == '\r'))
        buffer_truncate(pin, pin->length - 1);
    return OUTCOME_OK;
}

/* --- opening ----------------------------------------------------------------------------------------------------- */

/* Why the SE in the reader is not to be used: the driver shows it as a token that only tells its state. */
static outcome tell_out_of_service(terminal *t) {
    token *se = NULL;
    const char *reason = "se-foreign";
    if (token_open(t->se_module, t->configuration.reader_se, SE_STATE_TOKEN_LABEL, &se) == RESULT_OK) {
        reason = se_supervision_begin(t, se);
        if (reason != NULL && strcmp(reason, "se-unbound") == 0 && !identity_has_serial(t, token_serial(se)))
            reason = "se-foreign";
        if (reason == NULL)
            reason = "se-silent"; /* in order again, but it was not when it was put in: OpenSC looks once */
    }
    token_close(&se);
    return report_failure(&t->report, OUTCOME_CARD, reason, _("Receptions are not possible. %s"),
                          se_trouble_sentence(reason));
}

static outcome tell_missing(terminal *t) {
    const char *reader = t->configuration.reader_se;
    /* In another user's process what this user may do says nothing; a service that does not run serves nobody. */
    const bool elsewhere = t->se_module != t->module;
    const outcome done = !elsewhere || pcsc_ask(NULL) == PCSC_ABSENT ? terminal_check_readers(t, reader) : OUTCOME_OK;
    if (done != OUTCOME_OK)
        return done;
    if (elsewhere)
        return report_failure(
            &t->report, OUTCOME_CARD, "se-missing",
            _("The Secure Element cannot be reached through %s. Is it in its reader (%s), and does its server run?"
              " Receptions are not possible without it."),
            *t->configuration.se_server != 0 ? t->configuration.se_server : t->configuration.se_module, reader);
    return report_failure(&t->report, OUTCOME_CARD, "se-missing",
                          _("The Secure Element is not in its reader (%s). Receptions are not possible without it."),
                          reader);
}

outcome secure_element_still_there(terminal *t) {
    return token_card_present(t->se_module, t->configuration.reader_se) == RESULT_OK ? OUTCOME_OK : tell_missing(t);
}

/* Whether it may be only that somebody disturbs the SE just now. */
static bool may_be_disturbed(terminal *t, result code, int64_t began_ms) {
    const char *reader = t->configuration.reader_se;
    return code != RESULT_OK && clock_monotonic_ms() - began_ms <= ANSWERS_WITHIN_MS &&
           token_card_present(t->se_module, reader) == RESULT_OK &&
           !terminal_reader_holds(t, reader, SE_STATE_TOKEN_LABEL) && usleep(ASK_AGAIN_US) == 0;
}

outcome secure_element_find(terminal *t, token **se) {
    const char *reader = t->configuration.reader_se;
    const int64_t began_ms = clock_monotonic_ms();
    result code;
    do
        code = token_open(t->se_module, reader, SE_LABEL, se);
    while (may_be_disturbed(t, code, began_ms));
    if (code == RESULT_OK)
        return OUTCOME_OK;
    if (code == RESULT_NOT_FOUND && token_card_present(t->se_module, reader) == RESULT_OK)
        return tell_out_of_service(t);
    return tell_missing(t);
}

outcome secure_element_log_in(terminal *t, token *se, bytes pin, const char *pin_from) {
    result code = token_login(se, pin);
    if (code == RESULT_OK)
        return OUTCOME_OK;
    if (code == RESULT_DENIED || code == RESULT_INVALID)
        return report_failure(
            &t->report, OUTCOME_CARD, "se-pin-wrong",
            _("The SE refuses the activation PIN (%s). A further wrong try may block it: make sure of it first."),
            pin_from);
    return terminal_token_failure(t, code, _("Secure Element"), se);
}

static bool recover(void *context);

outcome secure_element_take(terminal *t, bytes pin, const char *pin_from) {
    token *se = NULL;
    const char *trouble = NULL;
    outcome done = terminal_open_se_module(t);
    if (done == OUTCOME_OK)
        done = terminal_open_store_file(t);
    if (done == OUTCOME_OK)
        done = secure_element_find(t, &se);
    if (done == OUTCOME_OK)
        done = identity_check(t, se);
    if (done == OUTCOME_OK && (trouble = se_supervision_begin(t, se)) != NULL)
        done = report_failure(&t->report, OUTCOME_CARD, trouble, _("Receptions are not possible. %s"),
                              se_trouble_sentence(trouble));
    if (done == OUTCOME_OK)
        done = secure_element_log_in(t, se, pin, pin_from);
    if (done == OUTCOME_OK && t->presence != NULL &&
        token_watch_add(t->presence->watch, se, &t->presence->se_gone, &t->presence->se_login_lost) != RESULT_OK)
        done = OUTCOME_INTERNAL;
    if (done == OUTCOME_OK && t->presence != NULL) {
        pcsc_link_close(&t->presence->service);
        pcsc_link_open(&t->presence->service);
    }
    if (done != OUTCOME_OK) {
        token_close(&se);
        return done;
    }
    t->se = se;
    token_recover_by(se, recover, t);
    return OUTCOME_OK;
}

outcome secure_element_open(terminal *t) {
    buffer pin = BUFFER_SECRET(PIN_MAX);
    presence_supervise(t);
    if (t->se != NULL)
        return OUTCOME_OK;
    outcome done = terminal_open_store_file(t);
    if (done == OUTCOME_OK)
        done = lock_check_clear(t);
    if (done == OUTCOME_OK)
        done = secure_element_pin(t, &pin);
    if (done == OUTCOME_OK)
        done = secure_element_take(t, buffer_bytes(&pin), t->configuration.se_pin_file);
    buffer_wipe(&pin);
    return done;
}

/* --- while it works ---------------------------------------------------------------------------------------------- */

/* The SE has forgotten the PIN: somebody has reset it, or sent it something that looked like ours; the issuer's channel
 * does it, or a program that logs out past the driver. The PIN file serves for that, as at the start of the machine;
 * everything that ought to stop us is looked at before. A wrong PIN does it, too, and our right one would give whoever
 * guesses his tries back. */
static const char *log_in_again(terminal *t) {
    buffer pin = BUFFER_SECRET(PIN_MAX);
    const report own = t->report;
    report_begin(&t->report, true, NULL, NULL);
    const char *trouble = "se-pin";
    token_tries tries = TOKEN_TRIES_NONE;
    if (token_pin_tries(t->se, &tries) != RESULT_OK)
        trouble = se_no_answer;
    else if (tries != TOKEN_TRIES_FULL)
        trouble = "se-pin-tried";
    else if (secure_element_pin(t, &pin) == OUTCOME_OK) {
        const result code = token_login(t->se, buffer_bytes(&pin));
        const bool refused = code == RESULT_DENIED || code == RESULT_BLOCKED || code == RESULT_INVALID;
        trouble = code == RESULT_OK ? NULL : refused ? "se-pin" : se_no_answer;
    }
    if (trouble == NULL && se_supervision_may_tell(&t->se_seen.login_told_ms)) {
        log_notice("the SE had forgotten the PIN: logged in again");
        audit_note(t, "se-login-again", "");
    }
    buffer_wipe(&pin);
    report_discard(&t->report);
    t->report = own;
    return trouble;
}

/* What an SE without power looks like; everything else it has said itself. */
static bool may_be_the_service(const char *trouble) {
    return strcmp(trouble, "se-removed") == 0 || trouble == se_no_answer;
}

static bool service_has_ended(const terminal *t) {
    for (int i = 0; t->presence != NULL && i < SERVICE_ENDS_TRIES; i++) {
        if (pcsc_link_is_cut(t->presence->service))
            return true;
        usleep(SERVICE_ENDS_STEP_US);
    }
    return false;
}

/* The service for card readers has ended, which takes the power from every card; or nobody answers for the SE. Neither
 * is evidence that anybody touched it. It is opened anew when it is needed and answers, as at the start of the machine:
 * known by serial number, certificate and pairing, its counters compared with what was noted (se_supervision_begin). */
static void put_away(terminal *t, const char *event, const char *words) {
    log_notice("%s: the SE is opened anew", words);
    terminal_forget_keys(t);
    audit_note(t, event, "");
    atomic_store(&t->presence->se_gone, false);
    atomic_store(&t->presence->se_login_lost, false);
}

/* *revived: whether there was a session to ask in. */
static const char *look_once(terminal *t, bool lost, bool *revived) {
    const result code = lost ? token_revive(t->se) : RESULT_OK;
    *revived = code == RESULT_OK;
    if (!*revived)
        return code == RESULT_REFUSED ? "se-removed" : se_no_answer;
    const char *trouble = se_supervision_look(t, lost);
    return trouble == NULL && lost ? log_in_again(t) : trouble;
}

/* A reader that says so, or that has left with its SE. Of a reader in another process nothing but the former can be
 * known: the process may have ended. */
static bool is_empty(terminal *t) {
    const result code = token_card_present(t->se_module, t->configuration.reader_se);
    return code == RESULT_REMOVED || (code != RESULT_OK && t->se_module == t->module);
}

/* A card that answers, and not as the one that was opened: that one has left. */
static bool another_answers(terminal *t) {
    token *found = NULL;
    se_state state;
    bool another = false;
    if (token_open(t->se_module, t->configuration.reader_se, "", &found) == RESULT_OK)
        another = strcmp(token_serial(found), token_serial(t->se)) != 0 ||
                  strcmp(token_label(found), token_label(t->se)) != 0 ||
                  (se_state_read(found, &state) == RESULT_OK && state.connection != t->se_seen.connection);
    token_close(&found);
    return another;
}

/* Who resets the SE as fast as he can may be quicker than one question; he is not always. An SE that is not there, or
 * takes its time, is not asked again. */
static const char *look(terminal *t, bool lost) {
    const int64_t began_ms = clock_monotonic_ms();
    bool revived;
    const char *trouble = look_once(t, lost, &revived);
    while (trouble == se_no_answer) {
        if (is_empty(t) || (!revived && another_answers(t)))
            return "se-removed";
        if (clock_monotonic_ms() - began_ms > ANSWERS_WITHIN_MS)
            return trouble;
        usleep(ASK_AGAIN_US);
        trouble = look_once(t, true, &revived);
    }
    return trouble;
}

static bool is_lost(const terminal *t) {
    return t->presence != NULL && (atomic_load(&t->presence->se_gone) || atomic_load(&t->presence->se_login_lost));
}

/* What comes while it is looked at is not forgotten. */
static const char *look_if_lost(terminal *t) {
    const bool lost = is_lost(t);
    if (lost)
        atomic_store(&t->presence->se_login_lost, false);
    const char *trouble = look(t, lost);
    if (trouble == NULL && lost)
        atomic_store(&t->presence->se_gone, false);
    return trouble;
}

/* Between two steps of a command of ours: whether the terminal must be locked is the desk's question. */
static bool recover(void *context) {
    terminal *t = context;
    return t->se != NULL && look(t, true) == NULL;
}

void secure_element_steady(terminal *t) {
    if (t->se != NULL && is_lost(t))
        look_if_lost(t);
}

const char *secure_element_look(terminal *t) {
    if (t->se == NULL)
        return NULL;
    const char *trouble = look_if_lost(t);
    if (trouble == NULL || t->presence == NULL || !may_be_the_service(trouble))
        return trouble;
    if (service_has_ended(t))
        put_away(t, "se-service-restarted", "the service for card readers (pcscd) has ended or was started again");
    else if (trouble == se_no_answer)
        put_away(t, "se-unreachable", "nobody answers for the SE");
    else
        return trouble;
    return NULL;
}

/* --- locking ----------------------------------------------------------------------------------------------------- */

/* One that has lost its power cannot sign, and signatures of others must not be noted with our own. */
static void sign_lock(terminal *t, const char *why) {
    if (t->se == NULL || may_be_the_service(why) || strcmp(why, "se-counter-jumped") == 0)
        return;
    audit_checkpoint(t);
    se_supervision_note_counter(t);
}

void secure_element_lock(terminal *t, const char *why) {
    /* With the keys while they are there: what is locked without them, only a row in clear says. */
    if (terminal_open_store_file(t) != OUTCOME_OK || lock_seal(t, why) != RESULT_OK)
        log_write(LOG_ERROR, "the lock could not be written: %s", why);
    audit_note(t, "terminal-locked", why);
    sign_lock(t, why);
    terminal_forget_keys(t);
}
