/* pkcs11-jpki.so: stock OpenSC's PKCS #11 module behind a door that checks. The rows of calls.h become functions here:
 * refused before C_Initialize and in the child of a fork, refused with bad arguments, else forwarded. */
#include "stock.h"

#include "calls.h"
#include "gate.h"
#include "judge.h"
#include "wait.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static CK_FUNCTION_LIST_PTR stock;

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

/* The first argument of a call, and its name. */
#define FIRST_OF(first, ...) first
#define NAME_OF(first, ...) #first

#define PASS(name, parameters, arguments, condition, judgement) \
    CK_RV C_##name parameters { \
        if (!gate_enter()) \
            return CKR_CRYPTOKI_NOT_INITIALIZED; \
        CK_RV rv = (condition) ? (judgement) : CKR_ARGUMENTS_BAD; \
        if (rv == CKR_OK) \
            rv = stock->C_##name arguments; \
        if (rv == CKR_GENERAL_ERROR || rv == CKR_FUNCTION_CANCELED) \
            rv = judge_failure(stock, rv, NAME_OF arguments, FIRST_OF arguments); \
        gate_leave(); \
        return rv; \
    }
#define FORWARD(name, parameters, arguments, condition) PASS(name, parameters, arguments, condition, CKR_OK)
FORWARDED_CALLS(FORWARD)
JUDGED_CALLS(PASS)

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

/* The gate has the system's locks, and so OpenSC may have them too, also when the program says that it has
 * one thread. */
static CK_RV start_stock(const CK_C_INITIALIZE_ARGS *given) {
    CK_C_INITIALIZE_ARGS arguments = {.flags = 0};
    stock = stock_functions();
    if (stock == NULL)
        return CKR_GENERAL_ERROR;
    if (given != NULL)
        arguments = *given;
    if (arguments.CreateMutex == NULL)
        arguments.flags |= CKF_OS_LOCKING_OK;
    CK_RV rv = stock_initialize(stock, &arguments);
    return rv == CKR_CRYPTOKI_ALREADY_INITIALIZED ? taken_by_others() : rv;
}

CK_RV C_Initialize(CK_VOID_PTR arguments) {
    if (!arguments_are_good(arguments))
        return CKR_ARGUMENTS_BAD;
    if (gate_is_open())
        return CKR_CRYPTOKI_ALREADY_INITIALIZED;
    bool open = gate_close();
    gate_empty();
    CK_RV rv = open ? CKR_CRYPTOKI_ALREADY_INITIALIZED : start_stock(arguments);
    gate_reopen(open || rv == CKR_OK);
    return rv;
}

CK_RV C_Finalize(CK_VOID_PTR reserved) {
    CK_RV rv = CKR_CRYPTOKI_NOT_INITIALIZED;
    if (reserved != NULL)
        return CKR_ARGUMENTS_BAD;
    bool open = gate_close();
    wait_end_all();
    gate_empty();
    if (open)
        rv = stock->C_Finalize(NULL);
    gate_reopen(false);
    return rv;
}

CK_RV C_WaitForSlotEvent(CK_FLAGS flags, CK_SLOT_ID_PTR slot, CK_VOID_PTR reserved) {
    if (!gate_is_open())
        return CKR_CRYPTOKI_NOT_INITIALIZED;
    return slot == NULL || reserved != NULL ? CKR_ARGUMENTS_BAD : wait_for_slot_event(stock, flags, slot);
}

CK_RV C_GetTokenInfo(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info) {
    if (!gate_enter())
        return CKR_CRYPTOKI_NOT_INITIALIZED;
    CK_RV rv = info == NULL ? CKR_ARGUMENTS_BAD : stock->C_GetTokenInfo(slot, info);
    if (rv == CKR_OK)
        judge_token(info);
    if (rv == CKR_GENERAL_ERROR)
        rv = judge_failure(stock, rv, "slot", slot);
    gate_leave();
    return rv;
}

static void put_text(CK_UTF8CHAR *field, size_t size, const char *text) {
    memset(field, ' ', size);
    memcpy(field, text, strnlen(text, size));
}

CK_RV C_GetInfo(CK_INFO_PTR info) {
    if (!gate_is_open())
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

#define ENTRY(name, parameters, arguments, condition) .C_##name = C_##name,
#define JUDGED_ENTRY(name, parameters, arguments, condition, judgement) .C_##name = C_##name,
static CK_FUNCTION_LIST functions = {
    .version = {2, 40},
    .C_Initialize = C_Initialize,
    .C_Finalize = C_Finalize,
    .C_GetInfo = C_GetInfo,
    .C_GetFunctionList = C_GetFunctionList,
    .C_GetTokenInfo = C_GetTokenInfo,
    .C_WaitForSlotEvent = C_WaitForSlotEvent,
    FORWARDED_CALLS(ENTRY)
    JUDGED_CALLS(JUDGED_ENTRY)
};

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list) {
    if (list == NULL)
        return CKR_ARGUMENTS_BAD;
    *list = &functions;
    return CKR_OK;
}
