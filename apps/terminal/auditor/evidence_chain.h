/* The chain of evidence: each offline evidence of a terminal names the hash of the one before, so none can be taken out or
 * slipped in unseen. For folders of exported evidence; evidence made online is not part of a chain. */
#pragma once

#include "evidence/evidence.h"

typedef struct evidence_chain evidence_chain;

typedef enum chain_state {
    CHAIN_WHOLE,
    CHAIN_BEGINS_LATER, /* the first piece names a predecessor that is not here */
    CHAIN_GAP,          /* a piece in between is missing, or was put in */
} chain_state;

result evidence_chain_new(evidence_chain **out);
void evidence_chain_free(evidence_chain **chain);
/* Any order. der has been verified. */
result evidence_chain_add(evidence_chain *chain, bytes der, const statement *s);
/* at: the evidence id where the chain begins later, or breaks. The worst state over all terminals. */
chain_state evidence_chain_check(evidence_chain *chain, char at[UUID_TEXT_SIZE]);
size_t evidence_chain_length(const evidence_chain *chain);
