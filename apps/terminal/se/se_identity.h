/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The identity of this terminal's Secure Element: serial number and institution certificate of the first one it worked
 * with, and the key of their pairing. Only two administrators can accept another one, or the same after a new pairing
 * (administration/se_replace.c). In clear, because it must be readable while the SE is removed. */
#pragma once

#include "core/card_access.h"

#include "delivery/store_access.h"

typedef enum identity_verdict {
    IDENTITY_SAME,
    IDENTITY_FIRST,       /* the terminal has none yet */
    IDENTITY_PAIRED_ANEW, /* the same SE, another binding key, or none where there was one */
    IDENTITY_OTHER,
} identity_verdict;

#define IDENTITY_MAX 160

/* "serial fingerprint", for people and files. Appends. */
result identity_text(token *se, buffer *text);
result identity_validate(store_access *store, token *se, identity_verdict *verdict);
/* Makes this SE the terminal's. */
result identity_take(store_access *store, token *se);
/* Refuses an SE that is not this terminal's; accepts the first one. */
outcome identity_check(card_access *cards, store_access *store, command_context *ctx, token *se);
/* Whether this is the serial number of this terminal's SE, or the terminal has none yet. */
bool identity_has_serial(store_access *store, const char *serial);
