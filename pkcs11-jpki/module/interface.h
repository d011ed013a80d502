/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* PKCS #11 3.0, 5.4.5 and 5.4.6: C_GetInterfaceList and C_GetInterface, of the functions of 2.40 and of those of
 * 3.0. */
#pragma once

#include "stock.h"

/* The functions of PKCS #11 3.0 are those of 2.40 in their order, and 24 more. Debian 12's p11-kit/pkcs11.h has no type
 * for the longer list. */
typedef CK_RV interface_function(void);
typedef struct interface_functions {
    CK_FUNCTION_LIST first;
    interface_function *more[24];
} interface_functions;

#if CRYPTOKI_VERSION_MAJOR < 3
/* PKCS #11 3.0, 3.1.2 */
typedef struct CK_INTERFACE {
    char *pInterfaceName;
    void *pFunctionList; /* begins with its CK_VERSION */
    CK_FLAGS flags;
} CK_INTERFACE;

__attribute__((visibility("default"))) CK_RV C_GetInterfaceList(CK_INTERFACE *list, CK_ULONG *count);
__attribute__((visibility("default"))) CK_RV C_GetInterface(CK_UTF8CHAR *name, CK_VERSION *version,
                                                            CK_INTERFACE **found, CK_FLAGS flags);
#endif

/* C_SessionCancel (PKCS #11 3.0, 5.6.10): ends the operations that flags name. In session_calls.c; only the longer list
 * has it. */
CK_RV interface_session_cancel(CK_SESSION_HANDLE session, CK_FLAGS flags);
