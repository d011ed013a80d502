/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "p11.h"

#include <dlfcn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void stop(const char *what, const char *which) {
    fprintf(stderr, "%s: %s\n", which, what);
    exit(2);
}

CK_FUNCTION_LIST_PTR p11_load(const char *path) {
    union {
        void *object;
        CK_RV (*function)(CK_FUNCTION_LIST_PTR_PTR);
    } get;
    CK_FUNCTION_LIST_PTR functions = NULL;
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        stop(dlerror(), path);
    get.object = dlsym(library, "C_GetFunctionList");
    if (get.object == NULL || get.function(&functions) != CKR_OK)
        stop("no function list", path);
    return functions;
}

#define NAME(value) {value, #value}
static const struct {
    CK_RV rv;
    const char *name;
} names[] = {
    NAME(CKR_OK),
    NAME(CKR_HOST_MEMORY),
    NAME(CKR_SLOT_ID_INVALID),
    NAME(CKR_GENERAL_ERROR),
    NAME(CKR_FUNCTION_FAILED),
    NAME(CKR_ARGUMENTS_BAD),
    NAME(CKR_DATA_INVALID),
    NAME(CKR_DATA_LEN_RANGE),
    NAME(CKR_ATTRIBUTE_VALUE_INVALID),
    NAME(CKR_TEMPLATE_INCOMPLETE),
    NAME(CKR_TEMPLATE_INCONSISTENT),
    NAME(CKR_KEY_SIZE_RANGE),
    NAME(CKR_KEY_TYPE_INCONSISTENT),
    NAME(CKR_KEY_FUNCTION_NOT_PERMITTED),
    NAME(CKR_MECHANISM_INVALID),
    NAME(CKR_MECHANISM_PARAM_INVALID),
    NAME(CKR_ENCRYPTED_DATA_LEN_RANGE),
    NAME(CKR_ENCRYPTED_DATA_INVALID),
    NAME(CKR_BUFFER_TOO_SMALL),
    NAME(CKR_DEVICE_MEMORY),
    NAME(CKR_OPERATION_ACTIVE),
    NAME(CKR_DEVICE_ERROR),
    NAME(CKR_DEVICE_REMOVED),
    NAME(CKR_FUNCTION_NOT_SUPPORTED),
    NAME(CKR_KEY_HANDLE_INVALID),
    NAME(CKR_OBJECT_HANDLE_INVALID),
    NAME(CKR_OPERATION_NOT_INITIALIZED),
    NAME(CKR_PIN_INCORRECT),
    NAME(CKR_PIN_INVALID),
    NAME(CKR_PIN_LEN_RANGE),
    NAME(CKR_PIN_LOCKED),
    NAME(CKR_SESSION_CLOSED),
    NAME(CKR_SESSION_HANDLE_INVALID),
    NAME(CKR_SESSION_READ_ONLY),
    NAME(CKR_TOKEN_NOT_PRESENT),
    NAME(CKR_TOKEN_NOT_RECOGNIZED),
    NAME(CKR_USER_ALREADY_LOGGED_IN),
    NAME(CKR_USER_NOT_LOGGED_IN),
    NAME(CKR_SESSION_READ_ONLY_EXISTS),
    NAME(CKR_USER_TYPE_INVALID),
    NAME(CKR_USER_ANOTHER_ALREADY_LOGGED_IN),
    NAME(CKR_NO_EVENT),
    NAME(CKR_RANDOM_NO_RNG),
    NAME(CKR_CRYPTOKI_NOT_INITIALIZED),
    NAME(CKR_CRYPTOKI_ALREADY_INITIALIZED),
};

const char *p11_name(CK_RV rv) {
    static char number[24];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].rv == rv)
            return names[i].name;
    snprintf(number, sizeof number, "0x%lx", rv);
    return number;
}

static void unpad(char *text, const unsigned char *field, size_t length) {
    memcpy(text, field, length);
    text[length] = 0;
    while (length > 0 && text[length - 1] == ' ')
        text[--length] = 0;
}

CK_RV p11_find_token(CK_FUNCTION_LIST_PTR m, const char *label, CK_SLOT_ID *slot, char serial[17]) {
    CK_SLOT_ID slots[256];
    CK_ULONG count = sizeof slots / sizeof *slots;
    CK_RV rv = m->C_GetSlotList(CK_TRUE, slots, &count);
    for (CK_ULONG i = 0; rv == CKR_OK && i < count; i++) {
        CK_TOKEN_INFO info;
        char name[33];
        if (m->C_GetTokenInfo(slots[i], &info) != CKR_OK)
            continue;
        unpad(name, info.label, sizeof info.label);
        if (strcmp(name, label) != 0)
            continue;
        memcpy(serial, info.serialNumber, 16);
        serial[16] = 0;
        *slot = slots[i];
        return CKR_OK;
    }
    return rv == CKR_OK ? CKR_TOKEN_NOT_PRESENT : rv;
}

CK_RV p11_find(CK_FUNCTION_LIST_PTR m, CK_SESSION_HANDLE session, CK_OBJECT_CLASS class, CK_OBJECT_HANDLE *object) {
    CK_ATTRIBUTE wanted = {CKA_CLASS, &class, sizeof class};
    CK_ULONG count = 0;
    *object = CK_INVALID_HANDLE;
    CK_RV rv = m->C_FindObjectsInit(session, &wanted, 1);
    if (rv != CKR_OK)
        return rv;
    rv = m->C_FindObjects(session, object, 1, &count);
    if (count == 0)
        *object = CK_INVALID_HANDLE;
    CK_RV ended = m->C_FindObjectsFinal(session);
    return rv != CKR_OK ? rv : ended;
}

CK_RV p11_sign(CK_FUNCTION_LIST_PTR m, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, const char *data,
               unsigned char *signature, CK_ULONG *length) {
    CK_MECHANISM method = {CKM_SHA256_RSA_PKCS, NULL, 0};
    CK_RV rv = m->C_SignInit(session, &method, key);
    return rv != CKR_OK ? rv : m->C_Sign(session, (CK_BYTE_PTR)data, strlen(data), signature, length);
}

bool p11_verifies(CK_FUNCTION_LIST_PTR m, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE certificate, const char *data,
                  const unsigned char *signature, CK_ULONG length) {
    unsigned char der[8192];
    const unsigned char *at = der;
    CK_ATTRIBUTE value = {CKA_VALUE, der, sizeof der};
    if (m->C_GetAttributeValue(session, certificate, &value, 1) != CKR_OK)
        return false;
    X509 *parsed = d2i_X509(NULL, &at, (long)value.ulValueLen);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool right = parsed != NULL &&
                 EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, X509_get0_pubkey(parsed)) == 1 &&
                 EVP_DigestVerify(context, signature, length, (const unsigned char *)data, strlen(data)) == 1;
    EVP_MD_CTX_free(context);
    X509_free(parsed);
    return right;
}

unsigned char *p11_file(const char *path, size_t *length) {
    const size_t max = 65536;
    FILE *file = fopen(path, "rb");
    unsigned char *content = malloc(max);
    if (file == NULL || content == NULL)
        stop("cannot be read", path);
    *length = fread(content, 1, max, file);
    fclose(file);
    return content;
}

CK_RV p11_import(CK_FUNCTION_LIST_PTR m, CK_SESSION_HANDLE session, unsigned char *chain, size_t length,
                 CK_OBJECT_HANDLE *object) {
    CK_OBJECT_CLASS class = CKO_DATA;
    CK_BBOOL yes = CK_TRUE;
    char label[] = "institution CVC chain";
    CK_ATTRIBUTE list[] = {
        {CKA_CLASS, &class, sizeof class},
        {CKA_TOKEN, &yes, sizeof yes},
        {CKA_LABEL, label, strlen(label)},
        {CKA_VALUE, chain, length},
    };
    return m->C_CreateObject(session, list, sizeof list / sizeof *list, object);
}

void p11_answer(const char *key_file, const unsigned char *chain, size_t chain_length, const char *serial,
                const unsigned char challenge[CHALLENGE_SIZE], unsigned char answer[ANSWER_SIZE]) {
    unsigned char message[64] = "Uketsuke-INST-A1";
    size_t length = ANSWER_SIZE;
    FILE *file = fopen(key_file, "r");
    EVP_PKEY *key = file == NULL ? NULL : PEM_read_PrivateKey(file, NULL, NULL, NULL);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (key == NULL || chain_length < CVC_SIZE)
        stop("no key or no certificate", key_file);
    memcpy(message + 16, serial, 16);
    /* 7F21 820233 5F4E 820129, CAR, then CHR */
    memcpy(message + 32, chain + chain_length - CVC_SIZE + 10 + 16, 16);
    memcpy(message + 48, challenge, CHALLENGE_SIZE);
    if (EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) != 1 ||
        EVP_DigestSign(context, answer, &length, message, sizeof message) != 1 || length != ANSWER_SIZE)
        stop("does not sign with 256 bytes", key_file);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    fclose(file);
}
