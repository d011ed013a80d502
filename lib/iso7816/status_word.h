/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Status words (ISO/IEC 7816-4 5.6), as far as the stack gives or understands them. */
#pragma once

#include <stdint.h>

typedef uint16_t status_word;

#define SW_OK 0x9000
#define SW_MORE_DATA 0x6100      /* 61xx: xx more bytes wait for GET RESPONSE */
#define SW_NO_INFORMATION 0x6300 /* 6300: verification failed, no counter */
#define SW_TRIES_LEFT 0x63C0     /* 63Cx: x tries left */
#define SW_MEMORY_FAILURE 0x6581
#define SW_WRONG_LENGTH 0x6700
#define SW_CHANNEL_UNSUPPORTED 0x6881
#define SW_SM_UNSUPPORTED 0x6882
#define SW_LAST_OF_CHAIN_EXPECTED 0x6883
#define SW_CHAINING_UNSUPPORTED 0x6884
#define SW_WRONG_FILE_TYPE 0x6981
#define SW_SECURITY_STATUS 0x6982 /* security status not satisfied */
#define SW_AUTHENTICATION_BLOCKED 0x6983
#define SW_DATA_INVALIDATED 0x6984 /* reference data not usable; a locked key on JICSAP cards */
#define SW_CONDITIONS 0x6985       /* conditions of use not satisfied */
#define SW_NO_CURRENT_EF 0x6986
#define SW_SM_MISSING 0x6987
#define SW_SM_INCORRECT 0x6988
#define SW_WRONG_DATA 0x6A80
#define SW_FUNCTION_UNSUPPORTED 0x6A81
#define SW_NOT_FOUND 0x6A82
#define SW_RECORD_NOT_FOUND 0x6A83
#define SW_NO_SPACE 0x6A84
#define SW_WRONG_P1P2 0x6A86
#define SW_REFERENCE_NOT_FOUND 0x6A88
#define SW_FILE_EXISTS 0x6A89
#define SW_WRONG_OFFSET 0x6B00
#define SW_WRONG_LE 0x6C00 /* 6Cxx: xx is the right Le */
#define SW_INS_UNSUPPORTED 0x6D00
#define SW_CLA_UNSUPPORTED 0x6E00
#define SW_UNKNOWN 0x6F00

/* Tries left in a 63Cx answer, or -1 when the word is not of that form. */
static inline int status_word_tries(status_word sw) {
    return (sw & 0xFFF0) == SW_TRIES_LEFT ? sw & 0x000F : -1;
}
