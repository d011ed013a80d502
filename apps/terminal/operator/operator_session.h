/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The operator's session: begun by `login` with card and PIN. A command that runs by itself finds it sealed in the
 * local store, and it counts only while the same card is in the operator reader. The daemon (desk/desk.h) keeps it in
 * memory: there it ends within a second when the card is removed, and when the terminal was idle. */
#pragma once

#include "core/terminal.h"
#include "operator/operator_card.h"

/* Takes over the card's token. */
outcome session_begin(terminal *t, const operator_card *actor, token **card);
/* why: the reason that the next command names, e.g. "operator-card-removed"; "" when no operator is logged in. */
outcome session_end(terminal *t, const char *why);
/* The session in force: same card in the reader, not too old, one of these roles. */
outcome session_require(terminal *t, unsigned roles, operator_card *out);

/* The daemon's part. session_stay: from here on the session is kept in memory, and its card watched. */
outcome session_stay(terminal *t);
void session_leave(terminal *t);
/* The id of the logged-in operator; NULL for none. */
const char *session_operator(const terminal *t);
/* Why the session there must end now: card out, idle, too old; NULL when it need not. */
const char *session_over(const terminal *t);
