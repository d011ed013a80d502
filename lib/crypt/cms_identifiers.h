/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Identifiers used in messages and in signed attributes. For the files of lib/crypt only. */
#pragma once

#include "crypt/der.h"

#include <stdbool.h>

#define CMS_OID(text) {(const uint8_t *)(text), sizeof(text) - 1}

extern const bytes cms_oid_data; /* id-data, 1.2.840.113549.1.7.1 */

/* AlgorithmIdentifier of SHA-256, parameters absent or NULL (RFC 5754 2); another one fails by RESULT_BAD_SIGNATURE.
 * Returns whether NULL is present. */
bool cms_expect_sha256(der_reader *d);
