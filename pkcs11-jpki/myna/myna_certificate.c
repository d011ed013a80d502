/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Certificates: read on demand, then cached. */
#include "myna.h"

#include "card_anchors.h"
#include "base/hex.h"
#include "iso7816/tlv.h"

#include <string.h>

#define CERTIFICATE_MAX 8192
#define TAG_SEQUENCE 0x30

static const myna_file files[MYNA_CERTIFICATES] = {EF_AUTH_CERTIFICATE, EF_AUTH_CA, EF_SIGN_CERTIFICATE, EF_SIGN_CA};

void myna_certificates_start(myna *m) {
    for (size_t i = 0; i < MYNA_CERTIFICATES; i++)
        m->kept[i] = (myna_certificate){files[i], BUFFER_INIT(CERTIFICATE_MAX)};
}

void myna_certificates_wipe(myna *m) {
    for (size_t i = 0; i < MYNA_CERTIFICATES; i++)
        buffer_wipe(&m->kept[i].content);
}

static myna_certificate *find(myna *m, myna_file file) {
    for (size_t i = 0; i < MYNA_CERTIFICATES; i++)
        if (m->kept[i].file == file)
            return &m->kept[i];
    return NULL;
}

/* The certificate that the CA in this file has signed; EF_NONE: not a CA's file. */
static myna_file signed_by(myna_file file) {
    switch (file) {
    case EF_AUTH_CA: return EF_AUTH_CERTIFICATE;
    case EF_SIGN_CA: return EF_SIGN_CERTIFICATE;
    default: return EF_NONE;
    }
}

/* Uses the anchor instead of the card's copy, which is a third of all bytes of a reception. Not when another
 * certificate would have to be read for it. */
static bool take_anchor(myna *m, myna_certificate *wanted) {
    const myna_certificate *leaf = find(m, signed_by(wanted->file));
    return m->trust_anchors != NULL && leaf != NULL && leaf->content.length > 0 &&
           anchors_find_issuer(m->trust_anchors, buffer_bytes(&leaf->content), &wanted->content) == RESULT_OK;
}

int myna_read_certificate(sc_card_t *card, myna_file file, bytes *certificate) {
    myna *m = myna_of(card);
    myna_certificate *wanted = find(m, file);
    if (wanted == NULL)
        return SC_ERROR_FILE_NOT_FOUND;
    if (file == EF_SIGN_CERTIFICATE && !m->open[RIGHT_SIGN])
        return SC_ERROR_SECURITY_STATUS_NOT_SATISFIED;
    if (wanted->content.length == 0 && !take_anchor(m, wanted)) {
        int code = myna_read_object(card, file, TAG_SEQUENCE, &wanted->content);
        if (code != SC_SUCCESS) {
            buffer_clear(&wanted->content);
            return code;
        }
    }
    *certificate = buffer_bytes(&wanted->content);
    return SC_SUCCESS;
}

/* Certificate { tbsCertificate { [0] version, serialNumber, ... } } (RFC 5280 4.1). */
static bytes serial_number_of(bytes certificate) {
    bytes outer, body, number;
    if (tlv_find(certificate, 0x30, &outer) != RESULT_OK || tlv_find(outer, 0x30, &body) != RESULT_OK ||
        tlv_find(body, 0x02, &number) != RESULT_OK)
        return (bytes){0};
    size_t max = INSTITUTION_CARD_ID_LENGTH / 2; /* two digits a byte */
    return number.length > max ? bytes_slice(number, number.length - max, max) : number;
}

void myna_serial(sc_card_t *card, char text[MYNA_SERIAL_SIZE]) {
    bytes certificate;
    memset(text, 0, MYNA_SERIAL_SIZE);
    if (myna_of(card)->card_id[0] != 0)
        memcpy(text, myna_of(card)->card_id, MYNA_SERIAL_SIZE);
    else if (sc_lock(card) == SC_SUCCESS) {
        if (myna_read_certificate(card, EF_AUTH_CERTIFICATE, &certificate) == SC_SUCCESS)
            hex_encode(serial_number_of(certificate), text, MYNA_SERIAL_SIZE);
        sc_unlock(card);
    }
}
