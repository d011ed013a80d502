#include "net/http_failure.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <libintl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define N_(text) text /* for the catalogue of whoever shows it; programs without one show English */

static result __attribute__((format(printf, 4, 5)))
say(char *message, size_t size, result code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, size, gettext(format), arguments);
    va_end(arguments);
    return code;
}

/* The server's own certificate comes first; libcurl gives it as "Cert:<PEM>". */
static bool server_certificate(const struct curl_certinfo *info, gnutls_x509_crt_t *certificate) {
    if (!info || info->num_of_certs < 1)
        return false;
    for (const struct curl_slist *entry = info->certinfo[0]; entry; entry = entry->next) {
        if (strncmp(entry->data, "Cert:", 5) != 0 || gnutls_x509_crt_init(certificate) < 0)
            continue;
        gnutls_datum_t pem = {(unsigned char *)entry->data + 5, (unsigned int)strlen(entry->data + 5)};
        if (gnutls_x509_crt_import(*certificate, &pem, GNUTLS_X509_FMT_PEM) == 0)
            return true;
        gnutls_x509_crt_deinit(*certificate);
    }
    return false;
}

static result explain_certificate(const http_failure *failure, char *message, size_t size) {
    gnutls_x509_crt_t certificate;
    time_t now = time(NULL);
    bool expired = false, early = false;
    if (server_certificate(failure->certificates, &certificate)) {
        expired = gnutls_x509_crt_get_expiration_time(certificate) < now;
        early = gnutls_x509_crt_get_activation_time(certificate) > now;
        gnutls_x509_crt_deinit(certificate);
    }
    if (strstr(failure->library_words, "does not match"))
        return say(message, size, RESULT_BAD_SIGNATURE,
                   N_("The server at %s shows a certificate for another name. Check the address in the configuration."),
                   failure->url);
    if (expired)
        return say(
            message, size, RESULT_EXPIRED,
            N_("The certificate of the server at %s has expired. Its operator must renew it; check this machine's "
               "clock first."),
            failure->url);
    if (early)
        return say(message, size, RESULT_EXPIRED,
                   N_("The certificate of the server at %s is not valid yet. Check this machine's clock."),
                   failure->url);
    return say(
        message, size, RESULT_BAD_SIGNATURE,
        N_("The certificate of the server at %s comes from another CA or is revoked. Do not go on; check the address "
           "and the trust anchor."),
        failure->url);
}

/* TLS 1.3: the server judges our certificate after our side of the handshake is done, so a refusal arrives as a failed
 * read (GNUTLS_E_FATAL_ALERT_RECEIVED, -12) or as a failed write. */
static result explain_broken(const http_failure *failure, char *message, size_t size) {
    if (!failure->certificate_given)
        return say(message, size, RESULT_DENIED,
                   N_("The server at %s did not take a call without a client certificate. Configure one."),
                   failure->url);
    if (strstr(failure->library_words, "(-12)") || strstr(failure->library_words, "fatal alert"))
        return say(
            message, size, RESULT_DENIED,
            N_("The server at %s did not take this terminal's certificate (none was sent, or it is revoked, or the TLS "
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
    if (failure->too_long)
        return say(message, size, RESULT_TOO_LONG, N_("The answer of %s is longer than %zu bytes; it was not read on."),
                   failure->url, failure->response_most);
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
    case CURLE_SSL_ISSUER_ERROR:
        return explain_certificate(failure, message, size);
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CRL_BADFILE:
        return say(message, size, RESULT_NOT_FOUND,
                   N_("The trust anchor or CRL for %s cannot be read. Check its path."), failure->url);
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CONNECT_ERROR:
        return explain_handshake(failure, message, size);
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_PARTIAL_FILE:
        return say(message, size, RESULT_INVALID, N_("The answer of %s is no whole HTTP answer (%s)."), failure->url,
                   failure->library_words);
    case CURLE_OUT_OF_MEMORY:
        return say(message, size, RESULT_NO_MEMORY, N_("No memory for a call to %s."), failure->url);
    default:
        return explain_broken(failure, message, size);
    }
}

result http_failure_stopped(const char *url, char *message, size_t size) {
    return say(message, size, RESULT_TIMEOUT,
               N_("The call to %s was broken off: something else was to be done first. It is made again later."), url);
}
