/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* C_WaitForSlotEvent tells of an event in the slot of every token that was there at C_Initialize. MODULE, a card in */
#include "upstream.h"

int main(int count, char **arguments) {
    CK_SLOT_ID slot;
    int events = 0;
    if (count != 2)
        return 2;
    CK_FUNCTION_LIST_PTR p11 = begin(arguments[1]);
    while (events < 64 && p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL) == CKR_OK)
        printf("C_WaitForSlotEvent: CKR_OK, slot %lu (event %d)\n", slot, ++events);
    return verdict(events > 0,
                   "PKCS #11 2.40, 5.5, C_WaitForSlotEvent: when an application initially calls C_Initialize, "
                   "every slot's event flag is cleared.");
}
