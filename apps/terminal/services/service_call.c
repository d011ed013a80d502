/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "services/service_call.h"

#include "services/circuit_breaker.h"

#include "core/guarded_state.h"
#include "core/trust_anchors.h"
#include "core/presence.h"
#include "core/watchdog.h"
#include "se/secure_element.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

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

/* --- connections -------------------------------------------------------------------------------------------------- */

struct services {
    card_access *cards;
    store_access *store;
    command_context *context;
    bool http_ready;
    circuit_breaker platform;
    bool platform_heard;
    bool relay;              /* there is a relay before the platform */
    int64_t results_due_ms;  /* monotonic */
    http_sessions *sessions; /* TLS sessions of the daemon's connections */
    struct kept_client {
        http_client *client;   /* NULL: none */
        int64_t opened_ms;     /* monotonic */
    } kept[TERMINAL_SERVICES]; /* connections between two commands, of the daemon */
};

outcome services_new(card_access *cards, store_access *store, command_context *ctx, services **out) {
    services *s = calloc(1, sizeof *s);
    *out = s;
    if (s == NULL)
        return report_failure(&ctx->report, OUTCOME_INTERNAL, "internal", "%s", report_system_cause(ENOMEM));
    *s = (services){.cards = cards, .store = store, .context = ctx};
    return OUTCOME_OK;
}

/* The key of each connection and of each session is in the SE. */
static void end_connections(void *context) {
    services *s = context;
    for (size_t i = 0; i < TERMINAL_SERVICES; i++)
        http_client_free(&s->kept[i].client);
    http_sessions_forget(&s->sessions);
}

void services_free(services **s) {
    if (*s == NULL)
        return;
    end_connections(*s);
    if ((*s)->http_ready)
        http_client_end();
    (*s)->cards->se_leaves = NULL;
    free(*s);
    *s = NULL;
}

static bool has_own_key(const services *s) {
    return *s->context->configuration.tls_key != 0;
}

bool service_platform_lets_ask(services *s) {
    return circuit_lets_ask(&s->platform);
}

void service_platform_note(services *s, bool in_time) {
    if (s->platform.open == in_time)
        log_warning(in_time ? "the platform answers in time again"
                            : "the platform is slow: receptions do not wait for it, one in %d asks again",
                    CIRCUIT_PROBE_EVERY);
    circuit_note(&s->platform, in_time);
    s->platform_heard = s->platform_heard || in_time;
}

bool service_platform_was_heard(services *s) {
    const bool heard = s->platform_heard;
    s->platform_heard = false;
    return heard;
}

bool service_platform_is_slow(const services *s) {
    return s->platform.open;
}

void service_note_state(services *s, const remote_state *state) {
    s->relay = state->keeps;
    if (state->results)
        s->results_due_ms = 0;
}

bool service_results_are_due(services *s) {
    const int64_t now = clock_monotonic_ms();
    if (!s->relay || now < s->results_due_ms)
        return false;
    s->results_due_ms = now + SERVICE_RESULTS_MS;
    return true;
}

static outcome ready_http(services *s) {
    static http_key key = {tls_certificate, tls_signature, NULL, TLS_KEY_BITS};
    const char *module = s->context->configuration.tls_module;
    if (s->http_ready)
        return OUTCOME_OK;
    key.context = s->cards;
    if (http_client_init(has_own_key(s) ? NULL : &key) != RESULT_OK)
        return report_failure(&s->context->report, OUTCOME_INTERNAL, "tls", _("TLS cannot be prepared."));
    s->http_ready = true;
    if (!has_own_key(s)) {
        s->cards->se_leaves = end_connections;
        s->cards->se_leaves_context = s;
    }
    if (*module != 0 && http_client_use_module(module) != RESULT_OK)
        return report_failure(&s->context->report, OUTCOME_USAGE, "tls-key",
                              _("The PKCS#11 module of the TLS key, %s, cannot be used. Is it installed?"), module);
    return OUTCOME_OK;
}

/* Refuses a key file that others can read or replace. */
static outcome check_key_file(services *s) {
    const char *path = s->context->configuration.tls_key;
    struct stat seen;
    if (configuration_is_uri(path))
        return OUTCOME_OK;
    if (stat(path, &seen) != 0)
        return report_failure(&s->context->report, OUTCOME_USAGE, "tls-key", _("The TLS key %s is not there (%s)."),
                              path, report_system_cause(errno));
    if ((seen.st_mode & 077) != 0)
        return report_failure(&s->context->report, OUTCOME_USAGE, "tls-key",
                              _("The TLS key %s is open to other users. Run: chmod 600 %s"), path, path);
    return guarded_check(path, &s->context->report);
}

/* With a TLS key of its own the terminal reaches the services without its SE. */
static outcome ready_key(services *s) {
    return has_own_key(s) ? check_key_file(s) : secure_element_open(s->cards, s->store, s->context);
}

/* Only a recent one: revocation lists may have changed meanwhile, and the service closes idle connections. */
static bool take_kept(services *s, service which, http_client **out) {
    struct kept_client *kept = &s->kept[which];
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

void service_close(services *s, service which, remote *r) {
    if (s->cards->presence == NULL || (s->cards->se == NULL && !has_own_key(s)) || s->kept[which].client != NULL) {
        service_end(r);
        return;
    }
    s->kept[which].client = r->client;
    r->client = NULL;
}

void service_end(remote *r) {
    const bool watched = watchdog_expect(CALL_MAX_S);
    http_client_free(&r->client);
    watchdog_expect(watched ? BETWEEN_CALLS_S : 0);
}

/* --- what a call needs of the terminal ---------------------------------------------------------------------------- */

static result institutions(void *context, trust **out) {
    const services *s = context;
    return anchors_trust(s->context, "institution-ca", out) == OUTCOME_OK ? RESULT_OK : RESULT_INTERNAL;
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
    const services *s = context;
    return presence_must_stop(s->cards->presence);
}

outcome service_open(services *s, service which, remote *out) {
    char folder[PATH_MAX], anchor[PATH_MAX + 16], crl[PATH_MAX + 16];
    http_client *client = NULL;
    *out = (remote){0};
    const configuration *c = &s->context->configuration;
    outcome done = ready_key(s);
    if (done == OUTCOME_OK)
        done = ready_http(s);
    if (done != OUTCOME_OK)
        return done;
    anchors_folder(s->context, folder);
    snprintf(anchor, sizeof anchor, "%s/tls-ca.pem", folder);
    snprintf(crl, sizeof crl, "%s/tls-ca.crl", folder);
    const http_client_options wanted = {
        .base_url = which == SERVICE_PLATFORM ? c->platform_url : c->history_url,
        .certificate = has_own_key(s) ? c->tls_certificate : HTTP_KEY_OF_CALLER,
        .key = has_own_key(s) ? c->tls_key : HTTP_KEY_OF_CALLER,
        .trust_anchor = anchor,
        .trust_crl = crl,
        .policy = configuration_revocation_policy(c, "tls-ca"),
        .connect_timeout_ms = REMOTE_SILENCE_MS,
        .total_timeout_ms = REMOTE_TIMEOUT_MS,
        .response_max = REMOTE_ANSWER_MAX,
        .sessions = s->cards->presence != NULL ? http_sessions_current(&s->sessions) : NULL, /* the daemon's only */
    };
    if (take_kept(s, which, &client) || http_client_new(&wanted, &client) == RESULT_OK) {
        http_client_set_stop(client, must_stop, s);
        *out = (remote){client, s, institutions, begin_call, end_call, must_stop};
        return OUTCOME_OK;
    }
    return report_failure(&s->context->report, OUTCOME_USAGE, "tls",
                          _("%s must be an https address, and %s must be there."), wanted.base_url, anchor);
}
