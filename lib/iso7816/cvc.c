/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "iso7816/cvc.h"

#include "iso7816/tlv.h"

#include <stdbool.h>
#include <string.h>

/* Copies the next object, which must have this tag and this length. */
static result take_fixed(bytes *rest, uint32_t tag, uint8_t *into, size_t length) {
    tlv object;
    result r = tlv_next(rest, &object);
    if (r != RESULT_OK)
        return r == RESULT_NOT_FOUND ? RESULT_TRUNCATED : r;
    if (object.tag != tag || object.value.length != length)
        return RESULT_INVALID;
    memcpy(into, object.value.data, length);
    return RESULT_OK;
}

/* RSA-2048 exactly, and an odd exponent above 3 (crypt/key_rule.h has the same rule): any other key would be weak. */
static bool key_fits(const cvc *read) {
    const uint8_t *e = read->exponent, *n = read->modulus;
    return (n[0] & 0x80) != 0 && (n[CVC_MODULUS_LENGTH - 1] & 1) != 0 && (e[CVC_EXPONENT_LENGTH - 1] & 1) != 0 &&
           (e[0] != 0 || e[1] != 0 || e[2] > 3);
}

result cvc_parse_body(bytes body, cvc *out) {
    if (body.length != CVC_BODY_LENGTH)
        return body.length < CVC_BODY_LENGTH ? RESULT_TRUNCATED : RESULT_INVALID;
    cvc read = {0};
    memcpy(read.authority_reference, body.data, CVC_REFERENCE_LENGTH);
    memcpy(read.holder_reference, body.data + CVC_REFERENCE_LENGTH, CVC_REFERENCE_LENGTH);
    bytes key = bytes_slice(body, 2 * CVC_REFERENCE_LENGTH, body.length - 2 * CVC_REFERENCE_LENGTH);
    result r = take_fixed(&key, CVC_TAG_EXPONENT, read.exponent, sizeof read.exponent);
    if (r == RESULT_OK)
        r = take_fixed(&key, CVC_TAG_MODULUS, read.modulus, sizeof read.modulus);
    if (r != RESULT_OK)
        return r;
    if (key.length > 0)
        return RESULT_INVALID;
    if (!key_fits(&read))
        return RESULT_KEY;
    *out = read;
    return RESULT_OK;
}

result cvc_parse(bytes raw, cvc *out) {
    if (raw.length != CVC_LENGTH)
        return raw.length < CVC_LENGTH ? RESULT_TRUNCATED : RESULT_INVALID;
    tlv certificate, body;
    cvc read;
    result r = tlv_next(&raw, &certificate);
    if (r != RESULT_OK || certificate.tag != CVC_TAG || raw.length)
        return RESULT_INVALID;
    bytes inside = certificate.value;
    r = tlv_next(&inside, &body);
    if (r != RESULT_OK || body.tag != CVC_TAG_BODY)
        return RESULT_INVALID;
    r = cvc_parse_body(body.value, &read);
    if (r == RESULT_KEY)
        return r;
    if (r == RESULT_OK)
        r = take_fixed(&inside, CVC_TAG_SIGNATURE, read.signature, sizeof read.signature);
    if (r != RESULT_OK || inside.length)
        return RESULT_INVALID;
    *out = read;
    return RESULT_OK;
}

result cvc_build_body(const cvc *certificate, buffer *out) {
    size_t start = out->length;
    buffer_append(out, BYTES(certificate->authority_reference));
    buffer_append(out, BYTES(certificate->holder_reference));
    tlv_append(out, CVC_TAG_EXPONENT, BYTES(certificate->exponent));
    tlv_append(out, CVC_TAG_MODULUS, BYTES(certificate->modulus));
    if (out->failed != RESULT_OK)
        buffer_truncate(out, start);
    return out->failed;
}

result cvc_build(const cvc *certificate, buffer *out) {
    size_t start = out->length;
    tlv_append_header(out, CVC_TAG, CVC_LENGTH - 5); /* 7F21 82 hh ll */
    tlv_append_header(out, CVC_TAG_BODY, CVC_BODY_LENGTH);
    cvc_build_body(certificate, out);
    tlv_append(out, CVC_TAG_SIGNATURE, BYTES(certificate->signature));
    if (out->failed != RESULT_OK)
        buffer_truncate(out, start);
    return out->failed;
}

result cvc_chain_next(bytes *rest, cvc *out, bytes *raw) {
    if (rest->length == 0)
        return RESULT_NOT_FOUND;
    if (rest->length < CVC_LENGTH)
        return RESULT_TRUNCATED;
    bytes first = bytes_slice(*rest, 0, CVC_LENGTH);
    result r = cvc_parse(first, out);
    if (r != RESULT_OK)
        return r;
    *raw = first;
    *rest = bytes_slice(*rest, CVC_LENGTH, rest->length - CVC_LENGTH);
    return RESULT_OK;
}
