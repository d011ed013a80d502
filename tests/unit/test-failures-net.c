/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lib/net when memory, GnuTLS, libcurl or a thread fails, call by call: trust, client, server. */
#include "failing.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "net/http_trust.h"
#include "test_certificates.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define SEEDS 200

static char folder[] = "/tmp/failures-net.XXXXXX";
static char ca_path[64], crl_path[64], certificate_path[64], key_path[64];
static test_identity ca, server, revoked;

static result trust(void *unused) {
    (void)unused;
    http_trust *made = NULL;
    const char *unusable;
    result code = http_trust_new(ca_path, crl_path, &(revocation_policy){0}, &made, &unusable);
    if (code == RESULT_OK && http_trust_check(made, &server.der, 1, GNUTLS_X509_FMT_DER, GNUTLS_KP_TLS_WWW_SERVER,
                                              "localhost") != HTTP_TRUST_GOOD)
        code = RESULT_DENIED;
    http_trust_free(&made);
    assert_null(made);
    return code;
}

static result client(void *unused) {
    (void)unused;
    http_client *made = NULL;
    const http_client_options options = {.base_url = "https://localhost:9",
                                         .certificate = certificate_path,
                                         .key = key_path,
                                         .trust_anchor = ca_path,
                                         .trust_crl = crl_path};
    const result code = http_client_new(&options, &made);
    http_client_free(&made);
    assert_null(made);
    return code;
}

static void refuse(void *context, int status, const char *cause, http_reply *reply) {
    (void)context;
    (void)cause;
    reply->status = status;
    reply->content_type = "text/plain";
}

static result serve(void *unused) {
    (void)unused;
    static const http_route routes[] = {{.method = NULL}};
    http_server *made = NULL;
    const http_server_options options = {.certificate = certificate_path,
                                         .key = key_path,
                                         .client_ca = ca_path,
                                         .client_crl = crl_path,
                                         .client_policy = {0},
                                         .handshakes_per_second = 5,
                                         .routes = routes,
                                         .refuser = refuse};
    const result code = http_server_start(&options, &made);
    http_server_stop(&made);
    assert_null(made);
    return code;
}

static void walk(failing_step *step, unsigned calls_min, unsigned harmless) {
    const unsigned calls = failing_walk(step, NULL, harmless);
    print_message("%u calls failed, one after the other\n", calls);
    assert_true(calls >= calls_min);
    failing_at_random(step, NULL, SEEDS);
}

static void trusts(void **state) {
    (void)state;
    walk(trust, 10, 0);
}

static void clients(void **state) {
    (void)state;
    walk(client, 5, 0);
}

static void servers(void **state) {
    (void)state;
    walk(serve, 20, 1); /* a look at the lists of the CA, for the log only */
}

static int set_up(void **state) {
    (void)state;
    const time_t now = time(NULL);
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(ca_path, sizeof ca_path, "%s/ca.pem", folder);
    snprintf(crl_path, sizeof crl_path, "%s/ca.crl", folder);
    snprintf(certificate_path, sizeof certificate_path, "%s/server.pem", folder);
    snprintf(key_path, sizeof key_path, "%s/server.key", folder);
    test_identity_make(
        &ca, &(test_profile){"CN=CA", 1, now - 60, now + 3600, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN, NULL},
        NULL, NULL);
    test_identity_make(&server,
                       &(test_profile){"CN=localhost", 2, now - 60, now + 3600, GNUTLS_KEY_DIGITAL_SIGNATURE,
                                       GNUTLS_KP_TLS_WWW_SERVER},
                       &ca, NULL);
    test_identity_make(
        &revoked,
        &(test_profile){"CN=revoked", 3, now - 60, now + 3600, GNUTLS_KEY_DIGITAL_SIGNATURE, GNUTLS_KP_TLS_WWW_SERVER},
        &ca, server.key);
    test_identity_write(&ca, ca_path, NULL);
    test_identity_write(&server, certificate_path, key_path);
    test_revocation_write(&ca, &revoked, crl_path);
    return http_client_init(NULL) == RESULT_OK ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    char command[80];
    http_client_end();
    revoked.key = NULL; /* the server's */
    test_identity_free(&revoked);
    test_identity_free(&server);
    test_identity_free(&ca);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(trusts), cmocka_unit_test(clients), cmocka_unit_test(servers)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
