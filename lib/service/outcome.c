#include "service/outcome.h"

#include <stdlib.h>

json_t *outcome_new(const char *code, const char *text) {
    return json_pack("{s:s, s:[{s:s, s:s, s:{s:s}}]}", "resourceType", "OperationOutcome", "issue", "severity", "error",
                     "code", code, "details", "text", text);
}

static int append(const char *text, size_t length, void *context) {
    return buffer_append(context, bytes_of(text, length)) == RESULT_OK ? 0 : -1;
}

result json_append(buffer *out, const json_t *value) {
    if (json_dump_callback(value, append, out, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(6)) == 0)
        return RESULT_OK;
    return out->failed != RESULT_OK ? out->failed : RESULT_INTERNAL;
}

void outcome_reply(http_reply *reply, int status, const char *code, const char *text) {
    json_t *outcome = outcome_new(code, text);
    reply->status = status;
    reply->content_type = "application/fhir+json";
    buffer_clear(&reply->body);
    buffer_clear(&reply->signature);
    if (outcome)
        json_append(&reply->body, outcome);
    json_decref(outcome);
}

void outcome_refuse(void *context, int status, const char *cause, http_reply *reply) {
    static const struct {
        int status;
        const char *code;
    } codes[] = {{403, "forbidden"}, {404, "not-found"}, {405, "not-supported"}, {413, "too-long"}};
    const char *code = "processing";
    (void)context;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i].status == status)
            code = codes[i].code;
    outcome_reply(reply, status, code, cause);
}
