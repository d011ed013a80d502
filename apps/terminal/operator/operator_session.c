/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "operator/operator_session.h"

#include "operator/session_rule.h"
#include "operator/stored_session.h"

#include "core/clock_check.h"
#include "core/decisions.h"
#include "core/events.h"
#include "core/local_store_file.h"
#include "core/presence.h"
#include "se/local_store.h"

#include "base/clock.h"
#include "base/log.h"
#include "pcsc/pcsc_service.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- the daemon's: in memory, with the card's token kept open ------------------------------------------- */

struct operator_session {
    card_access *cards;
    store_access *store;
    command_context *context;
    void (*confirm_clock)(void *context); /* NULL: none */
    void *confirm_context;
    bool stays; /* of the daemon: the rest is in use */
    operator_card actor;
    token *card; /* NULL: no operator is logged in */
    session_times times;
    const char *ended;         /* why the last one ended: a reason word */
    char stay[PCSC_STAY_SIZE]; /* of the card that logs in now, at a command by itself */
};

outcome session_new(card_access *cards, store_access *store, command_context *ctx, operator_session **out) {
    operator_session *s = calloc(1, sizeof *s);
    *out = s;
    if (s == NULL)
        return report_failure(&ctx->report, OUTCOME_INTERNAL, "internal", "%s", report_system_cause(ENOMEM));
    *s = (operator_session){.cards = cards, .store = store, .context = ctx, .ended = ""};
    return OUTCOME_OK;
}

static void forget(operator_session *s, const char *why) {
    if (s->card != NULL) {
        token_watch_drop(s->cards->presence->watch, s->card);
        events_end_session(s->context->events);
        events_tell(s->context->events, "operator-out", *why != 0 ? why : NULL, NULL);
    }
    token_close(&s->card);
    s->actor = (operator_card){0};
    s->times = (session_times){0};
    s->ended = why;
    atomic_store(&s->cards->presence->operator_removed, false);
}

void session_stay(operator_session *s) {
    s->stays = true;
}

void session_leave(operator_session *s) {
    if (s->stays)
        forget(s, "");
    s->stays = false;
}

void session_free(operator_session **s) {
    free(*s);
    *s = NULL;
}

const char *session_operator(const operator_session *s) {
    return s->card != NULL ? s->actor.id : NULL;
}

const char *session_over(const operator_session *s) {
    return s->card != NULL ? session_rule_over(&s->times, atomic_load(&s->cards->presence->operator_removed),
                                               &s->context->limits, clock_monotonic_ms())
                           : NULL;
}

static outcome begin_resident(operator_session *s, const operator_card *actor, token **card) {
    forget(s, "");
    /* Every use of a key needs the PIN again: the session keeps no right open at the card. */
    token_logout(*card);
    s->card = *card;
    *card = NULL;
    s->actor = *actor;
    s->times.began_ms = s->times.used_ms = clock_monotonic_ms();
    if (token_watch_add(s->cards->presence->watch, s->card, &s->cards->presence->operator_removed, NULL) == RESULT_OK) {
        events_tell(s->context->events, "operator-in", NULL, json_pack("{s:s}", "role", role_word(actor->role)));
        return OUTCOME_OK;
    }
    forget(s, "");
    return report_failure(&s->context->report, OUTCOME_INTERNAL, "internal", _("The card cannot be watched."));
}

/* Why a session has ended, for the reasons that also tell the next step. A removed SE is not among them: the store is
 * open here, so the SE is back. */
static const struct {
    const char *reason, *message;
} endings[] = {
    {"operator-card-removed",
     N_("The operator card was taken out, so the session has ended. Insert your card and log in.")},
    {"idle", N_("Nobody used the terminal for a while, so the session has ended. Log in again.")},
    {"session-expired", N_("The session has lasted too long and has ended. Log in again.")},
};

static outcome nobody(report *r, const char *why) {
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (strcmp(endings[i].reason, why) == 0)
            return report_failure(r, OUTCOME_REFUSED, endings[i].reason, "%s", language_text(endings[i].message));
    return report_failure(r, OUTCOME_REFUSED, "no-session",
                          _("Nobody is logged in with the card in the operator reader. Run: uketsuke login"));
}

static outcome require_resident(operator_session *s, operator_card *out) {
    presence_supervise(s->cards->presence);
    if (s->card == NULL)
        return nobody(&s->context->report, s->ended);
    s->times.used_ms = clock_monotonic_ms();
    *out = s->actor;
    return OUTCOME_OK;
}

/* --- a command by itself: sealed in the store --------------------------------------------------------------------- */

/* Notes the reader and the card's stay there: the session must end with the card's removal. */
outcome session_expect(operator_session *s) {
    report *r = &s->context->report;
    const char *reader = s->context->configuration.reader_operator;
    const result code = s->stays ? RESULT_OK : pcsc_card_stay(reader, s->stay);
    if (code == RESULT_OK || code == RESULT_REMOVED)
        return OUTCOME_OK; /* the caller that reads the card reports that it is missing */
    const outcome done = cards_check_readers(r, reader);
    if (done != OUTCOME_OK)
        return done;
    return report_failure(r, OUTCOME_CARD, "login-needs-daemon",
                          _("pcscd does not say since when it runs (file pcscd.pid beside its socket), so a removal of "
                            "the card would not be noticed. Start the daemon: systemctl start uketsuke"));
}

static outcome begin_stored(const operator_session *s, const operator_card *actor) {
    const session_owner owner = {.fingerprint = actor->fingerprint, .id = actor->id, .stay = s->stay};
    const result code = stored_session_begin(s->store, &owner, clock_boot_ms());
    if (code == RESULT_OK)
        return OUTCOME_OK;
    return report_failure(&s->context->report, OUTCOME_INTERNAL, "store", _("The session could not be stored: %s."),
                          store_problem(code));
}

/* Called after the card was read: checks that it has been in the reader since the login. */
static outcome require_stored(operator_session *s, operator_card *out) {
    char stay[PCSC_STAY_SIZE];
    token *card = NULL;
    const outcome done = operator_card_read(s->cards, s->context, out, &card);
    token_close(&card);
    if (done != OUTCOME_OK)
        return done;
    const result here = pcsc_card_stay(s->context->configuration.reader_operator, stay);
    const session_owner owner = {.fingerprint = out->fingerprint, .id = out->id, .stay = stay};
    const char *over = here == RESULT_OK ? stored_session_over(s->store, &owner, &s->context->limits, clock_boot_ms())
                       : here == RESULT_REMOVED ? "operator-card-removed"
                                                : "";
    if (over != NULL)
        return nobody(&s->context->report, over);
    if (stored_session_use(s->store, &owner, clock_boot_ms()) != RESULT_OK)
        log_warning("the session's last use could not be noted");
    return OUTCOME_OK;
}

/* --- both --------------------------------------------------------------------------------------------------------- */

outcome session_begin(operator_session *s, const operator_card *actor, token **card) {
    snprintf(s->store->operator_id, sizeof s->store->operator_id, "%.64s", actor->id);
    return s->stays ? begin_resident(s, actor, card) : begin_stored(s, actor);
}

outcome session_end(operator_session *s, const char *why) {
    if (s->stays)
        forget(s, why);
    /* Without the store's keys no stored session can continue: after a lock a new login is needed. */
    const result code = s->store->ledger != NULL ? stored_session_end(s->store) : RESULT_OK;
    if (code == RESULT_OK)
        return OUTCOME_OK;
    return report_failure(&s->context->report, OUTCOME_INTERNAL, "store", _("The session could not be ended: %s."),
                          store_problem(code));
}

void session_clock_by(operator_session *s, void (*confirm)(void *context), void *context) {
    s->confirm_clock = confirm;
    s->confirm_context = context;
}

outcome session_check_clock(operator_session *s) {
    if (clock_is_plausible(s->store))
        return OUTCOME_OK;
    if (s->confirm_clock != NULL)
        s->confirm_clock(s->confirm_context);
    return clock_check(s->store, &s->context->report);
}

/* The store is open. */
static outcome require(operator_session *s, unsigned allowed, operator_card *out) {
    report *r = &s->context->report;
    outcome done = session_check_clock(s);
    if (done == OUTCOME_OK)
        done = decisions_require(s->store, s->context);
    if (done == OUTCOME_OK)
        done = s->stays ? require_resident(s, out) : require_stored(s, out);
    if (done != OUTCOME_OK)
        return done;
    snprintf(s->store->operator_id, sizeof s->store->operator_id, "%.64s", out->id);
    if ((out->role & allowed) == 0)
        return role_refuse(r, out->role, allowed);
    clock_note(s->store);
    return OUTCOME_OK;
}

outcome session_require(operator_session *s, unsigned allowed, operator_card *out) {
    const outcome done = local_store_open(s->cards, s->store, s->context);
    return done == OUTCOME_OK ? require(s, allowed, out) : done;
}

outcome session_require_reading(operator_session *s, unsigned allowed, operator_card *out) {
    const outcome done = local_store_open_reading(s->cards, s->store, s->context);
    return done == OUTCOME_OK ? require(s, allowed, out) : done;
}
