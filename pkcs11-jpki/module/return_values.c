/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "return_values.h"

#include <stddef.h>
#include <string.h>

/* A PIN that cannot be one costs no try, and nobody is told more than that it is wrong: 5.6 has no other code for
 * C_Login, and programs (NSS, GnuTLS) ask their user again after this one only.
 * An SE that this terminal cannot use has no user here; 5.6 has no unrecognised token, which is for who opens a
 * session.
 * The parameters of a signature were checked when it began, so what is wrong with them now is the data's length.
 * Keys are RSA keys: what is inconsistent with one is what it may not do. */
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
