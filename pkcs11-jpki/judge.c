#include "judge.h"

#include "base/utf8.h"

#include <stdbool.h>
#include <string.h>

#define LABEL_SIZE 32

CK_RV judge_beginning(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID slot, const CK_UTF8CHAR label[LABEL_SIZE]) {
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

CK_RV judge_officer(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID slot) {
    CK_TOKEN_INFO token;
    CK_RV rv = functions->C_GetTokenInfo(slot, &token);
    if (rv != CKR_OK)
        return rv;
    bool of_people = begins_with(token.label, "JPKI (") || begins_with(token.label, "Operator (");
    return of_people ? CKR_USER_TYPE_INVALID : CKR_OK;
}

CK_RV judge_seed(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID slot) {
    CK_TOKEN_INFO token;
    CK_RV rv = functions->C_GetTokenInfo(slot, &token);
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

void judge_token(CK_TOKEN_INFO *token) {
    static const char card_data[] = "JPKI (card data)";
    if (memcmp(token->label, card_data, sizeof card_data - 1) == 0)
        token->flags &= ~(CK_FLAGS)CKF_LOGIN_REQUIRED;
}
