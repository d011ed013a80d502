/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "se/local_store.h"

#include "core/audit.h"
#include "core/chain_head.h"
#include "core/offline_limits_decided.h"
#include "core/ledger_check.h"
#include "core/local_store_file.h"
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

static result verify_binding(token *se, bytes wrapped, bytes signature) {
    buffer der = BUFFER_INIT(CERTIFICATE_MAX), message = BUFFER_INIT(KEY_MAX + sizeof STORE_LABEL);
    certificate *institution = NULL;
    result code = token_certificate(se, KEY_INSTITUTION, &der);
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

static result wrap_data_key(token *se, const uint8_t key[CRYPT_SEAL_KEY_LENGTH], buffer *wrapped) {
    static const uint8_t exponent[] = {0x01, 0x00, 0x01};
    buffer modulus = BUFFER_INIT(CRYPT_MODULUS_MAX);
    result code = token_modulus(se, KEY_STORE_WRAPPING, &modulus);
    if (code == RESULT_OK)
        code = crypt_rsa_encrypt(buffer_bytes(&modulus), BYTES(exponent), bytes_of(key, CRYPT_SEAL_KEY_LENGTH),
                                 wrapped);
    buffer_wipe(&modulus);
    return code;
}

static result keep_data_key(store_access *store, bytes wrapped, bytes signature) {
    const terminal_change change = {.settings = {{.name = SETTING_DATA_KEY, .value = wrapped},
                                                 {.name = SETTING_DATA_KEY_SIGNATURE, .value = signature}}};
    return terminal_store_change(store->file, &change);
}

/* Makes a data key, wraps it with the SE's public key, has the SE sign that, keeps both. */
static result make_data_key(token *se, store_access *store, uint8_t key[CRYPT_SEAL_KEY_LENGTH]) {
    buffer wrapped = BUFFER_INIT(KEY_MAX), message = BUFFER_INIT(KEY_MAX + sizeof STORE_LABEL),
           signature = BUFFER_INIT(KEY_MAX);
    result code = crypt_random(key, CRYPT_SEAL_KEY_LENGTH);
    if (code == RESULT_OK)
        code = wrap_data_key(se, key, &wrapped);
    if (code == RESULT_OK)
        code = binding_message(buffer_bytes(&wrapped), &message);
    if (code == RESULT_OK)
        code = token_sign(se, KEY_INSTITUTION, buffer_bytes(&message), &signature);
    if (code == RESULT_OK)
        code = verify_binding(se, buffer_bytes(&wrapped), buffer_bytes(&signature));
    if (code == RESULT_OK)
        code = keep_data_key(store, buffer_bytes(&wrapped), buffer_bytes(&signature));
    buffer_wipe(&wrapped);
    buffer_wipe(&message);
    buffer_wipe(&signature);
    return code;
}

/* RESULT_NOT_FOUND: the store is new. RESULT_BAD_SIGNATURE: another SE has made it, or nobody. */
static result unwrap_data_key(token *se, store_access *store, uint8_t key[CRYPT_SEAL_KEY_LENGTH]) {
    buffer wrapped = BUFFER_INIT(KEY_MAX), signature = BUFFER_INIT(KEY_MAX), plain = BUFFER_SECRET(KEY_MAX);
    result code = terminal_store_setting(store->file, SETTING_DATA_KEY, NULL, &wrapped);
    if (code == RESULT_OK) {
        code = terminal_store_setting(store->file, SETTING_DATA_KEY_SIGNATURE, NULL, &signature);
        if (code == RESULT_NOT_FOUND)
            code = RESULT_BAD_SIGNATURE;
    }
    if (code == RESULT_OK)
        code = verify_binding(se, buffer_bytes(&wrapped), buffer_bytes(&signature));
    if (code == RESULT_OK)
        code = token_decrypt(se, KEY_STORE_WRAPPING, buffer_bytes(&wrapped), &plain);
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
static result derive_keys(store_access *store, const uint8_t key[CRYPT_SEAL_KEY_LENGTH]) {
    bytes data_key = bytes_of(key, CRYPT_SEAL_KEY_LENGTH);
    result code = crypt_hmac_sha256(data_key, bytes_of("records", 7), store->record_key);
    if (code == RESULT_OK)
        code = crypt_hmac_sha256(data_key, bytes_of("index", 5), store->index_key);
    return code == RESULT_OK ? crypt_hmac_sha256(data_key, bytes_of("ledger", 6), store->ledger_key) : code;
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

static int64_t count_all(store_access *store) {
    static const char *const kinds[] = {RECORD_RECEPTION, RECORD_VISIT};
    int64_t all = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        int64_t count = 0;
        all += terminal_store_count(store->file, kinds[i], NULL, &count) == RESULT_OK ? count : 1;
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
static bool is_empty(store_access *store) {
    int64_t sealed = 0;
    return terminal_store_each_setting(store->file, count_setting, &sealed) == RESULT_OK && sealed == 0 &&
           count_all(store) == 0;
}

static result begin_store(token *se, store_access *store, bool by_person) {
    uint8_t key[CRYPT_SEAL_KEY_LENGTH];
    const bool fresh = by_person || lock_se_is_fresh(se);
    result code = make_data_key(se, store, key);
    if (code == RESULT_OK)
        code = derive_keys(store, key);
    if (code == RESULT_OK)
        code = ledger_begin(store);
    if (code == RESULT_OK)
        code = fresh ? lock_open(store) : lock_seal(store, LOCK_NEW_STORE);
    secret_wipe(key, sizeof key);
    return code;
}

static outcome unreadable(card_access *cards, store_access *store, command_context *ctx, result code) {
    const outcome done = secure_element_still_there(cards, ctx);
    if (done != OUTCOME_OK)
        return done;
    local_store_forget_keys(cards, store);
    if (code == RESULT_BAD_SIGNATURE)
        return report_failure(
            &ctx->report, OUTCOME_REFUSED, "store-foreign",
            _("This Secure Element has not made the local store: it belongs to another terminal, or was put there. "
              "It is not used. Keep the file terminal.sqlite and tell the administrator. Continue with this "
              "terminal's own store, or move the file away: then an empty one begins."));
    return report_failure(
        &ctx->report, OUTCOME_CARD, "store-locked",
        _("The local data cannot be opened with this Secure Element (%s). Is it the one of this terminal?"),
        report_cause(code));
}

/* The clear number beside it can be changed by whoever writes the file; the one inside cannot. */
static void compare_counter(card_access *cards, store_access *store) {
    se_state now;
    uint32_t noted;
    if (cards->se_seen->counter_jump != 0 || !ledger_counter(store, &noted) ||
        se_state_read(cards->se, &now) != RESULT_OK || now.signatures == noted)
        return;
    cards->se_seen->counter_jump = (int64_t)now.signatures - noted;
    log_warning("the local store is from another time than the SE: %lld signatures",
                (long long)cards->se_seen->counter_jump);
    audit_note(store, "se-counter-jumped", "store");
}

static outcome take_up(card_access *cards, store_access *store, command_context *ctx) {
    char head[STATEMENT_HASH_SIZE];
    if (limits_apply(store, ctx) != RESULT_OK)
        return ledger_failure(store, &ctx->report, RESULT_BAD_SIGNATURE, SETTING_LIMITS);
    if (chain_head_read(store, &ctx->report, head) != RESULT_OK) /* read again, and told, by who needs it */
        log_warning("the head of the evidence chain cannot be read");
    compare_counter(cards, store);
    return OUTCOME_OK;
}

/* The keys, out of a store that is there, and everything in it compared with its ledger. */
static outcome open_keys(card_access *cards, store_access *store, command_context *ctx) {
    uint8_t key[CRYPT_SEAL_KEY_LENGTH];
    char problem[LEDGER_PROBLEM_SIZE] = "";
    if (is_empty(store)) {
        const result begun = begin_store(cards->se, store, false);
        se_supervision_note_counter(cards, store); /* its signature is ours, also when the terminal is locked now */
        return begun == RESULT_OK ? OUTCOME_OK : unreadable(cards, store, ctx, begun);
    }
    result code = unwrap_data_key(cards->se, store, key);
    if (code == RESULT_OK)
        code = derive_keys(store, key);
    secret_wipe(key, sizeof key);
    if (code != RESULT_OK)
        return unreadable(cards, store, ctx, code == RESULT_NOT_FOUND ? RESULT_BAD_SIGNATURE : code);
    code = ledger_load(store, problem);
    return code == RESULT_OK ? OUTCOME_OK : ledger_failure(store, &ctx->report, code, problem);
}

static outcome open_store(card_access *cards, store_access *store, command_context *ctx, bool unlocking) {
    outcome done = open_keys(cards, store, ctx);
    if (done == OUTCOME_OK && unlocking && lock_open(store) != RESULT_OK)
        done = report_failure(&ctx->report, OUTCOME_INTERNAL, "store", _("The lock could not be taken off: %s."),
                              store_problem(RESULT_IO));
    if (done == OUTCOME_OK)
        done = lock_check(store, &ctx->report);
    if (done == OUTCOME_OK)
        done = take_up(cards, store, ctx);
    store->unlocked = done == OUTCOME_OK;
    if (!store->unlocked)
        local_store_forget_keys(cards, store);
    return done;
}

void local_store_forget_keys(card_access *cards, store_access *store) {
    cards_close_se(cards);
    store_forget_keys(store);
}

outcome local_store_check(card_access *cards, store_access *store, report *r) {
    const outcome done = ledger_check(store, r);
    if (done != OUTCOME_OK)
        local_store_forget_keys(cards, store);
    return done;
}

outcome local_store_open(card_access *cards, store_access *store, command_context *ctx) {
    const outcome done = secure_element_open(cards, store, ctx);
    if (done != OUTCOME_OK)
        return done;
    if (!store->unlocked)
        return open_store(cards, store, ctx, false);
    return local_store_check(cards, store, &ctx->report);
}

outcome local_store_unlock(card_access *cards, store_access *store, command_context *ctx) {
    return open_store(cards, store, ctx, true);
}

outcome local_store_begin(store_access *store, report *r, token *se) {
    const result code = begin_store(se, store, true);
    store_forget_keys(store);
    if (code == RESULT_OK)
        return OUTCOME_OK;
    return report_failure(r, OUTCOME_INTERNAL, "store", _("The local store cannot be begun (%s)."),
                          store_problem(code));
}
