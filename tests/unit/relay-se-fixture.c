/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "relay-se-fixture.h"

#include "base/file.h"
#include "iso7816/se_state.h"
#include "p11/call_timeout.h"
#include "pcsc/pcsc_service.h"
#include "relay-folder.h"
#include "stepped-clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* --- the token ---------------------------------------------------------------------------------------------------- */

struct token_module {
    int unused;
};
struct token {
    int unused;
};

static struct token_module one_module;
static struct token one_token;
struct fake_se se;
unsigned opens, logins, signatures, decryptions;
bool (*recover)(void *context);
void *recover_context;
void (*step_begins)(bool opening);
void (*step_ends)(void);
bool cut, linked;

result token_module_open(const char *path, token_module **out) {
    assert_string_equal(path, "module");
    *out = &one_module;
    return RESULT_OK;
}

void token_module_close(token_module **module) {
    *module = NULL;
}

result token_card_present(token_module *module, const char *reader) {
    assert_ptr_equal(module, &one_module);
    assert_string_equal(reader, "reader");
    return se.reader_full ? RESULT_OK : RESULT_REMOVED;
}

result token_open(token_module *module, const char *reader, const char *label, token **out) {
    assert_ptr_equal(module, &one_module);
    assert_string_equal(reader, "reader");
    assert_string_equal(label, "Institution SE");
    opens++;
    se.asked = 0;
    *out = se.there ? &one_token : NULL;
    return se.there ? RESULT_OK : RESULT_REMOVED;
}

void token_close(token **t) {
    *t = NULL;
}

const char *token_label(const token *t) {
    (void)t;
    return "Institution SE";
}

const char *token_serial(const token *t) {
    (void)t;
    return se.serial;
}

result token_pin_tries(token *t, token_tries *tries) {
    (void)t;
    *tries = se.tries;
    return RESULT_OK;
}

result token_login(token *t, bytes pin) {
    (void)t;
    logins++;
    return bytes_equal(pin, bytes_of(se.pin, strlen(se.pin))) ? RESULT_OK : RESULT_DENIED;
}

result token_revive(token *t) {
    (void)t;
    if (se.may_revive)
        se.hung_up = false;
    return se.may_revive ? RESULT_OK : RESULT_REMOVED;
}

void token_recover_by(token *t, bool (*by)(void *context), void *context) {
    (void)t;
    recover = by;
    recover_context = context;
}

result token_data_exact(token *t, const char *label, uint8_t *out, size_t length) {
    assert_non_null(t);
    assert_string_equal(label, SE_STATE_LABEL);
    assert_int_equal(length, SE_STATE_LENGTH);
    se_state_encode(&se.state, out);
    return se.there && !se.hung_up ? RESULT_OK : RESULT_REMOVED;
}

result token_sign(token *t, const char *key, bytes data, buffer *signature) {
    (void)data;
    assert_non_null(t);
    assert_string_equal(key, "institution");
    signatures++;
    se.asked++;
    se.state.signatures += se.signing == RESULT_OK;
    return se.signing == RESULT_OK ? buffer_append_text(signature, "signature") : se.signing;
}

uint32_t token_signatures_asked(const token *t) {
    (void)t;
    return se.asked;
}

result token_decrypt(token *t, const char *key, bytes encrypted, buffer *plain) {
    (void)encrypted;
    assert_non_null(t);
    assert_string_equal(key, "store-wrapping");
    decryptions++;
    return buffer_append_text(plain, "plain");
}

void token_remember_objects(token *t) {
    assert_ptr_equal(t, &one_token);
}

void token_tell_steps(void (*begins)(bool opening), void (*ends)(void)) {
    step_begins = begins;
    step_ends = ends;
}

result token_objects_read(token *t, token_objects *out) {
    (void)t;
    *out = (token_objects){.count = 1};
    out->fingerprint[0] = 0xF1;
    return RESULT_OK;
}

void token_objects_wipe(token_objects *objects) {
    objects->count = 0;
}

struct pcsc_link {
    int unused;
};

result pcsc_link_open(pcsc_link **out) {
    static struct pcsc_link link;
    *out = &link;
    linked = true;
    return RESULT_OK;
}

bool pcsc_link_is_cut(const pcsc_link *link) {
    assert_non_null(link);
    return cut;
}

void pcsc_link_close(pcsc_link **link) {
    *link = NULL;
    linked = false;
}

/* --- a relay ------------------------------------------------------------------------------------------------------ */

relay_store *store;
relay_se *relay;
static char pin_path[64];
bool with_pin_file;

void write_pin(const char *pin) {
    snprintf(pin_path, sizeof pin_path, "%s/pin", relay_folder());
    assert_int_equal(file_replace(pin_path, bytes_of(pin, strlen(pin)), 0600), RESULT_OK);
}

void start(void) {
    assert_int_equal(relay_store_open(relay_folder(), &store), RESULT_OK);
    const relay_se_options options = {.module = "module",
                                      .reader = "reader",
                                      .pin_file = with_pin_file ? pin_path : NULL,
                                      .answer_s = ANSWER_S,
                                      .store = store};
    assert_int_equal(relay_se_new(&options, &relay), RESULT_OK);
}

void stop(void) {
    relay_se_free(&relay);
    relay_store_close(&store);
}

void restart(void) {
    stop();
    start();
}

int begin(void **state) {
    (void)state;
    se = (struct fake_se){
        .there = true,
        .reader_full = true,
        .serial = "0000000000000001",
        .pin = "123456",
        .state = {.life_cycle = SE_LIFE_OPERATIONAL, .signatures = 40, .connection = 7, .pairing = 9}};
    opens = logins = signatures = decryptions = 0;
    cut = linked = false;
    now_ms = 1000000;
    with_pin_file = true;
    write_pin("123456\n");
    start();
    return 0;
}

int end(void **state) {
    (void)state;
    stop();
    unlink(pin_path);
    relay_folder_clear();
    return 0;
}

relay_se_status turn(void) {
    relay_se_status now;
    relay_se_turn(relay);
    relay_se_tell(relay, &now);
    return now;
}

void is_now(relay_se_condition condition, const char *reason) {
    relay_se_status now;
    relay_se_tell(relay, &now);
    if (now.condition != condition || strcmp(now.reason, reason) != 0)
        fail_msg("it is %d (%s), and should be %d (%s)", now.condition, now.reason, condition, reason);
}

relay_se_status ready(void) {
    const relay_se_status now = turn();
    is_now(RELAY_SE_READY, "");
    return now;
}

void pass(int64_t milliseconds) {
    now_ms += milliseconds;
}

result sign(uint32_t *counter) {
    buffer made = BUFFER_INIT(16);
    relay_use use = {.terminal = "T-01", .key = "institution", .role = "audit", .about = "00"};
    const result code = relay_se_sign(relay, &use, bytes_of("message", 7), &made, counter);
    if (code == RESULT_OK)
        assert_string_equal(buffer_text(&made), "signature");
    buffer_wipe(&made);
    return code;
}

int64_t uses(void) {
    return relay_store_count_uses(store);
}

result unlock(const char *pin) {
    return relay_se_unlock(relay, bytes_of(pin, strlen(pin)));
}

/* Another thread's look, when the row is in the ledger and the SE is not asked yet. */
bool look_after_row;

result __real_relay_store_add_use(relay_store *in, relay_use *use);
result __wrap_relay_store_add_use(relay_store *in, relay_use *use);
result __wrap_relay_store_add_use(relay_store *in, relay_use *use) {
    const result code = __real_relay_store_add_use(in, use);
    if (look_after_row) {
        uint32_t counter;
        look_after_row = false;
        assert_int_equal(sign(&counter), RESULT_OK); /* another one's, so that there is something to be noted */
        turn();
    }
    return code;
}
