/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* pkcs11-jpki.so: validates arguments, then forwards to the stock OpenSC module. The rows of calls.h become functions
 * here: refused before C_Initialize and in the child of a fork, refused with bad arguments, else forwarded. */
#include "stock.h"

#include "account.h"
#include "arguments.h"
#include "calls.h"
#include "return_values.h"
#include "call_lock.h"
#include "validate.h"
#include "mechanism.h"
#include "module_rights.h"
#include "slot_event.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static CK_FUNCTION_LIST_PTR stock;

/* The first argument of a call, and its name: "session" or "slot". */
#define FIRST_OF(first, ...) first
#define NAME_OF(first, ...) #first

/* The slot or session of a call. */
typedef struct subject {
    CK_ULONG given; /* the program's number */
    bool is_session;
    struct session *one; /* of a session */
    struct slot *place;
} subject;

/* The number becomes the stock module's. */
static CK_RV enter(const char *what, CK_ULONG *number, subject *about) {
    *about = (subject){.given = *number, .is_session = strcmp(what, "session") == 0};
    if (!about->is_session)
        return account_enter_slot(number, &about->place);
    CK_RV rv = account_enter_session(number, &about->one);
    about->place = rv == CKR_OK ? about->one->slot : NULL;
    return rv;
}

static CK_RV leave(const subject *about, CK_RV rv) {
    if (rv == CKR_FUNCTION_CANCELED)
        return CKR_USER_ANOTHER_ALREADY_LOGGED_IN; /* validate.h */
    return about->is_session ? account_leave_session(about->given, rv) : account_leave_slot(about->given, rv);
}

/* answer: the call's return value once the lock is held, with the stock module's numbers. */
#define CALL(name, parameters, arguments, condition, answer)                                                           \
    CK_RV C_##name parameters {                                                                                        \
        subject about;                                                                                                 \
        if (!call_lock_enter())                                                                                        \
            return CKR_CRYPTOKI_NOT_INITIALIZED;                                                                       \
        CK_RV rv = (condition) ? enter(NAME_OF arguments, &FIRST_OF arguments, &about) : CKR_ARGUMENTS_BAD;            \
        if (rv == CKR_OK)                                                                                              \
            rv = leave(&about, (answer));                                                                              \
        call_lock_leave();                                                                                             \
        return rv;                                                                                                     \
    }
#define PASS(name, parameters, arguments, condition, verdict)                                                          \
    CALL(name, parameters, arguments, condition,                                                                       \
         (rv = (verdict)) != CKR_OK ? rv : codes_correct(#name, stock->C_##name arguments))
#define FORWARD(name, parameters, arguments, condition) PASS(name, parameters, arguments, condition, CKR_OK)
FORWARDED_CALLS(FORWARD)
CHECKED_CALLS(PASS)

/* PKCS #11 2.40 5.4: pReserved is NULL, and of the four functions for locking all are given or none. */
static bool arguments_are_good(const CK_C_INITIALIZE_ARGS *given) {
    if (given == NULL)
        return true;
    int functions = (given->CreateMutex != NULL) + (given->DestroyMutex != NULL) + (given->LockMutex != NULL) +
                    (given->UnlockMutex != NULL);
    return given->pReserved == NULL && (functions == 0 || functions == 4);
}

/* Only where the stock module could not be loaded as a copy (stock.c): another part of the process has initialised it
 * with another configuration, without our drivers. */
static CK_RV taken_by_others(void) {
    fputs("pkcs11-jpki: this process uses the stock OpenSC module already, and the two share their state.\n"
          "pkcs11-jpki: Use one of them: see pkcs11-jpki.module for how to turn the stock one off in p11-kit.\n",
          stderr);
    return CKR_FUNCTION_FAILED;
}

/* The call lock uses the system's locks, so OpenSC may, too, also when the program declares one thread. */
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
    if (rv == CKR_OK)
        account_begin(stock, &arguments);
    return rv == CKR_CRYPTOKI_ALREADY_INITIALIZED ? taken_by_others() : rv;
}

CK_RV C_Initialize(CK_VOID_PTR arguments) {
    if (!arguments_are_good(arguments))
        return CKR_ARGUMENTS_BAD;
    if (call_lock_is_open())
        return CKR_CRYPTOKI_ALREADY_INITIALIZED;
    bool open = call_lock_close();
    call_lock_empty();
    CK_RV rv = open ? CKR_CRYPTOKI_ALREADY_INITIALIZED : start_stock(arguments);
    call_lock_reopen(open || rv == CKR_OK);
    return rv;
}

CK_RV C_Finalize(CK_VOID_PTR reserved) {
    CK_RV rv = CKR_CRYPTOKI_NOT_INITIALIZED;
    if (reserved != NULL)
        return CKR_ARGUMENTS_BAD;
    bool open = call_lock_close();
    wait_end_all();
    call_lock_empty();
    if (open) {
        account_end();
        rv = stock->C_Finalize(NULL);
        rights_end();
    }
    call_lock_reopen(false);
    return rv;
}

CK_RV C_WaitForSlotEvent(CK_FLAGS flags, CK_SLOT_ID_PTR slot, CK_VOID_PTR reserved) {
    if (!call_lock_is_open())
        return CKR_CRYPTOKI_NOT_INITIALIZED;
    return slot == NULL || reserved != NULL ? CKR_ARGUMENTS_BAD : wait_for_slot_event(stock, flags, slot);
}

/* Without pcscd: the former slots, all empty. */
static CK_RV list_without_readers(CK_BBOOL present, CK_SLOT_ID_PTR list, CK_ULONG_PTR count) {
    CK_ULONG room = *count;
    *count = present ? 0 : slots_count();
    if (list != NULL && room < *count)
        return CKR_BUFFER_TOO_SMALL;
    for (CK_SLOT_ID i = 0; list != NULL && i < *count; i++)
        list[i] = i;
    return CKR_OK;
}

/* The stock module's list, in our numbers. */
static CK_RV list_slots(CK_BBOOL present, CK_SLOT_ID_PTR list, CK_ULONG_PTR count) {
    CK_ULONG kept = 0;
    if (account_note_cards() != CKR_OK)
        return list_without_readers(present, list, count);
    CK_RV rv = stock->C_GetSlotList(present, list, count);
    for (CK_ULONG i = 0; rv == CKR_OK && list != NULL && i < *count; i++) {
        const struct slot *s = slots_of_stock(stock, list[i]);
        if (s != NULL)
            list[kept++] = slots_number(s);
    }
    if (rv == CKR_OK && list != NULL)
        *count = kept;
    return rv;
}

CK_RV C_GetSlotList(CK_BBOOL present, CK_SLOT_ID_PTR list, CK_ULONG_PTR count) {
    if (!call_lock_enter())
        return CKR_CRYPTOKI_NOT_INITIALIZED;
    CK_RV rv = count == NULL ? CKR_ARGUMENTS_BAD : list_slots(present, list, count);
    call_lock_leave();
    return rv;
}

/* A reader without known state has no card. */
CK_RV C_GetSlotInfo(CK_SLOT_ID number, CK_SLOT_INFO_PTR info) {
    CK_SLOT_ID id = number;
    struct slot *s = NULL;
    if (!call_lock_enter())
        return CKR_CRYPTOKI_NOT_INITIALIZED;
    CK_RV rv = info == NULL ? CKR_ARGUMENTS_BAD : account_enter_slot(&id, &s);
    if (rv == CKR_OK) {
        rv = account_leave_slot(number, stock->C_GetSlotInfo(id, info));
    } else if (rv == CKR_TOKEN_NOT_PRESENT) {
        *info = slots_get(number)->info;
        info->flags &= ~(CK_FLAGS)CKF_TOKEN_PRESENT;
        rv = CKR_OK;
    }
    call_lock_leave();
    return rv;
}

static CK_RV token_info(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info) {
    CK_RV rv = stock->C_GetTokenInfo(slot, info);
    if (rv == CKR_OK)
        check_token(info);
    return rv;
}

CALL(GetTokenInfo, (CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info), (slot, info), GIVEN(info), token_info(slot, info))
CALL(GetMechanismList, (CK_SLOT_ID slot, CK_MECHANISM_TYPE_PTR list, CK_ULONG_PTR count), (slot, list, count),
     GIVEN(count), mechanism_list(stock, slot, list, count))
CALL(GetMechanismInfo, (CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO_PTR info), (slot, type, info),
     GIVEN(info), mechanism_info(stock, slot, type, info))

static void put_text(CK_UTF8CHAR *field, size_t size, const char *text) {
    memset(field, ' ', size);
    memcpy(field, text, strnlen(text, size));
}

CK_RV C_GetInfo(CK_INFO_PTR info) {
    if (!call_lock_is_open())
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
#define CHECKED_ENTRY(name, parameters, arguments, condition, verdict) .C_##name = C_##name,
static CK_FUNCTION_LIST functions = {.version = {2, 40},
                                     .C_Initialize = C_Initialize,
                                     .C_Finalize = C_Finalize,
                                     .C_GetInfo = C_GetInfo,
                                     .C_GetFunctionList = C_GetFunctionList,
                                     .C_GetSlotList = C_GetSlotList,
                                     .C_GetSlotInfo = C_GetSlotInfo,
                                     .C_GetTokenInfo = C_GetTokenInfo,
                                     .C_GetMechanismList = C_GetMechanismList,
                                     .C_GetMechanismInfo = C_GetMechanismInfo,
                                     .C_OpenSession = C_OpenSession,
                                     .C_CloseSession = C_CloseSession,
                                     .C_CloseAllSessions = C_CloseAllSessions,
                                     .C_InitPIN = C_InitPIN,
                                     .C_CreateObject = C_CreateObject,
                                     .C_GetAttributeValue = C_GetAttributeValue,
                                     .C_GetSessionInfo = C_GetSessionInfo,
                                     .C_Login = C_Login,
                                     .C_Logout = C_Logout,
                                     .C_SignInit = C_SignInit,
                                     .C_Sign = C_Sign,
                                     .C_SignUpdate = C_SignUpdate,
                                     .C_SignFinal = C_SignFinal,
                                     .C_WaitForSlotEvent = C_WaitForSlotEvent,
                                     FORWARDED_CALLS(ENTRY) CHECKED_CALLS(CHECKED_ENTRY)};

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list) {
    if (list == NULL)
        return CKR_ARGUMENTS_BAD;
    *list = &functions;
    return CKR_OK;
}
