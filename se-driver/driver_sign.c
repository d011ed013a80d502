/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Signatures and deciphering: MANAGE SECURITY ENVIRONMENT, then PERFORM SECURITY OPERATION (ISO/IEC 7816-8 10). The SE
 * pads; the host supplies the hash value. For PKCS #1 v1.5 the driver makes the DigestInfo, so that the token offers
 * only the hash functions of the contract. Both commands are sent only when the data has a possible length, because the
 * SE answers other data by ending the channel for every program. */
#include "se.h"

#define INS_MANAGE_SECURITY_ENVIRONMENT 0x22
#define SET_FOR_COMPUTATION 0x41
#define TEMPLATE_SIGNATURE 0xB6
#define TEMPLATE_CONFIDENTIALITY 0xB8
#define TAG_ALGORITHM 0x80
#define TAG_PRIVATE_KEY 0x84
#define ALGORITHM_PKCS1 0x11

unsigned long se_algorithm_flags(void) {
    return signature_flags(true) | SC_ALGORITHM_ONBOARD_KEY_GEN;
}

int se_set_security_env(sc_card_t *card, const sc_security_env_t *environment, int number) {
    (void)number;
    se_operation *o = &se_of(card)->operation;
    const unsigned long flags = environment->algorithm_flags;
    const bool signs = environment->operation == SC_SEC_OPERATION_SIGN, pss = signs && flags & SC_ALGORITHM_RSA_PAD_PSS;
    *o = (se_operation){.chosen = false};
    if ((!signs && environment->operation != SC_SEC_OPERATION_DECIPHER) || environment->algorithm != SC_ALGORITHM_RSA ||
        !(environment->flags & SC_SEC_ENV_KEY_REF_PRESENT) || environment->key_ref_len != 1 ||
        !(pss || flags & SC_ALGORITHM_RSA_PAD_PKCS1))
        return SC_ERROR_NOT_SUPPORTED;
    const signature_form *form = signs ? signature_form_of(flags) : NULL;
    if (pss && form == NULL)
        return SC_ERROR_NOT_SUPPORTED;
    *o = (se_operation){.chosen = true, .signs = signs, .pss = pss, .form = form, .key = environment->key_ref[0]};
    return SC_SUCCESS;
}

static int choose_key(sc_card_t *card) {
    const se_operation *o = &se_of(card)->operation;
    const uint8_t data[] = {TAG_ALGORITHM, 1, o->pss ? o->form->pss : ALGORITHM_PKCS1, TAG_PRIVATE_KEY, 1, o->key};
    const se_command set = {.ins = INS_MANAGE_SECURITY_ENVIRONMENT,
                            .p1 = SET_FOR_COMPUTATION,
                            .p2 = o->signs ? TEMPLATE_SIGNATURE : TEMPLATE_CONFIDENTIALITY,
                            .data = BYTES(data)};
    return se_send(card, &set);
}

/* A PSS value has the hash's length; signature_input checks v1.5. */
static int make_input(const se_operation *o, bytes data, buffer *input) {
    if (!o->pss)
        return signature_input(o->form, data, input);
    if (data.length != o->form->length)
        return SC_ERROR_WRONG_LENGTH;
    return buffer_append(input, data) == RESULT_OK ? SC_SUCCESS : SC_ERROR_OUT_OF_MEMORY;
}

int se_compute_signature(sc_card_t *card, const u8 *data, size_t length, u8 *out, size_t room) {
    const se_operation *o = &se_of(card)->operation;
    buffer input = BUFFER_INIT(SIGNATURE_INPUT_MAX);
    if (!o->chosen || !o->signs)
        return SC_ERROR_NOT_SUPPORTED;
    if (room < RSA_KEY_LENGTH)
        return SC_ERROR_BUFFER_TOO_SMALL;
    int code = make_input(o, bytes_of(data, length), &input);
    if (code == SC_SUCCESS)
        code = choose_key(card);
    if (code == SC_SUCCESS)
        code = se_iso()->compute_signature(card, input.data, input.length, out, RSA_KEY_LENGTH);
    buffer_wipe(&input);
    return code;
}

int se_decipher(sc_card_t *card, const u8 *data, size_t length, u8 *out, size_t room) {
    const se_operation *o = &se_of(card)->operation;
    if (!o->chosen || o->signs)
        return SC_ERROR_NOT_SUPPORTED;
    if (length != RSA_KEY_LENGTH)
        return SC_ERROR_WRONG_LENGTH;
    int code = choose_key(card);
    return code == SC_SUCCESS ? se_iso()->decipher(card, data, length, out, room) : code;
}
