/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "account.h"

#include "module_rights.h"

#include <stdlib.h>
#include <time.h>

#define LEAVING_LOOKS 40
#define LEAVING_PAUSE_MS 5

static CK_FUNCTION_LIST_PTR stock;
static CK_C_INITIALIZE_ARGS started_with;
static bool stock_runs;

static void close_in_stock(struct session *one, void *context) {
    (void)context;
    stock->C_CloseSession(one->stock);
}

/* One by one: stock C_CloseAllSessions deletes from the list that it walks by number, and closes every second one. */
static void close_sessions(struct slot *s) {
    sessions_each(s, close_in_stock, NULL);
    for (struct session *one; (one = sessions_first(s)) != NULL;)
        sessions_drop(one->handle);
    account_login_lost(s);
}

void account_login_lost(struct slot *s) {
    s->user = SLOT_LOGGED_OUT;
    s->consent = false;
}

static void nothing_holds(void) {
    sessions_drop_all();
    slots_forget_stock();
}

void account_begin(CK_FUNCTION_LIST_PTR functions, const CK_C_INITIALIZE_ARGS *arguments) {
    stock = functions;
    started_with = *arguments;
    stock_runs = true;
    nothing_holds();
    readers_begin();
    rights_begin();
}

void account_end(void) {
    rights_revoke(NULL);
    nothing_holds();
    readers_end();
}

/* After a restart of pcscd the stock module would use stale cards. */
static CK_RV start_stock_again(void) {
    nothing_holds();
    if (stock_runs)
        stock->C_Finalize(NULL);
    rights_end();
    stock_runs = stock_initialize(stock, &started_with) == CKR_OK;
    rights_begin();
    return stock_runs ? CKR_OK : CKR_DEVICE_REMOVED;
}

static CK_RV look(const CK_UTF8CHAR *reader) {
    switch (readers_look(reader)) {
    case READERS_OK: return stock_runs ? CKR_OK : start_stock_again();
    case READERS_RESTARTED: return start_stock_again();
    default: nothing_holds(); return CKR_DEVICE_REMOVED;
    }
}

static bool card_is_another(const struct slot *s) {
    return readers_stay(s->info.slotDescription) != s->stay;
}

CK_RV account_note_cards(void) {
    CK_RV rv = look(NULL);
    for (CK_SLOT_ID i = 0; rv == CKR_OK && i < slots_count(); i++) {
        struct slot *s = slots_get(i);
        if (card_is_another(s))
            close_sessions(s);
        s->stay = readers_stay(s->info.slotDescription);
    }
    return rv;
}

/* The stock module polls all cards in C_GetSlotList; it sees added and removed readers only in a call without a list
 * (PKCS #11 2.40, 5.5). */
static CK_RV refresh(void) {
    CK_SLOT_ID ids[SLOTS_MAX];
    CK_ULONG count = SLOTS_MAX;
    CK_RV rv = account_note_cards();
    if (rv == CKR_OK && readers_list_changed())
        rv = stock->C_GetSlotList(CK_FALSE, NULL, &count);
    count = SLOTS_MAX;
    if (rv == CKR_OK)
        rv = stock->C_GetSlotList(CK_FALSE, ids, &count);
    for (CK_ULONG i = 0; rv == CKR_OK && i < count; i++)
        slots_of_stock(stock, ids[i]);
    return rv;
}

/* The slot's card is the one that the stock module knows there; else the stock module is started again. */
static CK_RV look_at(struct slot *s) {
    CK_RV rv = look(s->info.slotDescription);
    return rv == CKR_OK && (s->stock == SLOT_NO_STOCK || card_is_another(s)) ? refresh() : rv;
}

/* The card has no access right of this process any more: all its tokens are logged out. */
static void note_time_limit(const struct slot *s) {
    if (rights_hold(s->info.slotDescription) != HOLD_OVER)
        return;
    for (CK_SLOT_ID i = 0; i < slots_count(); i++) {
        struct slot *other = slots_get(i);
        if (slots_share_reader(s, other) && other->user != SLOT_LOGGED_OUT)
            account_log_out(other);
    }
    rights_revoke(s->info.slotDescription);
}

CK_RV account_enter_slot(CK_SLOT_ID *id, struct slot **found) {
    struct slot *s = slots_get(*id);
    CK_RV rv = CKR_OK;
    if (s == NULL) { /* some programs do not call C_GetSlotList first */
        rv = refresh();
        s = slots_get(*id);
    }
    if (s == NULL)
        return CKR_SLOT_ID_INVALID;
    if (rv == CKR_OK)
        rv = look_at(s);
    if (rv != CKR_OK || s->stock == SLOT_NO_STOCK)
        return CKR_TOKEN_NOT_PRESENT;
    note_time_limit(s);
    *id = s->stock;
    *found = s;
    return CKR_OK;
}

CK_RV account_enter_session(CK_SESSION_HANDLE *handle, struct session **found) {
    struct session *one = sessions_find(*handle);
    if (one == NULL)
        return CKR_SESSION_HANDLE_INVALID;
    CK_RV rv = look_at(one->slot);
    one = sessions_find(*handle);
    if (rv != CKR_OK || one == NULL)
        return CKR_DEVICE_REMOVED;
    note_time_limit(one->slot);
    *handle = one->stock;
    *found = one;
    return CKR_OK;
}

/* Return values that may be caused by a card that was just removed. OpenSC 0.23's sc_update_binary and its PKCS #15
 * initialisation lose the reason of a failure. */
static bool may_be_removal(CK_RV rv) {
    return rv == CKR_GENERAL_ERROR || rv == CKR_DEVICE_ERROR || rv == CKR_DEVICE_REMOVED ||
           rv == CKR_TOKEN_NOT_PRESENT || rv == CKR_TOKEN_NOT_RECOGNIZED || rv == CKR_SESSION_HANDLE_INVALID;
}

/* A value without the reason of a failure. The others are also what a card that stays answers again and again, as one that
 * no driver knows: nobody waits for these. */
static bool tells_no_reason(CK_RV rv) {
    return rv == CKR_GENERAL_ERROR || rv == CKR_DEVICE_ERROR;
}

/* Whether the card has left, or leaves before the last look: the command that a removal interrupts fails some milliseconds
 * before pcscd's own thread has seen the removal. */
static bool has_left(struct slot *s, unsigned looks) {
    const struct timespec pause = {.tv_nsec = LEAVING_PAUSE_MS * 1000000L};
    const uint64_t stay = s->stay;
    while (look_at(s) == CKR_OK && s->stay == stay) {
        if (--looks == 0)
            return false;
        nanosleep(&pause, NULL);
    }
    return true;
}

static CK_RV leave(struct slot *s, CK_RV rv) {
    return may_be_removal(rv) && has_left(s, tells_no_reason(rv) ? LEAVING_LOOKS : 1) ? CKR_DEVICE_REMOVED : rv;
}

CK_RV account_leave_slot(CK_SLOT_ID id, CK_RV rv) {
    struct slot *s = slots_get(id);
    if (s == NULL || rv == CKR_TOKEN_NOT_PRESENT)
        return rv;
    return leave(s, rv);
}

CK_RV account_leave_session(CK_SESSION_HANDLE handle, CK_RV rv) {
    struct session *one = sessions_find(handle);
    if (one == NULL)
        return rv;
    if (rv == CKR_USER_NOT_LOGGED_IN)
        account_login_lost(one->slot);
    return leave(one->slot, rv);
}

void account_before_right(void) {
    rights_host((started_with.flags & CKF_LIBRARY_CANT_CREATE_OS_THREADS ? HOST_WITHOUT_THREADS : 0) |
                (stock_is_beside() ? HOST_WITH_STOCK : 0));
}

CK_RV account_log_out(struct slot *s) {
    struct session *one = sessions_first(s);
    if (one != NULL)
        stock->C_Logout(one->stock);
    account_login_lost(s);
    return rights_revoke(s->info.slotDescription);
}

bool account_holds_in_vain(const struct slot *s) {
    bool in_vain = rights_hold(s->info.slotDescription) == HOLD_HELD;
    for (CK_SLOT_ID i = 0; in_vain && i < slots_count(); i++)
        in_vain = !slots_share_reader(s, slots_get(i)) || slots_get(i)->user == SLOT_LOGGED_OUT;
    return in_vain;
}

static void open_in_stock(struct session *one, void *context) {
    CK_SLOT_ID id = *(CK_SLOT_ID *)context;
    one->uses_key = false;
    stock->C_CloseSession(one->stock);
    if (stock->C_OpenSession(id, one->flags, NULL, NULL, &one->stock) != CKR_OK)
        one->stock = CK_INVALID_HANDLE;
}

void account_open_again(struct slot *s) {
    CK_SLOT_ID id = s->stock;
    account_login_lost(s);
    sessions_each(s, open_in_stock, &id);
}
