/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Institution authentication: certificates in, challenge out, signature in. The card's profile is this project's own
 * (docs/interfaces/institution-authentication.md). */
#include "myna.h"

#include "base/secret.h"
#include "iso7816/cvc.h"
#include "iso7816/tlv.h"

#include <string.h>

#define INS_MANAGE_SECURITY_ENVIRONMENT 0x22
#define INS_PERFORM_SECURITY_OPERATION 0x2A
#define INS_EXTERNAL_AUTHENTICATE 0x82
#define INS_GET_CHALLENGE 0x84
#define INS_IMPORT 0xA2
#define CLA_PROPRIETARY 0x80

#define SET_FOR_VERIFICATION 0x81 /* MSE P1 */
#define DIGITAL_SIGNATURE_TEMPLATE 0xB6
#define TAG_KEY_REFERENCE 0x83
#define VERIFY_CERTIFICATE 0xBE /* PSO P2: 5F4E and 5F37 */
#define IMPORT_BODY 0x06
#define IMPORT_SIGNATURE 0x00
#define IMPORT_TARGET 0xC1

#define COMMAND_MAX 600
#define CHAIN_MAX 4 /* certificates; a longer one is no chain of this scheme */

int myna_get_challenge(sc_card_t *card, u8 *random, size_t length) {
    myna *m = myna_of(card);
    if (length != INSTITUTION_CHALLENGE_LENGTH) /* a second GET CHALLENGE invalidates the first */
        return SC_ERROR_INVALID_ARGUMENTS;
    buffer challenge = BUFFER_INIT(INSTITUTION_CHALLENGE_LENGTH);
    const myna_command get = {.ins = INS_GET_CHALLENGE, .le = INSTITUTION_CHALLENGE_LENGTH, .secret = true};
    status_word sw;
    m->challenge = false;
    int code = myna_enter(card, APPLICATION_JPKI);
    if (code == SC_SUCCESS)
        code = myna_transmit(card, &get, &challenge, &sw);
    if (code == SC_SUCCESS && myna_is_elsewhere(sw)) {
        code = myna_select_application(card, APPLICATION_JPKI);
        if (code == SC_SUCCESS)
            code = myna_transmit(card, &get, &challenge, &sw);
    }
    if (code == SC_SUCCESS)
        code = myna_error(sw);
    if (code == SC_SUCCESS && challenge.length != INSTITUTION_CHALLENGE_LENGTH)
        code = SC_ERROR_UNKNOWN_DATA_RECEIVED;
    if (code == SC_SUCCESS) {
        memcpy(random, challenge.data, challenge.length);
        m->challenge = true;
        myna_use(card);
        code = INSTITUTION_CHALLENGE_LENGTH;
    }
    buffer_wipe(&challenge);
    return code;
}

/* 6300: the signature is wrong. Any other word means that the card has lost the state of the earlier steps: the caller
 * begins again (CKR_USER_NOT_LOGGED_IN). */
int myna_authenticate_institution(sc_card_t *card, bytes signature) {
    myna *m = myna_of(card);
    status_word sw;
    if (!m->challenge || !m->certificates)
        return SC_ERROR_SECURITY_STATUS_NOT_SATISFIED;
    if (signature.length != INSTITUTION_SIGNATURE_LENGTH)
        return SC_ERROR_INVALID_PIN_LENGTH;
    int code = myna_keep(card);
    if (code != SC_SUCCESS)
        return code;
    m->challenge = false;
    const myna_command authenticate = {.ins = INS_EXTERNAL_AUTHENTICATE, .data = signature, .secret = true};
    code = myna_transmit(card, &authenticate, NULL, &sw);
    if (code != SC_SUCCESS)
        return code;
    m->open[RIGHT_INSTITUTION] = sw == SW_OK;
    if (sw == SW_OK)
        return SC_SUCCESS;
    if (sw == SW_NO_INFORMATION)
        return SC_ERROR_PIN_CODE_INCORRECT;
    myna_lose(card);
    return SC_ERROR_SECURITY_STATUS_NOT_SATISFIED;
}

static int send(sc_card_t *card, uint8_t cla, uint8_t ins, uint8_t p1, uint8_t p2, const buffer *data) {
    const myna_command command = {.cla = cla, .ins = ins, .p1 = p1, .p2 = p2, .data = buffer_bytes(data)};
    status_word sw;
    if (data->failed != RESULT_OK)
        return SC_ERROR_OUT_OF_MEMORY;
    int code = myna_transmit(card, &command, NULL, &sw);
    if (code != SC_SUCCESS || sw == SW_OK)
        return code;
    return myna_is_elsewhere(sw) ? SC_ERROR_SECURITY_STATUS_NOT_SATISFIED : SC_ERROR_INVALID_DATA;
}

/* MSE:SET DST with the issuer's reference, then the certificate in one command of 563 bytes. */
static int import_iso(sc_card_t *card, const cvc *certificate, bytes content) {
    buffer data = BUFFER_INIT(COMMAND_MAX);
    tlv_append(&data, TAG_KEY_REFERENCE, BYTES(certificate->authority_reference));
    int code = send(card, 0x00, INS_MANAGE_SECURITY_ENVIRONMENT, SET_FOR_VERIFICATION, DIGITAL_SIGNATURE_TEMPLATE,
                    &data);
    buffer_clear(&data);
    buffer_append(&data, content);
    if (code == SC_SUCCESS)
        code = send(card, 0x00, INS_PERFORM_SECURITY_OPERATION, 0x00, VERIFY_CERTIFICATE, &data);
    buffer_wipe(&data);
    return code;
}

/* Into the trust anchor's file: 7F21 with the body (307 bytes), then the signature (261 bytes). */
static int import_observed(sc_card_t *card, const cvc *certificate, bytes content) {
    size_t body = content.length;
    if (tlv_whole_length(content, &body) != RESULT_OK)
        return SC_ERROR_INVALID_DATA;
    (void)certificate;
    buffer data = BUFFER_INIT(COMMAND_MAX);
    tlv_append_header(&data, CVC_TAG, content.length);
    buffer_append(&data, bytes_slice(content, 0, body));
    int code = myna_select_file(card, EF_TRUST_ANCHOR);
    if (code == SC_SUCCESS)
        code = send(card, CLA_PROPRIETARY, INS_IMPORT, IMPORT_BODY, IMPORT_TARGET, &data);
    buffer_clear(&data);
    buffer_append(&data, bytes_slice(content, body, content.length));
    if (code == SC_SUCCESS)
        code = send(card, CLA_PROPRIETARY, INS_IMPORT, IMPORT_SIGNATURE, IMPORT_TARGET, &data);
    buffer_wipe(&data);
    return code;
}

/* Checks the whole chain before the first byte goes to the card. */
static int check_chain(bytes chain) {
    cvc certificate;
    bytes raw;
    size_t count = 0;
    result code;
    while ((code = cvc_chain_next(&chain, &certificate, &raw)) == RESULT_OK)
        count++;
    return code == RESULT_NOT_FOUND && count > 0 && count <= CHAIN_MAX ? SC_SUCCESS : SC_ERROR_INVALID_DATA;
}

static int import_all(sc_card_t *card, bytes chain) {
    const myna *m = myna_of(card);
    cvc certificate;
    bytes raw, content;
    int code = SC_SUCCESS;
    while (code == SC_SUCCESS && cvc_chain_next(&chain, &certificate, &raw) == RESULT_OK) {
        if (tlv_find(raw, CVC_TAG, &content) != RESULT_OK)
            return SC_ERROR_INVALID_DATA;
        code = m->observed_import ? import_observed(card, &certificate, content)
                                  : import_iso(card, &certificate, content);
    }
    return code;
}

/* Imported certificates are no right yet. But another process that selects the application deletes them and the
 * challenge, and could prevent every institution authentication by doing so repeatedly. */
static int keep_and_import(sc_card_t *card, bytes chain) {
    int code = myna_keep(card);
    return code == SC_SUCCESS ? import_all(card, chain) : code;
}

int myna_import_chain(sc_card_t *card, bytes chain) {
    myna *m = myna_of(card);
    int code = check_chain(chain);
    if (code != SC_SUCCESS)
        return code;
    m->certificates = false;
    code = myna_enter(card, APPLICATION_JPKI);
    if (code == SC_SUCCESS)
        code = keep_and_import(card, chain);
    if (code == SC_ERROR_SECURITY_STATUS_NOT_SATISFIED) { /* another process selected an application: start again */
        code = myna_select_application(card, APPLICATION_JPKI);
        if (code == SC_SUCCESS)
            code = keep_and_import(card, chain);
    }
    m->certificates = code == SC_SUCCESS;
    myna_let_go_of_nothing(card);
    return code;
}
