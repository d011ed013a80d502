/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a program sees of the slots while cards come and go: runs shell commands one after the other, in the middle of
 * one C_Initialize, and lists all slots before the first and after each, one line each: number|id|reader|token label.
 *
 *   slots MODULE COMMAND... */
#include "p11.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_MAX 256

static int trimmed(const unsigned char *field, int length) {
    while (length > 0 && field[length - 1] == ' ')
        length--;
    return length;
}

static CK_RV list(CK_FUNCTION_LIST_PTR m, int number) {
    CK_SLOT_ID slots[SLOTS_MAX];
    CK_ULONG count = SLOTS_MAX;
    CK_RV rv = m->C_GetSlotList(CK_FALSE, slots, &count);
    for (CK_ULONG i = 0; rv == CKR_OK && i < count; i++) {
        CK_SLOT_INFO slot;
        CK_TOKEN_INFO token;
        rv = m->C_GetSlotInfo(slots[i], &slot);
        if (rv != CKR_OK || m->C_GetTokenInfo(slots[i], &token) != CKR_OK)
            memcpy(token.label, "-                               ", sizeof token.label);
        printf("%d|%lu|%.*s|%.*s\n", number, slots[i], trimmed(slot.slotDescription, 64), slot.slotDescription,
               trimmed(token.label, 32), token.label);
    }
    fflush(stdout);
    return rv;
}

int main(int count, char **arguments) {
    if (count < 2)
        return 2;
    CK_FUNCTION_LIST_PTR m = p11_load(arguments[1]);
    CK_RV rv = m->C_Initialize(NULL);
    if (rv == CKR_OK)
        rv = list(m, 0);
    for (int i = 2; rv == CKR_OK && i < count; i++)
        rv = system(arguments[i]) == 0 ? list(m, i - 1) : CKR_GENERAL_ERROR;
    if (rv == CKR_OK)
        rv = m->C_Finalize(NULL);
    printf("%s\n", p11_name(rv));
    return rv != CKR_OK;
}
