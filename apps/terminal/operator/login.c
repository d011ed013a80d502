/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `login` and `logout`. */
#include "operator/login.h"

#include "core/clock_check.h"
#include "core/decisions.h"
#include "core/pin_entry.h"
#include "operator/operator_session.h"
#include "se/local_store.h"

/* The clock is checked before the card: with a wrong date the card's certificate would be refused. */
static outcome read_card(terminal *t, operator_card *actor, token **card) {
    outcome done = local_store_open(&t->cards, &t->store, &t->context);
    if (done == OUTCOME_OK)
        done = session_check_clock(t->session);
    if (done == OUTCOME_OK)
        done = decisions_require(&t->store, &t->context);
    return done == OUTCOME_OK ? operator_card_read(&t->cards, &t->context, actor, card) : done;
}

outcome login_before_pin(terminal *t) {
    operator_card actor;
    token *card = NULL;
    outcome done = read_card(t, &actor, &card);
    token_close(&card);
    return done;
}

outcome login_command(terminal *t) {
    operator_card actor;
    token *card = NULL;
    buffer pin = BUFFER_SECRET(PIN_TYPED_MAX);
    /* Asked first, so that slow typing does not hold a card. */
    outcome done = pin_read(t->context.options.pin, t->context.options.pin_fd, _(PROMPT_PIN), &pin, &t->context.report);
    if (done == OUTCOME_OK)
        done = session_expect(t->session);
    if (done == OUTCOME_OK)
        done = read_card(t, &actor, &card);
    if (done == OUTCOME_OK)
        done = operator_card_authenticate(&t->cards, &t->context.report, card, &actor, buffer_bytes(&pin));
    buffer_wipe(&pin);
    if (done == OUTCOME_OK)
        done = session_begin(t->session, &actor, &card);
    token_close(&card);
    if (done != OUTCOME_OK)
        return done;
    clock_note(&t->store);
    report_text(&t->context.report, "operatorId", _("Operator"), actor.id);
    report_text(&t->context.report, "name", _("Name"), actor.name);
    report_text(&t->context.report, "department", _("Department"), actor.department);
    report_value(&t->context.report, "role", json_string(role_word(actor.role)));
    report_line(&t->context.report, "%s: %s", _("Role"), role_name(actor.role));
    report_line(&t->context.report, _("Logged in. Leave the card in the reader while you work."));
    return OUTCOME_OK;
}

outcome logout_command(terminal *t) {
    outcome done = local_store_open(&t->cards, &t->store, &t->context);
    if (done == OUTCOME_OK && session_operator(t->session) != NULL)
        snprintf(t->store.operator_id, sizeof t->store.operator_id, "%.64s", session_operator(t->session));
    if (done == OUTCOME_OK)
        done = session_end(t->session, "");
    if (done == OUTCOME_OK)
        report_line(&t->context.report, _("Logged out."));
    return done;
}
