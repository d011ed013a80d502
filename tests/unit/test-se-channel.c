/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The bound SE: every cell of the table of states (docs/interfaces/secure-element.md) as commands, and what an attacker
 * at the contacts may try. The host's end is lib/scp03's, which published traces hold to the standard (test-scp03). */
#include "bound-se.h"

#include "base/file.h"
#include "base/hex.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* --- the table of states ------------------------------------------------------------------------------------------ */

/* The columns of the table: how the card is spoken to, and in which state of life. */
typedef enum who { FRESH, IN_CLEAR, BOUND, ACTIVE, ISSUING, LOCKED, LOCKED_ISSUING, TERMINATED, WHO_COUNT } who;

#define YES SW_OK
#define NO SW_SECURITY_STATUS
#define OFF SW_CONDITIONS

/* Each command is harmless in itself here; what is expected where it is allowed is what its handler says to it. */
static const struct {
    const char *name;
    uint16_t file; /* selected before, in the same way */
    uint8_t cla, ins, p1, p2;
    const char *data;
    uint32_t le;
    status_word expected[WHO_COUNT];
    /* clang-format off */
} cells[] = {
    {"SELECT MF", 0, 0x00, 0xA4, 0x00, 0x00, "3F00", 256, {YES, YES, YES, YES, YES, YES, YES, OFF}},
    {"GET DATA counter", 0, 0x00, 0xCA, 0x01, 0x01, "", 256, {YES, YES, YES, YES, YES, YES, YES, YES}},
    {"GET DATA serial", 0, 0x00, 0xCA, 0x01, 0x02, "", 256, {YES, YES, YES, YES, YES, YES, YES, YES}},
    {"GET DATA life cycle", 0, 0x00, 0xCA, 0x01, 0x04, "", 256, {YES, YES, YES, YES, YES, YES, YES, YES}},
    {"GET DATA fingerprint", 0, 0x00, 0xCA, 0x01, 0x10, "", 256,
     {SW_REFERENCE_NOT_FOUND, YES, YES, YES, YES, YES, YES, SW_REFERENCE_NOT_FOUND}},
    {"READ BINARY, free", FREE_FILE, 0x00, 0xB0, 0x00, 0x00, "", 256,
     {SW_NO_CURRENT_EF, YES, YES, YES, YES, OFF, OFF, OFF}},
    {"READ BINARY, with the PIN", PIN_FILE, 0x00, 0xB0, 0x00, 0x00, "", 256,
     {SW_NO_CURRENT_EF, NO, NO, YES, YES, OFF, OFF, OFF}},
    {"GET CHALLENGE", 0, 0x00, 0x84, 0x00, 0x00, "", 256, {YES, YES, YES, YES, YES, OFF, OFF, OFF}},
    {"VERIFY wrong PIN", 0, 0x00, 0x20, 0x00, 0x01, WRONG_PIN, APDU_NO_LE,
     {SW_CONDITIONS, NO, 0x63C4, 0x63C4, 0x63C4, OFF, OFF, OFF}},
    {"VERIFY query", 0, 0x00, 0x20, 0x00, 0x01, "", APDU_NO_LE,
     {SW_REFERENCE_NOT_FOUND, NO, 0x63C5, YES, 0x63C5, OFF, OFF, OFF}},
    {"VERIFY log out", 0, 0x00, 0x20, 0xFF, 0x01, "", APDU_NO_LE, {YES, NO, YES, YES, YES, OFF, OFF, OFF}},
    {"CHANGE REFERENCE DATA, wrong old PIN", 0, 0x00, 0x24, 0x00, 0x01, WRONG_PIN PIN, APDU_NO_LE,
     {SW_CONDITIONS, NO, 0x63C4, 0x63C4, 0x63C4, OFF, OFF, OFF}},
    {"CHANGE REFERENCE DATA, first PIN again", 0, 0x00, 0x24, 0x01, 0x01, "31", APDU_NO_LE,
     {SW_WRONG_DATA, NO, SW_CONDITIONS, SW_CONDITIONS, SW_CONDITIONS, OFF, OFF, OFF}},
    {"RESET RETRY COUNTER, wrong PUK", 0, 0x00, 0x2C, 0x00, 0x01, WRONG_PUK PIN, APDU_NO_LE,
     {SW_CONDITIONS, NO, NO, NO, 0x63C4, OFF, OFF, OFF}},
    {"MANAGE SECURITY ENVIRONMENT", 0, 0x00, 0x22, 0x41, 0xB6, "800111840100", APDU_NO_LE,
     {YES, NO, YES, YES, YES, OFF, OFF, OFF}},
    {"PSO: COMPUTE DIGITAL SIGNATURE, no environment", 0, 0x00, 0x2A, 0x9E, 0x9A, "01", 256,
     {NO, NO, NO, SW_CONDITIONS, NO, OFF, OFF, OFF}},
    {"PSO: DECIPHER, no environment", 0, 0x00, 0x2A, 0x80, 0x86, "00", 256,
     {NO, NO, NO, SW_CONDITIONS, NO, OFF, OFF, OFF}},
    {"GENERATE ASYMMETRIC KEY PAIR, no environment", 0, 0x00, 0x46, 0x42, 0x00, "", 256,
     {SW_CONDITIONS, NO, NO, NO, SW_CONDITIONS, OFF, OFF, OFF}},
    {"PUT DATA, no environment", 0, 0x00, 0xDB, 0x3F, 0xFF, "7F4800", APDU_NO_LE,
     {SW_CONDITIONS, NO, NO, NO, SW_CONDITIONS, OFF, OFF, OFF}},
    {"CREATE FILE, nothing", 0, 0x00, 0xE0, 0x00, 0x00, "6200", APDU_NO_LE,
     {SW_WRONG_DATA, NO, NO, NO, SW_WRONG_DATA, OFF, OFF, OFF}},
    {"DELETE FILE, none", 0, 0x00, 0xE4, 0x00, 0x00, "1234", APDU_NO_LE,
     {SW_NOT_FOUND, NO, NO, NO, SW_NOT_FOUND, OFF, OFF, OFF}},
    {"UPDATE BINARY, beyond its end", FREE_FILE, 0x00, 0xD6, 0x00, 0x03, "FFFF", APDU_NO_LE,
     {SW_NO_CURRENT_EF, NO, NO, NO, SW_NO_SPACE, OFF, OFF, OFF}},
    {"PUT KEY, nothing", 0, 0x80, 0xD8, 0x30, 0x81, "30", 256, {NO, NO, NO, NO, SW_WRONG_DATA, OFF, OFF, OFF}},
    {"SET STATUS, no such state", 0, 0x80, 0xF0, 0x40, 0x07, "", APDU_NO_LE,
     {NO, NO, NO, NO, SW_WRONG_P1P2, OFF, SW_WRONG_P1P2, OFF}},
    {"EXTERNAL AUTHENTICATE out of order", 0, 0x84, 0x82, 0x33, 0x00, "00", APDU_NO_LE,
     {OFF, OFF, OFF, OFF, OFF, OFF, OFF, OFF}},
    {"INITIALIZE UPDATE, binding", 0, 0x80, 0x50, 0x30, 0x00, "0102030405060708", 256,
     {SW_REFERENCE_NOT_FOUND, YES, YES, YES, YES, OFF, OFF, OFF}},
    {"INITIALIZE UPDATE, the first set there is", 0, 0x80, 0x50, 0x00, 0x00, "0102030405060708", 256,
     {YES, YES, YES, YES, YES, OFF, OFF, OFF}},
    {"INITIALIZE UPDATE, issuer", 0, 0x80, 0x50, 0x01, 0x00, "0102030405060708", 256,
     {YES, YES, YES, YES, YES, YES, YES, OFF}},
};
/* clang-format on */

static void become(who w) {
    power_cycle();
    if (w == TERMINATED)
        return;
    assert_int_equal(select_application(), SW_OK);
    if (w == BOUND)
        assert_int_equal(open_channel(&binding), SW_OK);
    else if (w == ACTIVE)
        assert_int_equal(activate(), SW_OK);
    else if (w == ISSUING || w == LOCKED_ISSUING)
        assert_int_equal(open_channel(&fresh_issuer), SW_OK);
}

/* INITIALIZE UPDATE and EXTERNAL AUTHENTICATE are never wrapped. */
static bool travels_in_clear(who w, uint8_t ins) {
    return (w != BOUND && w != ACTIVE && w != ISSUING && w != LOCKED_ISSUING) || ins == 0x50 || ins == 0x82;
}

static status_word say(who w, uint8_t cla, uint8_t ins, uint8_t p1, uint8_t p2, const char *hex, uint32_t le) {
    buffer data = BUFFER_INIT(64);
    if (!travels_in_clear(w, ins))
        return wrapped_hex(cla, ins, p1, p2, hex, le);
    assert_int_equal(hex_decode(hex, &data), RESULT_OK);
    status_word sw = send_command(cla, ins, p1, p2, buffer_bytes(&data), le);
    buffer_wipe(&data);
    return sw;
}

static void test_column(who w) {
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        char id[5];
        become(w);
        snprintf(id, sizeof id, "%04X", cells[i].file);
        if (cells[i].file != 0)
            say(w, 0x00, 0xA4, 0x00, 0x0C, id, APDU_NO_LE);
        const status_word sw = say(w, cells[i].cla, cells[i].ins, cells[i].p1, cells[i].p2, cells[i].data, cells[i].le);
        if (sw != cells[i].expected[w])
            print_error("%s as %d: %04X\n", cells[i].name, (int)w, sw);
        assert_int_equal(sw, cells[i].expected[w]);
        /* Whatever was tried with a wrong PIN: the right one makes all tries good again. */
        if (w == BOUND || w == ACTIVE || w == ISSUING)
            become(ACTIVE);
    }
}

static void test_every_cell_of_the_table_of_states(void **state) {
    (void)state;
    test_column(FRESH);
    power_cycle();
    personalise();
    for (who w = IN_CLEAR; w <= ISSUING; w++)
        test_column(w);
    become(ISSUING);
    assert_int_equal(set_status(0x40, 0x8F), SW_OK);
    test_column(LOCKED);
    test_column(LOCKED_ISSUING);
    become(LOCKED_ISSUING);
    assert_int_equal(set_status(0x80, 0xFF), SW_OK);
    test_column(TERMINATED);
}

static void test_plain_verify_costs_no_try(void **state) {
    (void)state;
    personalise();
    for (int i = 0; i < 20; i++) {
        power_cycle();
        assert_int_equal(select_application(), SW_OK);
        assert_int_equal(send("0020000110" WRONG_PIN), SW_SECURITY_STATUS);
    }
    assert_int_equal(activate(), SW_OK);
}

static void test_a_signature_needs_binding_and_pin(void **state) {
    (void)state;
    personalise();
    become(BOUND);
    assert_int_equal(sign_wrapped(256), SW_SECURITY_STATUS);
    become(ISSUING);
    assert_int_equal(wrapped_hex(0, 0x20, 0, 0x01, PIN, APDU_NO_LE), SW_OK);
    assert_int_equal(sign_wrapped(256), SW_SECURITY_STATUS);
    become(ACTIVE);
    assert_int_equal(sign_wrapped(256), SW_OK); /* 280 bytes on the wire: 256 and GET RESPONSE */
    assert_int_equal(answer.length, 256);
    assert_int_equal(sign_wrapped(65536), SW_OK); /* extended length: at once */
    assert_int_equal(answer.length, 256);
}

static void test_power_cut_between_pin_and_signature(void **state) {
    (void)state;
    personalise();
    become(ACTIVE);
    se->reset(inserted);
    assert_int_equal(select_application(), SW_OK);
    assert_int_equal(send("002241B606800111840100"), SW_SECURITY_STATUS);
    assert_int_equal(send("002A9E9A01010000"), SW_WRONG_LENGTH);
    assert_int_equal(send("002A9E9A010100"), SW_SECURITY_STATUS);
    assert_int_equal(open_channel(&binding), SW_OK);
    assert_int_equal(sign_wrapped(256), SW_SECURITY_STATUS); /* bound again, but the PIN must be verified again */
}

static void test_another_process_of_the_terminal(void **state) {
    (void)state;
    personalise();
    become(ACTIVE);
    assert_int_equal(select_application(), SW_OK);   /* in clear, by the other process: ends the session, */
    assert_int_equal(open_channel(&binding), SW_OK); /* which it opens itself */
    assert_int_equal(sign_wrapped(256), SW_OK);      /* and the PIN is still given */
    assert_int_equal(open_channel(&fresh_issuer), SW_OK);
    assert_int_equal(open_channel(&binding), SW_OK);
    assert_int_equal(sign_wrapped(256), SW_SECURITY_STATUS); /* not so after the issuer was there, */
    become(ISSUING);
    assert_int_equal(wrapped_hex(0, 0x20, 0, 0x01, PIN, APDU_NO_LE), SW_OK);
    assert_int_equal(open_channel(&binding), SW_OK);
    assert_int_equal(sign_wrapped(256), SW_SECURITY_STATUS); /* even if the issuer gave it */
}

static void test_levels_below_the_full_one_open_nothing(void **state) {
    static const uint8_t levels[] = {0x01, 0x03, 0x11, 0x13};
    uint32_t sequence;
    (void)state;
    personalise();
    for (size_t i = 0; i < sizeof levels; i++) {
        become(IN_CLEAR);
        assert_int_equal(open_channel_at(&binding, levels[i], &sequence), SW_OK);
        assert_int_equal(wrapped_hex(0, 0xCA, 0x01, 0x02, "", 256), SW_OK);
        assert_int_equal(answer.length, 16);
        assert_int_equal(wrapped_hex(0, 0x20, 0, 0x01, PIN, APDU_NO_LE), SW_SECURITY_STATUS);
    }
}

/* --- at the contacts ---------------------------------------------------------------------------------------------- */

static void test_every_flipped_bit_ends_it(void **state) {
    (void)state;
    personalise();
    become(ACTIVE);
    uint8_t header[SCP03_HEADER] = {0, 0x2A, 0x9E, 0x9A};
    buffer raw = BUFFER_INIT(512);
    static const uint8_t digest[] = {1, 2, 3};
    for (size_t bit = 0;; bit++) {
        buffer body = BUFFER_INIT(512);
        become(ACTIVE);
        assert_int_equal(wrapped_hex(0, 0x22, 0x41, 0xB6, "800111840100", APDU_NO_LE), SW_OK);
        header[0] = 0;
        assert_int_equal(scp03_host_wrap(&session, header, BYTES(digest), &body), RESULT_OK);
        const apdu_command command = {
            .cla = header[0], .ins = 0x2A, .p1 = 0x9E, .p2 = 0x9A, .data = buffer_bytes(&body), .le = 256};
        buffer_clear(&raw);
        assert_int_equal(apdu_build(&command, &raw), RESULT_OK);
        buffer_wipe(&body);
        /* P1, P2 and every bit of the data field; the class and instruction bytes make it another command. */
        const size_t fields = 2 + command.data.length;
        if (bit >= 8 * fields)
            break;
        const size_t at = bit / 8 < 2 ? 2 + bit / 8 : 5 + bit / 8 - 2;
        raw.data[at] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(send_raw(buffer_bytes(&raw)), SW_SECURITY_STATUS);
        /* The session is dead, and the PIN forgotten. */
        assert_int_equal(open_channel(&binding), SW_OK);
        assert_int_equal(sign_wrapped(256), SW_SECURITY_STATUS);
    }
    buffer_wipe(&raw);
}

static void test_replay(void **state) {
    (void)state;
    personalise();
    become(ACTIVE);
    buffer verify = BUFFER_INIT(512);
    buffer_append(&verify, last_sent); /* the VERIFY that has just been accepted */
    assert_int_equal(send_raw(buffer_bytes(&verify)), SW_SECURITY_STATUS);
    assert_int_equal(send_raw(buffer_bytes(&verify)), SW_SM_UNSUPPORTED); /* there is no session any more */
    become(BOUND);
    assert_int_equal(send_raw(buffer_bytes(&verify)), SW_SECURITY_STATUS); /* nor in a later session */
    buffer_wipe(&verify);
}

static void test_a_foreign_se_and_a_foreign_terminal(void **state) {
    scp03_keys other = keys_of(BINDING, 0x33, 16);
    (void)state;
    personalise();
    become(IN_CLEAR);
    assert_int_equal(open_channel(&other), SW_UNKNOWN); /* the host sees that the cryptogram is wrong, and stops */
    other.version = 0x31;
    assert_int_equal(open_channel(&other), SW_REFERENCE_NOT_FOUND);
}

static status_word fail_authentication(void) {
    static const uint8_t challenge[SCP03_CHALLENGE] = {9}, nonsense[16] = {7};
    status_word sw = send_command(0x80, 0x50, BINDING, 0, BYTES(challenge), 256);
    return sw == SW_OK ? send_command(0x84, 0x82, FULL, 0, BYTES(nonsense), APDU_NO_LE) : sw;
}

/* What the SE asks of the clock, instead of waiting for it. */
static int64_t slept_ms;
int __wrap_nanosleep(const struct timespec *duration, struct timespec *rest);

int __wrap_nanosleep(const struct timespec *duration, struct timespec *rest) {
    (void)rest;
    slept_ms += duration->tv_sec * 1000 + duration->tv_nsec / 1000000;
    return 0;
}

/* How long the SE keeps a refusal back. */
static int64_t failure_ms(void) {
    slept_ms = 0;
    assert_int_equal(fail_authentication(), SW_SECURITY_STATUS);
    return slept_ms;
}

/* All of state/, as text: name, size and content's sum of every file. */
static void state_text(buffer *text) {
    char command[160], line[256];
    snprintf(command, sizeof command, "cd %s/state && cksum * && stat -c '%%n %%i %%y' *", folder);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    while (fgets(line, sizeof line, pipe) != NULL)
        buffer_append(text, bytes_of(line, strlen(line)));
    assert_int_equal(pclose(pipe), 0);
    assert_int_equal(text->failed, RESULT_OK);
}

/* A stranger can fail any number of times: the SE stays operational, nothing is written, and the refusals are delayed
 * more and more. */
static void test_failures_lock_nothing(void **state) {
    buffer before = BUFFER_INIT(8192), after = BUFFER_INIT(8192);
    (void)state;
    personalise();
    state_text(&before);
    for (int i = 0; i < 25; i++)
        assert_int_equal(failure_ms(), i < 9 ? 1 << i : 512);
    state_text(&after);
    assert_true(bytes_equal(buffer_bytes(&before), buffer_bytes(&after)));
    buffer_wipe(&before);
    buffer_wipe(&after);
    assert_int_equal(life_cycle(), 0x0F);
    power_cycle();
    assert_int_equal(select_application(), SW_OK);
    assert_int_equal(life_cycle(), 0x0F);
    assert_int_equal(activate(), SW_OK);
    assert_int_equal(sign_wrapped(256), SW_OK);
}

/* Only refusals are delayed: a successful opening is answered at once and resets the count. Each key set has its own
 * count, which power-up resets. */
static void test_who_has_the_keys_never_waits(void **state) {
    (void)state;
    personalise();
    for (int i = 0; i < 5; i++)
        failure_ms();
    slept_ms = 0;
    assert_int_equal(open_channel(&fresh_issuer), SW_OK);
    assert_int_equal(slept_ms, 0);
    assert_int_equal(failure_ms(), 32); /* the issuer's opening is not the terminal's */
    slept_ms = 0;
    assert_int_equal(open_channel(&binding), SW_OK);
    assert_int_equal(slept_ms, 0);
    assert_int_equal(failure_ms(), 1);
    assert_int_equal(failure_ms(), 2);
    power_cycle();
    assert_int_equal(select_application(), SW_OK);
    assert_int_equal(failure_ms(), 1);
    se->reset(inserted);
    assert_int_equal(select_application(), SW_OK);
    assert_int_equal(failure_ms(), 1);
}

/* A stranger only ends sessions: neither INITIALIZE UPDATE for any key set nor a wrong cryptogram ends the PIN's
 * security status. */
static void test_a_stranger_takes_no_pin_away(void **state) {
    static const uint8_t challenge[SCP03_CHALLENGE] = {9}, nonsense[16] = {7};
    static const uint8_t sets[] = {0x00, ISSUER, BINDING, 0x31};
    (void)state;
    personalise();
    become(ACTIVE);
    for (size_t i = 0; i < sizeof sets; i++) {
        assert_int_equal(select_application(), SW_OK);
        send_command(0x80, 0x50, sets[i], 0, BYTES(challenge), 256);
        send_command(0x84, 0x82, FULL, 0, BYTES(nonsense), APDU_NO_LE);
        assert_int_equal(open_channel(&binding), SW_OK);
        assert_int_equal(sign_wrapped(256), SW_OK);
    }
    /* Nor does a stranger's part of a chained command precede the terminal's command. */
    assert_int_equal(send("9050300008010203040506070800"), SW_CHAINING_UNSUPPORTED);
    assert_int_equal(open_channel(&binding), SW_OK);
    assert_int_equal(sign_wrapped(256), SW_OK);
}

static void test_the_sequence_tells_of_every_opening(void **state) {
    static const uint8_t challenge[SCP03_CHALLENGE] = {9};
    uint32_t before, after;
    buffer first = BUFFER_INIT(64);
    (void)state;
    personalise();
    become(IN_CLEAR);
    assert_int_equal(open_channel_at(&binding, FULL, &before), SW_OK);
    assert_int_equal(before, 1);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(open_channel_at(&binding, FULL, &after), SW_OK); /* with a copy of the key */
        power_cycle();
        assert_int_equal(select_application(), SW_OK);
    }
    /* Tries are not openings. */
    fail_authentication();
    for (int i = 0; i < 2000; i++)
        assert_int_equal(send_command(0x80, 0x50, BINDING, 0, BYTES(challenge), 256), SW_OK);
    buffer_append(&first, buffer_bytes(&answer));
    assert_int_equal(send_command(0x80, 0x50, BINDING, 0, BYTES(challenge), 256), SW_OK);
    assert_true(bytes_equal(buffer_bytes(&first), buffer_bytes(&answer)));
    buffer_wipe(&first);
    assert_int_equal(open_channel_at(&binding, FULL, &after), SW_OK);
    assert_int_equal(after - before, 4);
}

/* A recorded opening is not valid again: neither while the counter runs nor after its end. */
static void replay_opening(void) {
    static const uint8_t challenge[SCP03_CHALLENGE] = {1, 2, 3, 4, 5, 6, 7, 8}; /* bound-se.c's */
    uint8_t recorded[64];
    assert_int_equal(open_channel(&binding), SW_OK);
    const size_t length = last_sent.length;
    assert_true(length <= sizeof recorded);
    memcpy(recorded, last_sent.data, length);
    assert_int_equal(send_command(0x80, 0x50, BINDING, 0, BYTES(challenge), 256), SW_OK);
    assert_int_equal(send_raw(bytes_of(recorded, length)), SW_SECURITY_STATUS);
}

static void test_both_ends_of_the_sequence(void **state) {
    uint32_t sequence;
    (void)state;
    personalise();
    char *path = file_join(folder, "state/sequence-binding");
    assert_int_equal(unlink(path) == 0 || errno == ENOENT, 1); /* an SE that was never opened */
    power_cycle();
    assert_int_equal(select_application(), SW_OK);
    assert_int_equal(open_channel_at(&binding, FULL, &sequence), SW_OK);
    assert_int_equal(sequence, 1);
    replay_opening();
    assert_int_equal(file_replace(path, bytes_of("\xFF\xFF\xFE", 3), 0600), RESULT_OK);
    power_cycle();
    assert_int_equal(select_application(), SW_OK);
    assert_int_equal(open_channel_at(&binding, FULL, &sequence), SW_OK);
    assert_int_equal(sequence, 0xFFFFFF);
    /* It has ended, and the SE goes on: challenges are random now (i = 60), and no counter is told. */
    for (int i = 0; i < 3; i++) {
        assert_int_equal(open_channel_at(&binding, FULL, &sequence), SW_OK);
        assert_int_equal(sequence, 0);
        replay_opening();
        power_cycle();
        assert_int_equal(select_application(), SW_OK);
    }
    assert_int_equal(activate(), SW_OK);
    assert_int_equal(sign_wrapped(256), SW_OK);
    /* A new pairing resets the counter, but only with new keys: with the old ones, recorded sessions would be valid
     * again. */
    const scp03_keys old = binding;
    assert_int_equal(open_channel(&fresh_issuer), SW_OK);
    assert_int_equal(put_keys(&fresh_issuer, &old, BINDING), SW_CONDITIONS);
    binding = keys_of(BINDING, 0x55, 16);
    assert_int_equal(put_keys(&fresh_issuer, &binding, BINDING), SW_OK);
    assert_int_equal(open_channel_at(&binding, FULL, &sequence), SW_OK);
    assert_int_equal(sequence, 1);
    assert_int_equal(activate(), SW_OK);
    free(path);
}

/* --- pairing and the end ------------------------------------------------------------------------------------------ */

static void test_pairing_with_another_terminal(void **state) {
    scp03_keys next = keys_of(BINDING, 0x44, 24);
    (void)state;
    personalise();
    become(ISSUING);
    assert_int_equal(put_keys(&issuer, &next, BINDING), SW_WRONG_DATA); /* under another key: check values differ */
    assert_int_equal(put_keys(&fresh_issuer, &next, 0), SW_REFERENCE_NOT_FOUND);
    assert_int_equal(put_keys(&fresh_issuer, &next, BINDING), SW_OK);
    become(IN_CLEAR);
    assert_int_equal(open_channel(&next), SW_OK);
    become(IN_CLEAR);
    assert_int_equal(open_channel(&issuer), SW_UNKNOWN); /* the factory's key is no key any more */
    become(IN_CLEAR);
    static const uint8_t challenge[SCP03_CHALLENGE] = {0};
    uint32_t sequence;
    assert_int_equal(send_command(0x80, 0x50, BINDING, 0, BYTES(challenge), 256), SW_OK);
    assert_int_equal(scp03_host_begin(&session, &binding, challenge, buffer_bytes(&answer), &sequence),
                     RESULT_BAD_SIGNATURE);
}

static void test_terminated_is_the_end(void **state) {
    (void)state;
    personalise();
    become(ISSUING);
    assert_int_equal(set_status(0x80, 0xFF), SW_OK);
    power_cycle();
    assert_int_equal(life_cycle(), 0xFF);
    assert_int_equal(send("00CA010200"), SW_OK);
    assert_int_equal(send("00CA011000"), SW_REFERENCE_NOT_FOUND); /* no key is left */
    assert_int_equal(select_application(), SW_CONDITIONS);
    assert_int_equal(send("8050000008010203040506070800"), SW_CONDITIONS);
    for (const char *const *name =
             (const char *const[]){"state/key-0", "state/keys-issuer", "state/keys-binding", NULL};
         *name != NULL; name++) {
        char *path = file_join(folder, *name);
        assert_int_not_equal(access(path, F_OK), 0);
        free(path);
    }
}

static void test_factory_keys_are_refused_at_work(void **state) {
    (void)state;
    personalise();
    char *path = file_join(folder, "state/keys-issuer");
    assert_int_equal(unlink(path), 0);
    free(path);
    power_cycle();
    assert_int_equal(select_application(), SW_OK);
    assert_int_equal(open_channel(&issuer), SW_REFERENCE_NOT_FOUND); /* losing the file does not bring them back */
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, bound_se_set_up, bound_se_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_every_cell_of_the_table_of_states),   TEST(test_plain_verify_costs_no_try),
        TEST(test_a_signature_needs_binding_and_pin),   TEST(test_power_cut_between_pin_and_signature),
        TEST(test_another_process_of_the_terminal),     TEST(test_levels_below_the_full_one_open_nothing),
        TEST(test_every_flipped_bit_ends_it),           TEST(test_replay),
        TEST(test_a_foreign_se_and_a_foreign_terminal), TEST(test_failures_lock_nothing),
        TEST(test_who_has_the_keys_never_waits),        TEST(test_a_stranger_takes_no_pin_away),
        TEST(test_the_sequence_tells_of_every_opening), TEST(test_both_ends_of_the_sequence),
        TEST(test_pairing_with_another_terminal),       TEST(test_terminated_is_the_end),
        TEST(test_factory_keys_are_refused_at_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
