/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "operator/operator_session.h"

#include "core/clock_check.h"
#include "core/local_store_file.h"
#include "core/presence.h"
#include "delivery/sealed_record.h"
#include "se/local_store.h"

#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- the daemon's: in memory, with the card's token kept open ------------------------------------------- */

typedef struct session {
    operator_card actor;
    token *card;               /* NULL: nobody is logged in */
    int64_t began_ms, used_ms; /* monotonic */
    const char *ended;         /* why the last one ended: a reason word */
} session;

outcome session_stay(terminal *t) {
    t->session = calloc(1, sizeof *t->session);
    if (t->session == NULL)
        return report_failure(&t->context.report, OUTCOME_INTERNAL, "internal", "%s", report_system_cause(ENOMEM));
    t->session->ended = "";
    return OUTCOME_OK;
}

static void forget(terminal *t, const char *why) {
    session *s = t->session;
    if (s->card != NULL)
        token_watch_drop(t->cards.presence->watch, s->card);
    token_close(&s->card);
    *s = (session){.ended = why};
    atomic_store(&t->cards.presence->operator_gone, false);
}

void session_leave(terminal *t) {
    if (t->session != NULL)
        forget(t, "");
    free(t->session);
    t->session = NULL;
}

const char *session_operator(const terminal *t) {
    return t->session != NULL && t->session->card != NULL ? t->session->actor.id : NULL;
}

const char *session_over(const terminal *t) {
    const session *s = t->session;
    const int64_t now = clock_monotonic_ms();
    if (s == NULL || s->card == NULL)
        return NULL;
    if (atomic_load(&t->cards.presence->operator_gone))
        return "operator-card-removed";
    if (now - s->used_ms >= t->context.limits.value[LIMIT_IDLE_MINUTES] * 60000)
        return "idle";
    return now - s->began_ms >= t->context.limits.value[LIMIT_SESSION_MINUTES] * 60000 ? "session-expired" : NULL;
}

static outcome begin_resident(terminal *t, const operator_card *actor, token **card) {
    session *s = t->session;
    forget(t, "");
    /* Every use of a key wants the PIN again: the session itself holds no right at the card. */
    token_logout(*card);
    s->card = *card;
    *card = NULL;
    s->actor = *actor;
    s->began_ms = s->used_ms = clock_monotonic_ms();
    if (token_watch_add(t->cards.presence->watch, s->card, &t->cards.presence->operator_gone, NULL) == RESULT_OK)
        return OUTCOME_OK;
    forget(t, "");
    return report_failure(&t->context.report, OUTCOME_INTERNAL, "internal", _("The card cannot be watched."));
}

static const struct {
    const char *reason, *message;
} endings[] = {
    {"operator-card-removed",
     N_("The operator card was taken out, so the session has ended. Insert your card and log in.")},
    {"idle", N_("Nobody used the terminal for a while, so the session has ended. Log in again.")},
    {"session-expired", N_("The session has lasted too long and has ended. Log in again.")},
    {"se-removed",
     N_("The Secure Element was taken out, so the session has ended. Put it back, then run: uketsuke unlock")},
};

static outcome nobody(report *r, const char *why) {
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (strcmp(endings[i].reason, why) == 0)
            return report_failure(r, OUTCOME_REFUSED, endings[i].reason, "%s", language_text(endings[i].message));
    return report_failure(r, OUTCOME_REFUSED, "no-session",
                          _("Nobody is logged in with the card in the operator reader. Run: uketsuke login"));
}

static outcome require_resident(terminal *t, operator_card *out) {
    session *s = t->session;
    presence_supervise(t->cards.presence);
    if (s->card == NULL)
        return nobody(&t->context.report, s->ended);
    s->used_ms = clock_monotonic_ms();
    *out = s->actor;
    return OUTCOME_OK;
}

/* --- a command by itself: sealed in the store --------------------------------------------------------------------- */

static outcome begin_stored(store_access *store, report *r, const operator_card *actor) {
    buffer text = BUFFER_INIT(RECORD_MAX);
    result code = fhir_dump_and_free(json_pack("{s:s,s:s,s:I}", "fingerprint", actor->fingerprint, "id", actor->id,
                                               "since", (json_int_t)clock_wall_s()),
                                     &text);
    if (code == RESULT_OK)
        code = record_set(store, SETTING_SESSION, buffer_bytes(&text));
    buffer_wipe(&text);
    if (code == RESULT_OK)
        return OUTCOME_OK;
    return report_failure(r, OUTCOME_INTERNAL, "store", _("The session could not be stored: %s."), store_problem(code));
}

/* Whether the stored session is this card's and young enough. */
static bool session_fits(store_access *store, command_context *ctx, const operator_card *actor) {
    buffer text = BUFFER_INIT(RECORD_MAX);
    char fingerprint[65];
    result code = record_setting(store, SETTING_SESSION, &text);
    json_t *root = code == RESULT_OK ? fhir_parse(buffer_bytes(&text), NULL) : NULL;
    buffer_wipe(&text);
    int64_t age = clock_wall_s() - json_integer_value(json_object_get(root, "since"));
    bool fits = root != NULL && fhir_text(root, "fingerprint", fingerprint, sizeof fingerprint, NULL) == RESULT_OK &&
                strcmp(fingerprint, actor->fingerprint) == 0 && age >= -CLOCK_BACK_TOLERANCE_S &&
                age < ctx->limits.value[LIMIT_SESSION_MINUTES] * 60;
    json_decref(root);
    return fits;
}

static outcome require_stored(terminal *t, operator_card *out) {
    token *card = NULL;
    outcome done = operator_card_read(&t->cards, &t->context, out, &card);
    token_close(&card);
    if (done == OUTCOME_OK && !session_fits(&t->store, &t->context, out))
        done = nobody(&t->context.report, "");
    return done;
}

/* --- both --------------------------------------------------------------------------------------------------------- */

outcome session_begin(terminal *t, const operator_card *actor, token **card) {
    snprintf(t->store.operator_id, sizeof t->store.operator_id, "%.64s", actor->id);
    return t->session != NULL ? begin_resident(t, actor, card) : begin_stored(&t->store, &t->context.report, actor);
}

outcome session_end(terminal *t, const char *why) {
    if (t->session != NULL)
        forget(t, why);
    /* Without the keys there is nobody whose session could go on: a locked terminal asks for a new login. */
    result code = t->store.ledger != NULL ? record_unset(&t->store, SETTING_SESSION) : RESULT_OK;
    if (code == RESULT_OK)
        return OUTCOME_OK;
    return report_failure(&t->context.report, OUTCOME_INTERNAL, "store", _("The session could not be ended: %s."),
                          store_problem(code));
}

outcome session_require(terminal *t, unsigned allowed, operator_card *out) {
    outcome done = local_store_open(&t->cards, &t->store, &t->context);
    if (done == OUTCOME_OK)
        done = clock_check(&t->store, &t->context.report);
    if (done == OUTCOME_OK)
        done = t->session != NULL ? require_resident(t, out) : require_stored(t, out);
    if (done != OUTCOME_OK)
        return done;
    snprintf(t->store.operator_id, sizeof t->store.operator_id, "%.64s", out->id);
    if ((out->role & allowed) == 0)
        return role_refuse(&t->context.report, out->role, allowed);
    clock_note(&t->store);
    return OUTCOME_OK;
}
