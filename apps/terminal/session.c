#include "session.h"

#include "clock_check.h"
#include "desk.h"
#include "record.h"

#include "base/clock.h"

#include <string.h>

/* --- the resident process's: in memory, with the card's token kept open -------------------------------------------------- */

static void forget(desk *d, const char *why) {
    if (d->operator_token != NULL)
        token_watch_drop(d->watch, d->operator_token);
    token_close(&d->operator_token);
    d->operator = (operator_card){0};
    d->ended = why;
}

static outcome begin_resident(terminal *t, const operator_card *operator, token **card) {
    desk *d = t->desk;
    forget(d, "");
    /* Every use of a key wants the PIN again: the session itself holds no right at the card. */
    token_logout(*card);
    d->operator_token = *card;
    *card = NULL;
    d->operator = *operator;
    d->began_ms = d->used_ms = clock_monotonic_ms();
    if (token_watch_add(d->watch, d->operator_token, &d->operator_gone) == RESULT_OK)
        return OUTCOME_OK;
    forget(d, "");
    return report_failure(&t->report, OUTCOME_INTERNAL, "internal", _("The card cannot be watched."));
}

static const struct {
    const char *reason, *message;
} endings[] = {
    {"operator-card-removed", N_("The operator card was taken out, so the session has ended. Insert your card and log in.")},
    {"idle", N_("Nobody used the terminal for a while, so the session has ended. Log in again.")},
    {"session-expired", N_("The session has lasted too long and has ended. Log in again.")},
    {"se-removed", N_("The Secure Element was taken out, so the session has ended. Put it back, then run: uketsuke unlock")},
};

static outcome nobody(terminal *t, const char *why) {
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (strcmp(endings[i].reason, why) == 0)
            return report_failure(&t->report, OUTCOME_REFUSED, endings[i].reason, "%s", gettext(endings[i].message));
    return report_failure(&t->report, OUTCOME_REFUSED, "no-session",
                          _("Nobody is logged in with the card in the operator reader. Run: uketsuke login"));
}

static outcome require_resident(terminal *t, operator_card *out) {
    desk *d = t->desk;
    desk_supervise(t);
    if (d->operator_token == NULL)
        return nobody(t, d->ended);
    d->used_ms = clock_monotonic_ms();
    *out = d->operator;
    return OUTCOME_OK;
}

/* --- a command by itself: sealed in the store ---------------------------------------------------------------------------- */

static outcome begin_stored(terminal *t, const operator_card *operator) {
    buffer text = BUFFER_INIT(RECORD_MOST);
    result code = fhir_dump_and_free(json_pack("{s:s,s:s,s:I}", "fingerprint", operator->fingerprint, "id", operator->id,
                                               "since", (json_int_t)clock_wall_s()),
                                     &text);
    if (code == RESULT_OK)
        code = record_set(t, SETTING_SESSION, buffer_bytes(&text));
    buffer_wipe(&text);
    if (code == RESULT_OK)
        return OUTCOME_OK;
    return report_failure(&t->report, OUTCOME_INTERNAL, "store", _("The session could not be stored: %s."), result_text(code));
}

/* Whether the stored session is this card's and young enough. */
static bool session_fits(terminal *t, const operator_card *operator) {
    buffer text = BUFFER_INIT(RECORD_MOST);
    char fingerprint[65];
    result code = record_setting(t, SETTING_SESSION, &text);
    json_t *root = code == RESULT_OK ? fhir_parse(buffer_bytes(&text), NULL) : NULL;
    buffer_wipe(&text);
    int64_t age = clock_wall_s() - json_integer_value(json_object_get(root, "since"));
    bool fits = root != NULL && fhir_text(root, "fingerprint", fingerprint, sizeof fingerprint, NULL) == RESULT_OK &&
                strcmp(fingerprint, operator->fingerprint) == 0 && age >= -CLOCK_BACK_TOLERANCE_S &&
                age < t->configuration.session_minutes * 60;
    json_decref(root);
    return fits;
}

static outcome require_stored(terminal *t, operator_card *out) {
    token *card = NULL;
    outcome done = operator_card_read(t, out, &card);
    token_close(&card);
    if (done == OUTCOME_OK && !session_fits(t, out))
        done = nobody(t, "");
    return done;
}

/* --- both ----------------------------------------------------------------------------------------------------------------- */

outcome session_begin(terminal *t, const operator_card *operator, token **card) {
    snprintf(t->operator_id, sizeof t->operator_id, "%.64s", operator->id);
    return t->desk != NULL ? begin_resident(t, operator, card) : begin_stored(t, operator);
}

outcome session_end(terminal *t, const char *why) {
    if (t->desk != NULL)
        forget(t->desk, why);
    result code = terminal_store_unset(t->store, SETTING_SESSION);
    if (code == RESULT_OK || code == RESULT_NOT_FOUND)
        return OUTCOME_OK;
    return report_failure(&t->report, OUTCOME_INTERNAL, "store", _("The session could not be ended: %s."), result_text(code));
}

outcome session_require(terminal *t, unsigned allowed, operator_card *out) {
    outcome done = terminal_open_store(t);
    if (done == OUTCOME_OK)
        done = clock_check(t);
    if (done == OUTCOME_OK)
        done = t->desk != NULL ? require_resident(t, out) : require_stored(t, out);
    if (done != OUTCOME_OK)
        return done;
    snprintf(t->operator_id, sizeof t->operator_id, "%.64s", out->id);
    if ((out->role & allowed) == 0)
        return report_failure(&t->report, OUTCOME_REFUSED, "role", _("This is not for the role %s."), role_name(out->role));
    clock_note(t);
    return OUTCOME_OK;
}
