/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "crypt/cms_signer.h"

/* RFC 5035 3: the hash is of the whole certificate; its name and number repeat sid. */
static result check_certificate(const cms_signer_info *info, const certificate *c) {
    bytes hash = bytes_of(certificate_fingerprint(c), CRYPT_SHA256_LENGTH);
    result code = RESULT_OK;
    if (info->certificate_hash.length == 0)
        return RESULT_OK;
    if (!bytes_equal(info->certificate_hash, hash))
        code = RESULT_BAD_SIGNATURE;
    if (code == RESULT_OK && info->certificate_serial.length > 0 &&
        !(bytes_equal(info->certificate_issuer, info->issuer) && bytes_equal(info->certificate_serial, info->serial)))
        code = RESULT_BAD_SIGNATURE;
    return code;
}

result cms_attributes_as_signed(const cms_signer_info *info, buffer *set) {
    buffer_append_u8(set, DER_SET);
    return buffer_append(set, bytes_slice(info->signed_attributes, 1, info->signed_attributes.length));
}

static result check_signature(const cms_signer_info *info, const certificate *c) {
    buffer set = BUFFER_INIT(info->signed_attributes.length);
    result code = cms_attributes_as_signed(info, &set);
    if (code == RESULT_OK)
        code = certificate_verify(c, buffer_bytes(&set), info->signature);
    buffer_wipe(&set);
    return code;
}

result cms_signer_names(const cms_signer_info *info, const certificate *c, const uint8_t digest[CRYPT_SHA256_LENGTH]) {
    if (!bytes_equal(info->message_digest, bytes_of(digest, CRYPT_SHA256_LENGTH)))
        return RESULT_BAD_SIGNATURE;
    return check_certificate(info, c);
}

result cms_signer_fits(const cms_signer_info *info, const certificate *c, const uint8_t digest[CRYPT_SHA256_LENGTH]) {
    result code = cms_signer_names(info, c, digest);
    return code == RESULT_OK ? check_signature(info, c) : code;
}
