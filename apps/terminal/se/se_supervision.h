/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Supervision of the Secure Element while the terminal works: is it still the one that was opened, and has nobody else
 * used it? The SE's token has a data object that the driver makes anew at each reading
 * (docs/interfaces/secure-element.md, "Supervision"): two short commands, no signature.
 *
 * What is evidence locks the terminal, each way with a reason word of its own: the SE left or is another one, its
 * counters show that somebody used it, tries of its PIN are spent, it has been locked or ended. A reset, or a channel
 * that a stranger's command has ended, is none: anybody who may speak to the card reader can do that, and nobody can
 * use the SE by it. It is noted in the audit log, ten minutes apart at least, and work goes on. */
#pragma once

#include "core/terminal.h"

#include "iso7816/se_state.h"

/* RESULT_NOT_FOUND: this token does not tell (another maker's). */
result se_state_read(token *se, se_state *state);

/* The counter that goes into evidence, from the data object of its own. RESULT_INVALID: it shows none. */
result se_signature_counter(token *se, uint32_t *counter);

/* The word that this program gives for an SE that did not answer, until it is known why. */
extern const char se_no_answer[];

/* Before an SE is used: whether it can be, and what happened to it while nobody looked; NULL when it can. */
const char *se_supervision_begin(terminal *t, token *se);
/* While it is in use. at_once: something is known to have happened; else it looks a few times a second at most. NULL:
 * all is well; or the reason why the terminal must be locked; or se_no_answer. */
const char *se_supervision_look(terminal *t, bool at_once);
/* Remembers where the signature counter stands after a command of ours. */
void se_supervision_note_counter(terminal *t);

/* Whether a row about strangers may be written again; *last_ms: when it was, 0 for never. */
bool se_supervision_may_tell(int64_t *last_ms);

/* What somebody else did meanwhile, if anything: found when the SE was opened, and since. */
void se_supervision_show(terminal *t);

/* What happened and what to do, for people; a sentence of its own also for a word that is not known. */
const char *se_trouble_sentence(const char *reason);
