/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What people are told when a call fails: each cause has its code, and a sentence that names the server. */
#include "net/http_failure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define URL "https://pf.example/"

static char told[1024];

static result explain(http_failure failure) {
    failure.url = URL;
    if (failure.library_words == NULL)
        failure.library_words = "words of the library";
    memset(told, 0, sizeof told);
    const result code = http_failure_explain(&failure, told, sizeof told);
    assert_non_null(strstr(told, URL));
    assert_null(strstr(told, "%s"));
    return code;
}

static void each_failure_of_the_library_has_its_cause(void **state) {
    static const struct {
        http_failure failure;
        result code;
        const char *words;
    } rows[] = {
        {{.code = CURLE_COULDNT_RESOLVE_HOST}, RESULT_UNAVAILABLE, "is unknown"},
        {{.code = CURLE_COULDNT_CONNECT}, RESULT_UNAVAILABLE, "Check that the service runs"},
        {{.code = CURLE_OPERATION_TIMEDOUT, .total_timeout_ms = 800, .connect_timeout_ms = 300},
         RESULT_TIMEOUT,
         "within 800 ms (300 ms to connect)"},
        {{.code = CURLE_SSL_CACERT_BADFILE}, RESULT_NOT_FOUND, "cannot be read"},
        {{.code = CURLE_SSL_CRL_BADFILE}, RESULT_NOT_FOUND, "cannot be read"},
        {{.code = CURLE_WEIRD_SERVER_REPLY}, RESULT_INVALID, "no whole HTTP answer (words of the library)"},
        {{.code = CURLE_PARTIAL_FILE}, RESULT_INVALID, "no whole HTTP answer"},
        {{.code = CURLE_OUT_OF_MEMORY}, RESULT_NO_MEMORY, "No memory"},
        {{.code = CURLE_PEER_FAILED_VERIFICATION}, RESULT_BAD_SIGNATURE, "could not be verified (words"},
        {{.code = CURLE_RECV_ERROR}, RESULT_DENIED, "requires a client certificate"},
        {{.code = CURLE_RECV_ERROR, .certificate_given = true}, RESULT_UNAVAILABLE, "broke before there was an answer"},
        {{.code = CURLE_RECV_ERROR, .certificate_given = true, .library_words = "recv failed (-12)"},
         RESULT_DENIED,
         "refused this terminal's certificate"},
        {{.code = CURLE_SSL_CONNECT_ERROR, .certificate_given = true, .library_words = "A TLS fatal alert has come"},
         RESULT_DENIED,
         "refused this terminal's certificate"},
        {{.code = CURLE_SSL_CERTPROBLEM, .certificate_given = true, .library_words = "error reading X.509 key"},
         RESULT_DENIED,
         "client key"},
        {{.code = CURLE_OK, .too_long = true, .response_max = 4711}, RESULT_TOO_LONG, "longer than 4711 bytes"},
        {{.code = CURLE_SSL_CONNECT_ERROR, .key = RESULT_REMOVED}, RESULT_REMOVED, "Secure Element is in"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (explain(rows[i].failure) != rows[i].code)
            fail_msg("row %zu: %s", i, told);
        if (strstr(told, rows[i].words) == NULL)
            fail_msg("row %zu: %s", i, told);
    }
}

/* What our own check of the server has found goes before the library's words. */
static void each_refusal_of_ours_has_its_cause(void **state) {
    static const struct {
        http_trust_verdict verdict;
        result code;
    } rows[] = {
        {HTTP_TRUST_OTHER_CA, RESULT_BAD_SIGNATURE},      {HTTP_TRUST_REVOKED, RESULT_BAD_SIGNATURE},
        {HTTP_TRUST_NO_LIST, RESULT_BAD_SIGNATURE},       {HTTP_TRUST_LIST_STALE, RESULT_EXPIRED},
        {HTTP_TRUST_LIST_EARLY, RESULT_EXPIRED},          {HTTP_TRUST_LIST_UNFIT, RESULT_BAD_SIGNATURE},
        {HTTP_TRUST_KEY, RESULT_BAD_SIGNATURE},           {HTTP_TRUST_OTHER_NAME, RESULT_BAD_SIGNATURE},
        {HTTP_TRUST_OTHER_PURPOSE, RESULT_BAD_SIGNATURE}, {HTTP_TRUST_EXPIRED, RESULT_EXPIRED},
        {HTTP_TRUST_NOT_YET_VALID, RESULT_EXPIRED},       {HTTP_TRUST_CA_OUT_OF_DATE, RESULT_EXPIRED},
    };
    char before[sizeof told] = "";
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        http_failure failure = {.server_refused = true, .finding = {.verdict = rows[i].verdict}};
        assert_int_equal(explain(failure), rows[i].code);
        assert_null(strstr(told, "words of the library"));
        assert_string_not_equal(told, before); /* each says something else */
        strcpy(before, told);
        failure = (http_failure){.code = CURLE_PEER_FAILED_VERIFICATION, .finding = {.verdict = rows[i].verdict}};
        assert_int_equal(explain(failure), rows[i].code); /* also of a server that the library has refused */
        assert_string_equal(told, before);
    }
    assert_int_equal(explain((http_failure){.server_refused = true, .finding = {.files = RESULT_BAD_SIGNATURE}}),
                     RESULT_NOT_FOUND);
    assert_non_null(strstr(told, "none of the CAs"));
    assert_int_equal(explain((http_failure){.server_refused = true, .finding = {.files = RESULT_IO}}),
                     RESULT_NOT_FOUND);
    assert_int_equal(explain((http_failure){.server_refused = true, .finding = {.outside_profile = true}}),
                     RESULT_BAD_SIGNATURE);
    assert_non_null(strstr(told, "TLS 1.3"));
}

static void a_call_that_gave_way_is_repeated(void **state) {
    (void)state;
    assert_int_equal(http_failure_stopped(URL, told, sizeof told), RESULT_TIMEOUT);
    assert_non_null(strstr(told, URL));
}

/* A sentence that is longer than its place is cut, and ends. */
static void a_small_place_is_not_left(void **state) {
    char small[20];
    (void)state;
    memset(small, 'x', sizeof small);
    const http_failure failure = {.code = CURLE_COULDNT_CONNECT, .url = URL, .library_words = ""};
    http_failure_explain(&failure, small, sizeof small - 1);
    assert_int_equal(strlen(small), sizeof small - 2);
    assert_int_equal(small[sizeof small - 1], 'x');
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_failure_of_the_library_has_its_cause),
        cmocka_unit_test(each_refusal_of_ours_has_its_cause),
        cmocka_unit_test(a_call_that_gave_way_is_repeated),
        cmocka_unit_test(a_small_place_is_not_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
