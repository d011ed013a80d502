/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The walker mechanisms: what its two files share. */
#pragma once

#include "p11.h"

extern struct mechanisms {
    CK_FUNCTION_LIST_PTR m;
    CK_SLOT_ID slot;
    CK_SESSION_HANDLE session; /* read/write, logged in */
    bool se;
    CK_OBJECT_HANDLE signing, verifying, certificate; /* of id 01 */
    CK_OBJECT_HANDLE deciphering;                     /* the SE's id 03 */
} t;

/* One line of TAP: "name: what". */
bool ok(bool good, const char *name, const char *what);
void is(CK_RV got, CK_RV wanted, const char *name, const char *what);
/* How many commands the card has had. */
long apdus(void);

/* mechanism-use.c: every mechanism that signs signs, and openssl verifies it; what is refused at the beginning, when
 * the data are there, and for new keys. */
void sign_with_all(void);
void refuse_parameters(void);
void refuse_lengths(void);
void refuse_keys(void);
