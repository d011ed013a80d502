#include "auditor/evidence_chain.h"

#include <stdlib.h>
#include <string.h>

typedef struct link {
    char terminal_id[STATEMENT_TEXT_MOST];
    char evidence_id[UUID_TEXT_SIZE];
    char hash[STATEMENT_HASH_SIZE], previous[STATEMENT_HASH_SIZE];
} link;

struct evidence_chain {
    link *links;
    size_t count, room;
};

result evidence_chain_new(evidence_chain **out) {
    *out = calloc(1, sizeof **out);
    return *out != NULL ? RESULT_OK : RESULT_NO_MEMORY;
}

void evidence_chain_free(evidence_chain **chain) {
    if (*chain != NULL)
        free((*chain)->links);
    free(*chain);
    *chain = NULL;
}

size_t evidence_chain_length(const evidence_chain *chain) {
    return chain->count;
}

result evidence_chain_add(evidence_chain *chain, bytes der, const statement *s) {
    if (s->mode != STATEMENT_OFFLINE)
        return RESULT_OK;
    if (chain->count == chain->room) {
        const size_t room = chain->room == 0 ? 64 : 2 * chain->room;
        link *grown = reallocarray(chain->links, room, sizeof *grown);
        if (grown == NULL)
            return RESULT_NO_MEMORY;
        chain->links = grown;
        chain->room = room;
    }
    link *l = &chain->links[chain->count];
    memcpy(l->terminal_id, s->terminal_id, sizeof l->terminal_id);
    memcpy(l->evidence_id, s->evidence_id, sizeof l->evidence_id);
    memcpy(l->previous, s->previous_evidence, sizeof l->previous);
    result code = evidence_hash(der, l->hash);
    if (code == RESULT_OK)
        chain->count++;
    return code;
}

/* By terminal, then by time: an evidence id is a UUIDv7 (RFC 9562 5.7), whose text sorts as its time does. */
static int in_order(const void *left, const void *right) {
    const link *a = left, *b = right;
    const int terminal = strcmp(a->terminal_id, b->terminal_id);
    return terminal != 0 ? terminal : strcmp(a->evidence_id, b->evidence_id);
}

chain_state evidence_chain_check(evidence_chain *chain, char at[UUID_TEXT_SIZE]) {
    chain_state state = CHAIN_WHOLE;
    at[0] = 0;
    if (chain->count > 0)
        qsort(chain->links, chain->count, sizeof *chain->links, in_order);
    for (size_t i = 0; i < chain->count; i++) {
        const link *l = &chain->links[i], *before = i > 0 ? l - 1 : NULL;
        const bool first = before == NULL || strcmp(before->terminal_id, l->terminal_id) != 0;
        if (first ? l->previous[0] == 0 : strcmp(l->previous, before->hash) == 0)
            continue;
        const chain_state worse = first ? CHAIN_BEGINS_LATER : CHAIN_GAP;
        if (worse > state) {
            state = worse;
            memcpy(at, l->evidence_id, UUID_TEXT_SIZE);
        }
    }
    return state;
}
