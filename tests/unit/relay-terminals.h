/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Two terminals at a relay whose Secure Element does what the test says. */
#pragma once

#include "se/filter.h"

#include "se/relay_client.h"

#define TERMINAL_HOLDER "HOLDER REFERENCE"
#define TERMINAL_MESSAGE "Uketsuke-INST-A10123456789ABCDEF" TERMINAL_HOLDER "................"
#define TERMINAL_SIGNATURE_LENGTH 256
#define TERMINAL_PER_MINUTE 20

/* The token's objects, by their place. */
enum { PRIVATE, PUBLIC, CERTIFICATE, TLS, WRAPPING, STATE, COUNTER, OBJECTS };

/* The Secure Element, to be set; and what was asked of it. */
extern struct terminals_se {
    relay_se_status status;
    bool shown;     /* it was ever there */
    bool in_ledger; /* a use gets its row */
    result outcome;
    uint32_t counter;
    unsigned signatures, decryptions;
} terminals_se;

extern CK_FUNCTION_LIST *call;
extern relay_desk desk;
extern relay_client *first, *second; /* T-01, which calls; T-02 */

int terminals_begin(void **state);
int terminals_end(void **state);

/* Of the client that calls. */
CK_SESSION_HANDLE terminal_session(void);
CK_OBJECT_HANDLE terminal_object(size_t object);
CK_RV terminal_begin_signing(CK_SESSION_HANDLE session, CK_MECHANISM_TYPE type, size_t object);
CK_RV terminal_sign(CK_SESSION_HANDLE session, const char *message);
/* One attribute; *size: the room, then the length. */
CK_RV terminal_read(CK_SESSION_HANDLE session, size_t object, CK_ATTRIBUTE_TYPE type, void *out, CK_ULONG *size);
