/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A PKCS #11 program that stays: one command per line of standard input, one line of answer each. For the tests of the
 * relay.
 *
 *   open                       a session; its number is what later commands use unless `use` names another
 *   use NUMBER                 another program's session
 *   find CLASS LABEL           private, public, certificate or data; its number likewise
 *   object NUMBER              another program's object
 *   sign MECHANISM FILE        with the object: sha256, raw or pss; the signature's length
 *   decrypt FILE               its length
 *   work END FILE              signs until there is a file END, as a desk does all day: after a failure a session is opened
 *                              again, and the key is found anew; how many signatures, how many failures
 *   value                      of the object, hexadecimal
 *   create, generate, random, login PIN, officer WORD
 *   quit                       the end, as of standard input
 *   again                      C_Finalize and C_Initialize, as a program does that begins anew */
#include <p11-kit/p11-kit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DATA_MAX 65536
#define AGAIN_US 10000

static CK_FUNCTION_LIST *module;
static CK_SESSION_HANDLE session;
static CK_OBJECT_HANDLE object;

static size_t read_file(const char *path, CK_BYTE data[DATA_MAX]) {
    FILE *file = fopen(path, "rb");
    const size_t length = file != NULL ? fread(data, 1, DATA_MAX, file) : 0;
    if (file != NULL)
        fclose(file);
    return length;
}

static CK_RV take_session(void) {
    CK_SLOT_ID slots[4];
    CK_ULONG count = 4;
    CK_RV rv = module->C_GetSlotList(CK_TRUE, slots, &count);
    if (rv == CKR_OK && count == 0)
        return CKR_TOKEN_NOT_PRESENT;
    if (rv == CKR_OK)
        rv = module->C_OpenSession(slots[0], CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session);
    return rv;
}

static CK_RV open_session(void) {
    const CK_RV rv = take_session();
    if (rv == CKR_OK)
        printf("%lu ", session);
    return rv;
}

static CK_RV take_object(const char *kind, const char *label) {
    CK_OBJECT_CLASS class = strcmp(kind, "private") == 0       ? CKO_PRIVATE_KEY
                            : strcmp(kind, "public") == 0      ? CKO_PUBLIC_KEY
                            : strcmp(kind, "certificate") == 0 ? CKO_CERTIFICATE
                                                               : CKO_DATA;
    CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &class, sizeof class}, {CKA_LABEL, (void *)(size_t)label, strlen(label)}};
    CK_ULONG count = 0;
    CK_RV rv = module->C_FindObjectsInit(session, wanted, 2);
    if (rv == CKR_OK)
        rv = module->C_FindObjects(session, &object, 1, &count);
    if (rv == CKR_OK)
        rv = module->C_FindObjectsFinal(session);
    return rv == CKR_OK && count == 0 ? CKR_OBJECT_HANDLE_INVALID : rv;
}

static CK_RV find(const char *kind, const char *label) {
    const CK_RV rv = take_object(kind, label);
    if (rv == CKR_OK)
        printf("%lu ", object);
    return rv;
}

static CK_RV make_signature(const char *how, const char *path, CK_ULONG *length) {
    static CK_BYTE data[DATA_MAX];
    CK_BYTE signature[512];
    *length = sizeof signature;
    CK_RSA_PKCS_PSS_PARAMS pss = {CKM_SHA256, CKG_MGF1_SHA256, 32};
    CK_MECHANISM mechanism = {CKM_SHA256_RSA_PKCS, NULL, 0};
    const size_t size = read_file(path, data);
    if (strcmp(how, "raw") == 0)
        mechanism.mechanism = CKM_RSA_PKCS;
    if (strcmp(how, "pss") == 0)
        mechanism = (CK_MECHANISM){CKM_RSA_PKCS_PSS, &pss, sizeof pss};
    CK_RV rv = module->C_SignInit(session, &mechanism, object);
    return rv == CKR_OK ? module->C_Sign(session, data, size, signature, length) : rv;
}

static CK_RV sign(const char *how, const char *path) {
    CK_ULONG length;
    const CK_RV rv = make_signature(how, path, &length);
    if (rv == CKR_OK)
        printf("%lu ", length);
    return rv;
}

static CK_RV work(const char *end, const char *path) {
    unsigned long made = 0, failed = 0;
    CK_ULONG length;
    while (access(end, F_OK) != 0) {
        if (make_signature("sha256", path, &length) == CKR_OK) {
            made++;
            continue;
        }
        failed++;
        usleep(AGAIN_US);
        if (take_session() == CKR_OK)
            take_object("private", "institution");
    }
    printf("%lu %lu ", made, failed);
    return CKR_OK;
}

static CK_RV decrypt(const char *path) {
    static CK_BYTE data[DATA_MAX];
    CK_BYTE plain[512];
    CK_ULONG length = sizeof plain;
    CK_MECHANISM mechanism = {CKM_RSA_PKCS, NULL, 0};
    const size_t size = read_file(path, data);
    CK_RV rv = module->C_DecryptInit(session, &mechanism, object);
    if (rv == CKR_OK)
        rv = module->C_Decrypt(session, data, size, plain, &length);
    if (rv == CKR_OK)
        printf("%lu ", length);
    return rv;
}

static CK_RV value(void) {
    static CK_BYTE data[DATA_MAX];
    CK_ATTRIBUTE wanted = {CKA_VALUE, data, sizeof data};
    const CK_RV rv = module->C_GetAttributeValue(session, object, &wanted, 1);
    for (CK_ULONG i = 0; rv == CKR_OK && i < wanted.ulValueLen; i++)
        printf("%02x", data[i]);
    if (rv == CKR_OK)
        printf(" ");
    return rv;
}

static CK_RV create(void) {
    CK_OBJECT_CLASS class = CKO_DATA;
    CK_ATTRIBUTE wanted = {CKA_CLASS, &class, sizeof class};
    return module->C_CreateObject(session, &wanted, 1, &object);
}

static CK_RV generate(void) {
    CK_MECHANISM mechanism = {CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0};
    CK_OBJECT_HANDLE keys[2];
    return module->C_GenerateKeyPair(session, &mechanism, NULL, 0, NULL, 0, &keys[0], &keys[1]);
}

static CK_RV login(CK_USER_TYPE user, char *pin) {
    return module->C_Login(session, user, (CK_UTF8CHAR *)pin, strlen(pin));
}

static CK_RV begin_again(void) {
    p11_kit_module_finalize(module);
    return p11_kit_module_initialize(module);
}

static CK_RV run(char *line) {
    char *rest = line;
    const char *word = strsep(&rest, " \n");
    char *first = strsep(&rest, " \n"), *second = rest != NULL ? strsep(&rest, "\n") : NULL;
    CK_BYTE random[8];
    if (strcmp(word, "open") == 0)
        return open_session();
    if (strcmp(word, "find") == 0)
        return find(first, second);
    if (strcmp(word, "sign") == 0)
        return sign(first, second);
    if (strcmp(word, "work") == 0)
        return work(first, second);
    if (strcmp(word, "decrypt") == 0)
        return decrypt(first);
    if (strcmp(word, "value") == 0)
        return value();
    if (strcmp(word, "create") == 0)
        return create();
    if (strcmp(word, "generate") == 0)
        return generate();
    if (strcmp(word, "random") == 0)
        return module->C_GenerateRandom(session, random, sizeof random);
    if (strcmp(word, "login") == 0)
        return login(CKU_USER, first);
    if (strcmp(word, "officer") == 0)
        return login(CKU_SO, first);
    if (strcmp(word, "again") == 0)
        return begin_again();
    if (strcmp(word, "use") == 0)
        session = strtoul(first, NULL, 10);
    else
        object = strtoul(first, NULL, 10);
    return CKR_OK;
}

int main(int argc, char **argv) {
    char line[512];
    module = argc == 2 ? p11_kit_module_load(argv[1], P11_KIT_MODULE_CRITICAL) : NULL;
    if (module == NULL || p11_kit_module_initialize(module) != CKR_OK) {
        puts("no module");
        return 1;
    }
    while (fgets(line, sizeof line, stdin) != NULL && strcmp(line, "quit\n") != 0) {
        const CK_RV rv = run(line);
        printf("%#lx\n", rv);
        fflush(stdout);
    }
    p11_kit_module_finalize(module);
    p11_kit_module_release(module);
    return 0;
}
