/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The relay and its Secure Element, with a token that says what the test wants: when the relay logs in and with what,
 * what locks it and what only ends the connection, and that no key is used without its row in the ledger. */
#include "se/relay_se.h"

#include "base/clock.h"
#include "base/file.h"
#include "iso7816/se_state.h"
#include "p11/call_timeout.h"
#include "pcsc/pcsc_service.h"
#include "relay-folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define ANSWER_S 10
#define TRY_AGAIN_MS 1000
#define SECOND_MS 1000

/* --- time --------------------------------------------------------------------------------------------------------- */

static int64_t now_ms;

int64_t __wrap_clock_monotonic_ms(void);

int64_t __wrap_clock_monotonic_ms(void) {
    return now_ms;
}

int __wrap_usleep(useconds_t us);

int __wrap_usleep(useconds_t us) {
    now_ms += us / 1000;
    return 0;
}

/* --- the token ---------------------------------------------------------------------------------------------------- */

struct token_module {
    int unused;
};
struct token {
    int unused;
};

static struct token_module one_module;
static struct token one_token;
static struct {
    bool there, reader_full; /* the token can be opened; a card is in its reader */
    bool hung_up;            /* the session is gone: read again only after token_revive */
    bool may_revive;         /* what it answers to token_revive */
    token_tries tries;
    const char *serial, *pin; /* its PIN */
    se_state state;
    uint32_t asked;
    result signing;
} se;
static unsigned opens, logins, signatures, decryptions;
static bool (*recover)(void *context);
static void *recover_context;
static void (*step_begins)(bool opening);
static void (*step_ends)(void);
static bool cut, linked;

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

static relay_store *store;
static relay_se *relay;
static char pin_path[64];
static bool with_pin_file;

static void write_pin(const char *pin) {
    snprintf(pin_path, sizeof pin_path, "%s/pin", relay_folder());
    assert_int_equal(file_replace(pin_path, bytes_of(pin, strlen(pin)), 0600), RESULT_OK);
}

static void start(void) {
    assert_int_equal(relay_store_open(relay_folder(), &store), RESULT_OK);
    const relay_se_options options = {.module = "module",
                                      .reader = "reader",
                                      .pin_file = with_pin_file ? pin_path : NULL,
                                      .answer_s = ANSWER_S,
                                      .store = store};
    assert_int_equal(relay_se_new(&options, &relay), RESULT_OK);
}

static void stop(void) {
    relay_se_free(&relay);
    relay_store_close(&store);
}

static void restart(void) {
    stop();
    start();
}

static int begin(void **state) {
    (void)state;
    se = (typeof(se)){.there = true,
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

static int end(void **state) {
    (void)state;
    stop();
    unlink(pin_path);
    relay_folder_clear();
    return 0;
}

static relay_se_status turn(void) {
    relay_se_status now;
    relay_se_turn(relay);
    relay_se_tell(relay, &now);
    return now;
}

static void is_now(relay_se_condition condition, const char *reason) {
    relay_se_status now;
    relay_se_tell(relay, &now);
    if (now.condition != condition || strcmp(now.reason, reason) != 0)
        fail_msg("it is %d (%s), and should be %d (%s)", now.condition, now.reason, condition, reason);
}

static relay_se_status ready(void) {
    const relay_se_status now = turn();
    is_now(RELAY_SE_READY, "");
    return now;
}

static void pass(int64_t milliseconds) {
    now_ms += milliseconds;
}

static result sign(uint32_t *counter) {
    buffer made = BUFFER_INIT(16);
    relay_use use = {.terminal = "T-01", .key = "institution", .role = "audit", .about = "00"};
    const result code = relay_se_sign(relay, &use, bytes_of("message", 7), &made, counter);
    if (code == RESULT_OK)
        assert_string_equal(buffer_text(&made), "signature");
    buffer_wipe(&made);
    return code;
}

static int64_t uses(void) {
    int64_t count = 0;
    assert_int_equal(relay_store_count_uses(store, &count), RESULT_OK);
    return count;
}

static result unlock(const char *pin) {
    return relay_se_unlock(relay, bytes_of(pin, strlen(pin)));
}

/* Another thread's look, when the row is in the ledger and the SE is not asked yet. */
static bool look_after_row;

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

/* --- opening ------------------------------------------------------------------------------------------------------ */

static void it_waits_for_the_se_and_takes_it_up(void **state) {
    (void)state;
    is_now(RELAY_SE_AWAY, "starting");
    assert_null(relay_se_objects(relay));
    se.there = false;
    turn();
    is_now(RELAY_SE_AWAY, "se-missing");
    se.there = true;
    pass(TRY_AGAIN_MS - 1); /* opening looks through all readers: once a second */
    turn();
    assert_int_equal(opens, 1);
    pass(1);
    const relay_se_status now = ready();
    assert_int_equal(opens, 2);
    assert_string_equal(now.serial, "0000000000000001");
    assert_int_equal(now.pairing, 9);
    assert_int_equal(now.generation, 1);
    assert_int_equal(relay_se_objects(relay)->count, 1);
}

static void a_spent_try_keeps_the_file_s_pin_back(void **state) {
    static const token_tries rows[] = {TOKEN_TRIES_LOW, TOKEN_TRIES_LAST, TOKEN_TRIES_NONE};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        se.tries = rows[i];
        pass(TRY_AGAIN_MS);
        turn();
        is_now(RELAY_SE_AWAY, "se-pin");
        assert_int_equal(logins, 0);
    }
    assert_int_equal(unlock("123456"), RESULT_OK); /* a person may */
    is_now(RELAY_SE_READY, "");
}

static void the_file_s_line_end_is_no_part_of_the_pin(void **state) {
    static const char *const rows[] = {"123456", "123456\n", "123456\r\n"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        write_pin(rows[i]);
        ready();
        assert_int_equal(logins, 1);
        end(state);
        begin(state);
    }
}

static void without_a_file_a_person_types_it(void **state) {
    (void)state;
    stop();
    with_pin_file = false;
    start();
    turn();
    is_now(RELAY_SE_AWAY, "se-pin");
    assert_int_equal(logins, 0);
    assert_int_equal(unlock("000000"), RESULT_DENIED);
    is_now(RELAY_SE_AWAY, "se-pin");
    assert_int_equal(unlock("123456"), RESULT_OK);
    is_now(RELAY_SE_READY, "");
}

static void another_se_does_not_serve(void **state) {
    (void)state;
    ready();
    se.serial = "0000000000000002";
    logins = 0;
    restart();
    turn();
    is_now(RELAY_SE_AWAY, "se-foreign");
    assert_int_equal(logins, 0);
    assert_int_equal(unlock("123456"), RESULT_REMOVED); /* nor for a person */
    se.serial = "0000000000000001";
    pass(TRY_AGAIN_MS);
    ready();
}

static void what_an_se_says_of_itself_is_its_reason(void **state) {
    static const struct {
        uint8_t condition;
        const char *reason;
    } rows[] = {{SE_STATE_WRONG_KEY, "se-unbound"},   {SE_STATE_NOT_BOUND, "se-unbound"},
                {SE_STATE_LOCKED, "se-locked"},       {SE_STATE_TERMINATED, "se-terminated"},
                {SE_STATE_UNRESPONSIVE, "se-silent"}, {99, "se-silent"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        se.state.condition = rows[i].condition;
        turn(); /* at opening: it was never served */
        is_now(RELAY_SE_AWAY, rows[i].reason);
        assert_int_equal(logins, 0);
        se.state.condition = SE_STATE_USABLE;
        pass(TRY_AGAIN_MS);
        ready();
        se.state.condition = rows[i].condition;
        turn(); /* under its clients; no channel is no answer of the SE's */
        is_now(rows[i].condition == SE_STATE_UNRESPONSIVE ? RELAY_SE_AWAY : RELAY_SE_LOCKED, rows[i].reason);
        end(state);
        begin(state);
    }
}

/* --- the counter -------------------------------------------------------------------------------------------------- */

/* The signature itself comes after the look, and before the relay ends: no row is missing. */
static void a_look_between_row_and_signature_is_no_jump(void **state) {
    uint32_t counter;
    (void)state;
    ready();
    look_after_row = true;
    assert_int_equal(sign(&counter), RESULT_OK);
    restart();
    pass(TRY_AGAIN_MS);
    ready();
    se.state.signatures++; /* this one has no row */
    restart();
    pass(TRY_AGAIN_MS);
    turn();
    is_now(RELAY_SE_LOCKED, "se-counter-jumped");
}

static void signatures_without_a_row_lock_it(void **state) {
    static const struct {
        int by_us, failed, elsewhere;
        bool locks;
    } rows[] = {
        {0, 0, 0, false}, {3, 0, 0, false}, {3, 0, 1, true},
        {0, 0, 1, true},  {0, 0, -1, true}, {1, 2, 0, false}, /* rows whose signature was never made */
        {1, 2, 2, false},                                     /* which cannot be told from those that were */
        {1, 2, 3, true},
    };
    uint32_t counter;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ready();
        for (int n = 0; n < rows[i].by_us + rows[i].failed; n++) {
            se.signing = n < rows[i].by_us ? RESULT_OK : RESULT_REMOVED;
            assert_int_equal(sign(&counter), se.signing);
        }
        se.state.signatures += (uint32_t)rows[i].elsewhere;
        logins = 0;
        restart();
        turn();
        if (rows[i].locks) {
            is_now(RELAY_SE_LOCKED, "se-counter-jumped");
            assert_int_equal(logins, 0);
            assert_int_equal(unlock("123456"), RESULT_OK); /* a person answers for it */
        }
        is_now(RELAY_SE_READY, "");
        pass(TRY_AGAIN_MS);
        restart();
        ready(); /* and it is known from then on */
        end(state);
        begin(state);
    }
}

static void signatures_by_others_lock_it_at_once(void **state) {
    uint32_t counter;
    (void)state;
    ready();
    assert_int_equal(sign(&counter), RESULT_OK);
    assert_int_equal(counter, 41);
    turn();
    is_now(RELAY_SE_READY, "");
    assert_int_equal(sign(&counter), RESULT_OK);
    assert_int_equal(counter, 42);
    assert_int_equal(sign(&counter), RESULT_OK);
    assert_int_equal(counter, 43); /* two since the last look */
    se.state.signatures++;
    turn();
    is_now(RELAY_SE_LOCKED, "se-counter-jumped");
}

/* --- leaving ------------------------------------------------------------------------------------------------------ */

static void taken_out_it_is_locked_until_a_person_comes(void **state) {
    (void)state;
    const relay_se_status before = ready();
    se.there = se.reader_full = false;
    turn();
    is_now(RELAY_SE_LOCKED, "se-removed");
    se.there = se.reader_full = true;
    logins = 0;
    for (int i = 0; i < 3; i++) {
        pass(TRY_AGAIN_MS);
        turn();
        is_now(RELAY_SE_LOCKED, "se-removed");
    }
    restart(); /* a restart is no way around it */
    turn();
    is_now(RELAY_SE_LOCKED, "se-removed");
    assert_int_equal(logins, 0);
    assert_int_equal(unlock("000000"), RESULT_DENIED);
    pass(TRY_AGAIN_MS);
    turn();
    is_now(RELAY_SE_LOCKED, "se-removed");
    assert_int_equal(logins, 1);
    assert_int_equal(unlock("123456"), RESULT_OK);
    const relay_se_status after = turn();
    is_now(RELAY_SE_READY, "");
    assert_int_not_equal(after.connection, before.connection); /* to terminals it was taken out */
    restart();
    ready();
}

static void put_in_again_between_two_looks_it_was_taken_out(void **state) {
    (void)state;
    ready();
    se.state.connection++;
    turn();
    is_now(RELAY_SE_LOCKED, "se-removed");
}

static void the_end_of_pcscd_is_nobody_s_doing(void **state) {
    (void)state;
    const relay_se_status before = ready();
    assert_true(linked);
    se.there = se.reader_full = false;
    cut = true;
    turn();
    is_now(RELAY_SE_AWAY, "pcscd-restarted");
    se.there = se.reader_full = true;
    se.state.connection = 8;
    cut = false;
    pass(TRY_AGAIN_MS);
    const relay_se_status after = ready();
    assert_int_equal(after.connection, before.connection); /* to terminals it was never away */
    assert_int_equal(after.generation, before.generation + 1);
    restart();
    assert_int_equal(ready().connection, before.connection);
}

static void an_se_that_is_silent_in_its_reader_is_away(void **state) {
    (void)state;
    ready();
    se.there = false;
    turn();
    is_now(RELAY_SE_AWAY, "se-silent");
    se.there = true;
    pass(TRY_AGAIN_MS);
    ready();
}

static void a_lost_session_is_got_back(void **state) {
    (void)state;
    const relay_se_status before = ready();
    se.hung_up = se.may_revive = true;
    assert_int_equal(turn().generation, before.generation); /* the same connection */
    is_now(RELAY_SE_READY, "");
    assert_int_equal(logins, 2);
    assert_true(recover(recover_context));
    se.state.connection++; /* it was taken out meanwhile: no login */
    assert_false(recover(recover_context));
    assert_int_equal(logins, 3);
}

/* --- uses --------------------------------------------------------------------------------------------------------- */

static void no_key_is_used_without_its_row(void **state) {
    buffer plain = BUFFER_INIT(16);
    uint32_t counter;
    relay_use use = {.terminal = "T-01", .key = "store-wrapping", .role = "unwrap", .about = "00"};
    (void)state;
    assert_int_equal(sign(&counter), RESULT_UNAVAILABLE); /* asked for, and not there yet */
    assert_int_equal(counter, 0);
    assert_int_equal(uses(), 1);
    ready();
    assert_int_equal(relay_se_decrypt(relay, &use, bytes_of("x", 1), &plain), RESULT_OK);
    assert_int_equal(use.number, 2);
    assert_int_equal(uses(), 2);
    relay_folder_change("DROP TABLE key_use");
    use.number = 0;
    assert_int_not_equal(sign(&counter), RESULT_OK);
    assert_int_not_equal(relay_se_decrypt(relay, &use, bytes_of("x", 1), &plain), RESULT_OK);
    assert_int_equal(use.number, 0);
    assert_int_equal(signatures, 0);
    assert_int_equal(decryptions, 1);
    buffer_wipe(&plain);
}

static void a_step_has_its_time(void **state) {
    (void)state;
    assert_false(relay_se_is_stuck(relay));
    for (unsigned opening = 0; opening < 2; opening++) {
        step_begins(opening != 0);
        pass((opening + 1) * ANSWER_S * SECOND_MS);
        assert_false(relay_se_is_stuck(relay));
        pass(1);
        assert_true(relay_se_is_stuck(relay));
        step_ends();
        assert_false(relay_se_is_stuck(relay));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
        TEST(it_waits_for_the_se_and_takes_it_up),
        TEST(a_spent_try_keeps_the_file_s_pin_back),
        TEST(the_file_s_line_end_is_no_part_of_the_pin),
        TEST(without_a_file_a_person_types_it),
        TEST(another_se_does_not_serve),
        TEST(what_an_se_says_of_itself_is_its_reason),
        TEST(a_look_between_row_and_signature_is_no_jump),
        TEST(signatures_without_a_row_lock_it),
        TEST(signatures_by_others_lock_it_at_once),
        TEST(taken_out_it_is_locked_until_a_person_comes),
        TEST(put_in_again_between_two_looks_it_was_taken_out),
        TEST(the_end_of_pcscd_is_nobody_s_doing),
        TEST(an_se_that_is_silent_in_its_reader_is_away),
        TEST(a_lost_session_is_got_back),
        TEST(no_key_is_used_without_its_row),
        TEST(a_step_has_its_time),
    };
    return cmocka_run_group_tests(tests, relay_folder_make, relay_folder_remove);
}
