/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "return_values.h"

#include <stddef.h>
#include <string.h>

/* A malformed PIN costs no try, and the caller only learns that it is wrong: 5.6 has no other code for C_Login, and
 * programs (NSS, GnuTLS) ask their user again only after this one. An SE that this terminal cannot use has no user;
 * CKR_TOKEN_NOT_RECOGNIZED is not among 5.6's codes for a login, only for opening a session. The parameters of a
 * signature were checked at C_SignInit, so a fault at C_Sign is the data's length. All keys are RSA keys, so an
 * inconsistency means an operation that the key does not permit. */
static const struct {
    const char *call;
    CK_RV from, to;
} rows[] = {
    {"Login", CKR_PIN_LEN_RANGE, CKR_PIN_INCORRECT},
    {"Login", CKR_PIN_INVALID, CKR_PIN_INCORRECT},
    {"Login", CKR_TOKEN_NOT_RECOGNIZED, CKR_USER_PIN_NOT_INITIALIZED},
    {"Sign", CKR_MECHANISM_PARAM_INVALID, CKR_DATA_LEN_RANGE},
    {"SignFinal", CKR_MECHANISM_PARAM_INVALID, CKR_DATA_LEN_RANGE},
    {"Decrypt", CKR_DATA_LEN_RANGE, CKR_ENCRYPTED_DATA_LEN_RANGE},
    {"DecryptUpdate", CKR_DATA_LEN_RANGE, CKR_ENCRYPTED_DATA_LEN_RANGE},
    {"DecryptFinal", CKR_DATA_LEN_RANGE, CKR_ENCRYPTED_DATA_LEN_RANGE},
    {"SignInit", CKR_KEY_TYPE_INCONSISTENT, CKR_KEY_FUNCTION_NOT_PERMITTED},
    {"DecryptInit", CKR_KEY_TYPE_INCONSISTENT, CKR_KEY_FUNCTION_NOT_PERMITTED},
};

CK_RV codes_correct(const char *call, CK_RV rv) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].from == rv && strcmp(rows[i].call, call) == 0)
            return rows[i].to;
    return rv;
}
