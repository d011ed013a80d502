/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Supervision of the Secure Element while the terminal works: it is still the one that was opened, and no other program
 * has used it. The SE's token has a data object that the driver makes anew at each reading
 * (docs/interfaces/secure-element.md, "Supervision"): two short commands, no signature.
 *
 * Evidence of misuse locks the terminal, each kind with a reason word of its own: the SE was removed or exchanged, its
 * counters show another user, tries of its PIN are spent, it was locked or terminated. A reset, or a secure channel
 * that another program's command has ended, is no such evidence: every program with access to the card reader can cause
 * it, and gains no use of the SE by it. It is noted in the audit log, at most every ten minutes, and work continues. */
#pragma once

#include "core/card_access.h"

#include "delivery/store_access.h"

#include "iso7816/se_state.h"

/* The SE's state at the last check. */
typedef struct se_seen {
    int64_t counter_jump; /* signatures that this terminal has not noted, found when the SE was opened */
    int64_t counter_gap;  /* the same, where an aborted command explains them */
    /* how many aborted commands there were, unless another program has opened a channel since */
    unsigned broken_off;
    int64_t channel_jump;          /* channels that another program has opened, found when the SE was opened */
    uint32_t signatures, foreign;  /* what is known of its counters, whether or not it could be written down */
    uint32_t asked;                /* signatures that this program had asked of the SE by then */
    bool unwritten;                /* the counters could not be stored */
    uint32_t resets, disturbances; /* since the SE was inserted */
    int64_t disturbed;             /* how often since it was opened */
    /* When each was last noted in the audit log, also a repeated login; 0: not yet. */
    int64_t reset_told_ms, channel_told_ms, login_told_ms;
    uint32_t connection; /* changes with each insertion of the SE */
    int64_t at_ms;       /* time of the check */
} se_seen;

/* Call it before any other function of this folder. */
outcome se_supervision_new(card_access *cards, report *r);
void se_supervision_free(card_access *cards);

/* Reads the driver's SE-state record; se_tells_nothing: this token has none (another maker's SE). */
result se_state_read(token *se, se_state *state);
bool se_tells_nothing(result code);

/* The counter that goes into evidence, from the data object of its own. RESULT_INVALID: it shows none. */
result se_signature_counter(token *se, uint32_t *counter);

/* The reason word for an SE that did not answer, until the cause is known. */
extern const char se_no_answer[];

/* Before an SE is used: checks whether it can be used, and what happened since the last check. Returns NULL, or a
 * reason word. */
const char *se_supervision_begin(card_access *cards, store_access *store, token *se);
/* While it is in use. at_once: check now, because something has happened; otherwise it checks at most a few times a
 * second. Returns NULL, the reason why the terminal must be locked, or se_no_answer. */
const char *se_supervision_look(card_access *cards, store_access *store, bool at_once);
/* Whether an aborted command explains this number of signatures that were not noted; then it is reported as such. */
bool se_supervision_explains(card_access *cards, store_access *store, int64_t missing);
/* Stores the signature counter after a command of this terminal. */
void se_supervision_note_counter(card_access *cards, store_access *store);

/* Whether the next audit row about other programs may be written; *last_ms: when the last one was, 0 for never. */
bool se_supervision_may_tell(int64_t *last_ms);

/* Reports what other programs have done at the SE: found when it was opened, and since. */
void se_supervision_show(card_access *cards, report *r);

/* The sentence for a reason word: what happened and what to do. There is one for unknown words, too. */
const char *se_trouble_sentence(const char *reason);
