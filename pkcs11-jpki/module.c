/* pkcs11-jpki.so: stock OpenSC's PKCS #11 module behind a door that checks. The rows of calls.h become functions here:
 * refused before C_Initialize and in the child of a fork, refused with bad arguments, else forwarded. */
#include "stock.h"

#include "calls.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static CK_FUNCTION_LIST_PTR stock;
static _Atomic pid_t initialised_by; /* 0: nobody */
static pthread_mutex_t door = PTHREAD_MUTEX_INITIALIZER; /* C_Initialize and C_Finalize, one at a time */

static bool is_ready(void) {
    return atomic_load(&initialised_by) == getpid();
}

#define GIVEN(pointer) ((pointer) != NULL)
#define FILLED(pointer, length) ((pointer) != NULL || (length) == 0)
#define WHOLE(list, count) template_is_whole(list, count)
#define MECHANISM(method) ((method) != NULL && FILLED((method)->pParameter, (method)->ulParameterLen))

static bool template_is_whole(const CK_ATTRIBUTE *list, CK_ULONG count) {
    if (list == NULL)
        return count == 0;
    for (CK_ULONG i = 0; i < count; i++)
        if (list[i].pValue == NULL && list[i].ulValueLen != 0)
            return false;
    return true;
}

#define FORWARD(name, parameters, arguments, condition) \
    CK_RV C_##name parameters { \
        if (!is_ready()) \
            return CKR_CRYPTOKI_NOT_INITIALIZED; \
        if (!(condition)) \
            return CKR_ARGUMENTS_BAD; \
        return stock->C_##name arguments; \
    }
FORWARDED_CALLS(FORWARD)

/* PKCS #11 2.40 5.4: pReserved is NULL, and of the four functions for locking all are given or none. */
static bool arguments_are_good(const CK_C_INITIALIZE_ARGS *given) {
    if (given == NULL)
        return true;
    int functions = (given->CreateMutex != NULL) + (given->DestroyMutex != NULL) + (given->LockMutex != NULL) +
                    (given->UnlockMutex != NULL);
    return given->pReserved == NULL && (functions == 0 || functions == 4);
}

/* Only where the stock module could not be loaded apart (stock.c): somebody else has initialised it with another
 * configuration, and our drivers are not in it. */
static CK_RV taken_by_others(void) {
    fputs("pkcs11-jpki: this process uses the stock OpenSC module already, and the two share their state.\n"
          "pkcs11-jpki: Use one of them: see pkcs11-jpki.module for how to turn the stock one off in p11-kit.\n",
          stderr);
    return CKR_FUNCTION_FAILED;
}

static CK_RV initialise(CK_VOID_PTR arguments) {
    if (is_ready())
        return CKR_CRYPTOKI_ALREADY_INITIALIZED;
    stock = stock_functions();
    if (stock == NULL)
        return CKR_GENERAL_ERROR;
    CK_RV rv = stock_initialize(stock, arguments);
    if (rv == CKR_CRYPTOKI_ALREADY_INITIALIZED)
        return taken_by_others();
    if (rv == CKR_OK)
        atomic_store(&initialised_by, getpid());
    return rv;
}

CK_RV C_Initialize(CK_VOID_PTR arguments) {
    if (!arguments_are_good(arguments))
        return CKR_ARGUMENTS_BAD;
    pthread_mutex_lock(&door);
    CK_RV rv = initialise(arguments);
    pthread_mutex_unlock(&door);
    return rv;
}

CK_RV C_Finalize(CK_VOID_PTR reserved) {
    CK_RV rv = CKR_CRYPTOKI_NOT_INITIALIZED;
    if (reserved != NULL)
        return CKR_ARGUMENTS_BAD;
    pthread_mutex_lock(&door);
    if (is_ready()) {
        rv = stock->C_Finalize(NULL);
        atomic_store(&initialised_by, 0);
    }
    pthread_mutex_unlock(&door);
    return rv;
}

static void put_text(CK_UTF8CHAR *field, size_t size, const char *text) {
    memset(field, ' ', size);
    memcpy(field, text, strnlen(text, size));
}

CK_RV C_GetInfo(CK_INFO_PTR info) {
    if (!is_ready())
        return CKR_CRYPTOKI_NOT_INITIALIZED;
    if (info == NULL)
        return CKR_ARGUMENTS_BAD;
    memset(info, 0, sizeof *info);
    info->cryptokiVersion = (CK_VERSION){2, 40};
    put_text(info->manufacturerID, sizeof info->manufacturerID, "Uketsuke");
    put_text(info->libraryDescription, sizeof info->libraryDescription, "Uketsuke with OpenSC " BUILT_FOR_OPENSC);
    sscanf(UKETSUKE_VERSION, "%hhu.%hhu", &info->libraryVersion.major, &info->libraryVersion.minor);
    return CKR_OK;
}

/* Nobody seeds these cards. Stock OpenSC has one code for that; PKCS #11 2.40 5.15 tells a token without random numbers
 * (cards of people: their challenge is no random number for everybody) from one that makes its own. */
CK_RV C_SeedRandom(CK_SESSION_HANDLE session, CK_BYTE_PTR seed, CK_ULONG length) {
    CK_SESSION_INFO at;
    CK_TOKEN_INFO token;
    if (!is_ready())
        return CKR_CRYPTOKI_NOT_INITIALIZED;
    if (!FILLED(seed, length))
        return CKR_ARGUMENTS_BAD;
    CK_RV rv = stock->C_GetSessionInfo(session, &at);
    if (rv == CKR_OK)
        rv = stock->C_GetTokenInfo(at.slotID, &token);
    if (rv != CKR_OK)
        return rv;
    return (token.flags & CKF_RNG) != 0 ? CKR_RANDOM_SEED_NOT_SUPPORTED : CKR_RANDOM_NO_RNG;
}

/* A token with a user PIN is not begun again: cards of people belong to their issuer, and of an SE only the issuer ends
 * the life. Stock OpenSC would try to write its own file system over it. */
CK_RV C_InitToken(CK_SLOT_ID slot, CK_UTF8CHAR_PTR pin, CK_ULONG length, CK_UTF8CHAR_PTR label) {
    CK_TOKEN_INFO token;
    if (!is_ready())
        return CKR_CRYPTOKI_NOT_INITIALIZED;
    if (!FILLED(pin, length) || !GIVEN(label))
        return CKR_ARGUMENTS_BAD;
    CK_RV rv = stock->C_GetTokenInfo(slot, &token);
    if (rv != CKR_OK)
        return rv;
    return token.flags & CKF_USER_PIN_INITIALIZED ? CKR_FUNCTION_NOT_SUPPORTED
                                                  : stock->C_InitToken(slot, pin, length, label);
}

/* The SE's salt is as long as the hash, and stock OpenSC drops the length that the caller asked for: what cannot be
 * done must not seem to be done. */
static bool salt_is_possible(const CK_MECHANISM *method) {
    static const struct {
        CK_MECHANISM_TYPE hash;
        CK_ULONG length;
    } hashes[] = {{CKM_SHA_1, 20}, {CKM_SHA224, 28}, {CKM_SHA256, 32}, {CKM_SHA384, 48}, {CKM_SHA512, 64}};
    CK_RSA_PKCS_PSS_PARAMS parameters;
    bool pss = method->mechanism == CKM_RSA_PKCS_PSS || method->mechanism == CKM_SHA256_RSA_PKCS_PSS ||
               method->mechanism == CKM_SHA384_RSA_PKCS_PSS || method->mechanism == CKM_SHA512_RSA_PKCS_PSS;
    if (!pss || method->ulParameterLen != sizeof parameters)
        return true; /* a wrong length is the stock module's to refuse */
    memcpy(&parameters, method->pParameter, sizeof parameters);
    for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++)
        if (hashes[i].hash == parameters.hashAlg)
            return hashes[i].length == parameters.sLen;
    return true;
}

CK_RV C_SignInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR method, CK_OBJECT_HANDLE key) {
    if (!is_ready())
        return CKR_CRYPTOKI_NOT_INITIALIZED;
    if (!MECHANISM(method))
        return CKR_ARGUMENTS_BAD;
    return salt_is_possible(method) ? stock->C_SignInit(session, method, key) : CKR_MECHANISM_PARAM_INVALID;
}

#define ENTRY(name, parameters, arguments, condition) .C_##name = C_##name,
static CK_FUNCTION_LIST functions = {
    .version = {2, 40},
    .C_Initialize = C_Initialize,
    .C_Finalize = C_Finalize,
    .C_GetInfo = C_GetInfo,
    .C_SeedRandom = C_SeedRandom,
    .C_GetFunctionList = C_GetFunctionList,
    .C_InitToken = C_InitToken,
    .C_SignInit = C_SignInit,
    FORWARDED_CALLS(ENTRY)
};

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list) {
    if (list == NULL)
        return CKR_ARGUMENTS_BAD;
    *list = &functions;
    return CKR_OK;
}
