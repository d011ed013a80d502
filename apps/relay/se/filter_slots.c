/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "se/filter_calls.h"

#include "se/relay_client.h"

#include <string.h>

#define MAKER "Uketsuke"
#define RSA_BITS 2048

/* PKCS #11 texts are padded with blanks, without NUL. */
static void put_text(CK_UTF8CHAR *padded, size_t size, const char *text) {
    const size_t length = strlen(text);
    memset(padded, ' ', size);
    memcpy(padded, text, length < size ? length : size);
}

#define PUT(member, text) put_text((member), sizeof(member), (text))

static CK_RV check_slot(CK_SLOT_ID slot) {
    return slot == CLIENT_SLOT ? CKR_OK : CKR_SLOT_ID_INVALID;
}

/* The module is always there: each connection has one. */
CK_RV filter_initialize(void *arguments) {
    (void)arguments;
    return CKR_OK;
}

CK_RV filter_finalize(void *reserved) {
    (void)reserved;
    filter_close_all_sessions(CLIENT_SLOT);
    return CKR_OK;
}

CK_RV filter_get_info(CK_INFO *info) {
    *info = (CK_INFO){.cryptokiVersion = {2, 40}, .libraryVersion = {1, 0}};
    PUT(info->manufacturerID, MAKER);
    PUT(info->libraryDescription, "Uketsuke relay");
    return CKR_OK;
}

/* An SE that is away has no slot, so that its absence says nothing about its reader: only the relay knows whether it was
 * taken out. */
CK_RV filter_get_slot_list(CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *count) {
    relay_se_status now;
    const CK_ULONG there = relay_client_status(&now) == CKR_OK ? 1 : 0, room = *count;
    (void)present;
    *count = there;
    if (slots == NULL)
        return CKR_OK;
    if (room < there)
        return CKR_BUFFER_TOO_SMALL;
    if (there > 0)
        slots[0] = CLIENT_SLOT;
    return CKR_OK;
}

CK_RV filter_get_slot_info(CK_SLOT_ID slot, CK_SLOT_INFO *info) {
    relay_se_status now;
    if (check_slot(slot) != CKR_OK)
        return CKR_SLOT_ID_INVALID;
    *info = (CK_SLOT_INFO){.flags = CKF_REMOVABLE_DEVICE | CKF_HW_SLOT};
    if (relay_client_status(&now) == CKR_OK)
        info->flags |= CKF_TOKEN_PRESENT;
    PUT(info->slotDescription, relay_client_here()->desk->reader);
    PUT(info->manufacturerID, MAKER);
    return CKR_OK;
}

/* No PIN is asked for: the relay has it, and no terminal can spend a try of it. */
CK_RV filter_get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info) {
    relay_se_status now;
    if (check_slot(slot) != CKR_OK)
        return CKR_SLOT_ID_INVALID;
    const CK_RV rv = relay_client_status(&now);
    if (rv != CKR_OK)
        return rv;
    *info = (CK_TOKEN_INFO){.flags = CKF_TOKEN_INITIALIZED | CKF_USER_PIN_INITIALIZED,
                            .ulMaxSessionCount = CLIENT_SESSIONS_MAX,
                            .ulSessionCount = CK_UNAVAILABLE_INFORMATION,
                            .ulMaxRwSessionCount = CLIENT_SESSIONS_MAX,
                            .ulRwSessionCount = CK_UNAVAILABLE_INFORMATION,
                            .ulMaxPinLen = 64,
                            .ulMinPinLen = 0,
                            .ulTotalPublicMemory = CK_UNAVAILABLE_INFORMATION,
                            .ulFreePublicMemory = CK_UNAVAILABLE_INFORMATION,
                            .ulTotalPrivateMemory = CK_UNAVAILABLE_INFORMATION,
                            .ulFreePrivateMemory = CK_UNAVAILABLE_INFORMATION};
    PUT(info->label, now.label);
    PUT(info->serialNumber, now.serial);
    PUT(info->manufacturerID, MAKER);
    PUT(info->model, "relay");
    memset(info->utcTime, ' ', sizeof info->utcTime);
    return CKR_OK;
}

static const struct {
    CK_MECHANISM_TYPE type;
    CK_FLAGS flags;
} mechanisms[] = {{CKM_SHA256_RSA_PKCS, CKF_HW | CKF_SIGN}, {CKM_RSA_PKCS, CKF_HW | CKF_DECRYPT}};
#define MECHANISMS (sizeof mechanisms / sizeof *mechanisms)

CK_RV filter_get_mechanism_list(CK_SLOT_ID slot, CK_MECHANISM_TYPE *list, CK_ULONG *count) {
    const CK_ULONG room = *count;
    if (check_slot(slot) != CKR_OK)
        return CKR_SLOT_ID_INVALID;
    *count = MECHANISMS;
    if (list != NULL && room < MECHANISMS)
        return CKR_BUFFER_TOO_SMALL;
    for (size_t i = 0; list != NULL && i < MECHANISMS; i++)
        list[i] = mechanisms[i].type;
    return CKR_OK;
}

CK_RV filter_get_mechanism_info(CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info) {
    if (check_slot(slot) != CKR_OK)
        return CKR_SLOT_ID_INVALID;
    for (size_t i = 0; i < MECHANISMS; i++)
        if (mechanisms[i].type == type) {
            *info = (CK_MECHANISM_INFO){RSA_BITS, RSA_BITS, mechanisms[i].flags};
            return CKR_OK;
        }
    return CKR_MECHANISM_INVALID;
}

/* A connection serves one call at a time: a wait would stop it. */
CK_RV filter_wait_for_slot_event(CK_FLAGS flags, CK_SLOT_ID *slot, void *reserved) {
    (void)slot;
    (void)reserved;
    return (flags & CKF_DONT_BLOCK) != 0 ? CKR_NO_EVENT : CKR_FUNCTION_NOT_SUPPORTED;
}
