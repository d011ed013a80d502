/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The bound SE killed right after each of its writes to disk (kill -9, which no handler sees): nothing is won by it. */
#include "bound-se.h"

#include "base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static int die_after_write; /* in the child; 0: not at all */

result __real_file_replace(const char *path, bytes content, mode_t mode);
result __wrap_file_replace(const char *path, bytes content, mode_t mode);
result __real_file_erase(const char *path);
result __wrap_file_erase(const char *path);

static result count_write(result code) {
    if (die_after_write > 0 && --die_after_write == 0)
        kill(getpid(), SIGKILL);
    return code;
}

result __wrap_file_replace(const char *path, bytes content, mode_t mode) {
    return count_write(__real_file_replace(path, content, mode));
}

result __wrap_file_erase(const char *path) {
    return count_write(__real_file_erase(path));
}

/* prepare and act in a child that dies after act's n-th write; false: act has fewer writes. The card is powered again.
 */
static bool die_during(void (*prepare)(void), void (*act)(void), int writes) {
    int status;
    se->close(&inserted);
    const pid_t child = fork();
    if (child == 0) {
        open_card();
        select_application();
        if (prepare != NULL)
            prepare();
        die_after_write = writes;
        act();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    open_card();
    select_application();
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

static bool is_there(const char *name) {
    char *path = file_join(folder, name);
    const bool there = access(path, F_OK) == 0;
    free(path);
    return there;
}

static uint32_t next_sequence(const scp03_keys *keys) {
    uint32_t sequence;
    assert_int_equal(open_channel_at(keys, FULL, &sequence), SW_OK);
    return sequence;
}

static void initialize_update(void) {
    static const uint8_t challenge[SCP03_CHALLENGE] = {9};
    send_command(0x80, 0x50, BINDING, 0, BYTES(challenge), 256);
}

static void authenticate_wrongly(void) {
    static const uint8_t nonsense[SCP03_CHALLENGE + SCP03_MAC] = {7};
    send_command(0x84, 0x82, FULL, 0, BYTES(nonsense), APDU_NO_LE);
}

static void authenticate_rightly(void) {
    open_channel(&binding);
}

static void open_as_issuer(void) {
    open_channel(&fresh_issuer);
}

static scp03_keys other_binding(void) {
    return keys_of(BINDING, 0x33, 24);
}

static void pair_anew(void) {
    const scp03_keys other = other_binding();
    put_keys(&fresh_issuer, &other, BINDING);
}

static void terminate(void) {
    set_status(0x80, 0xFF);
}

/* What a stranger sends is never written: there is nothing to be killed in, and nothing to be worn out. */
static void test_a_stranger_writes_nothing(void **state) {
    (void)state;
    personalise();
    assert_false(die_during(NULL, initialize_update, 1));
    assert_false(die_during(initialize_update, authenticate_wrongly, 1));
    assert_int_equal(next_sequence(&binding), 1);
    assert_int_equal(activate(), SW_OK);
}

/* The counter is written before the channel is open: killed anywhere, a challenge that opened one never comes twice. */
static void test_no_challenge_comes_twice(void **state) {
    (void)state;
    personalise();
    uint32_t before = next_sequence(&binding);
    int writes = 1;
    while (die_during(NULL, authenticate_rightly, writes)) {
        const uint32_t after = next_sequence(&binding);
        assert_int_equal(after - before, 2); /* the one that died shows */
        before = after;
        writes++;
    }
    assert_int_equal(writes, 2);
    assert_int_equal(activate(), SW_OK);
}

/* Either the old keys with their old counter, or the new keys. */
static void test_pairing_is_whole(void **state) {
    const scp03_keys other = other_binding();
    uint32_t sequence;
    (void)state;
    personalise();
    for (int i = 0; i < 5; i++)
        next_sequence(&binding);
    assert_true(die_during(open_as_issuer, pair_anew, 1)); /* the keys are there, the counter is still the old one's */
    assert_int_equal(open_channel_at(&binding, FULL, &sequence), SW_UNKNOWN);
    assert_int_equal(next_sequence(&other), 6);
    assert_int_equal(open_channel(&fresh_issuer), SW_OK);
    assert_int_equal(put_keys(&fresh_issuer, &binding, BINDING), SW_OK);
    assert_int_equal(next_sequence(&binding), 1);
    assert_true(die_during(open_as_issuer, pair_anew, 2));
    assert_int_equal(next_sequence(&other), 1);
}

/* Killed anywhere on the way, it is over: the next power-up erases what was left. */
static void test_the_end_is_the_end(void **state) {
    (void)state;
    personalise();
    assert_true(die_during(open_as_issuer, terminate, 1));
    assert_int_equal(life_cycle(), 0xFF);
    assert_false(is_there("state/key-0"));
    assert_false(is_there("state/keys-issuer"));
    assert_false(is_there("state/keys-binding"));
}

/* The file is overwritten before it goes: a kill in between leaves zeros where a key was. */
static void test_half_erased(void **state) {
    static const uint8_t zeros[97];
    (void)state;
    personalise();
    assert_true(die_during(open_as_issuer, terminate, 1));
    for (const char *const *name = (const char *const[]){"state/key-0", "state/keys-issuer", NULL}; *name != NULL;
         name++) {
        char *path = file_join(folder, *name);
        assert_int_equal(__real_file_replace(path, BYTES(zeros), 0600), RESULT_OK);
        free(path);
        power_cycle();
        assert_int_equal(life_cycle(), 0xFF);
        assert_false(is_there(*name));
    }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, bound_se_set_up, bound_se_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_a_stranger_writes_nothing),
        TEST(test_no_challenge_comes_twice),
        TEST(test_pairing_is_whole),
        TEST(test_the_end_is_the_end),
        TEST(test_half_erased),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
