/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A configuration that is named but is not there, means all built-in drivers, and nobody is told.
 * MODULE CONFIGURATION VARIABLE: the file allows no driver that fits the card in the reader, the variable of the
 * environment names it (OPENSC_CONF) */
#include "upstream.h"

static CK_ULONG tokens(const char *module, const char *variable, const char *configuration) {
    CK_ULONG count = 0;
    setenv(variable, configuration, 1);
    CK_FUNCTION_LIST_PTR p11 = load(module);
    CK_RV rv = said("C_Initialize", p11->C_Initialize(NULL));
    if (rv == CKR_OK && (rv = p11->C_GetSlotList(CK_TRUE, NULL, &count)) == CKR_OK)
        rv = p11->C_Finalize(NULL);
    printf("%s=%s: %lu tokens\n", variable, configuration, count);
    return count;
}

int main(int count, char **arguments) {
    if (count != 4)
        return 2;
    if (tokens(arguments[1], arguments[3], arguments[2]) != 0)
        cannot_try("the configuration allows a driver");
    return verdict(tokens(arguments[1], arguments[3], "/nowhere/opensc.conf") > 0,
                   "opensc.conf restricts drivers; PKCS #11 2.40, 5.4, C_Initialize has CKR_GENERAL_ERROR and "
                   "CKR_FUNCTION_FAILED for a library that cannot get what it needs.");
}
