/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The chain of evidence: each offline evidence of a terminal names the hash of the one before, so none can be taken out
 * or slipped in unseen. For folders of exported evidence; evidence made online is not part of a chain. */
#pragma once

#include "evidence/evidence.h"

typedef struct evidence_chain evidence_chain;

typedef enum chain_state {
    CHAIN_WHOLE,
    CHAIN_BEGINS_LATER, /* the first piece names a predecessor that is not here */
    CHAIN_CHALLENGE,    /* a card's challenge is in two pieces: one authentication, two pieces of evidence */
    CHAIN_COUNTER,      /* the SE's counter did not rise from one piece to the next: another SE has this key */
    CHAIN_FORK,         /* two pieces name the same predecessor: one was put in */
    CHAIN_GAP,          /* a piece in between is missing */
    CHAIN_UNCHECKED,    /* no memory */
} chain_state;

/* Makes an empty chain, for evidence_chain_free. RESULT_NO_MEMORY. */
result evidence_chain_new(evidence_chain **out);
/* Frees it, and sets *chain to NULL; nothing when it is NULL. */
void evidence_chain_free(evidence_chain **chain);
/* Any order; the same piece twice counts once. s: what der says, verified or not. */
result evidence_chain_add(evidence_chain *chain, bytes der, const statement *s);
/* at: the evidence id where the chain begins later, or breaks. The worst state over all terminals. Follows the hashes
 * alone: a clock that was set back does not disturb it. */
chain_state evidence_chain_check(evidence_chain *chain, char at[UUID_TEXT_SIZE]);
/* How many pieces name a predecessor that is not there, besides each terminal's first one; after the check. */
size_t evidence_chain_gaps(const evidence_chain *chain);
size_t evidence_chain_length(const evidence_chain *chain);
