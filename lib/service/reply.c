/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/reply.h"

#include "base/clock.h"

#include <stdio.h>

#define RETRY_SECONDS 5

void reply_outcome(http_reply *reply, int status, const char *code, const char *text) {
    reply->status = status;
    reply->content_type = "application/fhir+json";
    buffer_clear(&reply->body);
    buffer_clear(&reply->signature);
    outcome_write(code, text, &reply->body);
}

void reply_refuse(void *context, int status, const char *cause, http_reply *reply) {
    static const struct {
        int status;
        const char *code;
    } codes[] = {{400, "structure"},     {403, "forbidden"},     {404, "not-found"},     {405, "not-supported"},
                 {413, "too-long"},      {415, "not-supported"}, {417, "not-supported"}, {421, "not-supported"},
                 {501, "not-supported"}, {503, "throttled"}};
    const char *code = "processing";
    (void)context;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i].status == status)
            code = codes[i].code;
    reply_outcome(reply, status, code, cause);
}

bool reply_is_no_json(bytes body, fhir_problem *problem) {
    fhir_problem form = {{0}};
    json_t *root = fhir_parse(body, &form);
    json_decref(root);
    if (root)
        return false;
    *problem = (fhir_problem){{0}};
    fhir_complain(problem, "The body is no JSON object: %s. Send UTF-8 JSON.", form.text);
    return true;
}

void reply_misread(http_reply *reply, bytes body, const char *code, const fhir_problem *problem) {
    fhir_problem form;
    char words[FHIR_PROBLEM_MAX + 64];
    if (reply_is_no_json(body, &form)) {
        reply_outcome(reply, 400, "structure", form.text);
        return;
    }
    snprintf(words, sizeof words, "%s. See docs/interfaces/http.md.", problem->text);
    reply_outcome(reply, 422, code, words);
}

void reply_unavailable(http_reply *reply, const char *text) {
    reply_outcome(reply, 503, "transient", text);
    reply->retry_after = RETRY_SECONDS;
}

void reply_beacon(http_reply *reply, const reply_beacon_facts *facts) {
    char time[CLOCK_TEXT_SIZE], begin[CLOCK_TEXT_SIZE], end[CLOCK_TEXT_SIZE];
    clock_text(clock_wall_s(), time);
    clock_text(facts->not_before, begin);
    clock_text(facts->not_after, end);
    reply->status = 200;
    reply->content_type = "application/json";
    buffer_append_format(&reply->body,
                         "{\"service\":\"%s\",\"status\":\"up\",\"accepts\":%s,\"notBefore\":\"%s\","
                         "\"notAfter\":\"%s\",\"time\":\"%s\"",
                         facts->name, facts->accepts ? "true" : "false", begin, end, time);
    if (facts->visit_batch > 0)
        buffer_append_format(&reply->body, ",\"visitBatch\":%d", facts->visit_batch);
    buffer_append_text(&reply->body, "}");
}

void reply_signed(http_reply *reply, int status, const service_signer *signer) {
    reply_signed_over(reply, status, buffer_bytes(&reply->body), signer);
}

void reply_signed_over(http_reply *reply, int status, bytes content, const service_signer *signer) {
    reply->status = status;
    if (reply->body.failed != RESULT_OK ||
        service_sign(signer, content, clock_wall_s(), &reply->signature) != RESULT_OK)
        reply_unavailable(reply, "The service could not sign its answer. Send again later.");
}
