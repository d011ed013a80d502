/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "crypt/cms_attributes_read.h"

#include "base/buffer.h"
#include "crypt/cms_read.h"

#include <string.h>

#define SET_MAX 4096
#define SET_OF 0x31
#define IMPLICIT_0 0xA0 /* the same attributes inside a SignerInfo (RFC 5652 5.3) */

result cms_attributes_read_set(bytes set, cms_attributes_seen *out) {
    buffer inside = BUFFER_INIT(SET_MAX);
    cms_signer_info info = {0};
    result code = RESULT_OK;
    *out = (cms_attributes_seen){0};
    if (set.length == 0 || set.data[0] != SET_OF)
        return RESULT_INVALID;
    code = buffer_append(&inside, set);
    if (code == RESULT_OK) {
        der_reader whole = {buffer_bytes(&inside), &code};
        inside.data[0] = IMPLICIT_0;
        info.signed_attributes = der_take_whole(&whole, DER_CONTEXT(0));
        der_end(&whole);
    }
    if (code == RESULT_OK)
        cms_read_attributes(&info, &code);
    if (code == RESULT_OK && info.message_digest.length == sizeof out->message_digest)
        memcpy(out->message_digest, info.message_digest.data, sizeof out->message_digest);
    if (code == RESULT_OK && info.certificate_hash.length == sizeof out->certificate_hash) {
        memcpy(out->certificate_hash, info.certificate_hash.data, sizeof out->certificate_hash);
        out->has_certificate = true;
    }
    buffer_wipe(&inside);
    return code;
}
