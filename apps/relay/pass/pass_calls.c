/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "pass/pass_calls.h"

#include "pass/outcome_note.h"

#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "crypt/digest.h"
#include "fhir/json.h"
#include "fhir/visit_batch.h"
#include "service/reply.h"

#include <stdio.h>
#include <string.h>

#define LIVE_MS 2500 /* below the 3 s that a terminal waits while a patient is at the counter */
#define SMALL_BODY_MAX 65536
#define BODY_MAX (1024 * 1024)
#define PAGE_BYTES (1024 * 1024) /* of answers in one page of /results; always one answer at least */
#define PAGE_ANSWERS 64
#define PATH_SUBMIT "/fhir/CoverageEligibilityRequest/$submit"
#define PATH_PRE_CHECK "/fhir/CoverageEligibilityRequest/$pre-check"

static const struct path_prefix {
    const char *prefix, *name;
} prefixes[KEPT_SERVICES] = {[KEPT_PLATFORM] = {"/pf", "pf"}, [KEPT_HISTORY] = {"/history", "history"}};

static kept_service service_of(const char *path, const char **rest) {
    const kept_service which = strncmp(path, "/history/", 9) == 0 ? KEPT_HISTORY : KEPT_PLATFORM;
    *rest = path + strlen(prefixes[which].prefix);
    return which;
}

/* A reply's type is static text (net/http_handler.h). */
static const char *static_type(const char *type) {
    static const char *const types[] = {"application/fhir+json", "application/json", "text/html", "text/plain"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i], type) == 0)
            return types[i];
    return "application/octet-stream";
}

/* --- who ---------------------------------------------------------------------------------------------------------- */

bool pass_admit(void *context, const http_route *route, const http_request *request, http_reply *reply) {
    pass_context *s = context;
    (void)route;
    const result code = relay_store_find(s->terminals, request->peer->terminal_id, request->peer->key);
    if (code == RESULT_OK)
        return true;
    atomic_fetch_add(&s->strangers, code == RESULT_NOT_FOUND);
    if (code == RESULT_NOT_FOUND)
        reply_refuse(NULL, 403,
                     "This terminal, with this TLS key, is not in the relay's list. Ask the hospital's IT:"
                     " uketsuke-relay terminal admit",
                     reply);
    else
        reply_unavailable(reply, "The relay cannot read its list of terminals now. Send again later.");
    return false;
}

/* --- through, byte for byte --------------------------------------------------------------------------------------- */

static void pass_answer(const http_answer *answer, http_reply *reply) {
    reply->status = answer->status;
    reply->content_type = static_type(answer->type);
    reply->retry_after = answer->retry_after > 0 ? (int)answer->retry_after : 0;
    buffer_append(&reply->body, buffer_bytes(&answer->body)); /* a failure is kept in failed */
    if (answer->signature != NULL)
        buffer_append_text(&reply->signature, answer->signature);
}

static result ask_service(pass_context *s, kept_service which, const http_request *request, const char *path, long ms,
                          http_answer *answer) {
    const bool posts = strcmp(request->method, "POST") == 0;
    const char *type = *request->content_type != 0 ? request->content_type : "application/json";
    const result code = service_way_call(s->ways[which], request->method, path, posts ? type : NULL, request->body, ms,
                                         answer);
    atomic_fetch_add(&s->passed[which], code == RESULT_OK);
    return code;
}

/* Notes a final answer as an outcome; false: it could not be noted. An answer without the service's signature is no
 * outcome: the terminal does not accept it either. */
static bool note_live(pass_context *s, kept_service which, const http_request *request, const http_answer *answer,
                      bool is_single) {
    const outcome_answer one = {.service = which,
                                .is_single = is_single,
                                .terminal = request->peer->terminal_id,
                                .way = "live",
                                .status = answer->status,
                                .body = buffer_bytes(&answer->body)};
    if (!outcome_is_final(answer->status) ||
        (answer->status <= 201 && !keep_sender_verifies(s->senders[which], answer, is_single)))
        return true;
    const result code = outcome_note(s->terminals, &one);
    if (code != RESULT_OK)
        log_error("an outcome for %s cannot be noted: %s", one.terminal, result_text(code));
    if (which == KEPT_PLATFORM && answer->status <= 201)
        extraction_note_answer(s->patients, one.terminal, one.body, is_single);
    return code == RESULT_OK;
}

static void note_check(pass_context *s, const http_request *request, const http_answer *answer) {
    if (s->patients != NULL && answer->status == 200 && keep_sender_verifies(s->senders[KEPT_PLATFORM], answer, false))
        extraction_note_check(s->patients, request->peer->terminal_id, buffer_bytes(&answer->body));
}

static void pass_live(void *context, const http_request *request, http_reply *reply) {
    pass_context *s = context;
    const char *path;
    const kept_service which = service_of(request->path, &path);
    http_answer answer;
    const result code = ask_service(s, which, request, path, LIVE_MS, &answer);
    if (code == RESULT_OK && strcmp(path, PATH_SUBMIT) == 0)
        note_live(s, which, request, &answer, true); /* the patient gets the answer in any case */
    if (code == RESULT_OK && strcmp(path, PATH_PRE_CHECK) == 0)
        note_check(s, request, &answer);
    if (code == RESULT_OK)
        pass_answer(&answer, reply);
    else
        reply_unavailable(reply, "The service does not answer the relay. Send again later.");
    http_answer_wipe(&answer);
}

/* --- GET /status: the service's own words, and what the relay adds ------------------------------------------------ */

static void write_status(pass_context *s, kept_service which, const http_request *request, json_t *words,
                         http_reply *reply) {
    json_object_set_new(words, "keeps", json_true());
    json_object_set_new(words, "results",
                        json_boolean(keep_store_has_answer(s->store, which, request->peer->terminal_id)));
    reply->content_type = "application/json";
    if (fhir_dump_and_free(words, &reply->body) != RESULT_OK)
        reply_unavailable(reply, "The relay cannot write its answer now. Send again later.");
}

/* The status of a service that the relay does not call, or that does not answer. */
static json_t *words_of_silence(const pass_context *s, kept_service which) {
    char now[CLOCK_TEXT_SIZE];
    clock_text(clock_wall_s(), now);
    return json_pack("{s:s,s:s,s:b,s:s,s:s}", "service", prefixes[which].name, "status", "down", "accepts", 0, "reason",
                     service_way_is_gated(s->ways[which]) ? "gate" : "silent", "time", now);
}

static void get_status(void *context, const http_request *request, http_reply *reply) {
    pass_context *s = context;
    const char *path;
    const kept_service which = service_of(request->path, &path);
    http_answer answer;
    const result code = ask_service(s, which, request, path, SERVICE_WAY_SILENCE_MS, &answer);
    json_t *words = code == RESULT_OK ? fhir_parse(buffer_bytes(&answer.body), NULL) : words_of_silence(s, which);
    reply->status = code == RESULT_OK ? answer.status : 503;
    if (words != NULL)
        write_status(s, which, request, words, reply);
    else
        pass_answer(&answer, reply);
    http_answer_wipe(&answer);
}

/* --- POST /fhir: through, or kept --------------------------------------------------------------------------------- */

static void reply_kept(const kept_request *r, http_reply *reply) {
    reply->status = 202;
    reply->content_type = "application/json";
    buffer_append_format(&reply->body, "{\"kept\":\"%s\"}", r->id);
}

static void reply_stored(const kept_request *r, http_reply *reply) {
    reply->status = r->status;
    reply->content_type = static_type(r->type);
    buffer_append(&reply->body, buffer_bytes(&r->answer));
    buffer_append(&reply->signature, buffer_bytes(&r->signature));
}

static void reply_not_kept(result code, http_reply *reply) {
    if (code == RESULT_UNAVAILABLE || code == RESULT_TOO_LONG)
        reply_outcome(reply, 507, "throttled",
                      "The relay has no room to keep this. The terminal keeps it, and sends it again; tell the"
                      " hospital's IT.");
    else
        reply_unavailable(reply, "The relay cannot keep this now. Send again later.");
    log_error("a request cannot be kept: %s", result_text(code));
}

static void reply_by_state(const kept_request *r, http_reply *reply) {
    if (strcmp(r->state, KEPT_QUEUED) == 0)
        reply_kept(r, reply);
    else
        reply_stored(r, reply);
}

/* Answers a request that is stored already, queued or answered. */
static bool reply_known(pass_context *s, kept_request *r, http_reply *reply) {
    const result code = keep_store_find(s->store, r);
    if (code == RESULT_NOT_FOUND)
        return false;
    if (code != RESULT_OK)
        reply_not_kept(code, reply);
    else
        reply_by_state(r, reply);
    return true;
}

/* Whether the service has answered now, with more than a temporary refusal. */
static bool reply_now(pass_context *s, const http_request *request, const char *path, kept_service which,
                      http_reply *reply) {
    http_answer answer;
    if (keep_sender_must_wait(s->senders[which]))
        return false;
    const result code = ask_service(s, which, request, path, s->wait_ms, &answer);
    const bool answered = code == RESULT_OK && answer.status < 500 && answer.status != 429 &&
                          note_live(s, which, request, &answer, false);
    if (answered)
        pass_answer(&answer, reply);
    else
        keep_sender_note(s->senders[which], answer.status, answer.retry_after);
    http_answer_wipe(&answer);
    return answered;
}

static void keep(pass_context *s, kept_request *r, http_reply *reply) {
    const result code = keep_store_add(s->store, r);
    if (code != RESULT_OK) {
        reply_not_kept(code, reply);
        return;
    }
    atomic_fetch_add(&s->kept[r->service], 1);
    reply_by_state(r, reply); /* another connection may have brought the same request meanwhile */
}

static void pass_or_keep(void *context, const http_request *request, http_reply *reply) {
    pass_context *s = context;
    const char *path;
    kept_request r = KEPT_REQUEST_INIT;
    r.service = service_of(request->path, &path);
    snprintf(r.owner, sizeof r.owner, "%s", request->peer->terminal_id);
    const result code = buffer_append(&r.body, request->body);
    if (code != RESULT_OK)
        reply_not_kept(code, reply);
    else if (!reply_known(s, &r, reply) && !reply_now(s, request, path, r.service, reply))
        keep(s, &r, reply);
    kept_request_wipe(&r);
}

/* --- POST /visit-batch: through, never kept --- */

/* As note_live. The call itself, refused as a whole, says nothing about a visit: they come one by one then. */
static bool note_visits(pass_context *s, kept_service which, const http_request *request, const http_answer *answer) {
    const outcome_answer many = {.service = which,
                                 .is_visits = true,
                                 .terminal = request->peer->terminal_id,
                                 .way = "live",
                                 .status = answer->status,
                                 .body = buffer_bytes(&answer->body)};
    if (answer->status != 200 || !keep_sender_verifies(s->senders[which], answer, false))
        return true;
    const result code = outcome_note(s->terminals, &many);
    if (code != RESULT_OK)
        log_error("outcomes for %s cannot be noted: %s", many.terminal, result_text(code));
    return code == RESULT_OK;
}

/* While the service does not take it, GET /status does not offer it, and visits come one by one, to be kept. */
static void pass_visits(void *context, const http_request *request, http_reply *reply) {
    pass_context *s = context;
    http_answer answer = {.retry_after = -1};
    const char *path;
    const kept_service which = service_of(request->path, &path);
    if (!keep_sender_must_wait(s->senders[which]) &&
        ask_service(s, which, request, path, s->wait_ms, &answer) == RESULT_OK &&
        note_visits(s, which, request, &answer))
        pass_answer(&answer, reply);
    else
        reply_unavailable(reply, "The relay has no answer of the service to pass on. Send the visits one by one.");
    keep_sender_note(s->senders[which], answer.status, answer.retry_after);
    http_answer_wipe(&answer);
}

/* --- /results: a terminal's own answers --------------------------------------------------------------------------- */

static json_t *result_object(const kept_request *r) {
    uint8_t digest[CRYPT_SHA256_LENGTH];
    char hash[2 * CRYPT_SHA256_LENGTH + 1] = "";
    if (crypt_sha256(buffer_bytes(&r->body), digest) == RESULT_OK)
        hex_encode(BYTES(digest), hash, sizeof hash);
    return json_pack("{s:s,s:s,s:i,s:s,s:s,s:s#,s:o}", "id", r->id, "service", prefixes[r->service].name, "status",
                     r->status, "contentType", r->type, "requestHash", hash, "signature",
                     r->signature.length > 0 ? (const char *)r->signature.data : "", (int)r->signature.length, "body",
                     fhir_base64_string(buffer_bytes(&r->answer)));
}

/* The oldest ones, as many as one page holds. Returns whether there may be more. */
static bool list_answers(pass_context *s, kept_service which, const char *owner, json_t *list) {
    kept_request r = KEPT_REQUEST_INIT;
    size_t length = 0;
    bool room = true;
    r.service = which;
    snprintf(r.owner, sizeof r.owner, "%s", owner);
    while (room && keep_store_next_answer(s->store, &r) == RESULT_OK) {
        length += r.answer.length;
        room = json_array_size(list) == 0 || (length <= PAGE_BYTES && json_array_size(list) < PAGE_ANSWERS);
        if (room)
            json_array_append_new(list, result_object(&r));
        kept_request_wipe(&r);
    }
    return !room;
}

static void get_results(void *context, const http_request *request, http_reply *reply) {
    pass_context *s = context;
    const char *path;
    json_t *list = json_array();
    const bool more = list_answers(s, service_of(request->path, &path), request->peer->terminal_id, list);
    reply->status = 200;
    reply->content_type = "application/json";
    if (fhir_dump_and_free(json_pack("{s:o,s:b}", "results", list, "more", (int)more), &reply->body) != RESULT_OK)
        reply_unavailable(reply, "The relay cannot write its answer now. Send again later.");
}

/* The id of another terminal's result is ignored without an error. */
static void acknowledge_results(void *context, const http_request *request, http_reply *reply) {
    pass_context *s = context;
    fhir_problem problem = {""};
    json_t *root = fhir_parse(request->body, &problem);
    const json_t *ids = json_object_get(root, "acknowledged"), *one;
    long long done = 0;
    size_t i;
    if (!json_is_array(ids)) {
        reply_misread(reply, request->body, "value", &problem);
        json_decref(root);
        return;
    }
    json_array_foreach(ids, i, one) {
        const char *id = json_string_value(one);
        done += id != NULL && uuid_is_valid(id) &&
                keep_store_delivered(s->store, request->peer->terminal_id, id) == RESULT_OK;
    }
    json_decref(root);
    reply->status = 200;
    reply->content_type = "application/json";
    buffer_append_format(&reply->body, "{\"acknowledged\":%lld}", done);
}

const http_route pass_routes[] = {
    {"GET", "/pf/status", get_status, 0, 0},
    {"GET", "/pf/reconcile-slot", pass_live, 0, 0},
    {"POST", "/pf/time-beacon", pass_live, 0, SMALL_BODY_MAX},
    {"POST", "/pf/terminals", pass_live, 0, SMALL_BODY_MAX},
    {"POST", "/pf/institution-authentication", pass_live, 0, SMALL_BODY_MAX},
    {"POST", "/pf" PATH_SUBMIT, pass_live, 0, BODY_MAX},
    {"POST", "/pf" PATH_PRE_CHECK, pass_live, 0, BODY_MAX},
    {"POST", "/pf/fhir", pass_or_keep, 0, KEPT_BODY_MAX},
    {"GET", "/pf/results", get_results, 0, 0},
    {"POST", "/pf/results", acknowledge_results, 0, SMALL_BODY_MAX},
    {"GET", "/history/status", get_status, 0, 0},
    {"POST", "/history/terminals", pass_live, 0, SMALL_BODY_MAX},
    {"POST", "/history/fhir", pass_or_keep, 0, BODY_MAX},
    {"POST", "/history/visit-batch", pass_visits, 0, VISIT_BATCH_BODY_MAX},
    {"GET", "/history/results", get_results, 0, 0},
    {"POST", "/history/results", acknowledge_results, 0, SMALL_BODY_MAX},
    {NULL, NULL, NULL, 0, 0},
};
