/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SCP03 when memory fails, allocation by allocation, at both ends: no half of a command leaves, and the session is dead. */
#include "failing.h"
#include "scp03/scp03.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define SEEDS 300

static const scp03_keys keys = {.version = 0x30, .length = 16, .enc = {1}, .mac = {2}, .dek = {3}};
static const uint8_t host_challenge[SCP03_CHALLENGE] = {1, 2, 3, 4, 5, 6, 7, 8};
static const bytes application = {(const uint8_t *)"\xA0\x00\x00\x00\x01", 5};

typedef struct ends {
    scp03 host, card;
} ends;

static result open_session(ends *e) {
    uint8_t challenge[SCP03_CHALLENGE];
    uint8_t header[SCP03_HEADER] = {0x84, 0x82, SCP03_FULL, 0};
    buffer answer = BUFFER_INIT(64), data = BUFFER_INIT(64);
    uint32_t sequence = 0;
    result code = scp03_card_challenge(&keys, 1, application, challenge);
    if (code == RESULT_OK)
        code = scp03_card_begin(&e->card, &keys, host_challenge, challenge);
    /* Diversification data, key version, SCP03 and its implementation, then what the card has made (7.1.1.6) */
    buffer_extend(&answer, 10);
    buffer_append(&answer, bytes_of("\x30\x03\x70", 3));
    buffer_append(&answer, bytes_of(challenge, sizeof challenge));
    buffer_append(&answer, bytes_of(e->card.card_cryptogram, SCP03_CHALLENGE));
    buffer_append(&answer, bytes_of("\x00\x00\x01", 3));
    if (code == RESULT_OK)
        code = answer.failed;
    if (code == RESULT_OK)
        code = scp03_host_begin(&e->host, &keys, host_challenge, buffer_bytes(&answer), &sequence);
    if (code == RESULT_OK)
        code = scp03_host_authenticate(&e->host, SCP03_FULL, &data);
    if (code == RESULT_OK)
        code = scp03_card_authenticate(&e->card, header, buffer_bytes(&data));
    buffer_wipe(&answer);
    buffer_wipe(&data);
    return code;
}

/* A command and its answer; both ends must see the same. */
static result exchange(ends *e) {
    uint8_t header[SCP03_HEADER] = {0x80, 0x20, 0, 1};
    buffer wrapped = BUFFER_INIT(256), clear = BUFFER_INIT(256), back = BUFFER_INIT(256), answer = BUFFER_INIT(256);
    result code = scp03_host_wrap(&e->host, header, bytes_of("command", 7), &wrapped);
    if (code == RESULT_OK)
        code = scp03_card_unwrap(&e->card, header, buffer_bytes(&wrapped), &clear);
    if (code == RESULT_OK)
        assert_true(bytes_equal(buffer_bytes(&clear), bytes_of("command", 7)));
    if (code == RESULT_OK)
        code = scp03_card_wrap(&e->card, bytes_of("answer", 6), 0x9000, &back);
    if (code == RESULT_OK)
        code = scp03_host_unwrap(&e->host, buffer_bytes(&back), 0x9000, &answer);
    if (code == RESULT_OK)
        assert_true(bytes_equal(buffer_bytes(&answer), bytes_of("answer", 6)));
    buffer_wipe(&wrapped);
    buffer_wipe(&clear);
    buffer_wipe(&back);
    buffer_wipe(&answer);
    return code;
}

static result both_ends(void *unused) {
    (void)unused;
    ends e = {0};
    result code = open_session(&e);
    if (code == RESULT_OK && (code = exchange(&e)) != RESULT_OK)
        assert_int_not_equal(exchange(&e), RESULT_OK); /* one end is dead: no command passes any more */
    scp03_wipe(&e.host);
    scp03_wipe(&e.card);
    return code;
}

static void sessions(void **state) {
    (void)state;
    const unsigned calls = failing_walk(both_ends, NULL, 0);
    print_message("%u calls failed, one after the other\n", calls);
    assert_true(calls >= 15);
    failing_at_random(both_ends, NULL, SEEDS);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(sessions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
