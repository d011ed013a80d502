#include "judge.h"

#include <stdbool.h>
#include <string.h>

CK_RV judge_beginning(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID slot) {
    CK_TOKEN_INFO token;
    CK_RV rv = functions->C_GetTokenInfo(slot, &token);
    return rv == CKR_OK && token.flags & CKF_USER_PIN_INITIALIZED ? CKR_FUNCTION_NOT_SUPPORTED : rv;
}

static bool begins_with(const CK_UTF8CHAR *label, const char *text) {
    return memcmp(label, text, strlen(text)) == 0;
}

static CK_RV token_of_session(CK_FUNCTION_LIST_PTR functions, CK_SESSION_HANDLE session, CK_TOKEN_INFO *token) {
    CK_SESSION_INFO at;
    CK_RV rv = functions->C_GetSessionInfo(session, &at);
    return rv == CKR_OK ? functions->C_GetTokenInfo(at.slotID, token) : rv;
}

CK_RV judge_user(CK_FUNCTION_LIST_PTR functions, CK_SESSION_HANDLE session, CK_USER_TYPE user) {
    CK_TOKEN_INFO token;
    if (user != CKU_SO)
        return CKR_OK;
    CK_RV rv = token_of_session(functions, session, &token);
    if (rv != CKR_OK)
        return rv;
    bool of_people = begins_with(token.label, "JPKI (") || begins_with(token.label, "Operator (");
    return of_people ? CKR_USER_TYPE_INVALID : CKR_OK;
}

CK_RV judge_seed(CK_FUNCTION_LIST_PTR functions, CK_SESSION_HANDLE session) {
    CK_TOKEN_INFO token;
    CK_RV rv = token_of_session(functions, session, &token);
    if (rv != CKR_OK)
        return rv;
    return (token.flags & CKF_RNG) != 0 ? CKR_RANDOM_SEED_NOT_SUPPORTED : CKR_RANDOM_NO_RNG;
}

CK_RV judge_salt(const CK_MECHANISM *method) {
    static const struct {
        CK_MECHANISM_TYPE hash;
        CK_ULONG length;
    } hashes[] = {{CKM_SHA_1, 20}, {CKM_SHA224, 28}, {CKM_SHA256, 32}, {CKM_SHA384, 48}, {CKM_SHA512, 64}};
    CK_RSA_PKCS_PSS_PARAMS parameters;
    bool pss = method->mechanism == CKM_RSA_PKCS_PSS || method->mechanism == CKM_SHA256_RSA_PKCS_PSS ||
               method->mechanism == CKM_SHA384_RSA_PKCS_PSS || method->mechanism == CKM_SHA512_RSA_PKCS_PSS;
    if (!pss || method->ulParameterLen != sizeof parameters)
        return CKR_OK; /* a wrong length is the stock module's to refuse */
    memcpy(&parameters, method->pParameter, sizeof parameters);
    for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++)
        if (hashes[i].hash == parameters.hashAlg && hashes[i].length != parameters.sLen)
            return CKR_MECHANISM_PARAM_INVALID;
    return CKR_OK;
}

CK_RV judge_failure(CK_FUNCTION_LIST_PTR functions, CK_RV rv, const char *what, CK_ULONG handle) {
    CK_SESSION_INFO at = {.slotID = handle};
    CK_SLOT_INFO about;
    if (rv == CKR_FUNCTION_CANCELED)
        return CKR_USER_ANOTHER_ALREADY_LOGGED_IN;
    bool session = strcmp(what, "session") == 0;
    if (!session && strcmp(what, "slot") != 0)
        return CKR_GENERAL_ERROR;
    if (session && functions->C_GetSessionInfo(handle, &at) != CKR_OK)
        return CKR_DEVICE_REMOVED; /* the session went with the token */
    bool there = functions->C_GetSlotInfo(at.slotID, &about) == CKR_OK && (about.flags & CKF_TOKEN_PRESENT) != 0;
    return there ? CKR_GENERAL_ERROR : CKR_DEVICE_REMOVED;
}

void judge_token(CK_TOKEN_INFO *token) {
    static const char card_data[] = "JPKI (card data)";
    if (memcmp(token->label, card_data, sizeof card_data - 1) == 0)
        token->flags &= ~(CK_FLAGS)CKF_LOGIN_REQUIRED;
}
