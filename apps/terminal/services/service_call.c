/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "services/service_call.h"

#include "core/trust_anchors.h"
#include "core/presence.h"
#include "core/watchdog.h"
#include "se/secure_element.h"

#include "base/clock.h"
#include "crypt/base64.h"
#include "crypt/cms.h"
#include "fhir/outcome.h"

#include <stdio.h>
#include <string.h>

#define TLS_OBJECT "tls-client"
#define TLS_KEY_BITS 2048 /* docs/interfaces/secure-element.md */
#define KEPT_MS 50000
#define CALL_MAX_S (SERVICE_TIMEOUT_MS / 1000 + 5)
#define ANSWER_MAX (4 * 1024 * 1024)
#define ROOT_MAX 256        /* what is signed of a batch (fhir/answer_proof.h) */
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
        http_client_set_timeouts(*out, SERVICE_SILENCE_MS, SERVICE_TIMEOUT_MS);
    return *out != NULL;
}

void service_close(terminal *t, service which, http_client **client) {
    t->kept[which].in_use = NULL;
    if (t->cards.presence == NULL || t->cards.se == NULL || t->kept[which].client != NULL) {
        const bool watched = watchdog_expect(CALL_MAX_S);
        http_client_free(client);
        watchdog_expect(watched ? BETWEEN_CALLS_S : 0);
        return;
    }
    t->kept[which].client = *client;
    *client = NULL;
}

/* Its own time-outs end every call that is about the network. */
static result call(http_client *client, const char *method, const char *path, const char *type, bytes body,
                   http_answer *answer) {
    const bool watched = watchdog_expect(CALL_MAX_S);
    const result code = http_client_call(client, method, path, type, body, answer);
    watchdog_expect(watched ? BETWEEN_CALLS_S : 0);
    return code;
}

static bool must_stop(void *context) {
    return presence_must_stop(context);
}

outcome service_open(terminal *t, service which, http_client **out) {
    char folder[PATH_MAX], anchor[PATH_MAX + 16], crl[PATH_MAX + 16];
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
        .connect_timeout_ms = SERVICE_SILENCE_MS,
        .total_timeout_ms = SERVICE_TIMEOUT_MS,
        .response_max = ANSWER_MAX,
    };
    if (take_kept(t, which, out) || http_client_new(&wanted, out) == RESULT_OK) {
        http_client_set_stop(*out, must_stop, t->cards.presence);
        t->kept[which].in_use = *out;
        return OUTCOME_OK;
    }
    return report_failure(&t->context.report, OUTCOME_USAGE, "tls",
                          _("%s must be an https address, and %s must be there."), wanted.base_url, anchor);
}

result service_ping(http_client *client, char *message, size_t size) {
    http_answer answer;
    http_client_set_timeouts(client, SERVICE_SILENCE_MS, SERVICE_SILENCE_MS);
    result code = call(client, "GET", "/status", NULL, bytes_of(NULL, 0), &answer);
    http_client_set_timeouts(client, SERVICE_SILENCE_MS, SERVICE_TIMEOUT_MS);
    snprintf(message, size, "%s", answer.message);
    if (code == RESULT_OK && answer.status != 200)
        code = answer.status >= 500 ? RESULT_UNAVAILABLE : RESULT_REFUSED;
    if (code == RESULT_REFUSED)
        outcome_read(buffer_bytes(&answer.body), message, size);
    http_answer_wipe(&answer);
    return code;
}

/* Exactly one signer, of this service, trusted now. RESULT_BAD_SIGNATURE; RESULT_UNAVAILABLE: this terminal's own
 * revocation list does not allow to tell. */
static result check_signature(terminal *t, bytes body, bytes der, const char *signer) {
    cms_message message;
    trust *institutions;
    char name[64];
    if (anchors_trust(&t->context, "institution-ca", &institutions) != OUTCOME_OK)
        return RESULT_INTERNAL;
    result code = cms_verify(der, body, &message);
    if (code == RESULT_OK &&
        (message.count != 1 ||
         certificate_subject_attribute(message.signers[0], CERTIFICATE_COMMON_NAME, name, sizeof name) != RESULT_OK ||
         strcmp(name, signer) != 0))
        code = RESULT_BAD_SIGNATURE;
    trust_verdict verdict = code == RESULT_OK
                                ? trust_check(institutions, message.signers[0], TRUST_SIGNATURE, clock_wall_s())
                                : TRUST_OK;
    cms_message_free(&message);
    trust_free(&institutions);
    if (trust_verdict_is_passing(verdict))
        return RESULT_UNAVAILABLE;
    return code == RESULT_OK && verdict == TRUST_OK ? RESULT_OK : RESULT_BAD_SIGNATURE;
}

/* No room: when to come again, to the service that says so. */
static void note_wait(terminal *t, const http_client *client, const http_answer *reply) {
    const service which = client == t->kept[SERVICE_HISTORY].in_use ? SERVICE_HISTORY : SERVICE_PLATFORM;
    t->waits[which] = pacing_retry_after(reply->status, reply->retry_after);
}

typedef struct question {
    const char *method, *path, *type;
    bytes body;
    eligibility_batch_answer **entries; /* of a batch's answer, read; signed is their root. NULL: signed is the body */
} question;

static result check_answer(terminal *t, const question *q, const http_answer *reply, const char *signer,
                           buffer *signature) {
    buffer root = BUFFER_INIT(ROOT_MAX);
    result code = reply->signature != NULL
                      ? crypt_base64_decode(bytes_of(reply->signature, strlen(reply->signature)), signature)
                      : RESULT_BAD_SIGNATURE;
    if (code == RESULT_OK && q->entries != NULL)
        code = eligibility_batch_answer_read(buffer_bytes(&reply->body), q->entries, NULL);
    if (code == RESULT_OK && q->entries != NULL)
        code = eligibility_batch_answer_content(*q->entries, &root);
    if (code == RESULT_OK)
        code = check_signature(t, buffer_bytes(q->entries != NULL ? &root : &reply->body), buffer_bytes(signature),
                               signer);
    buffer_wipe(&root);
    return code;
}

static result exchange(terminal *t, http_client *client, const question *q, const char *signer, int *status,
                       buffer *answer, buffer *signature, char *message, size_t size) {
    http_answer reply;
    result code = call(client, q->method, q->path, q->type, q->body, &reply);
    note_wait(t, client, &reply);
    *status = reply.status;
    snprintf(message, size, "%s", reply.message);
    bool good = code == RESULT_OK && (reply.status == 200 || reply.status == 201);
    if (code == RESULT_OK && !good)
        outcome_read(buffer_bytes(&reply.body), message, size);
    if (good && signer != NULL) {
        code = check_answer(t, q, &reply, signer, signature);
        if (code != RESULT_OK)
            snprintf(
                message, size, "%s",
                code == RESULT_UNAVAILABLE
                    ? _("this terminal's revocation list institution-ca.crl cannot be used, so the answer cannot be "
                        "judged. Get the present list from the CA")
                    : _("the answer is not signed by the service it claims to come from"));
    }
    if (code == RESULT_OK && answer != NULL)
        code = buffer_append(answer, buffer_bytes(&reply.body));
    http_answer_wipe(&reply);
    return code;
}

result service_post(terminal *t, http_client *client, const char *path, const char *type, bytes body,
                    const char *signer, int *status, buffer *answer, buffer *signature, char *message, size_t size) {
    const question q = {"POST", path, type, body, NULL};
    return exchange(t, client, &q, signer, status, answer, signature, message, size);
}

result service_post_batch(terminal *t, http_client *client, bytes body, int *status, eligibility_batch_answer **entries,
                          buffer *signature, char *message, size_t size) {
    const question q = {"POST", "/fhir", "application/fhir+json", body, entries};
    *entries = NULL;
    return exchange(t, client, &q, SERVICE_SIGNER_PLATFORM, status, NULL, signature, message, size);
}

result service_get(terminal *t, http_client *client, const char *path, const char *signer, int *status, buffer *answer,
                   buffer *signature, char *message, size_t size) {
    const question q = {"GET", path, NULL, bytes_of(NULL, 0), NULL};
    return exchange(t, client, &q, signer, status, answer, signature, message, size);
}
