/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The stock OpenSC module, loaded once and kept: its functions, and its configuration set only while it reads it. */
#pragma once

#include <stdbool.h>

#pragma GCC visibility push(default)
#include <p11-kit/pkcs11.h>
#pragma GCC visibility pop

/* The stock module's functions, loading it at the first call. NULL, with a message for people on standard error, when
 * it is missing or when its OpenSC is another version than the one our drivers were built for. One thread at a time. */
CK_FUNCTION_LIST_PTR stock_functions(void);

/* C_Initialize of the stock module, with OPENSC_CONF set to our configuration (module_configuration.h) during the call.
 * One thread at a time. */
CK_RV stock_initialize(CK_FUNCTION_LIST_PTR functions, CK_VOID_PTR arguments);

/* Another part of this process has also loaded the stock module. Any time after stock_functions. */
bool stock_is_beside(void);

/* C_SessionCancel (PKCS #11 3.0, 5.6.10) of the stock module: ends operations that were begun. */
CK_RV stock_cancel(CK_SESSION_HANDLE session, CK_FLAGS flags);
