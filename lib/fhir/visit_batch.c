/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fhir/visit_batch.h"

#include <stdlib.h>
#include <string.h>

struct visit_batch {
    json_t *root;
};

struct visit_answers {
    json_t *root;
};

/* --- the call ----------------------------------------------------------------------------------------------------- */

result visit_batch_write(const bytes records[], size_t count, buffer *text) {
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, fhir_base64_string(records[i]));
    return fhir_dump_and_free(json_pack("{s:o}", "visits", fhir_array_of(list, count)), text);
}

/* 404, 405, 501: a service or a relay of a version before. */
bool visit_batch_is_refused(int status) {
    return status == 400 || status == 404 || status == 405 || status == 413 || status == 422 || status == 501;
}

/* The list of that name with 1 to VISIT_BATCH_MAX elements, and nothing beside it. NULL after fhir_complain. */
static json_t *read_list(bytes text, const char *name, fhir_problem *problem) {
    json_t *root = fhir_parse(text, problem);
    const size_t count = json_array_size(json_object_get(root, name));
    if (root != NULL && json_object_size(root) == 1 && count >= 1 && count <= VISIT_BATCH_MAX)
        return root;
    fhir_complain(problem, "%s: must be the only member, a list of 1 to %d", name, VISIT_BATCH_MAX);
    json_decref(root);
    return NULL;
}

result visit_batch_read(bytes text, visit_batch **out, fhir_problem *problem) {
    *out = calloc(1, sizeof **out);
    if (*out == NULL)
        return RESULT_NO_MEMORY;
    (*out)->root = read_list(text, "visits", problem);
    if ((*out)->root == NULL)
        visit_batch_free(out);
    return *out != NULL ? RESULT_OK : RESULT_INVALID;
}

size_t visit_batch_count(const visit_batch *batch) {
    return json_array_size(json_object_get(batch->root, "visits"));
}

result visit_batch_record(const visit_batch *batch, size_t index, buffer *record) {
    char path[32];
    snprintf(path, sizeof path, "visits.%zu", index);
    return fhir_base64(batch->root, path, record, NULL);
}

void visit_batch_free(visit_batch **batch) {
    if (*batch == NULL)
        return;
    json_decref((*batch)->root);
    free(*batch);
    *batch = NULL;
}

/* --- the answer --------------------------------------------------------------------------------------------------- */

static json_t *answer_json(const visit_answer *one) {
    json_t *signature = one->signature.length > 0
                            ? json_stringn((const char *)one->signature.data, one->signature.length)
                            : NULL;
    if (one->signature.length > 0 && signature == NULL)
        return NULL;
    return json_pack("{s:o,s:s,s:o*,s:i}", "body", fhir_base64_string(one->body), "contentHash", one->content_hash,
                     "signature", signature, "status", one->status);
}

result visit_answers_write(const visit_answer answers[], size_t count, buffer *text) {
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, answer_json(&answers[i]));
    return fhir_dump_and_free(json_pack("{s:o}", "answers", fhir_array_of(list, count)), text);
}

result visit_answers_read(bytes text, visit_answers **out, fhir_problem *problem) {
    *out = calloc(1, sizeof **out);
    if (*out == NULL)
        return RESULT_NO_MEMORY;
    (*out)->root = read_list(text, "answers", problem);
    if ((*out)->root == NULL)
        visit_answers_free(out);
    return *out != NULL ? RESULT_OK : RESULT_INVALID;
}

size_t visit_answers_count(const visit_answers *answers) {
    return json_array_size(json_object_get(answers->root, "answers"));
}

static bool is_hash(const char *text) {
    return strlen(text) == VISIT_HASH_SIZE - 1 && strspn(text, "0123456789ABCDEF") == VISIT_HASH_SIZE - 1;
}

result visit_answers_entry(const visit_answers *answers, size_t index, visit_answer_read *out) {
    const json_t *one = json_array_get(json_object_get(answers->root, "answers"), index);
    const json_t *signature = json_object_get(one, "signature"), *status = json_object_get(one, "status");
    *out = (visit_answer_read){.body = BUFFER_INIT(VISIT_BATCH_BODY_MAX), .signature = ""};
    if (!json_is_object(one) || !json_is_integer(status) || (signature != NULL && !json_is_string(signature)) ||
        fhir_text(one, "contentHash", out->content_hash, sizeof out->content_hash, NULL) != RESULT_OK ||
        !is_hash(out->content_hash) || json_integer_value(status) < 100 || json_integer_value(status) > 599)
        return RESULT_INVALID;
    out->status = (int)json_integer_value(status);
    if (signature != NULL)
        out->signature = json_string_value(signature);
    return fhir_base64(one, "body", &out->body, NULL);
}

void visit_answers_free(visit_answers **answers) {
    if (*answers == NULL)
        return;
    json_decref((*answers)->root);
    free(*answers);
    *answers = NULL;
}
