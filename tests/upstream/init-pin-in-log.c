/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The PIN of C_InitPIN is written into the debug log, and what follows it in memory. MODULE TOKEN-LABEL */
#include "upstream.h"

#define PIN_LENGTH 8

int main(int count, char **arguments) {
    CK_UTF8CHAR memory[] = "86420975 and what follows";
    char log[] = "/tmp/opensc-debug.XXXXXX", line[4096];
    bool pin = false, more = false;
    int file = mkstemp(log);
    if (count != 3 || file < 0 || freopen(log, "w+", stderr) == NULL)
        return 2;
    setenv("OPENSC_DEBUG", "3", 1);
    CK_FUNCTION_LIST_PTR p11 = begin(arguments[1]);
    CK_SESSION_HANDLE session = open_session(p11, find_token(p11, arguments[2]));
    said("C_InitPIN", p11->C_InitPIN(session, memory, PIN_LENGTH)); /* no operator is logged in: refused, but written */
    fflush(stderr);
    FILE *written = fopen(log, "r");
    while (written != NULL && fgets(line, sizeof line, written) != NULL) {
        pin |= strstr(line, "86420975") != NULL;
        more |= strstr(line, "what follows") != NULL;
    }
    remove(log);
    printf("the log holds the PIN: %s; and the memory behind it: %s\n", pin ? "yes" : "no", more ? "yes" : "no");
    return verdict(pin,
                   "PKCS #11 2.40, 5.6, C_InitPIN has a pointer and a length, no text that ends with a 0; and PINs are "
                   "secrets. C_Login and C_SetPIN of the same file do not write theirs.");
}
