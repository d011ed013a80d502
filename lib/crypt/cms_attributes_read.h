/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The signed attributes of a CMS message as they are signed (RFC 5652 5.4), for a program that must check what a key is
 * about to sign. */
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypt/digest.h"

typedef struct cms_attributes_seen {
    uint8_t message_digest[CRYPT_SHA256_LENGTH];
    bool has_certificate; /* signing-certificate-v2 (RFC 5035 3) is there */
    uint8_t certificate_hash[CRYPT_SHA256_LENGTH];
} cms_attributes_seen;

/* set: a DER SET OF attributes and nothing after it; contentType id-data and messageDigest must be in it, none twice.
 * RESULT_INVALID, RESULT_TRUNCATED, RESULT_TOO_LONG, RESULT_UNSUPPORTED. */
result cms_attributes_read_set(bytes set, cms_attributes_seen *out);
