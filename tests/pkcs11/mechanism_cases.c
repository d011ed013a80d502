/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Walks the table of mechanisms of docs/interfaces/pkcs11.md at one token, and everything that is not in it. TAP.
 * Usage: mechanisms MODULE LABEL PIN card|se. APDUS in the environment: a shell command that says how many commands the
 * card has had. */
#include "mechanism_cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROW(name, flags) {name, #name, flags}
#define HASHED (CKF_SIGN | CKF_VERIFY)

struct row {
    CK_MECHANISM_TYPE type;
    const char *name;
    CK_FLAGS flags;
};

/* In the order of the document. */
static const struct row of_all[] = {
    ROW(CKM_RSA_PKCS, CKF_HW | HASHED), ROW(CKM_SHA256_RSA_PKCS, HASHED), ROW(CKM_SHA384_RSA_PKCS, HASHED),
    ROW(CKM_SHA512_RSA_PKCS, HASHED),   ROW(CKM_SHA256, CKF_DIGEST),      ROW(CKM_SHA384, CKF_DIGEST),
    ROW(CKM_SHA512, CKF_DIGEST),
};
static const struct row of_the_se[] = {
    ROW(CKM_RSA_PKCS_PSS, CKF_HW | HASHED),
    ROW(CKM_SHA256_RSA_PKCS_PSS, HASHED),
    ROW(CKM_SHA384_RSA_PKCS_PSS, HASHED),
    ROW(CKM_SHA512_RSA_PKCS_PSS, HASHED),
    ROW(CKM_RSA_PKCS_KEY_PAIR_GEN, CKF_HW | CKF_GENERATE_KEY_PAIR),
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

struct mechanisms t;
static int number, failed;

bool ok(bool good, const char *name, const char *what) {
    failed += !good;
    printf("%sok %d - %s: %s\n", good ? "" : "not ", ++number, name, what);
    fflush(stdout);
    return good;
}

void is(CK_RV got, CK_RV wanted, const char *name, const char *what) {
    if (!ok(got == wanted, name, what))
        printf("# got %s, not %s\n", p11_name(got), p11_name(wanted));
}

long apdus(void) {
    long count = -1;
    FILE *said = popen(getenv("APDUS"), "r");
    if (said == NULL || fscanf(said, "%ld", &count) != 1)
        exit(2);
    pclose(said);
    return count;
}

static const struct row *find_row(CK_MECHANISM_TYPE type) {
    for (size_t i = 0; i < COUNT(of_all); i++)
        if (of_all[i].type == type)
            return &of_all[i];
    for (size_t i = 0; t.se && i < COUNT(of_the_se); i++)
        if (of_the_se[i].type == type)
            return &of_the_se[i];
    return NULL;
}

static void walk_list(void) {
    CK_MECHANISM_TYPE list[64] = {0};
    CK_ULONG count = 0, wanted = COUNT(of_all) + (t.se ? COUNT(of_the_se) : 0), room = wanted - 1;
    bool all = true;
    is(t.m->C_GetMechanismList(t.slot, NULL, &count), CKR_OK, "C_GetMechanismList", "tells the number");
    ok(count == wanted, "C_GetMechanismList", "the number is the table's");
    is(t.m->C_GetMechanismList(t.slot, list, &room), CKR_BUFFER_TOO_SMALL, "C_GetMechanismList", "too little room");
    ok(room == wanted, "C_GetMechanismList", "and how much it takes");
    count = COUNT(list);
    is(t.m->C_GetMechanismList(t.slot, list, &count), CKR_OK, "C_GetMechanismList", "more room than that");
    for (CK_ULONG i = 0; i < count; i++)
        all = all && find_row(list[i]) != NULL;
    ok(count == wanted && all, "C_GetMechanismList", "it is the table");
}

static void walk_info(const struct row *row) {
    CK_MECHANISM_INFO info = {0};
    CK_FLAGS flags = row->flags | (t.se && row->type == CKM_RSA_PKCS ? CKF_DECRYPT : 0);
    CK_ULONG bits = row->flags & CKF_DIGEST ? 0 : 2048;
    is(t.m->C_GetMechanismInfo(t.slot, row->type, &info), CKR_OK, row->name, "is there");
    ok(info.flags == flags, row->name, "its operations are the table's");
    ok(info.ulMinKeySize == bits && info.ulMaxKeySize == bits, row->name, "its key sizes too");
}

/* All that PKCS #11 2.40 has below 2100 (hexadecimal), with a parameter and without. */
static void refuse_the_others(void) {
    CK_OBJECT_HANDLE key = t.signing, unused;
    CK_BYTE parameter[64] = {0};
    long before = apdus();
    int wrong = 0;
    for (CK_MECHANISM_TYPE type = 0; type < 0x2100; type++) {
        CK_MECHANISM bare = {type, NULL, 0}, method = {type, parameter, sizeof parameter};
        CK_MECHANISM_INFO info;
        CK_FLAGS may = find_row(type) == NULL ? 0 : find_row(type)->flags;
        if (may == 0)
            wrong += t.m->C_GetMechanismInfo(t.slot, type, &info) != CKR_MECHANISM_INVALID;
        if (!(may & CKF_SIGN)) {
            wrong += t.m->C_SignInit(t.session, &bare, key) != CKR_MECHANISM_INVALID;
            wrong += t.m->C_VerifyInit(t.session, &method, t.verifying) != CKR_MECHANISM_INVALID;
        }
        if (!(may & CKF_DIGEST))
            wrong += t.m->C_DigestInit(t.session, &bare) != CKR_MECHANISM_INVALID;
        if (!t.se || type != CKM_RSA_PKCS)
            wrong += t.m->C_DecryptInit(t.session, &method, key) != CKR_MECHANISM_INVALID;
        wrong += t.m->C_EncryptInit(t.session, &method, t.verifying) != CKR_MECHANISM_INVALID;
        wrong += t.m->C_UnwrapKey(t.session, &bare, key, parameter, 1, NULL, 0, &unused) != CKR_MECHANISM_INVALID;
        if (!(may & CKF_GENERATE_KEY_PAIR))
            wrong += t.m->C_GenerateKeyPair(t.session, &bare, NULL, 0, NULL, 0, &unused, &unused) !=
                     CKR_MECHANISM_INVALID;
    }
    ok(wrong == 0, "mechanisms that are not in the table", "CKR_MECHANISM_INVALID wherever they begin");
    ok(apdus() == before, "mechanisms that are not in the table", "without a command");
}

/* PSS and the rest, at a token that has none of it. */
static void card_without(void) {
    CK_RSA_PKCS_PSS_PARAMS none = {CKM_SHA256, CKG_MGF1_SHA256, 0}, right = {CKM_SHA256, CKG_MGF1_SHA256, 32};
    CK_MECHANISM pss = {CKM_RSA_PKCS_PSS, &none, sizeof none}, decrypt = {CKM_RSA_PKCS, NULL, 0};
    CK_MECHANISM verify = {CKM_RSA_PKCS_PSS, &right, sizeof right};
    is(t.m->C_SignInit(t.session, &pss, t.signing), CKR_MECHANISM_INVALID, "CKM_RSA_PKCS_PSS",
       "at a card, whatever its parameters");
    is(t.m->C_VerifyInit(t.session, &verify, t.verifying), CKR_MECHANISM_INVALID, "CKM_RSA_PKCS_PSS",
       "at a card, to verify");
    is(t.m->C_DecryptInit(t.session, &decrypt, t.signing), CKR_MECHANISM_INVALID, "CKM_RSA_PKCS",
       "no key of a card deciphers");
}

static CK_OBJECT_HANDLE find_key(CK_OBJECT_CLASS class, CK_BYTE id) {
    CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &class, sizeof class}, {CKA_ID, &id, 1}};
    CK_OBJECT_HANDLE found = CK_INVALID_HANDLE;
    CK_ULONG count = 0;
    if (t.m->C_FindObjectsInit(t.session, wanted, 2) != CKR_OK ||
        t.m->C_FindObjects(t.session, &found, 1, &count) != CKR_OK || t.m->C_FindObjectsFinal(t.session) != CKR_OK ||
        count != 1)
        exit(2);
    return found;
}

static void start(const char *label, const char *pin) {
    char serial[17];
    if (t.m->C_Initialize(NULL) != CKR_OK || p11_find_token(t.m, label, &t.slot, serial) != CKR_OK ||
        t.m->C_OpenSession(t.slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &t.session) != CKR_OK ||
        t.m->C_Login(t.session, CKU_USER, (CK_BYTE_PTR)pin, strlen(pin)) != CKR_OK)
        exit(2);
    t.signing = find_key(CKO_PRIVATE_KEY, 1);
    t.verifying = find_key(CKO_PUBLIC_KEY, 1);
    t.certificate = find_key(CKO_CERTIFICATE, 1);
    if (t.se)
        t.deciphering = find_key(CKO_PRIVATE_KEY, 3);
}

int main(int count, char **arguments) {
    if (count != 5)
        return 2;
    t.se = strcmp(arguments[4], "se") == 0;
    t.m = p11_load(arguments[1]);
    start(arguments[2], arguments[3]);
    walk_list();
    for (size_t i = 0; i < COUNT(of_all); i++)
        walk_info(&of_all[i]);
    for (size_t i = 0; t.se && i < COUNT(of_the_se); i++)
        walk_info(&of_the_se[i]);
    sign_with_all();
    refuse_the_others();
    if (!t.se)
        card_without();
    refuse_parameters();
    refuse_lengths();
    refuse_keys();
    is(t.m->C_Finalize(NULL), CKR_OK, "C_Finalize", "the end");
    printf("1..%d\n", number);
    return failed > 0;
}
