/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "p11/institution_token.h"

#include "p11/token_internal.h"

#define CHAIN_LABEL "certificate chain"

result institution_import_chain(token *t, bytes chain) {
    TOKEN_STEP(false);
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
    return token_note(t,
                      t->functions->C_CreateObject(t->session, template, sizeof template / sizeof *template, &object));
}

result institution_challenge(token *t, uint8_t challenge[INSTITUTION_CHALLENGE_LENGTH]) {
    TOKEN_STEP(false);
    return token_note(t, t->functions->C_GenerateRandom(t->session, challenge, INSTITUTION_CHALLENGE_LENGTH));
}

result institution_login(token *t, bytes signature) {
    TOKEN_STEP(false);
    if (signature.length != INSTITUTION_SIGNATURE_LENGTH)
        return RESULT_INVALID;
    /* Still logged in means that the module has not noticed the end of an earlier login, so the card has not checked
     * this signature. Logs out; the caller begins again at step 1. */
    CK_RV rv = t->functions->C_Login(t->session, CKU_USER, (CK_UTF8CHAR *)(uintptr_t)signature.data, signature.length);
    t->logged_in = rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN;
    if (rv == CKR_USER_ALREADY_LOGGED_IN) {
        token_logout(t);
        rv = CKR_USER_NOT_LOGGED_IN;
    }
    return token_note(t, rv);
}
