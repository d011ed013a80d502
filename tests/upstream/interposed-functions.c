/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The module's own function list holds the program's functions when the program has some of the same names, as every
 * program has that is linked to another module or carries one. MODULE. Link with -rdynamic. */
#include "upstream.h"

static bool called;

__attribute__((visibility("default"), used)) CK_RV C_GetSlotInfo(CK_SLOT_ID slot, CK_SLOT_INFO_PTR information) {
    (void)slot, (void)information;
    called = true;
    return CKR_FUNCTION_FAILED;
}

int main(int count, char **arguments) {
    CK_SLOT_INFO information;
    if (count != 2)
        return 2;
    CK_FUNCTION_LIST_PTR p11 = begin(arguments[1]);
    said("C_GetSlotInfo of the module's list", p11->C_GetSlotInfo(0, &information));
    printf("the program's own function was called: %s\n", called ? "yes" : "no");
    return verdict(called,
                   "PKCS #11 2.40, 5.4, C_GetFunctionList obtains a pointer to the Cryptoki library's list of function "
                   "pointers.");
}
