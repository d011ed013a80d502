/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The driver of the SE by the commands that it sends: what must never go to the SE, what is done with answers that the
 * emulated SE never gives, and what ends which right. */
#include "bound-se.h"
#include "scripted-reader.h"

#include "base/file.h"
#include "base/hex.h"
#include "se/element.h"
#include "se-driver/driver_control.h"
#include "se-driver/driver_supervision.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define MODULE "se-driver/.libs/uketsuke-se.so"
#define INITIALIZE_UPDATE 0x50
#define EXTERNAL_AUTHENTICATE 0x82
#define VERIFY 0x20
#define CHANGE 0x24
#define UNBLOCK 0x2C
#define GET_DATA 0xCA
#define LOG_OUT 0xFF
#define PIN_REFERENCE 1
#define PUK_REFERENCE 2
#define LOGIN_BYTE 4096 /* where programs that are logged in hold a lock (se-driver/channel_state.c) */
#define CONDITION 1     /* which byte of the state (se-driver/driver_supervision.c) */

static char key_path[96];
static sc_card_t *c;

static void write_key_file(void) {
    buffer text = BUFFER_INIT(512);
    const struct {
        const char *name;
        const uint8_t *key;
    } rows[] = {{"enc", binding.enc}, {"mac", binding.mac}, {"dek", binding.dek}};
    buffer_append_format(&text, "version = %02X\n", BINDING);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        buffer_append_format(&text, "%s = ", rows[i].name);
        hex_append(&text, bytes_of(rows[i].key, binding.length));
        buffer_append_text(&text, "\n");
    }
    snprintf(key_path, sizeof key_path, "%s/binding.key", folder);
    assert_int_equal(file_replace(key_path, buffer_bytes(&text), 0600), RESULT_OK);
    buffer_wipe(&text);
}

static void begin_reader(bool with_key) {
    char options[300] = "";
    if (with_key)
        snprintf(options, sizeof options, "card_driver uketsuke-se { binding_key = %s; }", key_path);
    power_cycle();
    scripted_reader_begin(MODULE, "uketsuke-se", options);
    scripted_reader_put(se, inserted);
}

static int begin(void **state) {
    if (bound_se_set_up(state) != 0)
        return -1;
    personalise();
    write_key_file();
    begin_reader(true);
    return 0;
}

static int begin_without_key(void **state) {
    if (bound_se_set_up(state) != 0)
        return -1;
    personalise();
    begin_reader(false);
    return 0;
}

static int end(void **state) {
    if (c != NULL)
        scripted_reader_disconnect(&c);
    scripted_reader_end();
    return bound_se_tear_down(state);
}

static void put_in(unsigned properties) {
    c = scripted_reader_connect(properties);
    scripted_reader_forget();
}

static int pin_command(unsigned command, int reference, const char *first, const char *second) {
    struct sc_pin_cmd_data data = {.cmd = command, .pin_type = SC_AC_CHV, .pin_reference = reference};
    int tries;
    data.pin1 = (struct sc_pin_cmd_pin){.data = (const u8 *)first, .len = first != NULL ? (int)strlen(first) : 0};
    data.pin2 = (struct sc_pin_cmd_pin){.data = (const u8 *)second, .len = second != NULL ? (int)strlen(second) : 0};
    return sc_pin_cmd(c, &data, &tries);
}

static int verify(const char *pin) {
    return pin_command(SC_PIN_CMD_VERIFY, PIN_REFERENCE, pin, NULL);
}

static unsigned openings(void) {
    return scripted_reader_count(INITIALIZE_UPDATE, ANY, ANY);
}

/* One command in the channel that changes nothing. */
static int use(void) {
    u8 random[8];
    const int code = sc_get_challenge(c, random, sizeof random);
    return code < 0 ? code : SC_SUCCESS;
}

static uint8_t condition(void) {
    static const uint8_t name[] = {0x3F, 0x00, 0x50, 0x15, 0x53, 0x45};
    u8 content[SE_STATE_LENGTH];
    sc_path_t path = {.type = SC_PATH_TYPE_PATH, .len = sizeof name, .count = SE_STATE_LENGTH};
    memcpy(path.value, name, sizeof name);
    assert_int_equal(sc_select_file(c, &path, NULL), SC_SUCCESS);
    assert_int_equal(sc_read_binary(c, 0, content, sizeof content, 0), SE_STATE_LENGTH);
    return content[CONDITION];
}

/* --- what is never sent ------------------------------------------------------------------------------------------- */

static void what_can_be_no_pin_is_never_sent(void **state) {
    (void)state;
    static const struct {
        unsigned command;
        int reference;
        const char *first, *second;
    } rows[] = {
        {SC_PIN_CMD_VERIFY, PIN_REFERENCE, "", NULL},
        {SC_PIN_CMD_VERIFY, PIN_REFERENCE, "12345", NULL},
        {SC_PIN_CMD_VERIFY, PIN_REFERENCE, "1234567890123", NULL},
        {SC_PIN_CMD_VERIFY, PIN_REFERENCE, "12345a", NULL},
        {SC_PIN_CMD_VERIFY, PIN_REFERENCE, "12345/", NULL},
        {SC_PIN_CMD_VERIFY, PIN_REFERENCE, "12345:", NULL},
        {SC_PIN_CMD_VERIFY, 0, "123456", NULL},
        {SC_PIN_CMD_VERIFY, 3, "123456", NULL},
        {SC_PIN_CMD_VERIFY, PUK_REFERENCE, "0123456", NULL},
        {SC_PIN_CMD_VERIFY, PUK_REFERENCE, "01234567890123456", NULL},
        {SC_PIN_CMD_VERIFY, PUK_REFERENCE, "0123 567", NULL},
        {SC_PIN_CMD_VERIFY, PUK_REFERENCE,
         "0123\x7F"
         "567",
         NULL},
        {SC_PIN_CMD_CHANGE, PIN_REFERENCE, "12345", "654321"},
        {SC_PIN_CMD_CHANGE, PIN_REFERENCE, "123456", "65432"},
        {SC_PIN_CMD_CHANGE, PIN_REFERENCE, "123456", "6543210987654"},
        {SC_PIN_CMD_CHANGE, PIN_REFERENCE, "123456", "65432x"},
        {SC_PIN_CMD_UNBLOCK, PIN_REFERENCE, "0123456", "123456"},
        {SC_PIN_CMD_UNBLOCK, PIN_REFERENCE, "0123456789ABCDEF", "12345"},
    };
    put_in(READER_EXTENDED);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        scripted_reader_forget();
        if (pin_command(rows[i].command, rows[i].reference, rows[i].first, rows[i].second) >= 0)
            fail_msg("row %zu was taken", i);
        if (scripted_reader_count(VERIFY, ANY, ANY) + scripted_reader_count(CHANGE, ANY, ANY) +
                scripted_reader_count(UNBLOCK, ANY, ANY) !=
            0)
            fail_msg("row %zu was sent", i);
    }
}

static void the_shortest_and_the_longest_are_sent_once(void **state) {
    (void)state;
    static const struct {
        int reference;
        const char *value;
    } rows[] = {{PIN_REFERENCE, "000000"},
                {PIN_REFERENCE, "999999999999"},
                {PUK_REFERENCE, "!~!~!~!~"},
                {PUK_REFERENCE, "!234567890123456"}};
    put_in(READER_EXTENDED);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        scripted_reader_forget();
        pin_command(SC_PIN_CMD_VERIFY, rows[i].reference, rows[i].value, NULL);
        assert_int_equal(scripted_reader_count(VERIFY, 0, (unsigned)rows[i].reference), 1);
    }
}

static void without_a_key_no_pin_goes_to_a_bound_se(void **state) {
    (void)state;
    put_in(READER_EXTENDED);
    assert_int_equal(verify("123456"), SC_ERROR_WRONG_CARD);
    assert_int_equal(pin_command(SC_PIN_CMD_CHANGE, PIN_REFERENCE, "123456", "654321"), SC_ERROR_WRONG_CARD);
    assert_int_equal(pin_command(SC_PIN_CMD_UNBLOCK, PIN_REFERENCE, "0123456789ABCDEF", "654321"), SC_ERROR_WRONG_CARD);
    assert_int_equal(scripted_reader_count(ANY, ANY, ANY), 0);
}

/* --- rights ------------------------------------------------------------------------------------------------------- */

static void logging_out_ends_both_rights(void **state) {
    (void)state;
    put_in(READER_EXTENDED);
    assert_int_equal(verify("123456"), SC_SUCCESS);
    scripted_reader_forget();
    assert_int_equal(sc_logout(c), SC_SUCCESS);
    assert_int_equal(scripted_reader_count(VERIFY, LOG_OUT, PIN_REFERENCE), 1);
    assert_int_equal(scripted_reader_count(VERIFY, LOG_OUT, PUK_REFERENCE), 1);
    scripted_reader_forget();
    assert_int_equal(sc_logout(c), SC_SUCCESS); /* nothing is open any more */
    assert_int_equal(scripted_reader_count(VERIFY, ANY, ANY), 0);
}

/* Each with a channel of its own: an answer that the SE did not give puts the two ends out of step. */
static void whatever_may_have_opened_a_right_is_ended(void **state) {
    static const struct {
        unsigned command;
        uint8_t instruction;
        const char *first, *second;
    } rows[] = {
        {SC_PIN_CMD_UNBLOCK, UNBLOCK, "0123456789ABCDEF", "123456"},
        {SC_PIN_CMD_CHANGE, CHANGE, "123456", "123456"},
        {SC_PIN_CMD_VERIFY, VERIFY, "123456", NULL}, /* the PIN was right, and nobody heard it */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        put_in(READER_EXTENDED);
        scripted_reader_fail(rows[i].instruction, SC_ERROR_TRANSMIT_FAILED);
        assert_true(pin_command(rows[i].command, PIN_REFERENCE, rows[i].first, rows[i].second) < 0);
        scripted_reader_forget();
        assert_int_equal(sc_logout(c), SC_SUCCESS);
        assert_int_equal(scripted_reader_count(VERIFY, LOG_OUT, PIN_REFERENCE), 1);
        assert_int_equal(scripted_reader_count(VERIFY, LOG_OUT, PUK_REFERENCE), 1);
        scripted_reader_disconnect(&c);
    }
}

static void another_program_of_the_terminal_stays_logged_in(void **state) {
    char path[112];
    const struct flock login = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = LOGIN_BYTE, .l_len = 1};
    (void)state;
    put_in(READER_EXTENDED);
    assert_int_equal(verify("123456"), SC_SUCCESS);
    snprintf(path, sizeof path, "%s.state", key_path);
    const int other = open(path, O_RDWR | O_CLOEXEC);
    assert_true(other >= 0);
    assert_int_equal(fcntl(other, F_OFD_SETLK, &login), 0);
    scripted_reader_forget();
    assert_int_equal(sc_logout(c), SC_SUCCESS);
    assert_int_equal(scripted_reader_count(VERIFY, ANY, ANY), 0);
    close(other);
}

static void the_last_wrong_try_is_told_as_the_lock(void **state) {
    (void)state;
    put_in(READER_EXTENDED);
    for (int i = 0; i < 4; i++)
        assert_int_equal(verify("999999"), SC_ERROR_PIN_CODE_INCORRECT);
    assert_int_equal(verify("999999"), SC_ERROR_AUTH_METHOD_BLOCKED);
    assert_int_equal(verify("123456"), SC_ERROR_AUTH_METHOD_BLOCKED);
    assert_int_equal(sc_logout(c), SC_SUCCESS);
}

/* --- answers that the emulated SE never gives --------------------------------------------------------------------- */

static void a_channel_that_is_gone_is_opened_again(void **state) {
    static const char *const words[] = {"6882", "6987", "6988"};
    (void)state;
    put_in(READER_EXTENDED);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        scripted_reader_forget();
        scripted_reader_answer(0x84, words[i]);
        if (use() != SC_SUCCESS || openings() != 1 || scripted_reader_count(0x84, ANY, ANY) != 2)
            fail_msg("%s: not opened again", words[i]);
    }
}

static void after_a_lost_answer_the_channel_is_a_new_one(void **state) {
    (void)state;
    put_in(READER_EXTENDED);
    scripted_reader_fail(0x84, SC_ERROR_TRANSMIT_FAILED);
    assert_true(use() < 0);
    scripted_reader_forget();
    assert_int_equal(use(), SC_SUCCESS);
    assert_int_equal(openings(), 1);
}

static void an_answer_that_is_not_authentic_ends_the_channel(void **state) {
    static const char *const answers[] = {"9000", "00112233445566779000",
                                          "000102030405060708090A0B0C0D0E0F00112233445566779000", "6282"};
    (void)state;
    put_in(READER_EXTENDED);
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        scripted_reader_forget();
        scripted_reader_answer(0x84, answers[i]);
        if (use() >= 0)
            fail_msg("answer %zu was taken", i);
        scripted_reader_forget();
        assert_int_equal(use(), SC_SUCCESS);
        assert_int_equal(openings(), 1);
    }
}

static void each_channel_has_a_challenge_of_its_own(void **state) {
    uint8_t first[8];
    (void)state;
    c = scripted_reader_connect(READER_EXTENDED);
    assert_int_equal(scripted_reader_data(INITIALIZE_UPDATE).length, sizeof first);
    memcpy(first, scripted_reader_data(INITIALIZE_UPDATE).data, sizeof first);
    scripted_reader_forget();
    scripted_reader_answer(0x84, "6988");
    assert_int_equal(use(), SC_SUCCESS);
    assert_memory_not_equal(first, scripted_reader_data(INITIALIZE_UPDATE).data, sizeof first);
}

/* What the SE says when a channel is to be opened, and what the token tells of it. */
static void why_there_is_no_channel_is_told(void **state) {
    static const struct {
        uint8_t instruction;
        const char *answer;
        se_state_condition told;
    } rows[] = {
        {INITIALIZE_UPDATE, "6A88", SE_STATE_NOT_BOUND},     {INITIALIZE_UPDATE, "6D00", SE_STATE_NOT_BOUND},
        {INITIALIZE_UPDATE, "6E00", SE_STATE_NOT_BOUND},     {INITIALIZE_UPDATE, "6985", SE_STATE_LOCKED},
        {EXTERNAL_AUTHENTICATE, "6982", SE_STATE_WRONG_KEY},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (int twice = 0; twice < 4; twice++) /* it is tried again, after a SELECT, and when the state is asked for */
            scripted_reader_answer(rows[i].instruction, rows[i].answer);
        c = scripted_reader_connect(READER_EXTENDED);
        const uint8_t told = condition();
        if (told != rows[i].told)
            fail_msg("row %zu: %d", i, told);
        scripted_reader_disconnect(&c);
        scripted_reader_forget();
    }
}

static void a_busy_se_is_no_locked_one(void **state) {
    (void)state;
    put_in(READER_EXTENDED);
    scripted_reader_answer(0x84, "6988");
    for (int i = 0; i < 6; i++)
        scripted_reader_answer(INITIALIZE_UPDATE, "6F00");
    assert_true(use() < 0);
    assert_int_equal(condition(), SE_STATE_UNRESPONSIVE);
}

/* Behind an open channel: nobody has asked for a new one since. */
static void an_se_that_is_locked_meanwhile_is_told_as_locked(void **state) {
    (void)state;
    put_in(READER_EXTENDED);
    assert_int_equal(condition(), SE_STATE_USABLE);
    assert_int_equal(se_channel_set_life_cycle(&inserted->channel, SE_LOCKED), SW_OK);
    assert_int_equal(condition(), SE_STATE_LOCKED);
    assert_int_equal(openings(), 0);
}

/* A reader that carries short commands only, with either protocol. */
static void nothing_longer_than_a_short_command_is_sent(void **state) {
    static const unsigned readers[] = {0, READER_T0};
    u8 content[250] = {0};
    (void)state;
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        put_in(readers[i]);
        assert_int_equal(verify("123456"), SC_SUCCESS);
        assert_true(c->max_send_size <= 255 - SCP03_OVERHEAD);
        sc_path_t path;
        sc_format_path("3F004401", &path);
        assert_int_equal(sc_select_file(c, &path, NULL), SC_SUCCESS);
        sc_update_binary(c, 0, content, sizeof content, 0); /* too long for the file: refused by the SE */
        assert_true(scripted_reader_longest() <= 255);
        scripted_reader_disconnect(&c);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define WITH_KEY(test) cmocka_unit_test_setup_teardown(test, begin, end)
        WITH_KEY(what_can_be_no_pin_is_never_sent),
        WITH_KEY(the_shortest_and_the_longest_are_sent_once),
        cmocka_unit_test_setup_teardown(without_a_key_no_pin_goes_to_a_bound_se, begin_without_key, end),
        WITH_KEY(logging_out_ends_both_rights),
        WITH_KEY(whatever_may_have_opened_a_right_is_ended),
        WITH_KEY(another_program_of_the_terminal_stays_logged_in),
        WITH_KEY(the_last_wrong_try_is_told_as_the_lock),
        WITH_KEY(a_channel_that_is_gone_is_opened_again),
        WITH_KEY(after_a_lost_answer_the_channel_is_a_new_one),
        WITH_KEY(an_answer_that_is_not_authentic_ends_the_channel),
        WITH_KEY(each_channel_has_a_challenge_of_its_own),
        WITH_KEY(why_there_is_no_channel_is_told),
        WITH_KEY(a_busy_se_is_no_locked_one),
        WITH_KEY(an_se_that_is_locked_meanwhile_is_told_as_locked),
        WITH_KEY(nothing_longer_than_a_short_command_is_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
