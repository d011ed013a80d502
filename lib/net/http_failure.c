/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "net/http_failure.h"

#include "base/language.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define N_(text) text /* for the caller's catalogue; programs without one show English */

static result __attribute__((format(printf, 4, 5))) say(char *message, size_t size, result code, const char *format,
                                                        ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, size, language_text(format), arguments);
    va_end(arguments);
    return code;
}

/* By http_trust_verdict: the code, and a sentence about the server at the URL. */
static const struct {
    result code;
    const char *text;
    /* clang-format off */
} refusals[] = {
    [HTTP_TRUST_OTHER_CA] = {RESULT_BAD_SIGNATURE,
        N_("The certificate of the server at %s comes from another CA. Do not go on; check the address and the trust "
           "anchor.")},
    [HTTP_TRUST_REVOKED] = {RESULT_BAD_SIGNATURE,
        N_("The certificate of the server at %s is revoked. Do not go on; its operator must get a new one.")},
    [HTTP_TRUST_NO_LIST] = {RESULT_BAD_SIGNATURE,
        N_("There is no revocation list of the CA that issued the certificate of the server at %s. Get the present "
           "trust anchors.")},
    [HTTP_TRUST_LIST_STALE] = {RESULT_EXPIRED,
        N_("The revocation list of the CA of the server at %s is past its nextUpdate. Get the present one; check this "
           "machine's clock first.")},
    [HTTP_TRUST_LIST_EARLY] = {RESULT_EXPIRED,
        N_("The revocation list of the CA of the server at %s is from the future. Check this machine's clock.")},
    [HTTP_TRUST_LIST_UNFIT] = {RESULT_BAD_SIGNATURE,
        N_("The revocation list of the CA of the server at %s is a part only, or has a critical extension that is not "
           "understood. Get a whole one.")},
    [HTTP_TRUST_KEY] = {RESULT_BAD_SIGNATURE,
        N_("The key of the server at %s has a size or kind that is not accepted. Do not go on; check the address, then "
           "ask its operator.")},
    [HTTP_TRUST_OTHER_NAME] = {RESULT_BAD_SIGNATURE,
        N_("The server at %s shows a certificate for another name. Check the address in the configuration.")},
    [HTTP_TRUST_OTHER_PURPOSE] = {RESULT_BAD_SIGNATURE,
        N_("The certificate of the server at %s is not for TLS servers. Do not go on; check the address, then ask its "
           "operator.")},
    [HTTP_TRUST_EXPIRED] = {RESULT_EXPIRED,
        N_("The certificate of the server at %s has expired. Its operator must renew it; check this machine's clock "
           "first.")},
    [HTTP_TRUST_NOT_YET_VALID] = {RESULT_EXPIRED,
        N_("The certificate of the server at %s is not valid yet. Check this machine's clock.")},
    [HTTP_TRUST_CA_OUT_OF_DATE] = {RESULT_EXPIRED,
        N_("The CA of the server at %s is outside its validity. Check this machine's clock, then the trust anchor.")},
};
/* clang-format on */

/* say for a sentence of a table, whose one %s is the URL. */
static result say_of_server(char *message, size_t size, result code, const char *sentence, const char *url) {
    const char *text = language_text(sentence), *gap = strstr(text, "%s");
    if (gap)
        snprintf(message, size, "%.*s%s%s", (int)(gap - text), text, url, gap + 2);
    else
        snprintf(message, size, "%s", text);
    return code;
}

static result explain_certificate(const http_failure *failure, char *message, size_t size) {
    const http_trust_verdict verdict = failure->finding.verdict;
    if (verdict < sizeof refusals / sizeof refusals[0] && refusals[verdict].text)
        return say_of_server(message, size, refusals[verdict].code, refusals[verdict].text, failure->url);
    return say(message, size, RESULT_BAD_SIGNATURE,
               N_("The certificate of the server at %s could not be verified (%s). Do not go on; check the address and "
                  "the trust anchor."),
               failure->url, failure->library_words);
}

static result explain_refusal(const http_failure *failure, char *message, size_t size) {
    if (failure->finding.files == RESULT_BAD_SIGNATURE)
        return say(message, size, RESULT_NOT_FOUND,
                   N_("The CRL for %s was signed by none of the CAs in the trust anchor. Get both from one place."),
                   failure->url);
    if (failure->finding.files != RESULT_OK)
        return say(message, size, RESULT_NOT_FOUND,
                   N_("The trust anchor or CRL for %s cannot be read. Check its path."), failure->url);
    if (failure->finding.outside_profile)
        return say(
            message, size, RESULT_BAD_SIGNATURE,
            N_("The server at %s uses a TLS version or cipher that is not accepted. Its operator must offer TLS 1.3."),
            failure->url);
    return explain_certificate(failure, message, size);
}

/* TLS 1.3: the server checks our certificate after our side of the handshake is done, so a refusal arrives as a failed
 * read (GNUTLS_E_FATAL_ALERT_RECEIVED, -12) or as a failed write. */
static result explain_broken(const http_failure *failure, char *message, size_t size) {
    if (!failure->certificate_given)
        return say(message, size, RESULT_DENIED, N_("The server at %s requires a client certificate. Configure one."),
                   failure->url);
    if (strstr(failure->library_words, "(-12)") || strstr(failure->library_words, "fatal alert"))
        return say(
            message, size, RESULT_DENIED,
            N_("The server at %s refused this terminal's certificate (none was sent, or it is revoked, or the TLS "
               "version does not fit). Check the client certificate and that its token offers RSA-PSS."),
            failure->url);
    return say(
        message, size, RESULT_UNAVAILABLE,
        N_("The connection to %s broke before there was an answer (%s). Try again; if it stays so, check the client "
           "certificate."),
        failure->url, failure->library_words);
}

static result explain_key(const http_failure *failure, result code, const char *why, char *message, size_t size) {
    return say(
        message, size, code,
        N_("The client key for %s cannot be used (%s). Check that the Secure Element is in and its PIN is right."),
        failure->url, why);
}

static result explain_handshake(const http_failure *failure, char *message, size_t size) {
    if (strstr(failure->library_words, "X.509 key") || strstr(failure->library_words, "Error in the certificate."))
        return explain_key(failure, RESULT_DENIED, failure->library_words, message, size);
    return explain_broken(failure, message, size);
}

result http_failure_explain(const http_failure *failure, char *message, size_t size) {
    if (failure->key != RESULT_OK)
        return explain_key(failure, RESULT_REMOVED, result_text(failure->key), message, size);
    if (failure->server_refused)
        return explain_refusal(failure, message, size);
    if (failure->too_long)
        return say(message, size, RESULT_TOO_LONG, N_("The answer of %s is longer than %zu bytes and was dropped."),
                   failure->url, failure->response_max);
    switch (failure->code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return say(message, size, RESULT_UNAVAILABLE,
                   N_("The name in %s is unknown. Check the address and the network."), failure->url);
    case CURLE_COULDNT_CONNECT:
        return say(message, size, RESULT_UNAVAILABLE,
                   N_("Nothing answers at %s (connection refused or no route). Check that the service runs."),
                   failure->url);
    case CURLE_OPERATION_TIMEDOUT:
        return say(message, size, RESULT_TIMEOUT,
                   N_("No answer from %s within %ld ms (%ld ms to connect). Try again later."), failure->url,
                   failure->total_timeout_ms, failure->connect_timeout_ms);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR: return explain_certificate(failure, message, size);
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CRL_BADFILE:
        return say(message, size, RESULT_NOT_FOUND,
                   N_("The trust anchor or CRL for %s cannot be read. Check its path."), failure->url);
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CONNECT_ERROR: return explain_handshake(failure, message, size);
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_PARTIAL_FILE:
        return say(message, size, RESULT_INVALID, N_("The answer of %s is no whole HTTP answer (%s)."), failure->url,
                   failure->library_words);
    case CURLE_OUT_OF_MEMORY:
        return say(message, size, RESULT_NO_MEMORY, N_("No memory for a call to %s."), failure->url);
    default: return explain_broken(failure, message, size);
    }
}

result http_failure_stopped(const char *url, char *message, size_t size) {
    return say(message, size, RESULT_TIMEOUT,
               N_("The call to %s was interrupted for other work. It is repeated later."), url);
}
