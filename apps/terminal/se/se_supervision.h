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

#include "core/card_access.h"

#include "delivery/store_access.h"

#include "iso7816/se_state.h"

/* How the SE stood when it was last looked at. */
typedef struct se_seen {
    int64_t counter_jump;          /* signatures that nobody here has noted, found when it was opened */
    int64_t counter_gap;           /* the same where a command was broken off, which explains them */
    unsigned broken_off;           /* how many were, unless somebody else has opened a channel since */
    int64_t channel_jump;          /* channels that somebody else has opened, found when it was opened */
    uint32_t signatures, foreign;  /* what is known of its counters, whether or not it could be written down */
    uint32_t asked;                /* signatures that this program had asked of the SE by then */
    bool unwritten;                /* it could not */
    uint32_t resets, disturbances; /* since it was put in */
    int64_t disturbed;             /* how often since it was opened */
    /* When that was last noted in the audit log, and logins that followed from it; 0: not yet. */
    int64_t reset_told_ms, channel_told_ms, login_told_ms;
    uint32_t connection; /* another number whenever it was put in */
    int64_t at_ms;       /* when it was looked at */
} se_seen;

/* To be called before anything else of this folder. */
outcome se_supervision_new(card_access *cards, report *r);
void se_supervision_free(card_access *cards);

/* What the driver says of the SE; se_tells_nothing: this token does not (another maker's). */
result se_state_read(token *se, se_state *state);
bool se_tells_nothing(result code);

/* The counter that goes into evidence, from the data object of its own. RESULT_INVALID: it shows none. */
result se_signature_counter(token *se, uint32_t *counter);

/* The word that this program gives for an SE that did not answer, until it is known why. */
extern const char se_no_answer[];

/* Before an SE is used: whether it can be, and what happened to it while nobody looked; NULL when it can. */
const char *se_supervision_begin(card_access *cards, store_access *store, token *se);
/* While it is in use. at_once: something is known to have happened; else it looks a few times a second at most. NULL:
 * all is well; or the reason why the terminal must be locked; or se_no_answer. */
const char *se_supervision_look(card_access *cards, store_access *store, bool at_once);
/* Whether a command that was broken off explains that so many signatures were not noted; then it is told as that. */
bool se_supervision_explains(card_access *cards, store_access *store, int64_t missing);
/* Remembers where the signature counter stands after a command of ours. */
void se_supervision_note_counter(card_access *cards, store_access *store);

/* Whether a row about strangers may be written again; *last_ms: when it was, 0 for never. */
bool se_supervision_may_tell(int64_t *last_ms);

/* What somebody else did meanwhile, if anything: found when the SE was opened, and since. */
void se_supervision_show(card_access *cards, report *r);

/* What happened and what to do, for people; a sentence of its own also for a word that is not known. */
const char *se_trouble_sentence(const char *reason);
