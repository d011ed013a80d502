#include "services/service.h"

#include "core/anchors.h"
#include "core/watchdog.h"
#include "se/secure_element.h"

#include "base/clock.h"
#include "crypt/base64.h"
#include "crypt/cms.h"
#include "fhir/outcome.h"

#include <stdio.h>
#include <string.h>

#define URI_MOST 256
#define TLS_OBJECT "tls-client"
#define KEPT_MS 50000
#define CALL_MOST_S (SERVICE_PATIENCE_MS / 1000 + 5)
#define BETWEEN_CALLS_S 120 /* of the resident process */

/* GnuTLS asks when it logs in to the SE for a TLS signature. */
static result give_se_pin(void *context, const char *token_label, buffer *pin) {
    (void)token_label;
    return secure_element_pin(context, pin) == OUTCOME_OK ? RESULT_OK : RESULT_DENIED;
}

static outcome ready_http(terminal *t) {
    if (t->http_ready)
        return OUTCOME_OK;
    const char *module = *t->configuration.se_module != 0 ? t->configuration.se_module : t->configuration.module;
    if (http_client_init(module, give_se_pin, t) != RESULT_OK)
        return report_failure(&t->report, OUTCOME_INTERNAL, "tls", _("TLS cannot use the PKCS#11 module %s."), module);
    t->http_ready = true;
    return OUTCOME_OK;
}

/* RFC 7512: the SE by its serial number, so that no other token is taken for it. */
static void make_uri(const terminal *t, const char *type, char uri[URI_MOST]) {
    char serial[TOKEN_SERIAL_SIZE];
    snprintf(serial, sizeof serial, "%s", token_serial(t->se));
    for (size_t i = strlen(serial); i > 0 && serial[i - 1] == ' '; i--)
        serial[i - 1] = 0;
    snprintf(uri, URI_MOST, "pkcs11:serial=%s;object=%s;type=%s", serial, TLS_OBJECT, type);
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
        http_client_set_timeouts(*out, SERVICE_SILENCE_MS, SERVICE_PATIENCE_MS);
    return *out != NULL;
}

void service_close(terminal *t, service which, http_client **client) {
    /* With the SE behind p11-kit's server a connection that ends takes the login at the SE along: it must not end in the
     * middle of a later command. */
    const bool se_elsewhere = *t->configuration.se_module != 0;
    if (t->presence == NULL || t->se == NULL || se_elsewhere || t->kept[which].client != NULL) {
        const bool watched = watchdog_expect(CALL_MOST_S);
        http_client_free(client);
        watchdog_expect(watched ? BETWEEN_CALLS_S : 0);
        return;
    }
    t->kept[which].client = *client;
    *client = NULL;
}

/* Its own time-outs end every call that is about the network. */
static result call(http_client *client, const char *method, const char *path, const char *type, bytes body, http_answer *answer) {
    const bool watched = watchdog_expect(CALL_MOST_S);
    const result code = http_client_call(client, method, path, type, body, answer);
    watchdog_expect(watched ? BETWEEN_CALLS_S : 0);
    return code;
}

outcome service_open(terminal *t, service which, http_client **out) {
    char certificate_uri[URI_MOST], key_uri[URI_MOST], folder[PATH_MAX], anchor[PATH_MAX + 16], crl[PATH_MAX + 16];
    outcome done = secure_element_open(t);
    if (done == OUTCOME_OK)
        done = ready_http(t);
    if (done != OUTCOME_OK)
        return done;
    make_uri(t, "cert", certificate_uri);
    make_uri(t, "private", key_uri);
    anchors_folder(t, folder);
    snprintf(anchor, sizeof anchor, "%s/tls-ca.pem", folder);
    snprintf(crl, sizeof crl, "%s/tls-ca.crl", folder);
    const http_client_options wanted = {
        .base_url = which == SERVICE_PLATFORM ? t->configuration.platform_url : t->configuration.history_url,
        .certificate = certificate_uri,
        .key = key_uri,
        .trust_anchor = anchor,
        .trust_crl = crl,
        .connect_timeout_ms = SERVICE_SILENCE_MS,
        .total_timeout_ms = SERVICE_PATIENCE_MS,
        .response_most = 4 * 1024 * 1024,
    };
    if (take_kept(t, which, out) || http_client_new(&wanted, out) == RESULT_OK)
        return OUTCOME_OK;
    return report_failure(&t->report, OUTCOME_USAGE, "tls", _("%s must be an https address, and %s must be there."),
                          wanted.base_url, anchor);
}

result service_ping(http_client *client, char *message, size_t size) {
    http_answer answer;
    http_client_set_timeouts(client, SERVICE_SILENCE_MS, SERVICE_SILENCE_MS);
    result code = call(client, "GET", "/status", NULL, bytes_of(NULL, 0), &answer);
    http_client_set_timeouts(client, SERVICE_SILENCE_MS, SERVICE_PATIENCE_MS);
    snprintf(message, size, "%s", answer.message);
    if (code == RESULT_OK && answer.status != 200)
        code = answer.status >= 500 ? RESULT_UNAVAILABLE : RESULT_REFUSED;
    if (code == RESULT_REFUSED)
        outcome_read(buffer_bytes(&answer.body), message, size);
    http_answer_wipe(&answer);
    return code;
}

/* Exactly one signer, of this service, trusted now. */
static result check_signature(terminal *t, bytes body, bytes der, const char *signer) {
    cms_message message;
    trust *institutions;
    char name[64];
    if (terminal_trust(t, "institution-ca", &institutions) != OUTCOME_OK)
        return RESULT_INTERNAL;
    result code = cms_verify(der, body, &message);
    if (code == RESULT_OK &&
        (message.count != 1 ||
         certificate_subject_attribute(message.signers[0], CERTIFICATE_COMMON_NAME, name, sizeof name) != RESULT_OK ||
         strcmp(name, signer) != 0 ||
         trust_check(institutions, message.signers[0], TRUST_SIGNATURE, clock_wall_s()) != TRUST_OK))
        code = RESULT_BAD_SIGNATURE;
    cms_message_free(&message);
    trust_free(&institutions);
    return code == RESULT_OK ? RESULT_OK : RESULT_BAD_SIGNATURE;
}

#define RETRY_MOST_S 3600 /* whoever wants us to stay away for longer is asked again all the same */

/* No room: when to come again (RFC 9110 10.2.3). */
static void note_wait(terminal *t, const http_answer *reply) {
    t->wait_s = 0;
    if ((reply->status == 429 || reply->status == 503) && reply->retry_after > 0)
        t->wait_s = reply->retry_after < RETRY_MOST_S ? reply->retry_after : RETRY_MOST_S;
}

typedef struct question {
    const char *method, *path, *type;
    bytes body;
} question;

static result exchange(terminal *t, http_client *client, const question *q, const char *signer, int *status, buffer *answer,
                       buffer *signature, char *message, size_t size) {
    http_answer reply;
    result code = call(client, q->method, q->path, q->type, q->body, &reply);
    note_wait(t, &reply);
    *status = reply.status;
    snprintf(message, size, "%s", reply.message);
    bool good = code == RESULT_OK && (reply.status == 200 || reply.status == 201);
    if (code == RESULT_OK && !good)
        outcome_read(buffer_bytes(&reply.body), message, size);
    if (good && signer != NULL) {
        code = reply.signature != NULL
                   ? crypt_base64_decode(bytes_of(reply.signature, strlen(reply.signature)), signature)
                   : RESULT_BAD_SIGNATURE;
        if (code == RESULT_OK)
            code = check_signature(t, buffer_bytes(&reply.body), buffer_bytes(signature), signer);
        if (code != RESULT_OK)
            snprintf(message, size, "%s", _("the answer is not signed by the service it claims to come from"));
    }
    if (code == RESULT_OK)
        code = buffer_append(answer, buffer_bytes(&reply.body));
    http_answer_wipe(&reply);
    return code;
}

result service_post(terminal *t, http_client *client, const char *path, const char *type, bytes body, const char *signer,
                    int *status, buffer *answer, buffer *signature, char *message, size_t size) {
    const question q = {"POST", path, type, body};
    return exchange(t, client, &q, signer, status, answer, signature, message, size);
}

result service_get(terminal *t, http_client *client, const char *path, const char *signer, int *status, buffer *answer,
                   buffer *signature, char *message, size_t size) {
    const question q = {"GET", path, NULL, bytes_of(NULL, 0)};
    return exchange(t, client, &q, signer, status, answer, signature, message, size);
}
