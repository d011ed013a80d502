#include "p11/institution.h"

#include "p11/token_handle.h"

#define CHAIN_LABEL "certificate chain"

result institution_import_chain(token *t, bytes chain) {
    CK_OBJECT_CLASS class = CKO_DATA;
    CK_BBOOL yes = CK_TRUE;
    CK_OBJECT_HANDLE object;
    CK_ATTRIBUTE template[] = {
        {CKA_CLASS, &class, sizeof class},
        {CKA_TOKEN, &yes, sizeof yes},
        {CKA_LABEL, (void *)(uintptr_t)CHAIN_LABEL, sizeof CHAIN_LABEL - 1},
        {CKA_VALUE, (void *)(uintptr_t)chain.data, chain.length},
    };
    if (chain.length == 0 || chain.length % CVC_LENGTH != 0)
        return RESULT_INVALID;
    return token_note(t, t->functions->C_CreateObject(t->session, template, sizeof template / sizeof *template, &object));
}

result institution_challenge(token *t, uint8_t challenge[INSTITUTION_CHALLENGE_LENGTH]) {
    return token_note(t, t->functions->C_GenerateRandom(t->session, challenge, INSTITUTION_CHALLENGE_LENGTH));
}

result institution_login(token *t, bytes signature) {
    return signature.length == INSTITUTION_SIGNATURE_LENGTH ? token_login(t, signature) : RESULT_INVALID;
}
