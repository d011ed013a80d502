/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "services/service_call.h"

#include "core/trust_anchors.h"
#include "core/presence.h"
#include "core/watchdog.h"
#include "se/secure_element.h"

#include "base/clock.h"

#include <stdio.h>

#define TLS_OBJECT "tls-client"
#define TLS_KEY_BITS 2048 /* docs/interfaces/secure-element.md */
#define KEPT_MS 50000
#define CALL_MAX_S (REMOTE_TIMEOUT_MS / 1000 + 5)
#define BETWEEN_CALLS_S 120 /* of the daemon */

static result tls_certificate(void *context, buffer *der) {
    const card_access *cards = context;
    return cards->se != NULL ? token_certificate(cards->se, TLS_OBJECT, der) : RESULT_REMOVED;
}

static result tls_signature(void *context, const uint8_t digest[HTTP_KEY_DIGEST_LENGTH], buffer *signature) {
    const card_access *cards = context;
    return cards->se != NULL ? token_sign_pss(cards->se, TLS_OBJECT, digest, signature) : RESULT_REMOVED;
}

/* The key of each connection is in the SE. */
static void end_connections(void *context) {
    terminal *t = context;
    for (size_t i = 0; i < TERMINAL_SERVICES; i++)
        http_client_free(&t->kept[i].client);
}

void services_end(terminal *t) {
    end_connections(t);
    if (t->http_ready)
        http_client_end();
    t->http_ready = false;
    t->cards.se_leaves = NULL;
}

static outcome ready_http(terminal *t) {
    static http_key key = {tls_certificate, tls_signature, NULL, TLS_KEY_BITS};
    if (t->http_ready)
        return OUTCOME_OK;
    key.context = &t->cards;
    if (http_client_init(&key) != RESULT_OK)
        return report_failure(&t->context.report, OUTCOME_INTERNAL, "tls", _("TLS cannot be prepared."));
    t->http_ready = true;
    t->cards.se_leaves = end_connections;
    t->cards.se_leaves_context = t;
    return OUTCOME_OK;
}

/* Not for long: revocation lists may have changed meanwhile, and the service closes idle connections itself. */
static bool take_kept(terminal *t, service which, http_client **out) {
    struct kept_client *kept = &t->kept[which];
    if (kept->client != NULL && clock_monotonic_ms() - kept->opened_ms >= KEPT_MS)
        http_client_free(&kept->client);
    *out = kept->client;
    kept->client = NULL;
    if (*out == NULL)
        kept->opened_ms = clock_monotonic_ms();
    else
        http_client_set_timeouts(*out, REMOTE_SILENCE_MS, REMOTE_TIMEOUT_MS);
    return *out != NULL;
}

void service_close(terminal *t, service which, remote *r) {
    if (t->cards.presence == NULL || t->cards.se == NULL || t->kept[which].client != NULL) {
        service_end(r);
        return;
    }
    t->kept[which].client = r->client;
    r->client = NULL;
}

void service_end(remote *r) {
    const bool watched = watchdog_expect(CALL_MAX_S);
    http_client_free(&r->client);
    watchdog_expect(watched ? BETWEEN_CALLS_S : 0);
}

/* --- what a call needs of the terminal ---------------------------------------------------------------------------- */

static result institutions(void *context, trust **out) {
    terminal *t = context;
    return anchors_trust(&t->context, "institution-ca", out) == OUTCOME_OK ? RESULT_OK : RESULT_INTERNAL;
}

static bool begin_call(void *context, unsigned seconds) {
    (void)context;
    return watchdog_expect(seconds);
}

static void end_call(void *context, bool watched) {
    (void)context;
    watchdog_expect(watched ? BETWEEN_CALLS_S : 0);
}

static bool must_stop(void *context) {
    const terminal *t = context;
    return presence_must_stop(t->cards.presence);
}

outcome service_open(terminal *t, service which, remote *out) {
    char folder[PATH_MAX], anchor[PATH_MAX + 16], crl[PATH_MAX + 16];
    http_client *client = NULL;
    *out = (remote){0};
    outcome done = secure_element_open(&t->cards, &t->store, &t->context);
    if (done == OUTCOME_OK)
        done = ready_http(t);
    if (done != OUTCOME_OK)
        return done;
    anchors_folder(&t->context, folder);
    snprintf(anchor, sizeof anchor, "%s/tls-ca.pem", folder);
    snprintf(crl, sizeof crl, "%s/tls-ca.crl", folder);
    const http_client_options wanted = {
        .base_url = which == SERVICE_PLATFORM ? t->context.configuration.platform_url
                                              : t->context.configuration.history_url,
        .certificate = HTTP_KEY_OF_CALLER,
        .key = HTTP_KEY_OF_CALLER,
        .trust_anchor = anchor,
        .trust_crl = crl,
        .policy = configuration_revocation_policy(&t->context.configuration, "tls-ca"),
        .connect_timeout_ms = REMOTE_SILENCE_MS,
        .total_timeout_ms = REMOTE_TIMEOUT_MS,
        .response_max = REMOTE_ANSWER_MAX,
    };
    if (take_kept(t, which, &client) || http_client_new(&wanted, &client) == RESULT_OK) {
        http_client_set_stop(client, must_stop, t);
        *out = (remote){client, t, institutions, begin_call, end_call, must_stop};
        return OUTCOME_OK;
    }
    return report_failure(&t->context.report, OUTCOME_USAGE, "tls",
                          _("%s must be an https address, and %s must be there."), wanted.base_url, anchor);
}
