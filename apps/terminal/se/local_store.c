#include "se/local_store.h"

#include "core/chain_head.h"
#include "se/secure_element.h"

#include "base/log.h"
#include "base/secret.h"
#include "crypt/digest.h"

#include <string.h>

#define KEY_STORE_WRAPPING "store-wrapping"
#define SETTING_DATA_KEY "data-key"

/* Makes a data key, wraps it with the SE's public key, keeps the wrapped form. */
static result make_data_key(terminal *t, uint8_t key[CRYPT_SEAL_KEY_LENGTH]) {
    static const uint8_t exponent[] = {0x01, 0x00, 0x01};
    buffer modulus = BUFFER_INIT(CRYPT_MODULUS_MOST), wrapped = BUFFER_INIT(1024);
    result code = crypt_random(key, CRYPT_SEAL_KEY_LENGTH);
    if (code == RESULT_OK)
        code = token_modulus(t->se, KEY_STORE_WRAPPING, &modulus);
    if (code == RESULT_OK)
        code = crypt_rsa_encrypt(buffer_bytes(&modulus), BYTES(exponent), bytes_of(key, CRYPT_SEAL_KEY_LENGTH),
                                 &wrapped);
    if (code == RESULT_OK)
        code = terminal_store_set(t->store, SETTING_DATA_KEY, buffer_bytes(&wrapped));
    buffer_wipe(&modulus);
    buffer_wipe(&wrapped);
    return code;
}

static result unwrap_data_key(terminal *t, uint8_t key[CRYPT_SEAL_KEY_LENGTH]) {
    buffer wrapped = BUFFER_INIT(1024), plain = BUFFER_SECRET(1024);
    result code = terminal_store_setting(t->store, SETTING_DATA_KEY, &wrapped);
    if (code == RESULT_NOT_FOUND)
        code = make_data_key(t, key);
    else if (code == RESULT_OK) {
        code = token_decrypt(t->se, KEY_STORE_WRAPPING, buffer_bytes(&wrapped), &plain);
        if (code == RESULT_OK && plain.length != CRYPT_SEAL_KEY_LENGTH)
            code = RESULT_BAD_SIGNATURE;
        if (code == RESULT_OK)
            memcpy(key, plain.data, CRYPT_SEAL_KEY_LENGTH);
    }
    buffer_wipe(&wrapped);
    buffer_wipe(&plain);
    return code;
}

/* One key per purpose out of the data key. */
static result derive_keys(terminal *t, const uint8_t key[CRYPT_SEAL_KEY_LENGTH]) {
    bytes data_key = bytes_of(key, CRYPT_SEAL_KEY_LENGTH);
    result code = crypt_hmac_sha256(data_key, bytes_of("records", 7), t->record_key);
    return code == RESULT_OK ? crypt_hmac_sha256(data_key, bytes_of("index", 5), t->index_key) : code;
}

outcome local_store_open(terminal *t) {
    uint8_t key[CRYPT_SEAL_KEY_LENGTH];
    outcome done = secure_element_open(t);
    if (done != OUTCOME_OK || t->unlocked)
        return done;
    result code = unwrap_data_key(t, key);
    if (code == RESULT_OK)
        code = derive_keys(t, key);
    secret_wipe(key, sizeof key);
    t->unlocked = code == RESULT_OK;
    if (t->unlocked) {
        char head[STATEMENT_HASH_SIZE];
        limits_apply(t);
        if (chain_head_read(t, head) != RESULT_OK) /* read again, and told, by who needs it */
            log_warning("the head of the evidence chain cannot be read");
    }
    if (code == RESULT_OK)
        return OUTCOME_OK;
    if ((done = secure_element_still_there(t)) != OUTCOME_OK)
        return done;
    return report_failure(
        &t->report, OUTCOME_CARD, "store-locked",
        _("The local data cannot be opened with this Secure Element (%s). Is it the one of this terminal?"),
        report_cause(code));
}
