/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* COMPUTE DIGITAL SIGNATURE: RSA-2048, PKCS#1 v1.5 padding by the card around the DigestInfo given. */
#include "myna.h"

#include <string.h>

#define CLA_PROPRIETARY 0x80
#define INS_PERFORM_SECURITY_OPERATION 0x2A
#define CURRENT_FILE 0x80

/* The key was chosen by the right that opens it: the user-authentication key has two. */
int myna_set_security_env(sc_card_t *card, const sc_security_env_t *environment, int number) {
    (void)number;
    if (environment->operation != SC_SEC_OPERATION_SIGN || environment->algorithm != SC_ALGORITHM_RSA ||
        !(environment->flags & SC_SEC_ENV_KEY_REF_PRESENT) || environment->key_ref_len != 1 ||
        myna_rule(environment->key_ref[0]) == NULL)
        return SC_ERROR_NOT_SUPPORTED;
    myna_of(card)->key = environment->key_ref[0];
    myna_of(card)->form = signature_form_of(environment->algorithm_flags);
    return SC_SUCCESS;
}

/* A login permits signatures; the signature key requires one VERIFY for each. Refused here without a command: after a
 * logout the card may still have another token's right to the same key. */
static int may_sign(const myna *m) {
    if (m->gone) /* OpenSC retries with another padding when the card was removed during the first signature */
        return SC_ERROR_CARD_REMOVED;
    bool is_key = myna_rule(m->key) != NULL && myna_rule(m->key)->key_file != EF_NONE;
    bool may = is_key && m->open[m->key] && (m->key != RIGHT_SIGN || m->sign_once);
    return may ? SC_SUCCESS : SC_ERROR_SECURITY_STATUS_NOT_SATISFIED;
}

static int sign(sc_card_t *card, bytes digest_info, buffer *signature) {
    myna *m = myna_of(card);
    status_word sw;
    int code = myna_select_file(card, myna_rule(m->key)->key_file);
    if (code == SC_SUCCESS)
        code = may_sign(m); /* after another process's SELECT the rights are lost */
    if (code != SC_SUCCESS)
        return code;
    const myna_command compute = {.cla = CLA_PROPRIETARY,
                                  .ins = INS_PERFORM_SECURITY_OPERATION,
                                  .p2 = CURRENT_FILE,
                                  .data = digest_info,
                                  .le = RSA_KEY_LENGTH};
    code = myna_transmit(card, &compute, signature, &sw);
    if (m->key == RIGHT_SIGN)
        m->sign_once = false;
    if (code == SC_SUCCESS && (sw == SW_SECURITY_STATUS || myna_is_elsewhere(sw))) {
        myna_lose(card); /* another process has re-selected the application */
        return SC_ERROR_SECURITY_STATUS_NOT_SATISFIED;
    }
    if (code == SC_SUCCESS)
        code = myna_error(sw);
    return code == SC_SUCCESS && signature->length != RSA_KEY_LENGTH ? SC_ERROR_UNKNOWN_DATA_RECEIVED : code;
}

int myna_compute_signature(sc_card_t *card, const u8 *data, size_t length, u8 *out, size_t room) {
    const myna *m = myna_of(card);
    buffer input = BUFFER_INIT(SIGNATURE_INPUT_MAX), signature = BUFFER_INIT(RSA_KEY_LENGTH);
    myna_end_old_right(card);
    int code = may_sign(m);
    if (code == SC_SUCCESS && room < RSA_KEY_LENGTH)
        code = SC_ERROR_BUFFER_TOO_SMALL;
    if (code == SC_SUCCESS)
        code = signature_input(m->form, bytes_of(data, length), &input);
    if (code == SC_SUCCESS)
        code = sign(card, buffer_bytes(&input), &signature);
    if (code == SC_SUCCESS) {
        myna_use(card);
        memcpy(out, signature.data, RSA_KEY_LENGTH);
        code = RSA_KEY_LENGTH;
    }
    buffer_wipe(&input);
    buffer_wipe(&signature);
    return code;
}
