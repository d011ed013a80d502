/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The rules of RFC 9110 and RFC 9112 for the headers of a request, row by row, without libmicrohttpd: some of its
 * versions refuse by themselves what others hand on. */
#include "net/http_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#define HEADERS_MAX 6

typedef struct row {
    const char *version;
    const char *headers[HEADERS_MAX][2];
    int status; /* 0: no fault */
    bool ends;
} row;

static const row *given; /* the request that is asked about */

/* In libmicrohttpd's place. */
int MHD_get_connection_values(struct MHD_Connection *connection, enum MHD_ValueKind kind, MHD_KeyValueIterator iterator,
                              void *context) {
    int count = 0;
    (void)connection;
    while (count < HEADERS_MAX && given->headers[count][0] != NULL) {
        iterator(context, kind, given->headers[count][0], given->headers[count][1]);
        count++;
    }
    return count;
}

const char *MHD_lookup_connection_value(struct MHD_Connection *connection, enum MHD_ValueKind kind, const char *name) {
    (void)connection, (void)kind;
    for (int i = 0; i < HEADERS_MAX && given->headers[i][0] != NULL; i++)
        if (strcasecmp(given->headers[i][0], name) == 0)
            return given->headers[i][1];
    return NULL;
}

#define HOST {"Host", "localhost"}
#define LENGTH(n) {"Content-Length", n}
#define CHUNKED {"Transfer-Encoding", "chunked"}
#define NEW MHD_HTTP_VERSION_1_1
#define OLD MHD_HTTP_VERSION_1_0

/* clang-format off */
static const row rows[] = {
    {NEW, {HOST}, 0, false},
    {NEW, {HOST, LENGTH("5")}, 0, false},
    {NEW, {HOST, CHUNKED}, 0, false},
    {NEW, {HOST, {"transfer-encoding", "Chunked"}}, 0, false},
    {OLD, {LENGTH("5")}, 0, false},
    /* RFC 9112 3.2 */
    {NEW, {LENGTH("5")}, 400, true},
    {NEW, {HOST, HOST}, 400, true},
    {OLD, {HOST, HOST}, 400, true},
    /* RFC 9112 6.1 and 6.3 */
    {NEW, {HOST, LENGTH("5"), CHUNKED}, 400, true},
    {NEW, {HOST, CHUNKED, LENGTH("5")}, 400, true},
    {OLD, {HOST, CHUNKED}, 400, true},
    {NEW, {HOST, LENGTH("5"), LENGTH("5")}, 400, true},
    {NEW, {HOST, LENGTH("5"), LENGTH("6")}, 400, true},
    {NEW, {HOST, LENGTH("")}, 400, true},
    {NEW, {HOST, LENGTH("+5")}, 400, true},
    {NEW, {HOST, LENGTH("-5")}, 400, true},
    {NEW, {HOST, LENGTH("5, 5")}, 400, true},
    {NEW, {HOST, LENGTH("0x5")}, 400, true},
    /* RFC 9112 6.1 */
    {NEW, {HOST, {"Transfer-Encoding", "gzip, chunked"}}, 501, true},
    {NEW, {HOST, {"Transfer-Encoding", "identity"}}, 501, true},
    {NEW, {HOST, CHUNKED, CHUNKED}, 501, true},
    /* RFC 9110 10.1.1 */
    {NEW, {HOST, LENGTH("5"), {"Expect", "100-continue"}}, 0, false},
    {NEW, {HOST, LENGTH("5"), {"Expect", "200-ok"}}, 417, false},
    {OLD, {HOST, LENGTH("5"), {"Expect", "200-ok"}}, 0, false},
    /* RFC 9110 15.5.16 */
    {NEW, {HOST, LENGTH("5"), {"Content-Encoding", "gzip"}}, 415, false},
    {NEW, {HOST, CHUNKED, {"Content-Encoding", "gzip"}}, 415, false},
    {NEW, {HOST, LENGTH("5"), {"Content-Encoding", "identity"}}, 0, false},
    {NEW, {HOST, LENGTH("5"), {"Content-Encoding", "identity"}, {"Content-Encoding", "gzip"}}, 415, false},
    {NEW, {HOST, {"Content-Encoding", "gzip"}}, 0, false},
    {NEW, {HOST, LENGTH("0"), {"Content-Encoding", "gzip"}}, 0, false},
};
/* clang-format on */

static void each_rule_stands_by_itself(void **state) {
    unsigned wrong = 0;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        given = &rows[i];
        const http_fault fault = http_message_check(NULL, rows[i].version);
        if (fault.status != rows[i].status || fault.ends != rows[i].ends) {
            print_error("row %zu: %d, due %d\n", i, fault.status, rows[i].status);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static void targets_are_paths_or_name_this_connection(void **state) {
    static const struct {
        const char *target, *scheme, *path;
        int status;
    } targets[] = {
        {"/echo", "https", "/echo", 0},
        {"*", "https", "*", 0},
        {"https://host/echo", "https", "/echo", 0},
        {"HTTPS://host/echo", "https", "/echo", 0},
        {"https://host", "https", "/", 0},
        {"https://host?a", "https", "/", 0},
        {"http://host/echo", "http", "/echo", 0},
        {"http://host/echo", "https", "/echo", 421},
        {"https://host/echo", "http", "/echo", 421},
        {"https:///echo", "https", "/echo", 400},
        {"https://", "https", "/", 400},
        {"https://user@host/echo", "https", "/echo", 400},
        {"https://host/a@b", "https", "/a@b", 0},
        {"ftp://host/echo", "https", "ftp://host/echo", 0}, /* no route has this name */
    };
    (void)state;
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        const char *path;
        if (http_message_path(targets[i].target, targets[i].scheme, &path).status != targets[i].status ||
            strcmp(path, targets[i].path) != 0)
            fail_msg("%s over %s: %s", targets[i].target, targets[i].scheme, path);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_stands_by_itself),
        cmocka_unit_test(targets_are_paths_or_name_this_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
