/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "delivery/remote.h"

#include "delivery/service_words.h"

#include "base/clock.h"
#include "base/language.h"
#include "crypt/base64.h"
#include "crypt/cms.h"
#include "fhir/json.h"
#include "fhir/outcome.h"
#include "fhir/signed_answer.h"

#include <stdio.h>
#include <string.h>

#define _(text) language_text(text)

#define SIGNATURE_MAX 65536
#define CALL_MAX_S (REMOTE_TIMEOUT_MS / 1000 + 5)

typedef struct question {
    const char *method, *path, *type;
    bytes body;
    const char *signer;
    enum {
        OVER_BODY,
        OVER_FORM,
        OVER_ROOT
    } over; /* what is signed of the answer: its bytes, the signed form of an
                                                      answer about a person, or the root of a batch's entries */
} question;

void remote_answer_wipe(remote_answer *answer) {
    eligibility_batch_answer_free(&answer->entries);
    buffer_wipe(&answer->body);
    buffer_wipe(&answer->signature);
}

/* The client's own time-outs end the call. */
static result call(const remote *r, const question *q, http_answer *reply) {
    const bool begun = r->begin != NULL && r->begin(r->context, CALL_MAX_S);
    const result code = http_client_call(r->client, q->method, q->path, q->type, q->body, reply);
    if (r->end != NULL)
        r->end(r->context, begun);
    return code;
}

/* Exactly one signer, of this service, trusted now. RESULT_BAD_SIGNATURE; RESULT_UNAVAILABLE: our own revocation list
 * is missing or too old. */
static result check_signature(const remote *r, bytes body, bytes der, const char *signer) {
    cms_message message;
    trust *institutions;
    char name[64];
    if (r->institutions(r->context, &institutions) != RESULT_OK)
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

/* Appends the bytes that the signature must cover. */
static result read_signed(const question *q, const http_answer *reply, remote_answer *out, buffer *content) {
    if (q->over == OVER_BODY)
        return buffer_append(content, buffer_bytes(&reply->body));
    if (q->over == OVER_FORM)
        return signed_answer_of(buffer_bytes(&reply->body), content, NULL);
    const result code = eligibility_batch_answer_read(buffer_bytes(&reply->body), &out->entries, NULL);
    return code == RESULT_OK ? eligibility_batch_answer_content(out->entries, content) : code;
}

static result check_answer(const remote *r, const question *q, const http_answer *reply, remote_answer *out) {
    buffer content = BUFFER_INIT(REMOTE_ANSWER_MAX);
    result code = reply->signature != NULL
                      ? crypt_base64_decode(bytes_of(reply->signature, strlen(reply->signature)), &out->signature)
                      : RESULT_BAD_SIGNATURE;
    if (code == RESULT_OK)
        code = read_signed(q, reply, out, &content);
    if (code == RESULT_OK)
        code = check_signature(r, buffer_bytes(&content), buffer_bytes(&out->signature), q->signer);
    buffer_wipe(&content);
    return code;
}

static const char *unverified(result code) {
    if (code == RESULT_UNSUPPORTED)
        return _("the platform's answer has the form of an earlier version, which this terminal no longer takes");
    return code == RESULT_UNAVAILABLE
               ? _("this terminal's revocation list institution-ca.crl cannot be used, so the answer cannot be "
                   "verified. Get the present list from the CA")
               : _("the answer is not signed by the service it claims to come from");
}

/* Words a refusal for people; the service's own text is for programs and logs. */
static void word_refusal(const http_answer *reply, remote_answer *out) {
    char code[FHIR_WORD_SIZE];
    outcome_read_code(buffer_bytes(&reply->body), code, sizeof code);
    outcome_read(buffer_bytes(&reply->body), out->detail, sizeof out->detail);
    snprintf(out->message, sizeof out->message, "%s", service_refusal_words(reply->status, code));
}

/* Processes the reply, or the reason why there is none. */
static result take_reply(const remote *r, const question *q, result code, const http_answer *reply,
                         remote_answer *out) {
    out->wait = pacing_retry_after(reply->status, reply->retry_after);
    out->status = reply->status;
    snprintf(out->message, sizeof out->message, "%s", reply->message);
    const bool good = code == RESULT_OK && (reply->status == 200 || reply->status == 201);
    if (code == RESULT_OK && !good)
        word_refusal(reply, out);
    if (good && q->signer != NULL) {
        code = check_answer(r, q, reply, out);
        if (code != RESULT_OK)
            snprintf(out->message, sizeof out->message, "%s", unverified(code));
    }
    return code == RESULT_OK && q->over != OVER_ROOT ? buffer_append(&out->body, buffer_bytes(&reply->body)) : code;
}

static remote_answer empty_answer(void) {
    return (remote_answer){.body = BUFFER_INIT(REMOTE_ANSWER_MAX), .signature = BUFFER_INIT(SIGNATURE_MAX)};
}

static result exchange(const remote *r, const question *q, remote_answer *out) {
    http_answer reply;
    *out = empty_answer();
    const result code = take_reply(r, q, call(r, q, &reply), &reply, out);
    http_answer_wipe(&reply);
    return code;
}

result remote_take(const remote *r, const remote_kept *kept, const char *signer, remote_answer *out) {
    const question q = {.signer = signer,
                        .over = kept->is_batch     ? OVER_ROOT
                                : kept->is_inquiry ? OVER_FORM
                                                   : OVER_BODY};
    http_answer reply = {.status = kept->status, .body = BUFFER_INIT(REMOTE_ANSWER_MAX), .retry_after = -1};
    *out = empty_answer();
    result code = buffer_append(&reply.body, kept->body);
    if (code == RESULT_OK && *kept->signature != 0 && (reply.signature = strdup(kept->signature)) == NULL)
        code = RESULT_NO_MEMORY;
    if (code == RESULT_OK)
        code = take_reply(r, &q, RESULT_OK, &reply, out);
    http_answer_wipe(&reply);
    return code;
}

result remote_post(const remote *r, const char *path, const char *type, bytes body, const char *signer,
                   remote_answer *out) {
    return exchange(r, &(question){"POST", path, type, body, signer, OVER_BODY}, out);
}

result remote_get(const remote *r, const char *path, const char *signer, remote_answer *out) {
    return exchange(r, &(question){"GET", path, NULL, bytes_of(NULL, 0), signer, OVER_BODY}, out);
}

result remote_post_inquiry(const remote *r, bytes body, remote_answer *out) {
    return exchange(r,
                    &(question){"POST", "/fhir/CoverageEligibilityRequest/$submit", "application/fhir+json", body,
                                REMOTE_SIGNER_PLATFORM, OVER_FORM},
                    out);
}

result remote_post_batch(const remote *r, bytes body, remote_answer *out) {
    return exchange(r, &(question){"POST", "/fhir", "application/fhir+json", body, REMOTE_SIGNER_PLATFORM, OVER_ROOT},
                    out);
}

result remote_post_pre_check(const remote *r, bytes body, remote_answer *out) {
    return exchange(r,
                    &(question){"POST", "/fhir/CoverageEligibilityRequest/$pre-check", "application/fhir+json", body,
                                REMOTE_SIGNER_PLATFORM, OVER_ROOT},
                    out);
}

static int64_t read_time(const json_t *root, const char *name) {
    const char *text = json_string_value(json_object_get(root, name));
    int64_t at = 0;
    return text != NULL && clock_parse(text, &at) == RESULT_OK ? at : 0;
}

static void read_state(bytes body, remote_state *state) {
    json_t *root = fhir_parse(body, NULL);
    state->accepts = !json_is_false(json_object_get(root, "accepts"));
    state->keeps = json_is_true(json_object_get(root, "keeps"));
    state->results = json_is_true(json_object_get(root, "results"));
    state->not_before = read_time(root, "notBefore");
    state->not_after = read_time(root, "notAfter");
    state->now = read_time(root, "time");
    const json_int_t batch = json_integer_value(json_object_get(root, "visitBatch"));
    state->visit_batch = batch > 0 ? batch : 0;
    json_decref(root);
}

result remote_ask_state(const remote *r, remote_state *state, char *message, size_t size) {
    *state = (remote_state){.accepts = true};
    const question q = {"GET", "/status", NULL, bytes_of(NULL, 0), NULL, OVER_BODY};
    http_answer answer;
    http_client_set_timeouts(r->client, REMOTE_SILENCE_MS, REMOTE_SILENCE_MS);
    result code = call(r, &q, &answer);
    http_client_set_timeouts(r->client, REMOTE_SILENCE_MS, REMOTE_TIMEOUT_MS);
    snprintf(message, size, "%s", answer.message);
    if (code == RESULT_OK)
        read_state(buffer_bytes(&answer.body), state);
    if (code == RESULT_OK && answer.status != 200) {
        code = answer.status >= 500 ? RESULT_UNAVAILABLE : RESULT_REFUSED;
        snprintf(message, size, "%s", service_refusal_words(answer.status, ""));
    }
    http_answer_wipe(&answer);
    return code;
}

result remote_ping(const remote *r, char *message, size_t size) {
    remote_state state;
    return remote_ask_state(r, &state, message, size);
}
