/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "net-fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];
char net_paths[32][128];
static size_t path_count;
test_identity net_ca, net_server_identity, net_terminal, net_revoked;
static test_identity other_ca, other_server, expired_server, named_server, foreign, unprintable;
http_server *net_server;
char net_url[64];

const char *net_path(const char *name) {
    char *path = net_paths[path_count++];
    snprintf(path, sizeof net_paths[NET_CA], "%s/%s", folder, name);
    return path;
}

static void echo(void *context, const http_request *request, http_reply *reply) {
    (void)context;
    reply->status = 200;
    reply->content_type = "text/plain";
    buffer_append_format(&reply->body, "%s %s %s ", request->peer->institution_code, request->peer->terminal_id,
                         request->content_type);
    buffer_append(&reply->body, request->body);
    buffer_append_text(&reply->signature, "c2lnbmVk");
    reply->retry_after = 7;
}

atomic_int net_slow_calls;

static void slow(void *context, const http_request *request, http_reply *reply) {
    (void)context;
    (void)request;
    atomic_fetch_add(&net_slow_calls, 1);
    usleep(600000);
    reply->status = 200;
    reply->content_type = "text/plain";
    buffer_append_text(&reply->body, "late");
}

static void refuse(void *context, int status, const char *cause, http_reply *reply) {
    (void)context;
    reply->status = status;
    reply->content_type = "text/plain";
    buffer_append_text(&reply->body, cause);
}

static const http_route routes[] = {{"POST", "/echo", echo, 0, 1000},
                                    {"GET", "/echo", echo, 0, 0},
                                    {"GET", "/slow", slow, 0, 0},
                                    {NULL, NULL, NULL, 0, 0}};

http_server_options net_server_options(void) {
    return (http_server_options){.certificate = net_paths[NET_SERVER],
                                 .key = net_paths[NET_SERVER + 1],
                                 .client_ca = net_paths[NET_CA],
                                 .client_crl = net_paths[NET_LIST],
                                 .request_ms = 2000,
                                 .idle_ms = 1000,
                                 .handshake_ms = 1000,
                                 .routes = routes,
                                 .refuser = refuse};
}

static void make(test_identity *out, const char *dn, uint32_t serial, int64_t from, int64_t to, const char *purpose,
                 const test_identity *issuer, const char *certificate, const char *key) {
    const test_profile profile = {dn, serial, from, to, GNUTLS_KEY_DIGITAL_SIGNATURE, purpose};
    test_identity_make(out, &profile, issuer, NULL);
    const char *certificate_path = net_path(certificate), *key_path = net_path(key);
    test_identity_write(out, certificate_path, key_path);
}

static void make_authority(test_identity *out, const char *certificate, const char *key) {
    const test_profile profile = {"CN=TLS CA,C=JP",
                                  1,
                                  time(NULL) - 86400,
                                  time(NULL) + 86400,
                                  GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN,
                                  NULL};
    test_identity_make(out, &profile, NULL, NULL);
    const char *certificate_path = net_path(certificate), *key_path = net_path(key);
    test_identity_write(out, certificate_path, key_path);
}

int net_begin(void **state) {
    int64_t from = time(NULL) - 7200, to = time(NULL) + 7200;
    const char *name = "CN=terminal-1,serialNumber=1312345678,C=JP";
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/uketsuke-net.XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    make_authority(&net_ca, "ca.pem", "ca.key"); /* 0 1 */
    make(&net_server_identity, "CN=localhost,C=JP", 2, from, to, GNUTLS_KP_TLS_WWW_SERVER, &net_ca, "s.pem",
         "s.key");                                       /* 2 3 */
    make_authority(&other_ca, "other.pem", "other.key"); /* 4 5 */
    make(&other_server, "CN=localhost,C=JP", 3, from, to, GNUTLS_KP_TLS_WWW_SERVER, &other_ca, "o.pem",
         "o.key");                                                                               /* 6 7 */
    make(&net_terminal, name, 4, from, to, GNUTLS_KP_TLS_WWW_CLIENT, &net_ca, "t.pem", "t.key"); /* 8 9 */
    make(&foreign, name, 4, from, to, GNUTLS_KP_TLS_WWW_CLIENT, &other_ca, "f.pem", "f.key");    /* 10 11 */
    make(&net_revoked, name, 5, from, to, GNUTLS_KP_TLS_WWW_CLIENT, &net_ca, "r.pem", "r.key");  /* 12 13 */
    test_revocation_write(&net_ca, &net_revoked, net_path("ca.crl"));                            /* 14 */
    make(&expired_server, "CN=localhost,C=JP", 6, from, time(NULL) - 60, GNUTLS_KP_TLS_WWW_SERVER, &net_ca, "e.pem",
         "e.key"); /* 15 16 */
    make(&named_server, "CN=elsewhere.example,C=JP", 7, from, to, GNUTLS_KP_TLS_WWW_SERVER, &net_ca, "n.pem",
         "n.key"); /* 17 18 */
    make(&unprintable, "CN=端末,serialNumber=1312345678,C=JP", 8, from, to, GNUTLS_KP_TLS_WWW_CLIENT, &net_ca, "u.pem",
         "u.key"); /* 19 20 */
    return http_client_init(NULL) == RESULT_OK ? 0 : -1;
}

int net_end(void **state) {
    test_identity *const all[] = {&net_ca,         &other_ca,     &net_server_identity, &other_server,
                                  &expired_server, &named_server, &net_terminal,        &foreign,
                                  &net_revoked,    &unprintable};
    (void)state;
    http_client_end();
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        test_identity_free(all[i]);
    for (size_t i = 0; i < path_count; i++)
        unlink(net_paths[i]);
    return rmdir(folder);
}

int net_serve_with(const http_server_options *options) {
    if (http_server_start(options, &net_server) != RESULT_OK)
        return -1;
    snprintf(net_url, sizeof net_url, "https://localhost:%u", http_server_port(net_server));
    return 0;
}

int net_serve(void **state) {
    const http_server_options options = net_server_options();
    (void)state;
    return net_serve_with(&options);
}

int net_stop(void **state) {
    (void)state;
    http_server_stop(&net_server);
    return net_server ? -1 : 0;
}

http_client *net_client(const char *certificate, const char *key) {
    const http_client_options options = {.base_url = net_url,
                                         .certificate = certificate,
                                         .key = key,
                                         .trust_anchor = net_paths[NET_CA],
                                         .response_max = 500,
                                         .total_timeout_ms = 5000};
    http_client *client = NULL;
    assert_int_equal(http_client_new(&options, &client), RESULT_OK);
    return client;
}
