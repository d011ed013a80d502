/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The calls that change the table of sessions (open, close, login, logout, use of keys), and those that pass
 * secrets. */
#include "account.h"

#include "arguments.h"
#include "return_values.h"
#include "call_lock.h"
#include "interface.h"
#include "validate.h"
#include "mechanism.h"
#include "module_rights.h"

#include "base/secret.h"
#include "opensc/mechanisms.h"

#include <string.h>

static CK_FUNCTION_LIST_PTR stock(void) {
    return stock_functions();
}

/* *one is the program's session; handle remains its number. CKR_OK: the call lock is held until end. */
static CK_RV begin(bool good, CK_SESSION_HANDLE handle, struct session **one) {
    CK_SESSION_HANDLE number = handle;
    if (!call_lock_enter())
        return CKR_CRYPTOKI_NOT_INITIALIZED;
    CK_RV rv = good ? account_enter_session(&number, one) : CKR_ARGUMENTS_BAD;
    if (rv != CKR_OK)
        call_lock_leave();
    return rv;
}

static CK_RV end(CK_SESSION_HANDLE handle, CK_RV rv) {
    rv = account_leave_session(handle, rv);
    call_lock_leave();
    return rv;
}

CK_RV C_OpenSession(CK_SLOT_ID number, CK_FLAGS flags, CK_VOID_PTR application, CK_NOTIFY notify,
                    CK_SESSION_HANDLE_PTR handle) {
    struct session opened = {.flags = flags};
    CK_SLOT_ID id = number;
    if (!call_lock_enter())
        return CKR_CRYPTOKI_NOT_INITIALIZED;
    CK_RV rv = handle == NULL ? CKR_ARGUMENTS_BAD : account_enter_slot(&id, &opened.slot);
    if (rv == CKR_OK)
        rv = account_leave_slot(number, stock()->C_OpenSession(id, flags, application, notify, &opened.stock));
    if (rv == CKR_OK && (rv = sessions_add(&opened, handle)) != CKR_OK)
        stock()->C_CloseSession(opened.stock);
    call_lock_leave();
    return rv;
}

/* Closing the last session logs out (PKCS #11 2.40, 5.6) and releases the card. */
static CK_RV close_one(struct session *one) {
    struct slot *s = one->slot;
    CK_SESSION_HANDLE handle = one->handle;
    CK_RV rv = CKR_OK, closed;
    if (sessions_count(s) == 1 && (s->user != SLOT_LOGGED_OUT || account_holds_in_vain(s)))
        rv = account_log_out(s);
    closed = stock()->C_CloseSession(one->stock);
    sessions_drop(handle);
    return closed != CKR_OK ? closed : rv;
}

CK_RV C_CloseSession(CK_SESSION_HANDLE handle) {
    struct session *one;
    CK_RV rv = begin(true, handle, &one);
    return rv == CKR_OK ? end(handle, close_one(one)) : rv;
}

CK_RV C_CloseAllSessions(CK_SLOT_ID number) {
    CK_SLOT_ID id = number;
    struct slot *s;
    if (!call_lock_enter())
        return CKR_CRYPTOKI_NOT_INITIALIZED;
    CK_RV rv = account_enter_slot(&id, &s);
    for (struct session *one; rv == CKR_OK && (one = sessions_first(s)) != NULL;)
        rv = close_one(one);
    if (rv == CKR_OK)
        rv = account_leave_slot(number, stock()->C_CloseAllSessions(id)); /* whether a token is present */
    call_lock_leave();
    return rv;
}

/* Whether the card has kept the login. If not, OpenSC 0.23 closes its sessions; later versions only return an error. */
static CK_RV ask_card(struct session *one) {
    CK_SESSION_INFO info;
    CK_RV rv = stock()->C_GetSessionInfo(one->stock, &info);
    if (rv == CKR_SESSION_HANDLE_INVALID)
        rv = account_leave_session(one->handle, rv);
    if (rv == CKR_SESSION_HANDLE_INVALID) { /* the card is the same */
        account_open_again(one->slot);
        return CKR_OK;
    }
    if (rv == CKR_OK && (info.state == CKS_RO_PUBLIC_SESSION || info.state == CKS_RW_PUBLIC_SESSION))
        account_login_lost(one->slot);
    return rv;
}

static CK_STATE state_of(const struct session *one) {
    bool writes = one->flags & CKF_RW_SESSION;
    switch (one->slot->user) {
    case SLOT_USER: return writes ? CKS_RW_USER_FUNCTIONS : CKS_RO_USER_FUNCTIONS;
    case SLOT_OFFICER: return CKS_RW_SO_FUNCTIONS;
    default: return writes ? CKS_RW_PUBLIC_SESSION : CKS_RO_PUBLIC_SESSION;
    }
}

CK_RV C_GetSessionInfo(CK_SESSION_HANDLE handle, CK_SESSION_INFO_PTR info) {
    struct session *one;
    CK_RV rv = begin(info != NULL, handle, &one);
    if (rv != CKR_OK)
        return rv;
    if (one->slot->user == SLOT_USER)
        rv = ask_card(one);
    if (rv == CKR_OK)
        *info = (CK_SESSION_INFO){.slotID = slots_number(one->slot), .state = state_of(one), .flags = one->flags};
    call_lock_leave();
    return rv;
}

/* PKCS #11 2.40, 5.6: only between C_SignInit (or C_DecryptInit) and C_Sign, with a key that asks for it. */
static CK_RV log_in_for_key(struct session *one, CK_UTF8CHAR_PTR pin, CK_ULONG length) {
    if (!one->uses_key || !one->wants_consent)
        return CKR_OPERATION_NOT_INITIALIZED;
    CK_RV rv = stock()->C_Login(one->stock, CKU_CONTEXT_SPECIFIC, pin, length);
    if (rv == CKR_OK)
        one->slot->consent = true;
    return rv;
}

static void look_for_reader(struct session *one, void *context) {
    if (!(one->flags & CKF_RW_SESSION))
        *(bool *)context = true;
}

static CK_RV check_login(const struct session *one, CK_USER_TYPE user) {
    bool reads_only = false;
    slot_user present = one->slot->user;
    if (user != CKU_USER && user != CKU_SO)
        return CKR_USER_TYPE_INVALID;
    if (present != SLOT_LOGGED_OUT)
        return (present == SLOT_USER) == (user == CKU_USER) ? CKR_USER_ALREADY_LOGGED_IN
                                                            : CKR_USER_ANOTHER_ALREADY_LOGGED_IN;
    if (user == CKU_USER)
        return CKR_OK;
    sessions_each(one->slot, look_for_reader, &reads_only);
    return reads_only ? CKR_SESSION_READ_ONLY_EXISTS : validate_officer(stock(), one->slot->stock);
}

/* The card itself verifies the PIN before the login succeeds. */
static CK_RV check_officer(struct session *one, CK_UTF8CHAR_PTR pin, CK_ULONG length) {
    return rights_verify_officer(one->slot->info.slotDescription, pin, length);
}

static CK_RV log_in(struct session *one, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG length) {
    CK_RV rv = check_login(one, user);
    if (rv != CKR_OK)
        return rv;
    rv = stock()->C_Login(one->stock, user, pin, length);
    /* The stock module does not know that the card has ended the login. Nothing was sent. */
    if (rv == CKR_USER_ALREADY_LOGGED_IN || rv == CKR_USER_ANOTHER_ALREADY_LOGGED_IN) {
        stock()->C_Logout(one->stock);
        rv = stock()->C_Login(one->stock, user, pin, length);
    }
    if (rv == CKR_OK && user == CKU_SO && (rv = check_officer(one, pin, length)) != CKR_OK)
        stock()->C_Logout(one->stock);
    if (rv == CKR_OK) {
        one->slot->user = user == CKU_USER ? SLOT_USER : SLOT_OFFICER;
        one->slot->consent = true; /* of the signature PIN: each verification opens one signature */
    }
    return rv == CKR_FUNCTION_CANCELED ? CKR_USER_ANOTHER_ALREADY_LOGGED_IN : rv; /* validate.h */
}

CK_RV C_Login(CK_SESSION_HANDLE handle, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG length) {
    struct session *one;
    CK_RV rv = begin(FILLED(pin, length), handle, &one);
    if (rv != CKR_OK)
        return rv;
    account_before_right();
    rv = user == CKU_CONTEXT_SPECIFIC ? log_in_for_key(one, pin, length) : log_in(one, user, pin, length);
    return end(handle, codes_correct("Login", rv));
}

CK_RV C_Logout(CK_SESSION_HANDLE handle) {
    struct session *one;
    CK_RV rv = begin(true, handle, &one);
    if (rv != CKR_OK)
        return rv;
    if (one->slot->user == SLOT_LOGGED_OUT) {
        call_lock_leave();
        return CKR_USER_NOT_LOGGED_IN;
    }
    return end(handle, account_log_out(one->slot));
}

/* --- secrets that OpenSC writes into its log ---------------------------------------------------------------------- */

#define INITIAL_PIN_MAX 255

/* OpenSC also logs the bytes after the PIN, up to a zero. */
static CK_RV give_pin(struct session *one, const CK_UTF8CHAR *pin, CK_ULONG length) {
    CK_UTF8CHAR copy[INITIAL_PIN_MAX + 1] = {0};
    if (length > INITIAL_PIN_MAX)
        return CKR_PIN_LEN_RANGE;
    if (!rights_silence_log(one->slot->info.slotDescription))
        return CKR_DEVICE_REMOVED;
    if (pin != NULL)
        memcpy(copy, pin, length);
    CK_RV rv = stock()->C_InitPIN(one->stock, pin != NULL ? copy : NULL, length);
    rights_restore_log();
    secret_wipe(copy, sizeof copy);
    return rv;
}

CK_RV C_InitPIN(CK_SESSION_HANDLE handle, CK_UTF8CHAR_PTR pin, CK_ULONG length) {
    struct session *one;
    CK_RV rv = begin(FILLED(pin, length), handle, &one);
    if (rv != CKR_OK)
        return rv;
    if (!(one->flags & CKF_RW_SESSION))
        rv = CKR_SESSION_READ_ONLY;
    else
        rv = one->slot->user == SLOT_OFFICER ? give_pin(one, pin, length) : CKR_USER_NOT_LOGGED_IN;
    return end(handle, rv);
}

/* Any attribute of an object of another class, or without a class, may be secret. */
static bool is_open(const CK_ATTRIBUTE *list, CK_ULONG count) {
    for (CK_ULONG i = 0; i < count; i++) {
        CK_OBJECT_CLASS class;
        if (list[i].type != CKA_CLASS || list[i].ulValueLen != sizeof class)
            continue;
        memcpy(&class, list[i].pValue, sizeof class);
        return class == CKO_DATA || class == CKO_CERTIFICATE || class == CKO_PUBLIC_KEY;
    }
    return false;
}

static CK_RV create(struct session *one, CK_ATTRIBUTE_PTR list, CK_ULONG count, CK_OBJECT_HANDLE_PTR object) {
    CK_RV rv = mechanism_takes(list, count);
    if (rv != CKR_OK || is_open(list, count))
        return rv != CKR_OK ? rv : stock()->C_CreateObject(one->stock, list, count, object);
    if (!rights_silence_log(one->slot->info.slotDescription))
        return CKR_DEVICE_REMOVED;
    rv = stock()->C_CreateObject(one->stock, list, count, object);
    rights_restore_log();
    return rv;
}

CK_RV C_CreateObject(CK_SESSION_HANDLE handle, CK_ATTRIBUTE_PTR list, CK_ULONG count, CK_OBJECT_HANDLE_PTR object) {
    struct session *one;
    CK_RV rv = begin(WHOLE(list, count) && GIVEN(object), handle, &one);
    if (rv != CKR_OK)
        return rv;
    account_before_right();
    rv = create(one, list, count, object);
    return end(handle, rv == CKR_FUNCTION_CANCELED ? CKR_USER_ANOTHER_ALREADY_LOGGED_IN : rv); /* validate.h */
}

static bool asks_for_value(const CK_ATTRIBUTE *list, CK_ULONG count) {
    bool asks = false;
    for (CK_ULONG i = 0; i < count; i++)
        asks |= list[i].type == CKA_VALUE;
    return asks;
}

/* OpenSC also logs what it answers: the basic items, and the certificate of the signature key, which has them, too. */
CK_RV C_GetAttributeValue(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_PTR list, CK_ULONG count) {
    struct session *one;
    CK_RV rv = begin(FILLED(list, count), handle, &one);
    if (rv != CKR_OK)
        return rv;
    const bool quiet = asks_for_value(list, count) && rights_silence_log(one->slot->info.slotDescription);
    rv = stock()->C_GetAttributeValue(one->stock, object, list, count);
    if (quiet)
        rights_restore_log();
    return end(handle, rv);
}

/* --- keys that ask for the PIN before each use -------------------------------------------------------------------- */

static bool key_wants_consent(CK_SESSION_HANDLE in_stock, CK_OBJECT_HANDLE key) {
    CK_BBOOL value = CK_FALSE;
    CK_ATTRIBUTE attribute = {CKA_ALWAYS_AUTHENTICATE, &value, sizeof value};
    return stock()->C_GetAttributeValue(in_stock, key, &attribute, 1) == CKR_OK && value;
}

CK_RV C_SignInit(CK_SESSION_HANDLE handle, CK_MECHANISM_PTR method, CK_OBJECT_HANDLE key) {
    struct session *one;
    CK_RV rv = begin(MECHANISM(method), handle, &one);
    if (rv != CKR_OK)
        return rv;
    rv = mechanism_begins(stock(), one->slot->stock, method, CKF_SIGN);
    if (rv == CKR_OK)
        rv = codes_correct("SignInit", stock()->C_SignInit(one->stock, method, key));
    if (rv == CKR_OK) {
        one->uses_key = true;
        one->wants_consent = key_wants_consent(one->stock, key);
    }
    return end(handle, rv);
}

/* A signature whose key requires the PIN again, without C_Login since the last one. OpenSC would end the whole login;
 * by PKCS #11 2.40, 5.6 only the operation ends. */
static bool lacks_consent(const struct session *one) {
    return one->uses_key && one->wants_consent && one->slot->user == SLOT_USER && !one->slot->consent;
}

static CK_RV refuse_use(struct session *one) {
    stock_cancel(one->stock, CKF_SIGN);
    one->uses_key = false;
    call_lock_leave();
    return CKR_USER_NOT_LOGGED_IN;
}

/* An operation ends with its last call, but not when that only asked for a length (PKCS #11 2.40, 5.2). */
static CK_RV end_use(struct session *one, bool asked, CK_RV rv) {
    CK_SESSION_HANDLE handle = one->handle;
    if (rv != CKR_BUFFER_TOO_SMALL && !(rv == CKR_OK && asked)) {
        if (one->wants_consent)
            one->slot->consent = false;
        one->uses_key = false;
    }
    return end(handle, rv);
}

CK_RV C_Sign(CK_SESSION_HANDLE handle, CK_BYTE_PTR in, CK_ULONG length, CK_BYTE_PTR out, CK_ULONG_PTR room) {
    struct session *one;
    CK_RV rv = begin(FILLED(in, length) && GIVEN(room), handle, &one);
    if (rv != CKR_OK)
        return rv;
    if (out != NULL && *room >= RSA_KEY_LENGTH && lacks_consent(one)) /* else nothing is signed yet */
        return refuse_use(one);
    return end_use(one, out == NULL, codes_correct("Sign", stock()->C_Sign(one->stock, in, length, out, room)));
}

CK_RV C_SignUpdate(CK_SESSION_HANDLE handle, CK_BYTE_PTR in, CK_ULONG length) {
    struct session *one;
    CK_RV rv = begin(FILLED(in, length), handle, &one);
    if (rv != CKR_OK)
        return rv;
    rv = stock()->C_SignUpdate(one->stock, in, length);
    if (rv != CKR_OK)
        one->uses_key = false;
    return end(handle, rv);
}

CK_RV C_SignFinal(CK_SESSION_HANDLE handle, CK_BYTE_PTR out, CK_ULONG_PTR room) {
    struct session *one;
    CK_RV rv = begin(GIVEN(room), handle, &one);
    if (rv != CKR_OK)
        return rv;
    if (out != NULL && *room >= RSA_KEY_LENGTH && lacks_consent(one)) /* else nothing is signed yet */
        return refuse_use(one);
    return end_use(one, out == NULL, codes_correct("SignFinal", stock()->C_SignFinal(one->stock, out, room)));
}

CK_RV interface_session_cancel(CK_SESSION_HANDLE handle, CK_FLAGS flags) {
    struct session *one;
    CK_RV rv = begin(true, handle, &one);
    if (rv != CKR_OK)
        return rv;
    if (flags & CKF_SIGN)
        one->uses_key = false;
    return end(handle, stock_cancel(one->stock, flags));
}
