/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* NULL where the standard wants a place for an answer: which calls end the process. MODULE TOKEN-LABEL PIN */
#include "upstream.h"

#include <sys/wait.h>
#include <unistd.h>

static CK_FUNCTION_LIST_PTR p11;
static CK_SLOT_ID slot;
static CK_SESSION_HANDLE session;
static CK_BYTE data[] = "data", place[512];

static CK_RV open_nowhere(void) {
    return p11->C_OpenSession(slot, SESSION_FLAGS, NULL, NULL, NULL);
}

static void begin_digest(void) {
    CK_MECHANISM method = {CKM_SHA256, NULL, 0};
    need("C_DigestInit", p11->C_DigestInit(session, &method));
}

static CK_RV digest_length(void) {
    begin_digest();
    return p11->C_Digest(session, data, sizeof data, place, NULL);
}

static CK_RV digest_data(void) {
    CK_ULONG length = sizeof place;
    begin_digest();
    return p11->C_Digest(session, NULL, sizeof data, place, &length);
}

static CK_RV digest_update(void) {
    begin_digest();
    return p11->C_DigestUpdate(session, NULL, sizeof data);
}

static CK_RV digest_final(void) {
    begin_digest();
    return p11->C_DigestFinal(session, place, NULL);
}

static void begin_signature(void) {
    CK_MECHANISM method = {CKM_SHA256_RSA_PKCS, NULL, 0};
    need("C_SignInit", p11->C_SignInit(session, &method, find_object(p11, session, CKO_PRIVATE_KEY)));
}

static CK_RV sign_length(void) {
    begin_signature();
    return p11->C_Sign(session, data, sizeof data, place, NULL);
}

static CK_RV sign_data(void) {
    CK_ULONG length = sizeof place;
    begin_signature();
    return p11->C_Sign(session, NULL, sizeof data, place, &length);
}

static CK_RV sign_final(void) {
    begin_signature();
    return p11->C_SignFinal(session, place, NULL);
}

static CK_RV slot_information(void) {
    return p11->C_GetSlotInfo(slot, NULL);
}

static CK_RV mechanism_count(void) {
    return p11->C_GetMechanismList(slot, NULL, NULL);
}

static CK_RV find_count(void) {
    CK_OBJECT_HANDLE found;
    need("C_FindObjectsInit", p11->C_FindObjectsInit(session, NULL, 0));
    return p11->C_FindObjects(session, &found, 1, NULL);
}

static const struct {
    const char *what;
    CK_RV (*call)(void);
} rows[] = {
    {"C_OpenSession(phSession)", open_nowhere},
    {"C_Digest(pulDigestLen)", digest_length},
    {"C_Digest(pData)", digest_data},
    {"C_DigestUpdate(pPart)", digest_update},
    {"C_DigestFinal(pulDigestLen)", digest_final},
    {"C_Sign(pulSignatureLen)", sign_length},
    {"C_Sign(pData)", sign_data},
    {"C_SignFinal(pulSignatureLen)", sign_final},
    {"C_GetSlotInfo(pInfo)", slot_information},
    {"C_GetMechanismList(pulCount)", mechanism_count},
    {"C_FindObjects(pulObjectCount)", find_count},
};

int main(int count, char **arguments) {
    int crashes = 0;
    if (count != 4)
        return 2;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) { /* each in a process of its own */
            if (freopen("/dev/null", "w", stdout) == NULL)
                _exit(2);
            p11 = begin(arguments[1]);
            slot = find_token(p11, arguments[2]);
            session = open_session(p11, slot);
            log_in(p11, session, arguments[3]);
            CK_RV rv = rows[i].call();
            _exit(rv == CKR_ARGUMENTS_BAD ? 0 : rv == CKR_OK ? 3 : 4);
        }
        int status = 0;
        if (child < 0 || waitpid(child, &status, 0) != child)
            return 2;
        if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
            cannot_try(rows[i].what);
        static const char *const words[] = {"CKR_ARGUMENTS_BAD", "", "", "CKR_OK", "another code"};
        printf("%s NULL: %s\n", rows[i].what, WIFSIGNALED(status) ? "crash" : words[WEXITSTATUS(status)]);
        crashes += WIFSIGNALED(status);
    }
    return verdict(crashes > 0, "PKCS #11 2.40, 5.1.6: CKR_ARGUMENTS_BAD, the arguments supplied were in some way not "
                                "appropriate.");
}
