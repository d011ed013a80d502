/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The parts of a private key that C_CreateObject brings are written into the debug log. MODULE TOKEN-LABEL */
#include "upstream.h"

#define PART "\x5E\xC4\xE7\x5E\xC4\xE7\x5E\xC4\xE7\x5E\xC4\xE7\x5E\xC4\xE7\x5E"
#define PART_AS_TEXT "5EC4E75EC4E75EC4E75EC4E75EC4E75E"

int main(int count, char **arguments) {
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_KEY_TYPE type = CKK_RSA;
    CK_BBOOL yes = CK_TRUE;
    CK_BYTE modulus[256], exponent[] = {1, 0, 1}, part[] = PART;
    CK_ATTRIBUTE key[] = {
        {CKA_CLASS, &class, sizeof class},
        {CKA_KEY_TYPE, &type, sizeof type},
        {CKA_TOKEN, &yes, sizeof yes},
        {CKA_MODULUS, modulus, sizeof modulus},
        {CKA_PUBLIC_EXPONENT, exponent, sizeof exponent},
        {CKA_PRIVATE_EXPONENT, part, sizeof part - 1},
        {CKA_PRIME_1, part, sizeof part - 1},
    };
    CK_OBJECT_HANDLE object;
    char log[] = "/tmp/opensc-debug.XXXXXX", line[4096];
    int lines = 0, file = mkstemp(log);
    memset(modulus, 0xA5, sizeof modulus);
    if (count != 3 || file < 0 || freopen(log, "w+", stderr) == NULL)
        return 2;
    setenv("OPENSC_DEBUG", "3", 1);
    CK_FUNCTION_LIST_PTR p11 = begin(arguments[1]);
    CK_SESSION_HANDLE session = open_session(p11, find_token(p11, arguments[2]));
    /* Whether the token takes the key or not: it is written before anything is looked at. */
    said("C_CreateObject", p11->C_CreateObject(session, key, sizeof key / sizeof *key, &object));
    fflush(stderr);
    FILE *written = fopen(log, "r");
    while (written != NULL && fgets(line, sizeof line, written) != NULL)
        lines += strstr(line, PART_AS_TEXT) != NULL;
    remove(log);
    printf("lines of the log with a part of the private key: %d\n", lines);
    return verdict(lines > 0,
                   "PKCS #11 2.40, 4.9, CKA_SENSITIVE and CKA_EXTRACTABLE: a private key's parts are not revealed "
                   "outside the token.");
}
