/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A page for people on the server itself: where it may listen, what it answers, and that nothing of a stranger's text
 * becomes HTML. */
#include "net/http_document.h"
#include "net/http_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/test-http-page-XXXXXX";
static char where[80];
static http_page *page;
static result writing;

static result write_page(void *context, const char *parameter, buffer *html) {
    assert_string_equal(context, "context");
    buffer_append_text(html, "<p>");
    http_document_text(html, parameter);
    return writing;
}

static const http_page_path paths[] = {
    {"/", HTTP_PAGE_HTML, "state", write_page}, {"/plain", "text/plain", NULL, write_page}, {NULL, NULL, NULL, NULL}};

static int begin(void **state) {
    static char context[] = "context";
    (void)state;
    writing = RESULT_OK;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(where, sizeof where, "unix:%s/page", folder);
    return http_page_start(where, paths, context, &page) == RESULT_OK ? 0 : -1;
}

static int end(void **state) {
    (void)state;
    http_page_stop(&page);
    assert_int_not_equal(access(where + strlen("unix:"), F_OK), 0);
    rmdir(folder);
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    return 0;
}

/* The whole answer to one request. */
static const char *answer_to(const char *request) {
    static char answer[4096];
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t length = 0;
    ssize_t got;
    snprintf(to.sun_path, sizeof to.sun_path, "%s", where + strlen("unix:"));
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
    while (length + 1 < sizeof answer && (got = recv(fd, answer + length, sizeof answer - 1 - length, 0)) > 0)
        length += (size_t)got;
    answer[length] = '\0';
    close(fd);
    return answer;
}
#define GET(path) answer_to("GET " path " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")

static void a_stranger_s_text_is_no_html(void **state) {
    const char *answer;
    (void)state;
    answer = GET("/?state=%3Cb%3E%26%22%27x");
    assert_non_null(strstr(answer, "HTTP/1.1 200 "));
    assert_non_null(strstr(answer, "<p>&lt;b&gt;&amp;&quot;&#39;x"));
    assert_non_null(strstr(answer, "Content-Security-Policy: default-src 'none'"));
    assert_non_null(strstr(answer, "Cache-Control: no-store"));
    assert_non_null(strstr(answer, "Content-Type: " HTTP_PAGE_HTML "\r\n"));
    assert_non_null(strstr(GET("/"), "<p>"));
    assert_null(strstr(GET("/?other=abc"), "abc"));
    assert_null(strstr(GET("/plain?state=abc"), "abc"));
    assert_non_null(strstr(GET("/plain"), "Content-Type: text/plain\r\n"));
}

static void other_pages_are_not_there_and_these_are_read_only(void **state) {
    (void)state;
    assert_non_null(strstr(GET("/other"), "<p>There is no such page here (404)."));
    assert_null(strstr(answer_to("HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"), "<p>"));
    const char *answer = answer_to("DELETE / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert_non_null(strstr(answer, "HTTP/1.1 405 "));
    assert_non_null(strstr(answer, "Allow: GET, HEAD"));
    assert_non_null(strstr(answer, "<p>Pages here can only be read, with GET or HEAD (405)."));
}

static void all_pages_have_one_style_sheet_and_nothing_inline(void **state) {
    (void)state;
    const char *answer = GET("/style.css");
    assert_non_null(strstr(answer, "Content-Type: " HTTP_DOCUMENT_STYLE_TYPE "\r\n"));
    assert_non_null(strstr(answer, "\r\n\r\n:root{"));
    answer = GET("/");
    assert_non_null(strstr(answer, "style-src 'self';"));
    assert_null(strstr(answer, "unsafe-inline"));
}

static void a_document_says_everything_without_style_and_script(void **state) {
    const http_bar bars[] = {{"a<b", 3}, {"none", 0}, {"most", 6}};
    buffer html = BUFFER_INIT(4096);
    (void)state;
    http_document_begin(&html, "x & y");
    http_document_bars(&html, "how many", bars, 3);
    http_document_cell(&html, "");
    http_document_end(&html);
    const char *text = buffer_text(&html);
    assert_non_null(strstr(text, "<title>x &amp; y</title>"));
    assert_non_null(strstr(text, "<h1>x &amp; y</h1>"));
    assert_non_null(strstr(text, "<title>how many</title>"));
    assert_non_null(strstr(text, "a&lt;b</text><rect x=\"240\" y=\"0\" width=\"150\""));
    assert_non_null(strstr(text, "width=\"0\""));
    assert_non_null(strstr(text, "width=\"300\" height=\"20\"></rect>"));
    assert_non_null(strstr(text, ">6</text>"));
    assert_non_null(strstr(text, "<td>–</td>"));
    assert_null(strstr(text, "style="));
    assert_null(strstr(text, "<script"));
    buffer_wipe(&html);
}

static void what_cannot_be_written_is_not_shown_in_part(void **state) {
    (void)state;
    writing = RESULT_IO;
    const char *answer = GET("/?state=half");
    assert_non_null(strstr(answer, "HTTP/1.1 503 "));
    assert_non_null(strstr(answer, "<p>The page cannot be made now; try again later (503)."));
    assert_null(strstr(answer, "half"));
}

static void it_is_for_the_server_s_own_people(void **state) {
    static const char *const elsewhere[] = {"0.0.0.0:8080", "192.0.2.1:8080", "[::]:8080",       "localhost:8080",
                                            "127.0.0.1:",   "127.0.0.1:0",    "127.0.0.1:65536", ""};
    http_page *other;
    struct stat seen;
    (void)state;
    assert_int_equal(stat(where + strlen("unix:"), &seen), 0);
    assert_int_equal(seen.st_mode & 0777, 0600);
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++) {
        assert_int_equal(http_page_start(elsewhere[i], paths, NULL, &other), RESULT_INVALID);
        assert_null(other);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
        TEST(a_stranger_s_text_is_no_html),
        TEST(other_pages_are_not_there_and_these_are_read_only),
        TEST(all_pages_have_one_style_sheet_and_nothing_inline),
        TEST(a_document_says_everything_without_style_and_script),
        TEST(what_cannot_be_written_is_not_shown_in_part),
        TEST(it_is_for_the_server_s_own_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
