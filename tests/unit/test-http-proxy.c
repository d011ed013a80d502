/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lib/net/http_proxy: the header of a balancer, byte by byte, and whom it may come from. */
#include "net/http_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* The examples of the specification, 2.2: TCP over IPv4 from 203.0.113.7, over IPv6 from 2001:db8::7, and LOCAL. */
#define HEAD "\r\n\r\n\0\r\nQUIT\n"
#define V4                                                                                                             \
    HEAD "\x21\x11\0\x0C"                                                                                              \
         "\xCB\0\x71\x07"                                                                                              \
         "\x0A\0\0\1"                                                                                                  \
         "\x30\x39\x01\xBB"
#define V6_ADDRESS "\x20\x01\x0D\xB8\0\0\0\0\0\0\0\0\0\0\0\7"
#define V6 HEAD "\x21\x21\0\x24" V6_ADDRESS V6_ADDRESS "\x30\x39\x01\xBB"
#define LOCAL HEAD "\x20\0\0\0"
#define BYTES_OF(text) bytes_of(text, sizeof text - 1)

static void a_header_tells_its_client(void **state) {
    static const uint8_t v4[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 203, 0, 113, 7}, v6[16] = {0x20, 1, 0x0D, 0xB8};
    uint8_t address[HTTP_PROXY_ADDRESS] = {0};
    bool told = false;
    (void)state;
    assert_int_equal(http_proxy_read(BYTES_OF(V4), &told, address), RESULT_OK);
    assert_true(told);
    assert_memory_equal(address, v4, sizeof v4);
    assert_int_equal(http_proxy_read(BYTES_OF(V6), &told, address), RESULT_OK);
    assert_true(told);
    assert_memory_equal(address, v6, sizeof v6); /* its network */
    assert_int_equal(http_proxy_read(BYTES_OF(LOCAL), &told, address), RESULT_OK);
    assert_false(told);
}

/* Every shorter one, every damaged byte of the fixed part, and what is no TCP. */
static void what_is_no_header_is_none(void **state) {
    uint8_t address[HTTP_PROXY_ADDRESS], copy[sizeof V4 - 1];
    bool told = true;
    size_t length = 0;
    (void)state;
    for (size_t i = 0; i < sizeof V4 - 1; i++)
        assert_int_equal(http_proxy_read(bytes_of(V4, i), &told, address), RESULT_INVALID);
    for (size_t i = 0; i < 13; i++) {
        memcpy(copy, V4, sizeof copy);
        copy[i] ^= 0x40;
        assert_int_equal(http_proxy_length(copy, &length), RESULT_INVALID);
        assert_int_equal(http_proxy_read(bytes_of(copy, sizeof copy), &told, address), RESULT_INVALID);
    }
    memcpy(copy, V4, sizeof copy);
    copy[14] = 2; /* five hundred bytes and more */
    assert_int_equal(http_proxy_length(copy, &length), RESULT_OK);
    copy[14] = 3;
    assert_int_equal(http_proxy_length(copy, &length), RESULT_INVALID);
    memcpy(copy, V4, sizeof copy);
    copy[13] = 0x31; /* a socket of the file system: no address that counts */
    assert_int_equal(http_proxy_read(bytes_of(copy, sizeof copy), &told, address), RESULT_OK);
    assert_false(told);
}

/* A header that says how long it is, with one byte less than its addresses have. */
static void addresses_are_whole(void **state) {
    uint8_t v4[sizeof V4 - 2], v6[sizeof V6 - 2], address[HTTP_PROXY_ADDRESS];
    bool told;
    (void)state;
    memcpy(v4, V4, sizeof v4);
    v4[HTTP_PROXY_HEAD - 1]--;
    assert_int_equal(http_proxy_read(BYTES(v4), &told, address), RESULT_INVALID);
    memcpy(v6, V6, sizeof v6);
    v6[HTTP_PROXY_HEAD - 1]--;
    assert_int_equal(http_proxy_read(BYTES(v6), &told, address), RESULT_INVALID);
}

static bool expects(const http_proxy_balancers *b, const char *address) {
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    assert_int_equal(inet_pton(AF_INET, address, &v4.sin_addr), 1);
    return http_proxy_expects(b, (const struct sockaddr *)&v4);
}

static void only_named_balancers_tell(void **state) {
    static const char *const wrong[] = {"10.0.0", "localhost", "10.0.0.1/8", "10.0.0.1 x"};
    http_proxy_balancers b;
    (void)state;
    assert_int_equal(http_proxy_balancers_read(NULL, &b), RESULT_OK);
    assert_false(expects(&b, "10.0.0.1"));
    assert_int_equal(http_proxy_balancers_read(" 10.0.0.1, 10.0.0.2  2001:db8::1 ", &b), RESULT_OK);
    assert_int_equal(b.count, 3);
    assert_true(expects(&b, "10.0.0.1"));
    assert_true(expects(&b, "10.0.0.2"));
    assert_false(expects(&b, "10.0.0.3"));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(http_proxy_balancers_read(wrong[i], &b), RESULT_INVALID);
    assert_int_equal(http_proxy_balancers_read("1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1"
                                               " 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1",
                                               &b),
                     RESULT_INVALID);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_tells_its_client),
        cmocka_unit_test(what_is_no_header_is_none),
        cmocka_unit_test(addresses_are_whole),
        cmocka_unit_test(only_named_balancers_tell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
