/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "validate.h"

#include "base/utf8.h"
#include "opensc/mechanisms.h"

#include <stdbool.h>
#include <string.h>

#define LABEL_SIZE 32

CK_RV check_beginning(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID slot, const CK_UTF8CHAR label[LABEL_SIZE]) {
    CK_TOKEN_INFO token;
    CK_RV rv = functions->C_GetTokenInfo(slot, &token);
    if (rv != CKR_OK)
        return rv;
    if (token.flags & CKF_USER_PIN_INITIALIZED)
        return CKR_FUNCTION_NOT_SUPPORTED;
    return utf8_is_whole(bytes_of(label, LABEL_SIZE)) ? CKR_OK : CKR_ARGUMENTS_BAD;
}

static bool begins_with(const CK_UTF8CHAR *label, const char *text) {
    return memcmp(label, text, strlen(text)) == 0;
}

CK_RV validate_officer(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID slot) {
    CK_TOKEN_INFO token;
    CK_RV rv = functions->C_GetTokenInfo(slot, &token);
    if (rv != CKR_OK)
        return rv;
    bool of_people = begins_with(token.label, "JPKI (") || begins_with(token.label, "Operator (");
    return of_people ? CKR_USER_TYPE_INVALID : CKR_OK;
}

CK_RV check_seed(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID slot) {
    CK_TOKEN_INFO token;
    CK_RV rv = functions->C_GetTokenInfo(slot, &token);
    if (rv != CKR_OK)
        return rv;
    return (token.flags & CKF_RNG) != 0 ? CKR_RANDOM_SEED_NOT_SUPPORTED : CKR_RANDOM_NO_RNG;
}

CK_RV check_old_pin(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID slot, CK_ULONG length) {
    CK_TOKEN_INFO token;
    CK_RV rv = functions->C_GetTokenInfo(slot, &token);
    return rv == CKR_OK && (length < token.ulMinPinLen || length > token.ulMaxPinLen) ? CKR_PIN_INCORRECT : rv;
}

void check_token(CK_TOKEN_INFO *token) {
    static const char card_data[] = "JPKI (card data)";
    if (memcmp(token->label, card_data, sizeof card_data - 1) == 0)
        token->flags &= ~(CK_FLAGS)CKF_LOGIN_REQUIRED;
    if (token->flags & CKF_RNG &&
        token->flags & CKF_LOGIN_REQUIRED) { /* patients' and operators' cards offer no random numbers */
        token->ulMinPinLen = SE_PIN_MIN;
        token->ulMaxPinLen = SE_PIN_MAX;
    }
}
