/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The driver of patients' and operators' cards by the commands that it sends: what must never cost a patient a try,
 * which steps of institution authentication hang on which, and what is forgotten after a refusal or a reset. */
/* Before the emulation's headers, whose name for a card is OpenSC's word for a parameter. */
#include "pkcs11-jpki/myna/myna.h"

#include "patient-card-fixture.h"
#include "scripted-reader.h"

#include "base/clock.h"
#include "iso7816/cvc.h"
#include "iso7816/institution_message.h"
#include "opensc/rights_entry.h"
#include "pkcs11-jpki/myna/myna_control.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define MODULE "pkcs11-jpki/.libs/myna.so"
#define VERIFY 0x20
#define CHANGE 0x24
#define EXTERNAL_AUTHENTICATE 0x82
#define GET_CHALLENGE 0x84
#define READ_BINARY 0xB0
#define COMPUTE_SIGNATURE 0x2A
#define VERIFY_CERTIFICATE 0xBE /* P2 of 2A */
#define RESTRICTED_KEY_USE 0x80 /* the proprietary class's 2A: P2 is the key's */
#define CHAIN_MAX 4
#define RIGHT_LASTS_S 30

static sc_card_t *connected;

static int begin(void **state) {
    if (make_image_with_applications(state) != 0)
        return -1;
    scripted_reader_begin(MODULE, "myna", "");
    return 0;
}

static int end(void **state) {
    scripted_reader_end();
    return remove_image(state);
}

static int put_in(void **state) {
    power_up(state);
    scripted_reader_put(&patient_card_personality, c);
    connected = scripted_reader_connect(READER_EXTENDED);
    scripted_reader_forget();
    return 0;
}

static int take_out(void **state) {
    if (connected != NULL)
        scripted_reader_disconnect(&connected);
    return power_down(state);
}

static int pin_command(unsigned command, int reference, const void *first, size_t first_length, const char *second) {
    struct sc_pin_cmd_data data = {.cmd = command, .pin_type = SC_AC_CHV, .pin_reference = reference};
    int tries;
    data.pin1 = (struct sc_pin_cmd_pin){.data = first, .len = (int)first_length};
    data.pin2 = (struct sc_pin_cmd_pin){.data = (const u8 *)second, .len = second != NULL ? (int)strlen(second) : 0};
    return sc_pin_cmd(connected, &data, &tries);
}

static int verify(int reference, const char *pin) {
    return pin_command(SC_PIN_CMD_VERIFY, reference, pin, strlen(pin), NULL);
}

static bool is_open(int reference) {
    struct sc_pin_cmd_data data = {.cmd = SC_PIN_CMD_GET_INFO, .pin_type = SC_AC_CHV, .pin_reference = reference};
    assert_int_equal(sc_pin_cmd(connected, &data, NULL), SC_SUCCESS);
    return data.pin1.logged_in == SC_PIN_STATE_LOGGED_IN;
}

static int sign(int reference) {
    static const u8 digest_info[51] = {0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                       0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
    u8 signature[256];
    sc_security_env_t environment = {.operation = SC_SEC_OPERATION_SIGN,
                                     .algorithm = SC_ALGORITHM_RSA,
                                     .flags = SC_SEC_ENV_KEY_REF_PRESENT | SC_SEC_ENV_ALG_PRESENT,
                                     .algorithm_flags = SC_ALGORITHM_RSA_PAD_PKCS1,
                                     .key_ref = {(u8)reference},
                                     .key_ref_len = 1};
    assert_int_equal(sc_lock(connected), SC_SUCCESS);
    int code = sc_set_security_env(connected, &environment, 0);
    if (code == SC_SUCCESS)
        code = sc_compute_signature(connected, digest_info, sizeof digest_info, signature, sizeof signature);
    sc_unlock(connected);
    return code;
}

/* --- what is never sent ------------------------------------------------------------------------------------------- */

static void what_can_be_no_pin_costs_no_try(void **state) {
    static const struct {
        int reference;
        const char *pin;
    } rows[] = {
        {RIGHT_AUTH, ""},
        {RIGHT_AUTH, "123"},
        {RIGHT_AUTH, "12345"},
        {RIGHT_AUTH, "12a4"},
        {RIGHT_AUTH, "ABCD"},
        {RIGHT_AUTH, "12/4"},
        {RIGHT_AUTH, "12:4"},
        {RIGHT_SIGN, "ABC12"},
        {RIGHT_SIGN, "ABCDEFGH12345678X"},
        {RIGHT_SIGN, "123456"},
        {RIGHT_SIGN, "ABCDEF"},
        {RIGHT_SIGN, "ABC-123"},
        {RIGHT_SIGN, "ABC@123"},
        {RIGHT_SIGN, "ABC[123"},
        {RIGHT_SIGN, "abc`123"},
        {RIGHT_SIGN, "abc{123"},
        {RIGHT_CARD_DATA, "123"},
        {RIGHT_CARD_DATA, "12345"},
        {RIGHT_CARD_DATA, "1234567890"},
        {RIGHT_CARD_DATA, "1234567890123"},
        {RIGHT_CARD_DATA, "123456789012345"},
        {RIGHT_CARD_DATA, "123A"},
        {0, "1234"},
        {RIGHT_END, "1234"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        scripted_reader_forget();
        if (verify(rows[i].reference, rows[i].pin) >= 0)
            fail_msg("row %zu was taken", i);
        if (scripted_reader_count(VERIFY, ANY, ANY) != 0)
            fail_msg("row %zu was sent", i);
        scripted_reader_forget();
        if (pin_command(SC_PIN_CMD_CHANGE, rows[i].reference, rows[i].reference == RIGHT_SIGN ? "ABC123" : "1234",
                        rows[i].reference == RIGHT_SIGN ? 6 : 4, rows[i].pin) >= 0)
            fail_msg("row %zu was taken for a new one", i);
        if (scripted_reader_count(VERIFY, ANY, ANY) + scripted_reader_count(CHANGE, ANY, ANY) != 0)
            fail_msg("row %zu was sent as a new one", i);
    }
}

static void the_shortest_and_the_longest_are_sent_once(void **state) {
    static const struct {
        int reference;
        const char *pin;
    } rows[] = {{RIGHT_AUTH, "0000"},      {RIGHT_AUTH, "9999"},
                {RIGHT_SIGN, "a1b2c3"},    {RIGHT_SIGN, "AZ0aaz9Z0Z0Z0Z0Z"},
                {RIGHT_CARD_DATA, "0000"}, {RIGHT_CARD_DATA, "00000000000000"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        scripted_reader_forget();
        verify(rows[i].reference, rows[i].pin);
        if (scripted_reader_count(VERIFY, ANY, ANY) != 1)
            fail_msg("row %zu", i);
    }
}

/* --- rights ------------------------------------------------------------------------------------------------------- */

static void a_changed_pin_leaves_nothing_open(void **state) {
    (void)state;
    assert_int_equal(pin_command(SC_PIN_CMD_CHANGE, RIGHT_AUTH, "1234", 4, "4321"), SC_SUCCESS);
    assert_false(is_open(RIGHT_AUTH));
    assert_true(sign(RIGHT_AUTH) < 0);
    assert_int_equal(verify(RIGHT_AUTH, "4321"), SC_SUCCESS);
    assert_int_equal(pin_command(SC_PIN_CMD_CHANGE, RIGHT_AUTH, "4321", 4, "1234"), SC_SUCCESS);
    assert_true(is_open(RIGHT_AUTH)); /* it was open before */
}

static void one_sign_pin_is_one_signature(void **state) {
    (void)state;
    assert_int_equal(verify(RIGHT_SIGN, MAKER_SIGN_PIN), SC_SUCCESS);
    assert_int_equal(sign(RIGHT_SIGN), 256);
    assert_true(sign(RIGHT_SIGN) < 0);
    assert_int_equal(verify(RIGHT_SIGN, MAKER_SIGN_PIN), SC_SUCCESS);
    assert_int_equal(verify(RIGHT_SIGN, "XXX999"), SC_ERROR_PIN_CODE_INCORRECT);
    assert_true(sign(RIGHT_SIGN) < 0);
    /* Nobody knows whether the second PIN was right: the first one has been used. */
    assert_int_equal(verify(RIGHT_SIGN, MAKER_SIGN_PIN), SC_SUCCESS);
    assert_int_equal(sign(RIGHT_SIGN), 256);
    scripted_reader_fail(VERIFY, SC_ERROR_TRANSMIT_FAILED);
    assert_true(verify(RIGHT_SIGN, MAKER_SIGN_PIN) < 0);
    assert_true(sign(RIGHT_SIGN) < 0);
}

static void a_reset_ends_every_right(void **state) {
    (void)state;
    assert_int_equal(verify(RIGHT_AUTH, MAKER_AUTH_PIN), SC_SUCCESS);
    assert_true(is_open(RIGHT_AUTH));
    scripted_reader_fail(COMPUTE_SIGNATURE, SC_ERROR_CARD_RESET);
    assert_int_equal(sign(RIGHT_AUTH), SC_ERROR_SECURITY_STATUS_NOT_SATISFIED);
    assert_false(is_open(RIGHT_AUTH));
    assert_false(((const myna *)connected->drv_data)->hold.held); /* others may use the card again */
}

/* Since the right was used last. */
static void pass(int64_t seconds) {
    myna *m = connected->drv_data;
    m->hold.used -= seconds * 1000;
}

static void an_unused_right_ends(void **state) {
    (void)state;
    assert_int_equal(verify(RIGHT_AUTH, MAKER_AUTH_PIN), SC_SUCCESS);
    for (int i = 0; i < 3; i++) { /* each use begins the time again */
        pass(RIGHT_LASTS_S - 10);
        assert_int_equal(sign(RIGHT_AUTH), 256);
    }
    pass(RIGHT_LASTS_S);
    assert_int_equal(sign(RIGHT_AUTH), SC_ERROR_SECURITY_STATUS_NOT_SATISFIED);
    assert_false(is_open(RIGHT_AUTH));
    assert_int_equal(verify(RIGHT_AUTH, MAKER_AUTH_PIN), SC_SUCCESS);
    assert_int_equal(sign(RIGHT_AUTH), 256);
}

/* --- the thread of the time limit --------------------------------------------------------------------------------- */

#define LONGEST_MS 20000 /* for what must happen */

static int put_in_with_threads(void **state) {
    scripted_reader_use_threads();
    put_in(state);
    ((myna *)connected->drv_data)->hold.seconds = 1;
    return 0;
}

/* As the module asks. */
static hold_state hold_of_card(void) {
    char path[4096];
    const char *top = getenv("top_builddir");
    snprintf(path, sizeof path, "%s/%s", top != NULL ? top : ".", MODULE);
    void *const library = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
    assert_non_null(library);
    union {
        void *object;
        hold_entry *function;
    } entry = {dlsym(library, HOLD_ENTRY)};
    assert_non_null(entry.object);
    dlclose(library); /* OpenSC keeps it */
    return entry.function(connected->reader->name);
}

static void wait_until_over(void) {
    const int64_t until = clock_monotonic_ms() + LONGEST_MS;
    while (hold_of_card() != HOLD_OVER && clock_monotonic_ms() < until)
        usleep(10000);
    assert_int_equal(hold_of_card(), HOLD_OVER);
}

static void a_right_in_use_is_not_taken_away(void **state) {
    (void)state;
    assert_int_equal(verify(RIGHT_AUTH, MAKER_AUTH_PIN), SC_SUCCESS);
    assert_int_equal(hold_of_card(), HOLD_HELD);
    scripted_reader_forget();
    assert_int_equal(sc_lock(connected), SC_SUCCESS);
    const int64_t until = clock_monotonic_ms() + LONGEST_MS;
    while (scripted_reader_visits() < 2 && clock_monotonic_ms() < until)
        usleep(10000);
    assert_true(scripted_reader_visits() >= 2); /* it has looked, more than once */
    assert_int_equal(hold_of_card(), HOLD_HELD);
    assert_int_equal(scripted_reader_count(ANY, ANY, ANY), 0);
    sc_unlock(connected);
    wait_until_over();
    assert_int_equal(sign(RIGHT_AUTH), SC_ERROR_SECURITY_STATUS_NOT_SATISFIED);
}

static void a_new_right_is_held_like_the_first(void **state) {
    (void)state;
    assert_int_equal(verify(RIGHT_AUTH, MAKER_AUTH_PIN), SC_SUCCESS);
    wait_until_over();
    ((myna *)connected->drv_data)->hold.seconds = RIGHT_LASTS_S;
    assert_int_equal(verify(RIGHT_AUTH, MAKER_AUTH_PIN), SC_SUCCESS);
    assert_int_equal(hold_of_card(), HOLD_HELD);
    assert_int_equal(sign(RIGHT_AUTH), 256);
    assert_int_equal(hold_of_card(), HOLD_HELD);
}

/* --- institution authentication ----------------------------------------------------------------------------------- */

static int import(const uint8_t *chain, size_t length) {
    bytes all = bytes_of(chain, length);
    return sc_card_ctl(connected, MYNA_CONTROL_IMPORT_CHAIN, &all);
}

static void make_chain(uint8_t chain[(CHAIN_MAX + 1) * CVC_LENGTH]) {
    memcpy(chain, maker.intermediate_cvc, CVC_LENGTH);
    memcpy(chain + CVC_LENGTH, maker.holder_cvc, CVC_LENGTH);
    for (int i = 2; i <= CHAIN_MAX; i++)
        memcpy(chain + i * CVC_LENGTH, maker.holder_cvc, CVC_LENGTH);
}

static int challenge(uint8_t out[INSTITUTION_CHALLENGE_LENGTH]) {
    return sc_get_challenge(connected, out, INSTITUTION_CHALLENGE_LENGTH);
}

static int authenticate(const uint8_t given[INSTITUTION_CHALLENGE_LENGTH]) {
    uint8_t message[INSTITUTION_MESSAGE_LENGTH], signature[256];
    institution_message((const uint8_t *)MAKER_CARD_ID, (const uint8_t *)MAKER_HOLDER_REFERENCE, given, message);
    make_signature(maker.holder, BYTES(message), signature);
    return pin_command(SC_PIN_CMD_VERIFY, RIGHT_INSTITUTION, signature, sizeof signature, NULL);
}

static unsigned authentications(void) {
    return scripted_reader_count(EXTERNAL_AUTHENTICATE, ANY, ANY);
}

static void chain_challenge_and_signature_open_the_right(void **state) {
    uint8_t chain[(CHAIN_MAX + 1) * CVC_LENGTH], given[INSTITUTION_CHALLENGE_LENGTH];
    (void)state;
    make_chain(chain);
    assert_int_equal(import(chain, 2 * CVC_LENGTH), SC_SUCCESS);
    assert_int_equal(challenge(given), SC_SUCCESS);
    assert_int_equal(authenticate(given), SC_SUCCESS);
    assert_true(is_open(RIGHT_INSTITUTION));
    /* Card data are another application's: entering it would end the right. */
    scripted_reader_forget();
    assert_true(verify(RIGHT_CARD_DATA, "1234") < 0);
    assert_int_equal(scripted_reader_count(ANY, ANY, ANY), 0);
    assert_true(is_open(RIGHT_INSTITUTION));
}

static void no_step_is_sent_without_the_one_before(void **state) {
    uint8_t chain[(CHAIN_MAX + 1) * CVC_LENGTH], given[INSTITUTION_CHALLENGE_LENGTH] = {0};
    (void)state;
    make_chain(chain);
    assert_true(authenticate(given) < 0); /* nothing */
    assert_int_equal(authentications(), 0);
    assert_int_equal(challenge(given), SC_SUCCESS);
    assert_true(authenticate(given) < 0); /* no chain */
    assert_int_equal(authentications(), 0);
    scripted_reader_disconnect(&connected);
    connected = scripted_reader_connect(READER_EXTENDED);
    scripted_reader_forget();
    assert_int_equal(import(chain, 2 * CVC_LENGTH), SC_SUCCESS);
    assert_true(authenticate(given) < 0); /* no challenge */
    assert_int_equal(authentications(), 0);
}

static void a_challenge_serves_once(void **state) {
    uint8_t chain[(CHAIN_MAX + 1) * CVC_LENGTH], given[INSTITUTION_CHALLENGE_LENGTH],
        other[INSTITUTION_CHALLENGE_LENGTH] = {0};
    (void)state;
    make_chain(chain);
    assert_int_equal(import(chain, 2 * CVC_LENGTH), SC_SUCCESS);
    assert_int_equal(challenge(given), SC_SUCCESS);
    assert_int_equal(authenticate(other), SC_ERROR_PIN_CODE_INCORRECT);
    assert_int_equal(authentications(), 1);
    assert_true(authenticate(given) < 0);
    assert_int_equal(authentications(), 1);
    assert_int_equal(challenge(given), SC_SUCCESS);
    assert_int_equal(authenticate(given), SC_SUCCESS); /* the chain is still there */
}

static void a_refused_chain_takes_the_former_one(void **state) {
    uint8_t chain[(CHAIN_MAX + 1) * CVC_LENGTH], given[INSTITUTION_CHALLENGE_LENGTH];
    (void)state;
    make_chain(chain);
    assert_int_equal(import(chain, 2 * CVC_LENGTH), SC_SUCCESS);
    assert_true(import(chain + CVC_LENGTH, CVC_LENGTH) < 0); /* a holder's alone: nobody at the card signed it */
    assert_int_equal(challenge(given), SC_SUCCESS);
    scripted_reader_forget();
    assert_true(authenticate(given) < 0);
    assert_int_equal(authentications(), 0);
}

static void what_is_no_chain_is_not_begun(void **state) {
    uint8_t chain[(CHAIN_MAX + 1) * CVC_LENGTH];
    (void)state;
    make_chain(chain);
    const size_t lengths[] = {0, CVC_LENGTH - 1, CVC_LENGTH + 1, 2 * CVC_LENGTH - 1, (CHAIN_MAX + 1) * CVC_LENGTH};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        assert_true(import(chain, lengths[i]) < 0);
        assert_int_equal(scripted_reader_count(ANY, ANY, ANY), 0);
    }
    import(chain, CHAIN_MAX * CVC_LENGTH); /* the longest that is begun; the card refuses a holder's after a holder's */
    assert_true(scripted_reader_count(ANY, ANY, ANY) > 0);
}

static void a_challenge_has_one_length(void **state) {
    u8 out[2 * INSTITUTION_CHALLENGE_LENGTH];
    (void)state;
    for (size_t length = 1; length <= sizeof out; length++) {
        scripted_reader_forget();
        const int code = sc_get_challenge(connected, out, length);
        const bool right = length == INSTITUTION_CHALLENGE_LENGTH;
        if ((code >= 0) != right || scripted_reader_count(GET_CHALLENGE, ANY, ANY) != (right ? 1 : 0))
            fail_msg("length %zu: %d", length, code);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup_teardown(test, put_in, take_out)
        TEST(what_can_be_no_pin_costs_no_try),
        TEST(the_shortest_and_the_longest_are_sent_once),
        TEST(a_changed_pin_leaves_nothing_open),
        TEST(one_sign_pin_is_one_signature),
        TEST(a_reset_ends_every_right),
        TEST(an_unused_right_ends),
        cmocka_unit_test_setup_teardown(a_right_in_use_is_not_taken_away, put_in_with_threads, take_out),
        cmocka_unit_test_setup_teardown(a_new_right_is_held_like_the_first, put_in_with_threads, take_out),
        TEST(chain_challenge_and_signature_open_the_right),
        TEST(no_step_is_sent_without_the_one_before),
        TEST(a_challenge_serves_once),
        TEST(a_refused_chain_takes_the_former_one),
        TEST(what_is_no_chain_is_not_begun),
        TEST(a_challenge_has_one_length),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
