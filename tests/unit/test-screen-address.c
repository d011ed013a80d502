/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who gets to the desk's pages, and what a page may ask: requests by name, origin and site; addresses and cookies by
 * view and user; commands by the table. Time, users and the desk are the test's. */
#include "admissions.h"
#include "desk_call.h"
#include "net/http_local.h"
#include "net/http_loopback_user.h"
#include "staff_commands.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define ME 1000
#define OTHER 1001

static int64_t now_ms = 1000;

int64_t __wrap_clock_monotonic_ms(void);

int64_t __wrap_clock_monotonic_ms(void) {
    return now_ms;
}

/* --- requests ----------------------------------------------------------------------------------------------------- */

static atomic_uint peer_uid; /* of whoever connects; a thread of the server asks */
static http_local *server;

result __wrap_http_loopback_user(const struct sockaddr_in *client, const struct sockaddr_in *to, uid_t *uid);

result __wrap_http_loopback_user(const struct sockaddr_in *client, const struct sockaddr_in *to, uid_t *uid) {
    (void)client, (void)to;
    *uid = atomic_load(&peer_uid);
    return RESULT_OK;
}

static bool may_connect(void *context, uid_t uid) {
    (void)context;
    return uid == ME;
}

static void answer(void *context, const http_local_request *request, http_local_reply *reply) {
    (void)context;
    assert_int_equal(request->uid, ME);
    reply->status = 200;
    reply->content_type = "text/plain";
    buffer_append_text(&reply->body, "the page");
}

static const http_local_route routes[] = {
    {"GET", "/page", answer, NULL, 0}, {"POST", "/ask", answer, NULL, 16}, {NULL, NULL, NULL, NULL, 0}};

/* The status of the answer; 0: there is none. $ stands for the server's own name. */
static int status_of(const char *request, bool *with_page) {
    char sent[1024] = "", got[4096], own[32];
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(http_local_port(server))};
    size_t length = 0;
    ssize_t part;
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    snprintf(own, sizeof own, "127.0.0.1:%u", http_local_port(server));
    for (const char *at = request; *at != 0; at++)
        snprintf(sent + strlen(sent), sizeof sent - strlen(sent), "%.*s", *at == '$' ? 31 : 1, *at == '$' ? own : at);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
    if (send(fd, sent, strlen(sent), MSG_NOSIGNAL) < 0)
        length = 0;
    while (length + 1 < sizeof got && (part = recv(fd, got + length, sizeof got - 1 - length, 0)) > 0)
        length += (size_t)part;
    got[length] = 0;
    close(fd);
    *with_page = strstr(got, "the page") != NULL;
    return length > 0 ? atoi(got + strlen("HTTP/1.1 ")) : 0;
}

#define GET "GET /page HTTP/1.1\r\nConnection: close\r\n"
#define POST "POST /ask HTTP/1.1\r\nConnection: close\r\nHost: $\r\nContent-Length: 2\r\n"
#define JSON "Content-Type: application/json\r\n"
#define OURS "Origin: http://$\r\n"
#define END "\r\n"

static void only_its_own_pages_are_answered(void **state) {
    static const struct {
        const char *what, *request;
        int status;
    } rows[] = {
        {"a page", GET "Host: $\r\n" END, 200},
        {"by another name that leads here", GET "Host: desk.example:80\r\n" END, 421},
        {"by the name of another port", GET "Host: 127.0.0.1:1\r\n" END, 421},
        {"typed by a person", GET "Host: $\r\nSec-Fetch-Site: none\r\n" END, 200},
        {"by a page of ours", GET "Host: $\r\nSec-Fetch-Site: same-origin\r\n" END, 200},
        {"by another site's page", GET "Host: $\r\nSec-Fetch-Site: cross-site\r\n" END, 403},
        {"by a page of another port", GET "Host: $\r\nSec-Fetch-Site: same-site\r\n" END, 403},
        {"by another site's script", GET "Host: $\r\nOrigin: http://example.jp\r\n" END, 403},
        {"a command", POST JSON OURS END "{}", 200},
        {"a command without origin", POST JSON END "{}", 403},
        {"a command of another origin", POST JSON "Origin: http://example.jp\r\n" END "{}", 403},
        {"a command of nobody's origin", POST JSON "Origin: null\r\n" END "{}", 403},
        {"a command by a form", POST "Content-Type: text/plain\r\n" OURS END "{}", 415},
        {"a page that is none", "GET /other HTTP/1.1\r\nConnection: close\r\nHost: $\r\n" END, 404},
        {"a command where a page is", "POST /page HTTP/1.1\r\nConnection: close\r\nHost: $\r\n" JSON OURS END, 405},
        {"a command of sixteen bytes",
         "POST /ask HTTP/1.1\r\nConnection: close\r\nHost: $\r\nContent-Length: 16\r\n" JSON OURS END
         "{\"a\":\"bcdefghi\"}",
         200},
        {"and one of seventeen",
         "POST /ask HTTP/1.1\r\nConnection: close\r\nHost: $\r\nContent-Length: 17\r\n" JSON OURS END
         "{\"a\":\"bcdefghij\"}",
         413},
    };
    bool with_page;
    (void)state;
    atomic_store(&peer_uid, ME);
    assert_int_equal(http_local_start(&(http_local_options){.routes = routes, .may_connect = may_connect}, &server),
                     RESULT_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const int status = status_of(rows[i].request, &with_page);
        if (status != rows[i].status || with_page != (status == 200))
            fail_msg("%s: %d", rows[i].what, status);
    }
    atomic_store(&peer_uid, OTHER);
    assert_int_equal(status_of(rows[0].request, &with_page), 0);
    http_local_stop(&server);
}

/* --- addresses and cookies ---------------------------------------------------------------------------------------- */

static char folder[] = "/tmp/test-screen-address.XXXXXX", file[64];

static admissions *begin_admissions(void) {
    admissions *a;
    assert_int_equal(admissions_open(file, &a), RESULT_OK);
    return a;
}

static void an_address_works_once(void **state) {
    static const struct {
        const char *view;
        uid_t uid;
        int64_t later_ms;
        bool due;
    } rows[] = {{"staff", ME, 0, true},
                {"patient", ME, 0, false},
                {"staff", OTHER, 0, false},
                {"staff", ME, ADMISSION_KEY_MS - 1, true},
                {"staff", ME, ADMISSION_KEY_MS, false}};
    char key[ADMISSION_KEY_SIZE], cookie[ADMISSION_COOKIE_SIZE];
    admissions *a = begin_admissions();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(admissions_invite(a, "staff", ME, key), RESULT_OK);
        now_ms += rows[i].later_ms;
        assert_int_equal(admissions_enter(a, rows[i].view, rows[i].uid, key, cookie),
                         rows[i].due ? RESULT_OK : RESULT_DENIED);
        assert_int_equal(admissions_enter(a, "staff", ME, key, cookie), RESULT_DENIED); /* it is used up */
    }
    assert_int_equal(admissions_invite(a, "staff", ME, key), RESULT_OK);
    key[3] ^= 1;
    assert_int_equal(admissions_enter(a, "staff", ME, key, cookie), RESULT_DENIED);
    assert_int_equal(admissions_enter(a, "staff", ME, "", cookie), RESULT_DENIED); /* which free places have */
    admissions_free(&a);
}

static void the_oldest_address_gives_way(void **state) {
    static char keys[17][ADMISSION_KEY_SIZE];
    char cookie[ADMISSION_COOKIE_SIZE];
    admissions *a = begin_admissions();
    (void)state;
    for (int i = 0; i < 17; i++, now_ms++)
        assert_int_equal(admissions_invite(a, "staff", ME, keys[i]), RESULT_OK);
    for (int i = 0; i < 17; i++)
        assert_int_equal(admissions_enter(a, "staff", ME, keys[i], cookie), i == 0 ? RESULT_DENIED : RESULT_OK);
    admissions_free(&a);
}

static void a_cookie_is_one_view_s_and_one_user_s(void **state) {
    char key[ADMISSION_KEY_SIZE], cookie[ADMISSION_COOKIE_SIZE], sent[512];
    admissions *a = begin_admissions();
    (void)state;
    assert_int_equal(admissions_invite(a, "staff", ME, key), RESULT_OK);
    assert_int_equal(admissions_enter(a, "staff", ME, key, cookie), RESULT_OK);
    assert_non_null(strstr(cookie, "; Path=/staff; HttpOnly; SameSite=Strict"));
    *strchr(cookie, ';') = 0;
    admissions_free(&a);
    a = begin_admissions(); /* the program was started again */
    assert_true(admissions_know(a, "staff", ME, cookie));
    assert_false(admissions_know(a, "staff", OTHER, cookie));
    snprintf(sent, sizeof sent, "other=1; %s; more=2", cookie);
    assert_true(admissions_know(a, "staff", ME, sent));
    snprintf(sent, sizeof sent, "uketsuke-patient=%s", strchr(cookie, '=') + 1);
    assert_false(admissions_know(a, "patient", ME, sent));
    assert_false(admissions_know(a, "staff", ME, ""));
    for (size_t i = strlen("uketsuke-staff="); i < strlen(cookie); i++) {
        snprintf(sent, sizeof sent, "%s", cookie);
        sent[i] ^= 1;
        assert_false(admissions_know(a, "staff", ME, sent));
    }
    admissions_free(&a);
    unlink(file);
    a = begin_admissions(); /* another machine, or the secret was renewed */
    assert_false(admissions_know(a, "staff", ME, cookie));
    admissions_free(&a);
}

/* --- commands ----------------------------------------------------------------------------------------------------- */

static unsigned calls;
static char pin_sent[16];

/* The desk. */
json_t *desk_call(const char *desk, json_t *request, char pin_type, bytes pin) {
    (void)desk, (void)pin_type;
    calls++;
    assert_true(json_is_true(json_object_get(request, "json")));
    snprintf(pin_sent, sizeof pin_sent, "%.*s", (int)pin.length, pin.length > 0 ? (const char *)pin.data : "");
    json_decref(request);
    return json_pack("{s:b,s:s,s:s}", "ok", 0, "reason", "no-session", "message", "for administrators");
}

static void a_page_asks_by_the_table(void **state) {
    static const struct {
        const char *body;
        const char *pin; /* NULL: refused, and the desk was not asked */
    } rows[] = {
        {"{\"command\":\"status\"}", ""},
        {"{\"command\":\"reception\",\"again\":true,\"department\":\"1\"}", ""},
        {"{\"command\":\"reception\",\"identified\":\"face\"}", ""},
        {"{\"command\":\"status\",\"language\":\"ja\"}", ""},
        {"{\"command\":\"today show\",\"arguments\":[\"7\"]}", ""},
        {"[\"1234\",{\"command\":\"login\"}]", "1234"},
        {"{\"command\":\"status\",\"again\":true}", NULL}, /* another command's option */
        {"{\"command\":\"status\",\"output\":\"/etc\"}", NULL},
        {"{\"command\":\"anchors propose\"}", NULL},
        {"{\"command\":\"today show\",\"arguments\":[\"7\",\"8\"]}", NULL},
        {"{\"command\":\"today show\",\"arguments\":[7]}", NULL},
        {"{\"command\":\"reception\",\"again\":1}", NULL},
        {"{\"command\":\"login\"}", NULL},               /* without its PIN */
        {"[\"1234\",{\"command\":\"status\"}]", NULL},   /* a PIN for nothing */
        {"[\"12\\\"4\",{\"command\":\"login\"}]", NULL}, /* which is not taken apart */
        {"[\"1234\",{\"command\":\"login\"}", NULL},
        {"{\"command\":\"status\",\"command\":\"today\"}", NULL},
        {"[]", NULL},
        {"", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        buffer out = BUFFER_INIT(65536);
        calls = 0;
        const result code = staff_command("desk", bytes_of(rows[i].body, strlen(rows[i].body)), &out);
        if ((code == RESULT_OK) != (rows[i].pin != NULL) || calls != (rows[i].pin != NULL))
            fail_msg("%s: %d, %u", rows[i].body, (int)code, calls);
        if (rows[i].pin != NULL) {
            assert_string_equal(pin_sent, rows[i].pin);
            assert_non_null(strstr(buffer_text(&out), "\"words\":{"));
            assert_null(strstr(buffer_text(&out), "for administrators"));
        }
        buffer_wipe(&out);
    }
}

static int make_folder(void **state) {
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(file, sizeof file, "%s/secret", folder);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    unlink(file);
    return rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_its_own_pages_are_answered), cmocka_unit_test(an_address_works_once),
        cmocka_unit_test(the_oldest_address_gives_way),    cmocka_unit_test(a_cookie_is_one_view_s_and_one_user_s),
        cmocka_unit_test(a_page_asks_by_the_table),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
