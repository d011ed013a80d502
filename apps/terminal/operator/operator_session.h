/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The operator's session: begun by `login` with card and PIN. The daemon (desk/desk.h) keeps it in memory: there it ends
 * within a second when the card is removed, and when the terminal was idle. A command that runs by itself finds it sealed
 * in the local store, where it ends by the same rules: with the card's removal, even if it was put back, with the time,
 * and also when pcscd or the machine starts again, when the terminal was locked, and when a daemon starts. */
#pragma once

#include "operator/operator_card.h"

#include "delivery/store_access.h"

typedef struct operator_session operator_session;

/* The parts are borrowed. */
outcome session_new(card_access *cards, store_access *store, command_context *ctx, operator_session **out);
void session_free(operator_session **s);

/* confirm is called before a refused clock is reported: it may confirm the clock (clock_confirm_time). */
void session_clock_by(operator_session *s, void (*confirm)(void *context), void *context);
/* The clock of this machine: OUTCOME_OK, or the failure of core/clock_check.h. Needs the open store. */
outcome session_check_clock(operator_session *s);

/* Call it before the card is read that logs in: so a card that replaces it afterwards is not logged in. */
outcome session_expect(operator_session *s);
/* Takes over the card's token. */
outcome session_begin(operator_session *s, const operator_card *actor, token **card);
/* why: the reason word that the next command reports, e.g. "operator-card-removed"; "" when no operator is logged
 * in. */
outcome session_end(operator_session *s, const char *why);
/* Fails unless there is a valid session: same card in the reader, not too old, one of these roles. */
outcome session_require(operator_session *s, unsigned roles, operator_card *out);
/* The same for a command that only reads what is stored (local_store_open_reading). */
outcome session_require_reading(operator_session *s, unsigned roles, operator_card *out);

/* The daemon's part. session_stay: from here on the session is kept in memory, and its card watched. */
void session_stay(operator_session *s);
void session_leave(operator_session *s);
/* The id of the logged-in operator; NULL for none. */
const char *session_operator(const operator_session *s);
/* Why the daemon's session must end now (card removed, idle, too old), as a reason word; NULL: it need not. */
const char *session_over(const operator_session *s);
