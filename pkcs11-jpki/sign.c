/* COMPUTE DIGITAL SIGNATURE: RSA-2048, PKCS#1 v1.5 padding by the card around the DigestInfo given. */
#include "myna.h"

#include <string.h>

#define CLA_PROPRIETARY 0x80
#define INS_PERFORM_SECURITY_OPERATION 0x2A
#define CURRENT_FILE 0x80
#define SIGNATURE_LENGTH 256
#define DIGEST_INFO_MOST 245 /* 256 less the 11 bytes of PKCS#1 v1.5 padding */

/* The key was chosen by the right that opens it: the user-authentication key has two. */
int myna_set_security_env(sc_card_t *card, const sc_security_env_t *environment, int number) {
    (void)number;
    if (environment->operation != SC_SEC_OPERATION_SIGN || environment->algorithm != SC_ALGORITHM_RSA ||
        !(environment->flags & SC_SEC_ENV_KEY_REF_PRESENT) || environment->key_ref_len != 1 ||
        myna_rule(environment->key_ref[0]) == NULL)
        return SC_ERROR_NOT_SUPPORTED;
    myna_of(card)->key = environment->key_ref[0];
    return SC_SUCCESS;
}

/* Whoever has logged in may sign; the signature key once per VERIFY. Refused here, without asking the card: after a
 * logout the card may still hold another token's right to the same key. */
static int may_sign(const myna *m) {
    if (m->gone) /* OpenSC tries again, with another padding, when the card left in the first signature */
        return SC_ERROR_CARD_REMOVED;
    bool is_key = myna_rule(m->key) != NULL && myna_rule(m->key)->key_file != EF_NONE;
    bool may = is_key && m->open[m->key] && (m->key != RIGHT_SIGN || m->sign_once);
    return may ? SC_SUCCESS : SC_ERROR_SECURITY_STATUS_NOT_SATISFIED;
}

int myna_compute_signature(sc_card_t *card, const u8 *data, size_t length, u8 *out, size_t room) {
    myna *m = myna_of(card);
    status_word sw;
    int code = may_sign(m);
    if (code != SC_SUCCESS)
        return code;
    if (length == 0 || length > DIGEST_INFO_MOST)
        return SC_ERROR_WRONG_LENGTH;
    if (room < SIGNATURE_LENGTH)
        return SC_ERROR_BUFFER_TOO_SMALL;
    code = myna_select_file(card, myna_rule(m->key)->key_file);
    if (code == SC_SUCCESS)
        code = may_sign(m); /* where the card had been moved away its rights are gone */
    if (code != SC_SUCCESS)
        return code;
    buffer signature = BUFFER_INIT(SIGNATURE_LENGTH);
    const myna_command compute = {.cla = CLA_PROPRIETARY, .ins = INS_PERFORM_SECURITY_OPERATION, .p2 = CURRENT_FILE,
                                  .data = bytes_of(data, length), .le = SIGNATURE_LENGTH};
    code = myna_transmit(card, &compute, &signature, &sw);
    if (m->key == RIGHT_SIGN)
        m->sign_once = false;
    if (code == SC_SUCCESS && (sw == SW_SECURITY_STATUS || myna_is_elsewhere(sw))) {
        myna_forget(m); /* another process has re-selected the application */
        code = SC_ERROR_SECURITY_STATUS_NOT_SATISFIED;
    } else if (code == SC_SUCCESS) {
        code = myna_error(sw);
    }
    if (code == SC_SUCCESS && signature.length != SIGNATURE_LENGTH)
        code = SC_ERROR_UNKNOWN_DATA_RECEIVED;
    if (code == SC_SUCCESS) {
        memcpy(out, signature.data, SIGNATURE_LENGTH);
        code = SIGNATURE_LENGTH;
    }
    buffer_wipe(&signature);
    return code;
}
