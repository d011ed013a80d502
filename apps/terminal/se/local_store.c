/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "se/local_store.h"

#include "core/audit.h"
#include "core/chain_head.h"
#include "core/ledger_check.h"
#include "se/terminal_lock.h"
#include "se/secure_element.h"
#include "se/se_supervision.h"

#include "base/log.h"
#include "base/secret.h"
#include "crypt/certificate.h"
#include "crypt/digest.h"

#include <string.h>

#define KEY_STORE_WRAPPING "store-wrapping"
#define KEY_INSTITUTION "institution"
#define SETTING_DATA_KEY_SIGNATURE "data-key-signature" /* of the SE, over that */
#define STORE_LABEL "Uketsuke-STORE-1"                  /* no other message that the SE signs begins so */
#define KEY_MAX 1024
#define CERTIFICATE_MAX 8192

/* --- the data key: wrapped for the SE, and signed by it ----------------------------------------------------------- */

/* Everybody can wrap a key for the SE; only the SE can say that this one is the key of a store that it made. */
static result binding_message(bytes wrapped, buffer *message) {
    const result code = buffer_append(message, bytes_of(STORE_LABEL, strlen(STORE_LABEL)));
    return code == RESULT_OK ? buffer_append(message, wrapped) : code;
}

static result verify_binding(terminal *t, bytes wrapped, bytes signature) {
    buffer der = BUFFER_INIT(CERTIFICATE_MAX), message = BUFFER_INIT(KEY_MAX + sizeof STORE_LABEL);
    certificate *institution = NULL;
    result code = token_certificate(t->se, KEY_INSTITUTION, &der);
    if (code == RESULT_OK)
        code = certificate_new(buffer_bytes(&der), &institution);
    if (code == RESULT_OK)
        code = binding_message(wrapped, &message);
    if (code == RESULT_OK)
        code = certificate_verify(institution, buffer_bytes(&message), signature);
    certificate_free(&institution);
    buffer_wipe(&der);
    buffer_wipe(&message);
    return code;
}

static result wrap_data_key(terminal *t, const uint8_t key[CRYPT_SEAL_KEY_LENGTH], buffer *wrapped) {
    static const uint8_t exponent[] = {0x01, 0x00, 0x01};
    buffer modulus = BUFFER_INIT(CRYPT_MODULUS_MAX);
    result code = token_modulus(t->se, KEY_STORE_WRAPPING, &modulus);
    if (code == RESULT_OK)
        code = crypt_rsa_encrypt(buffer_bytes(&modulus), BYTES(exponent), bytes_of(key, CRYPT_SEAL_KEY_LENGTH),
                                 wrapped);
    buffer_wipe(&modulus);
    return code;
}

static result keep_data_key(terminal *t, bytes wrapped, bytes signature) {
    const terminal_change change = {.settings = {{.name = SETTING_DATA_KEY, .value = wrapped},
                                                 {.name = SETTING_DATA_KEY_SIGNATURE, .value = signature}}};
    return terminal_store_change(t->store.file, &change);
}

/* Makes a data key, wraps it with the SE's public key, has the SE sign that, keeps both. */
static result make_data_key(terminal *t, uint8_t key[CRYPT_SEAL_KEY_LENGTH]) {
    buffer wrapped = BUFFER_INIT(KEY_MAX), message = BUFFER_INIT(KEY_MAX + sizeof STORE_LABEL),
           signature = BUFFER_INIT(KEY_MAX);
    result code = crypt_random(key, CRYPT_SEAL_KEY_LENGTH);
    if (code == RESULT_OK)
        code = wrap_data_key(t, key, &wrapped);
    if (code == RESULT_OK)
        code = binding_message(buffer_bytes(&wrapped), &message);
    if (code == RESULT_OK)
        code = token_sign(t->se, KEY_INSTITUTION, buffer_bytes(&message), &signature);
    if (code == RESULT_OK)
        code = verify_binding(t, buffer_bytes(&wrapped), buffer_bytes(&signature));
    if (code == RESULT_OK)
        code = keep_data_key(t, buffer_bytes(&wrapped), buffer_bytes(&signature));
    buffer_wipe(&wrapped);
    buffer_wipe(&message);
    buffer_wipe(&signature);
    return code;
}

/* RESULT_NOT_FOUND: the store is new. RESULT_BAD_SIGNATURE: another SE has made it, or nobody. */
static result unwrap_data_key(terminal *t, uint8_t key[CRYPT_SEAL_KEY_LENGTH]) {
    buffer wrapped = BUFFER_INIT(KEY_MAX), signature = BUFFER_INIT(KEY_MAX), plain = BUFFER_SECRET(KEY_MAX);
    result code = terminal_store_setting(t->store.file, SETTING_DATA_KEY, NULL, &wrapped);
    if (code == RESULT_OK) {
        code = terminal_store_setting(t->store.file, SETTING_DATA_KEY_SIGNATURE, NULL, &signature);
        if (code == RESULT_NOT_FOUND)
            code = RESULT_BAD_SIGNATURE;
    }
    if (code == RESULT_OK)
        code = verify_binding(t, buffer_bytes(&wrapped), buffer_bytes(&signature));
    if (code == RESULT_OK)
        code = token_decrypt(t->se, KEY_STORE_WRAPPING, buffer_bytes(&wrapped), &plain);
    if (code == RESULT_OK && plain.length != CRYPT_SEAL_KEY_LENGTH)
        code = RESULT_BAD_SIGNATURE;
    if (code == RESULT_OK)
        memcpy(key, plain.data, CRYPT_SEAL_KEY_LENGTH);
    buffer_wipe(&wrapped);
    buffer_wipe(&signature);
    buffer_wipe(&plain);
    return code;
}

/* One key per purpose out of the data key. */
static result derive_keys(terminal *t, const uint8_t key[CRYPT_SEAL_KEY_LENGTH]) {
    bytes data_key = bytes_of(key, CRYPT_SEAL_KEY_LENGTH);
    result code = crypt_hmac_sha256(data_key, bytes_of("records", 7), t->store.record_key);
    if (code == RESULT_OK)
        code = crypt_hmac_sha256(data_key, bytes_of("index", 5), t->store.index_key);
    return code == RESULT_OK ? crypt_hmac_sha256(data_key, bytes_of("ledger", 6), t->store.ledger_key) : code;
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

static int64_t count_all(terminal *t) {
    static const char *const kinds[] = {RECORD_RECEPTION, RECORD_VISIT};
    int64_t all = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        int64_t count = 0;
        all += terminal_store_count(t->store.file, kinds[i], NULL, &count) == RESULT_OK ? count : 1;
    }
    return all;
}

static result count_setting(void *context, const char *name, int64_t version) {
    int64_t *count = context;
    (void)name;
    (void)version;
    (*count)++;
    return RESULT_OK;
}

/* New, or the program died while it began; or somebody has emptied it, which is no more than to move it away: a store
 * that begins anew is locked. One that was robbed of its data key only has still something that was sealed. */
static bool is_empty(terminal *t) {
    int64_t sealed = 0;
    return terminal_store_each_setting(t->store.file, count_setting, &sealed) == RESULT_OK && sealed == 0 &&
           count_all(t) == 0;
}

static result begin_store(terminal *t, bool by_person) {
    uint8_t key[CRYPT_SEAL_KEY_LENGTH];
    const bool fresh = by_person || lock_se_is_fresh(t);
    result code = make_data_key(t, key);
    if (code == RESULT_OK)
        code = derive_keys(t, key);
    if (code == RESULT_OK)
        code = ledger_begin(&t->store);
    if (code == RESULT_OK)
        code = fresh ? lock_open(t) : lock_seal(t, LOCK_NEW_STORE);
    secret_wipe(key, sizeof key);
    return code;
}

static outcome unreadable(terminal *t, result code) {
    const outcome done = secure_element_still_there(t);
    if (done != OUTCOME_OK)
        return done;
    terminal_forget_keys(t);
    if (code == RESULT_BAD_SIGNATURE)
        return report_failure(
            &t->report, OUTCOME_REFUSED, "store-foreign",
            _("This Secure Element has not made the local store: it belongs to another terminal, or somebody has put"
              " it there. Nothing of it is used. Keep the file terminal.sqlite and tell the administrator. Work goes"
              " on with this terminal's own, or without it: moved away, an empty one begins."));
    return report_failure(
        &t->report, OUTCOME_CARD, "store-locked",
        _("The local data cannot be opened with this Secure Element (%s). Is it the one of this terminal?"),
        report_cause(code));
}

/* The clear number beside it can be changed by whoever writes the file; the one inside cannot. */
static void compare_counter(terminal *t) {
    se_state now;
    uint32_t noted;
    if (t->se_seen.counter_jump != 0 || !ledger_counter(&t->store, &noted) || se_state_read(t->se, &now) != RESULT_OK ||
        now.signatures == noted)
        return;
    t->se_seen.counter_jump = (int64_t)now.signatures - noted;
    log_warning("the local store is from another time than the SE: %lld signatures",
                (long long)t->se_seen.counter_jump);
    audit_note(t, "se-counter-jumped", "store");
}

static outcome take_up(terminal *t) {
    char head[STATEMENT_HASH_SIZE];
    if (limits_apply(t) != RESULT_OK)
        return ledger_failure(t, RESULT_BAD_SIGNATURE, SETTING_LIMITS);
    if (chain_head_read(t, head) != RESULT_OK) /* read again, and told, by who needs it */
        log_warning("the head of the evidence chain cannot be read");
    compare_counter(t);
    return OUTCOME_OK;
}

/* The keys, out of a store that is there, and everything in it compared with its ledger. */
static outcome open_keys(terminal *t) {
    uint8_t key[CRYPT_SEAL_KEY_LENGTH];
    char problem[LEDGER_PROBLEM_SIZE] = "";
    if (is_empty(t)) {
        const result begun = begin_store(t, false);
        se_supervision_note_counter(t); /* its signature is ours, also when the terminal is locked now */
        return begun == RESULT_OK ? OUTCOME_OK : unreadable(t, begun);
    }
    result code = unwrap_data_key(t, key);
    if (code == RESULT_OK)
        code = derive_keys(t, key);
    secret_wipe(key, sizeof key);
    if (code != RESULT_OK)
        return unreadable(t, code == RESULT_NOT_FOUND ? RESULT_BAD_SIGNATURE : code);
    code = ledger_load(&t->store, problem);
    return code == RESULT_OK ? OUTCOME_OK : ledger_failure(t, code, problem);
}

static outcome open_store(terminal *t, bool unlocking) {
    outcome done = open_keys(t);
    if (done == OUTCOME_OK && unlocking && lock_open(t) != RESULT_OK)
        done = report_failure(&t->report, OUTCOME_INTERNAL, "store", _("The lock could not be taken off: %s."),
                              terminal_store_problem(RESULT_IO));
    if (done == OUTCOME_OK)
        done = lock_check(t);
    if (done == OUTCOME_OK)
        done = take_up(t);
    t->store.unlocked = done == OUTCOME_OK;
    if (!t->store.unlocked)
        terminal_forget_keys(t);
    return done;
}

outcome local_store_open(terminal *t) {
    const outcome done = secure_element_open(t);
    if (done != OUTCOME_OK)
        return done;
    return t->store.unlocked ? ledger_check(t) : open_store(t, false);
}

outcome local_store_unlock(terminal *t) {
    return open_store(t, true);
}

outcome local_store_begin(terminal *t, token *se) {
    token *before = t->se;
    t->se = se;
    const result code = begin_store(t, true);
    t->se = before;
    secret_wipe(t->store.record_key, sizeof t->store.record_key);
    secret_wipe(t->store.index_key, sizeof t->store.index_key);
    secret_wipe(t->store.ledger_key, sizeof t->store.ledger_key);
    ledger_forget(&t->store);
    if (code == RESULT_OK)
        return OUTCOME_OK;
    return report_failure(&t->report, OUTCOME_INTERNAL, "store", _("The local store cannot be begun (%s)."),
                          terminal_store_problem(code));
}
