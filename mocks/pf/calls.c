/* The calls: parse, judge, answer. */
#include "inquiry.h"

#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/uuid.h"
#include "crypt/base64.h"
#include "crypt/digest.h"
#include "service/outcome.h"

#include <stdio.h>
#include <string.h>

#define SMALL_BODY_MOST 65536
#define BODY_MOST (1024 * 1024)
#define BATCH_BODY_MOST (4 * 1024 * 1024)
#define BATCH_ENTRIES_MOST 100

/* Capacity is decided before any cryptography. The pause differs from caller to caller, so that they do not come back
 * together. */
static bool enter(platform *p, http_reply *reply) {
    if (p->busy++ < p->busy_most)
        return true;
    p->busy--;
    outcome_reply(reply, 503, "throttled", "The platform is busy. Send again after the time in Retry-After.");
    uint8_t pause = 0;
    reply->retry_after = crypt_random(&pause, 1) == RESULT_OK ? 2 + pause % 9 : 5;
    return false;
}

static void leave(platform *p) {
    p->busy--;
}

/* The body as JSON of the wanted type, or NULL with the reply filled. */
static json_t *parse(const http_request *request, http_reply *reply) {
    json_error_t error;
    json_t *root = json_loadb((const char *)request->body.data, request->body.length, JSON_REJECT_DUPLICATES, &error);
    if (json_is_object(root))
        return root;
    char text[300];
    snprintf(text, sizeof text, "The body is no JSON object (line %d, column %d). Send UTF-8 JSON.", error.line,
             error.column);
    outcome_reply(reply, 400, "structure", text);
    json_decref(root);
    return NULL;
}

static void finish_signed(const platform *p, http_reply *reply, int status) {
    reply->status = status;
    if (answer_sign(p, reply) != RESULT_OK)
        outcome_reply(reply, 500, "exception", "The platform could not sign its answer. Send again later.");
}

/* --- GET /status -------------------------------------------------------------------------------------------------- */

static void get_status(void *context, const http_request *request, http_reply *reply) {
    char time[CLOCK_TEXT_SIZE];
    (void)context;
    (void)request;
    clock_text(clock_wall_s(), time);
    reply->status = 200;
    reply->content_type = "application/json";
    buffer_append_format(&reply->body, "{\"service\":\"pf\",\"status\":\"up\",\"time\":\"%s\"}", time);
}

/* --- POST /institution-authentication ----------------------------------------------------------------------------- */

typedef struct authentication {
    platform_session session;
    uint8_t challenge[INSTITUTION_CHALLENGE_LENGTH];
} authentication;

static const char *read_authentication(json_t *body, const http_peer *peer, authentication *out) {
    const char *card, *challenge, *institution, *terminal;
    buffer raw = BUFFER_INIT(INSTITUTION_CHALLENGE_LENGTH);
    if (json_unpack(body, "{s:s, s:s, s:s, s:s}", "cardId", &card, "challenge", &challenge, "institutionCode",
                    &institution,
                    "terminalId", &terminal) != 0)
        return "cardId, challenge, institutionCode and terminalId are needed, all of them text.";
    if (strlen(card) != INSTITUTION_CARD_ID_LENGTH)
        return "cardId has not 16 characters.";
    for (const char *c = card; *c; c++)
        if (*c < 0x20 || *c > 0x7E)
            return "cardId holds other than printable ASCII characters.";
    bool whole = strlen(challenge) == 32 && strspn(challenge, "0123456789abcdefABCDEF") == 32 &&
                 hex_decode(challenge, &raw) == RESULT_OK;
    if (whole)
        memcpy(out->challenge, raw.data, sizeof out->challenge);
    buffer_wipe(&raw);
    if (!whole)
        return "challenge is not 32 hexadecimal digits.";
    if (strcmp(institution, peer->institution_code) != 0)
        return "institutionCode is not the one of the client certificate.";
    if (!*terminal || strlen(terminal) > 32)
        return "terminalId is empty or longer than 32 characters.";
    snprintf(out->session.card_id, sizeof out->session.card_id, "%s", card);
    snprintf(out->session.terminal_id, sizeof out->session.terminal_id, "%s", terminal);
    snprintf(out->session.institution_code, sizeof out->session.institution_code, "%s", institution);
    return NULL;
}

static result sign_challenge(const platform *p, const authentication *a, buffer *signature) {
    uint8_t message[INSTITUTION_MESSAGE_LENGTH];
    institution_message((const uint8_t *)a->session.card_id, p->institution_cvc.holder_reference, a->challenge,
                        message);
    return cms_key_sign(p->institution_key, BYTES(message), signature);
}

static result open_session(const platform *p, authentication *a) {
    uint8_t nonce[STATEMENT_NONCE_LENGTH];
    int64_t now = clock_wall_s();
    result outcome = crypt_random(nonce, sizeof nonce);
    if (outcome == RESULT_OK)
        outcome = uuid_v7(a->session.id);
    hex_encode(BYTES(nonce), a->session.nonce, sizeof a->session.nonce);
    hex_encode(BYTES(a->challenge), a->session.challenge, sizeof a->session.challenge);
    a->session.expires = now + PLATFORM_SESSION_SECONDS;
    return outcome == RESULT_OK ? p->store->put_session(p->store, &a->session, now) : outcome;
}

static result write_authentication(const platform *p, const authentication *a, buffer *signature, http_reply *reply) {
    buffer text = BUFFER_INIT(512);
    char expires[CLOCK_TEXT_SIZE], holder[2 * CVC_REFERENCE_LENGTH + 1];
    result outcome = crypt_base64_append(&text, buffer_bytes(signature));
    clock_text(a->session.expires, expires);
    hex_encode(BYTES(p->institution_cvc.holder_reference), holder, sizeof holder);
    json_t *answer = json_pack("{s:s, s:s, s:s, s:s, s:s}", "session", a->session.id, "nonce", a->session.nonce,
                               "certificateHolderReference", holder, "signature", buffer_text(&text), "expires", expires);
    if (outcome == RESULT_OK)
        outcome = answer ? json_append(&reply->body, answer) : RESULT_NO_MEMORY;
    json_decref(answer);
    buffer_wipe(&text);
    return outcome;
}

static void authenticate(platform *p, json_t *body, const http_peer *peer, http_reply *reply) {
    authentication a = {0};
    buffer signature = BUFFER_INIT(INSTITUTION_SIGNATURE_LENGTH);
    const char *problem = read_authentication(body, peer, &a);
    if (problem) {
        outcome_reply(reply, 422, "value", problem);
        return;
    }
    result outcome = sign_challenge(p, &a, &signature);
    if (outcome == RESULT_OK)
        outcome = open_session(p, &a);
    if (outcome == RESULT_OK)
        outcome = write_authentication(p, &a, &signature, reply);
    buffer_wipe(&signature);
    reply->content_type = "application/json";
    if (outcome == RESULT_OK)
        finish_signed(p, reply, 201);
    else
        outcome_reply(reply, 503, "transient", "The platform cannot open a session now. Send again later.");
}

static void post_authentication(void *context, const http_request *request, http_reply *reply) {
    platform *p = context;
    if (!enter(p, reply))
        return;
    json_t *body = parse(request, reply);
    if (body)
        authenticate(p, body, request->peer, reply);
    json_decref(body);
    leave(p);
}

/* --- POST /fhir/CoverageEligibilityRequest/$submit ---------------------------------------------------------------- */

static void submit(platform *p, json_t *body, const http_peer *peer, http_reply *reply) {
    inquiry_ruling ruling;
    inquiry_rule(p, peer, body, STATEMENT_ONLINE, &ruling);
    if (ruling.status == 200 || ruling.status == 201) {
        buffer_append(&reply->body, buffer_bytes(&ruling.resource));
        finish_signed(p, reply, 200);
    } else {
        outcome_reply(reply, ruling.status, ruling.code, ruling.reason);
        reply->retry_after = ruling.status == 503 ? 5 : 0;
    }
    buffer_wipe(&ruling.resource);
}

static void post_submit(void *context, const http_request *request, http_reply *reply) {
    platform *p = context;
    if (!enter(p, reply))
        return;
    json_t *body = parse(request, reply);
    if (body)
        submit(p, body, request->peer, reply);
    json_decref(body);
    leave(p);
}

/* --- POST /fhir: a batch ------------------------------------------------------------------------------------------ */

static json_t *batch_entry(const inquiry_ruling *ruling) {
    char status[12];
    snprintf(status, sizeof status, "%d", ruling->status);
    if (ruling->status == 200 || ruling->status == 201)
        return json_pack("{s:{s:s}, s:o}", "response", "status", status, "resource",
                         json_loadb((const char *)ruling->resource.data, ruling->resource.length, 0, NULL));
    return json_pack("{s:{s:s}, s:o}", "response", "status", status, "resource", outcome_new(ruling->code,
                                                                                             ruling->reason));
}

static bool is_batch(json_t *body, json_t **entries) {
    const char *resource, *type;
    return json_unpack(body, "{s:s, s:s, s:o}", "resourceType", &resource, "type", &type, "entry", entries) == 0 &&
           strcmp(resource, "Bundle") == 0 && strcmp(type, "batch") == 0 && json_is_array(*entries) &&
           json_array_size(*entries) >= 1 && json_array_size(*entries) <= BATCH_ENTRIES_MOST;
}

/* Each entry stands alone: one that is refused does not hold up the others. */
static void batch(platform *p, json_t *body, const http_peer *peer, http_reply *reply) {
    json_t *entries, *entry, *answers = json_array();
    size_t i;
    if (!is_batch(body, &entries)) {
        outcome_reply(reply, 422, "structure", "This is no Bundle of type batch with 1 to 100 entries.");
        json_decref(answers);
        return;
    }
    json_array_foreach(entries, i, entry) {
        inquiry_ruling ruling;
        inquiry_rule(p, peer, json_object_get(entry, "resource"), STATEMENT_OFFLINE, &ruling);
        json_array_append_new(answers, batch_entry(&ruling));
        buffer_wipe(&ruling.resource);
    }
    bool complete = json_array_size(answers) == json_array_size(entries);
    json_t *bundle = json_pack("{s:s, s:s, s:o}", "resourceType", "Bundle", "type", "batch-response", "entry", answers);
    if (bundle && complete && json_append(&reply->body, bundle) == RESULT_OK)
        finish_signed(p, reply, 200);
    else
        outcome_reply(reply, 500, "exception", "The platform could not write its answer. Send again later.");
    json_decref(bundle);
}

static void post_batch(void *context, const http_request *request, http_reply *reply) {
    platform *p = context;
    if (!enter(p, reply))
        return;
    json_t *body = parse(request, reply);
    if (body)
        batch(p, body, request->peer, reply);
    json_decref(body);
    leave(p);
}

const http_route platform_routes[] = {
    {"GET", "/status", get_status, 0},
    {"POST", "/institution-authentication", post_authentication, SMALL_BODY_MOST},
    {"POST", "/fhir/CoverageEligibilityRequest/$submit", post_submit, BODY_MOST},
    {"POST", "/fhir", post_batch, BATCH_BODY_MOST},
    {NULL, NULL, NULL, 0},
};
