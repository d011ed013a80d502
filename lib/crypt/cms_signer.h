/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whether a signer's part of a message is that certificate's signature over that content. For the files of lib/crypt
 * only; a separate file, so that a fuzzer can replace it and accept every signature. */
#pragma once

#include "crypt/certificate.h"
#include "crypt/cms_read.h"
#include "crypt/digest.h"

/* digest: SHA-256 of the content. The signed attributes must hold it, signing-certificate-v2 (when there) must be this
 * certificate's, and the key must have signed the attributes. RESULT_BAD_SIGNATURE. */
result cms_signer_fits(const cms_signer_info *info, const certificate *c, const uint8_t digest[CRYPT_SHA256_LENGTH]);
/* The part without a key: only comparisons. */
result cms_signer_names(const cms_signer_info *info, const certificate *c, const uint8_t digest[CRYPT_SHA256_LENGTH]);
