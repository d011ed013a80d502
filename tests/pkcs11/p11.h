/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the test programs of tests/pkcs11 share: a module, names of return values, the token by its label, the answer of
 * an institution made with its key file. Nothing of Uketsuke's own libraries: these are third-party programs. */
#pragma once

#include <p11-kit/pkcs11.h>
#include <stdbool.h>
#include <stddef.h>

#define CVC_SIZE 568
#define ANSWER_SIZE 256
#define CHALLENGE_SIZE 16

/* The module's functions, loaded by path; ends the program with a message when that fails. Not initialised. */
CK_FUNCTION_LIST_PTR p11_load(const char *path);
/* "CKR_OK" and so on; the number for the ones these tests never meet. */
const char *p11_name(CK_RV rv);

/* The slot whose token has this label; serial (17 bytes) gets its serial number as text. */
CK_RV p11_find_token(CK_FUNCTION_LIST_PTR m, const char *label, CK_SLOT_ID *slot, char serial[17]);
/* The first object of this class, CK_INVALID_HANDLE when there is none. */
CK_RV p11_find(CK_FUNCTION_LIST_PTR m, CK_SESSION_HANDLE session, CK_OBJECT_CLASS class, CK_OBJECT_HANDLE *object);

/* C_SignInit and C_Sign (CKM_SHA256_RSA_PKCS) over data; length: in room, out length. */
CK_RV p11_sign(CK_FUNCTION_LIST_PTR m, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, const char *data,
               unsigned char *signature, CK_ULONG *length);
/* True when the signature over data verifies with the certificate object's key. */
bool p11_verifies(CK_FUNCTION_LIST_PTR m, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE certificate, const char *data,
                  const unsigned char *signature, CK_ULONG length);

/* The whole file, malloc'ed; ends the program when it cannot be read. */
unsigned char *p11_file(const char *path, size_t *length);
/* CKO_DATA with the chain: step 1 of the institution authentication. */
CK_RV p11_import(CK_FUNCTION_LIST_PTR m, CK_SESSION_HANDLE session, unsigned char *chain, size_t length,
                 CK_OBJECT_HANDLE *object);
/* label || card id || CHR of the chain's last certificate || challenge, signed with the PEM key: steps 3's result. */
void p11_answer(const char *key_file, const unsigned char *chain, size_t chain_length, const char *serial,
                const unsigned char challenge[CHALLENGE_SIZE], unsigned char answer[ANSWER_SIZE]);
