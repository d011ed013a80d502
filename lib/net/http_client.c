/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "net/http_client.h"

#include "net/http_anchor.h"
#include "net/http_failure.h"
#include "net/http_profile.h"

#include <curl/curl.h>
#include <gnutls/gnutls.h>
#include <gnutls/pkcs11.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CONNECT_TIMEOUT_MS 5000
#define TOTAL_TIMEOUT_MS 30000
#define STOP_MS 200 /* between two calls of the stop function */
#define RESPONSE_MAX (1024 * 1024)
#define SIGNATURE_MAX (32 * 1024) /* a CMS with two certificates is about 3 kB, base64 4 kB */

struct http_client {
    CURL *handle;
    CURLM *multi; /* has the kept connection */
    http_anchor *anchor;
    bool server_checked, server_good; /* for the call in progress */
    http_anchor_finding finding;
    http_client_stop *stop;
    void *stop_context;
    char *base_url;
    size_t response_max;
    long connect_timeout_ms, total_timeout_ms;
    bool certificate_given;
    http_sessions *sessions; /* that the handle takes part in, or NULL */
    char error[CURL_ERROR_SIZE];
};

result http_client_init(const http_key *key) {
    http_profile_keep_secrets();
    /* Manual: GnuTLS loads no PKCS#11 module, neither the system's nor the user's. */
    if (gnutls_pkcs11_init(GNUTLS_PKCS11_FLAG_MANUAL, NULL) < 0)
        return RESULT_INTERNAL;
    if (http_key_offer(key) == RESULT_OK && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
        return RESULT_OK;
    gnutls_pkcs11_deinit();
    return RESULT_INTERNAL;
}

result http_client_use_module(const char *path) {
    return gnutls_pkcs11_add_provider(path, NULL) >= 0 ? RESULT_OK : RESULT_NOT_FOUND;
}

void http_client_end(void) {
    curl_global_cleanup();
    http_key_offer(NULL);
    gnutls_pkcs11_deinit();
}

static long tls_versions(bool allow_tls_1_2) {
    return allow_tls_1_2 ? CURL_SSLVERSION_TLSv1_2 : (CURL_SSLVERSION_TLSv1_3 | CURL_SSLVERSION_MAX_TLSv1_3);
}

/* curl_prereq_callback: the handshake is done, no byte of the request was sent. Also called for a kept connection,
 * which may have been refused before. */
static int check_server(void *context, char *peer_address, char *own_address, int peer_port, int own_port) {
    http_client *client = context;
    (void)peer_address, (void)own_address, (void)peer_port, (void)own_port;
    client->server_checked = true;
    client->server_good = http_anchor_check(client->anchor, client->handle, &client->finding);
    if (client->server_good)
        return CURL_PREREQFUNC_OK;
    curl_easy_setopt(client->handle, CURLOPT_FORBID_REUSE, 1L);
    return CURL_PREREQFUNC_ABORT;
}

/* Patients' data must go only to the configured service over TLS: no proxy of the environment, no redirect, no other
 * protocol. QUICK_EXIT: after a time-out libcurl does not wait for its thread that asks an unresponsive name server (10
 * s and more); it ends by itself. */
static bool set_transport(CURL *handle, const http_client_options *options) {
    return !curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "https") && !curl_easy_setopt(handle, CURLOPT_PROXY, "") &&
           !curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L) &&
           !curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1) &&
           !curl_easy_setopt(handle, CURLOPT_HTTP09_ALLOWED, 0L) && !curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L) &&
           !curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L) && !curl_easy_setopt(handle, CURLOPT_TCP_KEEPALIVE, 1L) &&
           !curl_easy_setopt(handle, CURLOPT_SSLVERSION, tls_versions(options->allow_tls_1_2)) &&
           !curl_easy_setopt(handle, CURLOPT_SSLCERT, options->certificate) &&
           !curl_easy_setopt(handle, CURLOPT_SSLKEY, options->key);
}

/* One CA is trusted. CAPATH: an impossible folder (POSIX: no path is empty). Debian's default, /etc/ssl/certs, would
 * apply in addition to CAINFO and make every public CA trusted; NULL turns it off up to libcurl 8.20 and on from 8.21
 * on. No CRLFILE: GnuTLS would refuse lists that the policy still accepts. SSL_OPTIONS 0: no native store, no early
 * data. Without a session cache each handshake shows the certificate; a session that is resumed keeps it. */
static bool set_trust(http_client *client, const http_client_options *options) {
    CURL *handle = client->handle;
    return !curl_easy_setopt(handle, CURLOPT_CAPATH, "") &&
           !curl_easy_setopt(handle, CURLOPT_CAINFO, options->trust_anchor) &&
           !curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L) &&
           !curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L) &&
           !curl_easy_setopt(handle, CURLOPT_SSL_OPTIONS, 0L) &&
           !curl_easy_setopt(handle, CURLOPT_SSL_SESSIONID_CACHE, 0L) &&
           (!client->sessions || http_sessions_join(client->sessions, handle)) &&
           !curl_easy_setopt(handle, CURLOPT_CERTINFO, 1L) &&
           !curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, check_server) &&
           !curl_easy_setopt(handle, CURLOPT_PREREQDATA, client);
}

result http_client_new(const http_client_options *options, http_client **out) {
    if (!options->base_url || strncasecmp(options->base_url, "https://", 8) != 0 || !options->trust_anchor)
        return RESULT_INVALID;
    http_client *client = calloc(1, sizeof *client);
    if (!client)
        return RESULT_NO_MEMORY;
    client->handle = curl_easy_init();
    client->multi = curl_multi_init();
    client->base_url = strdup(options->base_url);
    client->response_max = options->response_max ? options->response_max : RESPONSE_MAX;
    client->connect_timeout_ms = CONNECT_TIMEOUT_MS;
    client->total_timeout_ms = TOTAL_TIMEOUT_MS;
    client->certificate_given = options->certificate != NULL;
    client->sessions = http_sessions_hold(options->sessions);
    http_client_set_timeouts(client, options->connect_timeout_ms, options->total_timeout_ms);
    result outcome = http_anchor_new(options->base_url, options->trust_anchor, options->trust_crl, &options->policy,
                                     options->allow_tls_1_2, &client->anchor);
    if (outcome == RESULT_OK &&
        (!client->handle || !client->multi || !client->base_url || !set_transport(client->handle, options) ||
         !set_trust(client, options) || curl_easy_setopt(client->handle, CURLOPT_ERRORBUFFER, client->error)))
        outcome = RESULT_NO_MEMORY;
    if (outcome != RESULT_OK) {
        http_client_free(&client);
        return outcome;
    }
    size_t length = strlen(client->base_url);
    if (client->base_url[length - 1] == '/')
        client->base_url[length - 1] = '\0';
    *out = client;
    return RESULT_OK;
}

void http_client_free(http_client **client) {
    if (!*client)
        return;
    if ((*client)->handle)
        curl_easy_cleanup((*client)->handle);
    if ((*client)->multi)
        curl_multi_cleanup((*client)->multi);
    http_sessions_forget(&(*client)->sessions);
    http_anchor_free(&(*client)->anchor);
    free((*client)->base_url);
    free(*client);
    *client = NULL;
}

void http_client_set_timeouts(http_client *client, long connect_ms, long total_ms) {
    if (connect_ms > 0)
        client->connect_timeout_ms = connect_ms;
    if (total_ms > 0)
        client->total_timeout_ms = total_ms;
}

void http_client_set_stop(http_client *client, http_client_stop *stop, void *context) {
    client->stop = stop;
    client->stop_context = context;
}

static size_t take_body(char *data, size_t size, size_t count, void *context) {
    http_answer *answer = context;
    return buffer_append(&answer->body, bytes_of(data, size * count)) == RESULT_OK ? size * count : 0;
}

/* The header's value without surrounding blanks, in a new string, if the line is that header. */
static char *header_value(const char *line, size_t length, const char *name) {
    size_t name_length = strlen(name);
    if (length <= name_length || strncasecmp(line, name, name_length) != 0 || line[name_length] != ':')
        return NULL;
    const char *begin = line + name_length + 1, *end = line + length;
    while (begin < end && (*begin == ' ' || *begin == '\t'))
        begin++;
    while (end > begin && strchr(" \t\r\n", end[-1]))
        end--;
    return (size_t)(end - begin) <= SIGNATURE_MAX ? strndup(begin, (size_t)(end - begin)) : NULL;
}

static size_t take_header(char *data, size_t size, size_t count, void *context) {
    http_answer *answer = context;
    size_t length = size * count;
    char *signature = header_value(data, length, "Uketsuke-Signature");
    if (signature) {
        free(answer->signature);
        answer->signature = signature;
    }
    char *type = header_value(data, length, "Content-Type");
    if (type && strlen(type) < sizeof answer->type)
        strcpy(answer->type, type);
    free(type);
    char *retry = header_value(data, length, "Retry-After");
    if (retry && *retry && strlen(retry) <= 6 && strspn(retry, "0123456789") == strlen(retry))
        answer->retry_after = strtol(retry, NULL, 10);
    free(retry);
    return length;
}

static struct curl_slist *request_headers(const char *content_type, bool *complete) {
    buffer line = BUFFER_INIT(256);
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:"); /* no waiting for 100-continue */
    if (headers && content_type && buffer_append_format(&line, "Content-Type: %s", content_type) == RESULT_OK) {
        struct curl_slist *longer = curl_slist_append(headers, buffer_text(&line));
        *complete = longer != NULL;
    } else {
        *complete = headers && !content_type;
    }
    buffer_wipe(&line);
    return headers;
}

static bool set_request(http_client *client, const char *method, const char *url, struct curl_slist *headers,
                        bytes body, http_answer *answer) {
    CURL *handle = client->handle;
    bool posts = strcmp(method, "POST") == 0;
    CURLcode code = posts ? curl_easy_setopt(handle, CURLOPT_POST, 1L) : curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
    if (!code && posts)
        code = curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.length);
    if (!code && posts)
        code = curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body.length ? (const char *)body.data : "");
    return !code && !curl_easy_setopt(handle, CURLOPT_URL, url) &&
           !curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers) &&
           !curl_easy_setopt(handle, CURLOPT_FORBID_REUSE, 0L) &&
           !curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, client->connect_timeout_ms) &&
           !curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, client->total_timeout_ms) &&
           !curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_body) &&
           !curl_easy_setopt(handle, CURLOPT_WRITEDATA, answer) &&
           !curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, take_header) &&
           !curl_easy_setopt(handle, CURLOPT_HEADERDATA, answer);
}

static result explain(http_client *client, CURLcode code, http_answer *answer) {
    if (!client->server_checked && code == CURLE_PEER_FAILED_VERIFICATION)
        client->finding.verdict = http_anchor_check_kept(client->anchor, client->handle);
    const http_failure failure = {
        .code = code,
        .library_words = client->error[0] ? client->error : curl_easy_strerror(code),
        .key = http_key_outcome(),
        .url = client->base_url,
        .server_refused = client->server_checked && !client->server_good,
        .finding = client->finding,
        .certificate_given = client->certificate_given,
        .too_long = answer->body.failed == RESULT_TOO_LONG,
        .response_max = client->response_max,
        .connect_timeout_ms = client->connect_timeout_ms,
        .total_timeout_ms = client->total_timeout_ms,
    };
    return http_failure_explain(&failure, answer->message, sizeof answer->message);
}

/* curl_easy_perform, with calls of the stop function. */
static CURLcode perform(http_client *client, bool *stopped) {
    int running = 1, left = 0;
    CURLMcode code = curl_multi_add_handle(client->multi, client->handle);
    while (code == CURLM_OK && (code = curl_multi_perform(client->multi, &running)) == CURLM_OK && running > 0) {
        *stopped = client->stop && client->stop(client->stop_context);
        if (*stopped)
            break;
        code = curl_multi_poll(client->multi, NULL, 0, STOP_MS, NULL);
    }
    const CURLMsg *message = curl_multi_info_read(client->multi, &left);
    const CURLcode outcome = message && message->msg == CURLMSG_DONE ? message->data.result : CURLE_ABORTED_BY_CALLBACK;
    curl_multi_remove_handle(client->multi, client->handle);
    return code == CURLM_OK ? outcome : CURLE_OUT_OF_MEMORY;
}

/* The peer does not take us, or we not it: no later handshake may rely on this one. */
static void end_sessions(http_client *client) {
    http_sessions_spoil(client->sessions);
    http_sessions_leave(client->handle);
    http_sessions_forget(&client->sessions);
}

/* Repeats the call with a full handshake when the resumed session belongs to a replaced certificate: no byte of the
 * request was sent. */
static CURLcode perform_checked(http_client *client, bool *stopped) {
    CURLcode code = perform(client, stopped);
    const bool refused = client->server_checked && !client->server_good;
    if (code != CURLE_OK && client->sessions && refused) {
        const bool again = client->finding.resumed && !*stopped;
        end_sessions(client);
        client->server_checked = false;
        return again ? perform(client, stopped) : code;
    }
    return code;
}

result http_client_call(http_client *client, const char *method, const char *path, const char *content_type, bytes body,
                        http_answer *answer) {
    *answer = (http_answer){.body = BUFFER_INIT(client->response_max), .retry_after = -1};
    client->error[0] = '\0';
    client->server_checked = client->server_good = false;
    client->finding = (http_anchor_finding){.files = RESULT_OK, .verdict = HTTP_TRUST_NOT_CHECKED};
    http_key_begin();
    buffer url = BUFFER_INIT(2048);
    bool complete = false;
    struct curl_slist *headers = request_headers(content_type, &complete);
    result outcome = buffer_append_format(&url, "%s%s", client->base_url, path);
    if (outcome == RESULT_OK && (!complete || !set_request(client, method, buffer_text(&url), headers, body, answer)))
        outcome = RESULT_NO_MEMORY;
    if (outcome == RESULT_OK) {
        bool stopped = false;
        CURLcode code = perform_checked(client, &stopped);
        long status = 0;
        if (code == CURLE_OK && !client->server_good) /* an answer without a check of the server is not trusted */
            code = CURLE_PEER_FAILED_VERIFICATION;
        if (stopped)
            outcome = http_failure_stopped(client->base_url, answer->message, sizeof answer->message);
        else if (code != CURLE_OK)
            outcome = explain(client, code, answer);
        else if (curl_easy_getinfo(client->handle, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
            answer->status = (int)status;
        if (client->sessions && (answer->status == 401 || answer->status == 403))
            end_sessions(client);
    }
    curl_easy_setopt(client->handle, CURLOPT_HTTPHEADER, NULL);
    curl_easy_setopt(client->handle, CURLOPT_POSTFIELDS, NULL);
    curl_slist_free_all(headers);
    buffer_wipe(&url);
    return outcome;
}

void http_answer_wipe(http_answer *answer) {
    buffer_wipe(&answer->body);
    free(answer->signature);
    *answer = (http_answer){.retry_after = -1};
}
