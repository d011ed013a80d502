/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What stands between p11-kit's parser and the SE: a PKCS #11 module of our own (PKCS #11 2.40 5). Its table has the calls
 * that a terminal may make; every other one is CKR_FUNCTION_NOT_SUPPORTED. Nothing that a terminal sends reaches the SE's
 * own module but messages that were read (se/signable.h), through lib/p11. docs/interfaces/relay.md has the table. */
#pragma once

#include <p11-kit/pkcs11.h>

/* For p11_kit_remote_serve_module; serves the client of the calling thread (relay_client_serve). */
CK_FUNCTION_LIST *filter_functions(void);
