/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fhir/batch_answer.h"

#include "fhir/answer_proof.h"
#include "fhir/eligibility_internal.h"
#include "fhir/form.h"
#include "fhir/signed_answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct eligibility_batch_answer {
    json_t *root; /* NULL: the entries below */
    buffer text;  /* canonical; where each path and each response begins */
    size_t count, paths[FHIR_BATCH_MAX], starts[FHIR_BATCH_MAX];
    buffer forms; /* what is signed of each response, one after the other, and where each ends */
    size_t form_ends[FHIR_BATCH_MAX];
    int statuses[FHIR_BATCH_MAX];
};

_Static_assert(FHIR_BATCH_MAX <= HASH_TREE_LEAVES_MAX, "a batch is one tree");

#define PATH_BEFORE "{'extension':[{'url':'" EXTENSION_PATH "','valueString':"

/* The resources are canonical JSON already: taking them apart and putting them together again would cost as much as
 * verifying a signature each. The members are in the order in which fhir_dump sorts them. */
static result append_members(buffer *json, int status, bytes resource) {
    if (resource.length < 2 || resource.data[0] != '{' || resource.data[resource.length - 1] != '}')
        return RESULT_INVALID;
    buffer_append_text(json, "\"resource\":");
    buffer_append(json, resource);
    return buffer_append_format(json, ",\"response\":{\"status\":\"%d\"}}", status);
}

/* How large an entry may be: an answer with all coverages is some kilobytes. */
#define ENTRY_MAX 131072
#define FORMS_MAX (FHIR_BATCH_MAX * 16384) /* of a batch: a signed form holds ids and digests only */

static bool is_answer(int status) {
    return status == 200 || status == 201;
}

/* As in the tree: an answer in its signed form, which says nothing about the person; a refusal as it is. */
static result append_leaf(buffer *entry, int status, bytes resource, bytes known_form) {
    if (!is_answer(status) || known_form.length > 0)
        return append_members(entry, status, is_answer(status) ? known_form : resource);
    buffer form = BUFFER_INIT(ENTRY_MAX);
    result code = signed_answer_of(resource, &form, NULL);
    if (code == RESULT_OK)
        code = append_members(entry, status, buffer_bytes(&form));
    buffer_wipe(&form);
    return code;
}

static result build_tree(const eligibility_outcome outcomes[], const bytes forms[], size_t count,
                         hash_tree_path paths[], buffer *content) {
    uint8_t leaves[FHIR_BATCH_MAX][CRYPT_SHA256_LENGTH], root[CRYPT_SHA256_LENGTH];
    buffer entry = BUFFER_INIT(ENTRY_MAX);
    result code = count <= FHIR_BATCH_MAX ? RESULT_OK : RESULT_TOO_LONG;
    for (size_t i = 0; code == RESULT_OK && i < count; i++) {
        buffer_clear(&entry);
        buffer_append_u8(&entry, '{');
        code = append_leaf(&entry, outcomes[i].status, outcomes[i].resource,
                           forms != NULL ? forms[i] : bytes_of(NULL, 0));
        if (code == RESULT_OK)
            code = hash_tree_leaf(buffer_bytes(&entry), leaves[i]);
    }
    if (code == RESULT_OK)
        code = hash_tree_build(leaves, count, paths, root);
    buffer_wipe(&entry);
    return code == RESULT_OK ? answer_proof_root(count, root, content) : code;
}

result eligibility_batch_answer_write(const eligibility_outcome outcomes[], size_t count, buffer *text,
                                      buffer *content) {
    return eligibility_batch_answer_write_formed(outcomes, NULL, count, text, content);
}

result eligibility_batch_answer_write_formed(const eligibility_outcome outcomes[], const bytes forms[], size_t count,
                                             buffer *text, buffer *content) {
    hash_tree_path paths[FHIR_BATCH_MAX];
    result code = build_tree(outcomes, forms, count, paths, content);
    if (code != RESULT_OK)
        return code;
    buffer_append_text(text, "{\"entry\":[");
    for (size_t i = 0; i < count; i++) {
        char path[ANSWER_PATH_SIZE];
        answer_path_write(&paths[i], path);
        buffer_append_text(text, i == 0 ? "" : ",");
        fhir_form_append(text, PATH_BEFORE "~}],", path);
        append_members(text, outcomes[i].status, outcomes[i].resource);
    }
    buffer_append_text(text, "],\"resourceType\":\"Bundle\",\"type\":\"batch-response\"}");
    return text->failed;
}

/* Also keeps its signed form, made while its parts are known; an answer of the earlier form has none. */
static bool take_answer(canonical_reader *r, eligibility_batch_answer *out, size_t at) {
    eligibility_response read;
    answer_parts parts = ANSWER_PARTS_INIT;
    bool good = eligibility_canonical_answer(r, &read, &parts);
    const result code = good ? signed_answer_form(&read, &parts, &out->forms, NULL) : RESULT_INVALID;
    answer_parts_wipe(&parts);
    out->form_ends[at] = out->forms.length;
    return code == RESULT_OK || code == RESULT_UNSUPPORTED;
}

/* Only batches without a refusal; others are read by jansson. */
static bool take_answers(bytes text, eligibility_batch_answer *out) {
    canonical_reader r = {text};
    char path[ANSWER_PATH_SIZE];
    bool good = fhir_form_take(&r, "{'entry':[");
    do {
        good = good && out->count < FHIR_BATCH_MAX && fhir_form_take(&r, PATH_BEFORE);
        if (!good)
            return false;
        const size_t at = out->count;
        out->paths[at] = text.length - r.rest.length;
        good = canonical_take_text(&r, path, sizeof path) && fhir_form_take(&r, "}],'resource':");
        out->starts[at] = text.length - r.rest.length;
        good = good && take_answer(&r, out, at) && fhir_form_take(&r, ",'response':{'status':'20");
        out->statuses[out->count++] = canonical_take(&r, "1") ? 201 : 200;
        good = good && (out->statuses[at] == 201 || canonical_take(&r, "0")) && fhir_form_take(&r, "'}}");
    } while (good && canonical_take(&r, ","));
    return good && fhir_form_take(&r, "],'resourceType':'Bundle','type':'batch-response'}") && r.rest.length == 0;
}

static result read_answers(bytes text, eligibility_batch_answer *out, fhir_problem *problem) {
    out->text = BUFFER_INIT(text.length);
    out->forms = BUFFER_INIT(FORMS_MAX);
    if (take_answers(text, out))
        return buffer_append(&out->text, text);
    out->count = 0;
    out->root = eligibility_bundle(fhir_parse(text, problem), "batch-response", problem);
    return out->root != NULL ? RESULT_OK : RESULT_INVALID;
}

result eligibility_batch_answer_read(bytes text, eligibility_batch_answer **out, fhir_problem *problem) {
    *out = calloc(1, sizeof **out);
    if (*out != NULL && read_answers(text, *out, problem) != RESULT_OK)
        eligibility_batch_answer_free(out);
    return *out != NULL ? RESULT_OK : RESULT_INVALID;
}

size_t eligibility_batch_answer_count(const eligibility_batch_answer *answer) {
    return answer->root != NULL ? json_array_size(json_object_get(answer->root, "entry")) : answer->count;
}

result eligibility_batch_answer_entry(const eligibility_batch_answer *answer, size_t index, int *status,
                                      eligibility_response *out, fhir_problem *problem) {
    if (index < answer->count) {
        const bytes text = buffer_bytes(&answer->text);
        canonical_reader r = {bytes_slice(text, answer->starts[index], text.length)};
        *status = answer->statuses[index];
        return eligibility_canonical_answer(&r, out, NULL) ? RESULT_OK : RESULT_INTERNAL;
    }
    const json_t *entry = eligibility_bundle_entry(answer->root, index);
    const json_t *resource = json_object_get(entry, "resource");
    char text[FHIR_WORD_SIZE];
    *status = 0;
    if (fhir_text(entry, "response.status", text, sizeof text, problem) != RESULT_OK)
        return RESULT_INVALID;
    if (strlen(text) != 3 || strspn(text, "0123456789") != 3)
        return fhir_complain(problem, "response.status: must be three digits");
    *status = atoi(text);
    if (is_answer(*status))
        return eligibility_response_of(resource, out, problem);
    char words[FHIR_PROBLEM_MAX];
    if (fhir_text(resource, "issue.0.details.text", words, sizeof words, problem) != RESULT_OK)
        return RESULT_INVALID;
    fhir_complain(problem, "%s", words);
    return RESULT_OK;
}

result eligibility_batch_answer_time(const eligibility_batch_answer *answer, time_beacon *out) {
    const size_t count = eligibility_batch_answer_count(answer);
    const json_t *last = count > 0 ? eligibility_bundle_entry(answer->root, count - 1) : NULL;
    char status[4];
    buffer text = BUFFER_INIT(ENTRY_MAX);
    result code = RESULT_NOT_FOUND;
    if (fhir_text(last, "response.status", status, sizeof status, NULL) == RESULT_OK &&
        atoi(status) == ELIGIBILITY_TIME)
        code = fhir_dump(json_object_get(last, "resource"), &text);
    if (code == RESULT_OK)
        code = time_beacon_read(buffer_bytes(&text), out, NULL);
    buffer_wipe(&text);
    return code;
}

void eligibility_batch_answer_refusal(const eligibility_batch_answer *answer, size_t index, eligibility_refusal *out) {
    *out = (eligibility_refusal){{0}, {0}};
    if (index < answer->count)
        return;
    const json_t *resource = json_object_get(eligibility_bundle_entry(answer->root, index), "resource");
    fhir_optional_text(resource, "issue.0.code", out->code, sizeof out->code, NULL);
    fhir_optional_text(fhir_extension(resource, EXTENSION_EVIDENCE_ID), "valueString", out->evidence_id,
                       sizeof out->evidence_id, NULL);
    if (!uuid_is_valid(out->evidence_id))
        out->evidence_id[0] = 0;
}

/* In place of the answer, what is signed of it. */
static result put_signed_form(json_t *entry) {
    buffer full = BUFFER_INIT(ENTRY_MAX), form = BUFFER_INIT(ENTRY_MAX);
    result code = fhir_dump(json_object_get(entry, "resource"), &full);
    if (code == RESULT_OK)
        code = signed_answer_of(buffer_bytes(&full), &form, NULL);
    if (code == RESULT_OK && json_object_set_new(entry, "resource", fhir_parse(buffer_bytes(&form), NULL)) != 0)
        code = RESULT_NO_MEMORY;
    buffer_wipe(&full);
    buffer_wipe(&form);
    return code;
}

static bool has_answer(const json_t *entry) {
    char status[4];
    return fhir_text(entry, "response.status", status, sizeof status, NULL) == RESULT_OK && is_answer(atoi(status));
}

/* The bytes that fhir_dump writes of the parsed entry: they are the signed ones, otherwise the root differs. */
static result dump_leaf(const json_t *entry, buffer *leaf, buffer *path) {
    const json_t *extension = fhir_extension(entry, EXTENSION_PATH);
    char text[ANSWER_PATH_SIZE];
    json_t *bare = json_copy((json_t *)entry);
    result code = bare != NULL ? fhir_text(extension, "valueString", text, sizeof text, NULL) : RESULT_NO_MEMORY;
    if (code == RESULT_OK)
        code = buffer_append_text(path, text);
    if (code == RESULT_OK && json_object_del(bare, "extension") != 0)
        code = RESULT_INVALID;
    if (code == RESULT_OK && has_answer(bare))
        code = put_signed_form(bare);
    if (code == RESULT_OK)
        code = fhir_dump(bare, leaf);
    json_decref(bare);
    return code;
}

result eligibility_batch_answer_leaf(const eligibility_batch_answer *answer, size_t index, buffer *entry,
                                     buffer *path) {
    if (index >= answer->count)
        return dump_leaf(eligibility_bundle_entry(answer->root, index), entry, path);
    const bytes text = buffer_bytes(&answer->text);
    canonical_reader r = {bytes_slice(text, answer->paths[index], text.length)};
    char said[ANSWER_PATH_SIZE];
    if (!canonical_take_text(&r, said, sizeof said))
        return RESULT_INTERNAL;
    buffer_append_text(path, said);
    const size_t from = index > 0 ? answer->form_ends[index - 1] : 0, to = answer->form_ends[index];
    if (to == from)
        return RESULT_UNSUPPORTED;
    buffer_append_u8(entry, '{');
    return append_members(entry, answer->statuses[index], bytes_slice(buffer_bytes(&answer->forms), from, to - from));
}

static result climb(const eligibility_batch_answer *answer, size_t index, uint8_t root[CRYPT_SHA256_LENGTH]) {
    buffer entry = BUFFER_INIT(ENTRY_MAX), text = BUFFER_INIT(ANSWER_PATH_SIZE);
    hash_tree_path path;
    result code = eligibility_batch_answer_leaf(answer, index, &entry, &text);
    if (code == RESULT_OK)
        code = answer_path_read(buffer_text(&text), &path);
    if (code == RESULT_OK && (path.index != index || path.count != eligibility_batch_answer_count(answer)))
        code = RESULT_INVALID;
    if (code == RESULT_OK)
        code = answer_proof_climb(buffer_bytes(&entry), &path, root);
    buffer_wipe(&entry);
    buffer_wipe(&text);
    return code;
}

result eligibility_batch_answer_content(const eligibility_batch_answer *answer, buffer *content) {
    const size_t count = eligibility_batch_answer_count(answer);
    uint8_t first[CRYPT_SHA256_LENGTH], root[CRYPT_SHA256_LENGTH];
    for (size_t i = 0; i < count; i++) {
        const result code = climb(answer, i, i == 0 ? first : root);
        if (code != RESULT_OK)
            return code;
        if (i > 0 && memcmp(first, root, sizeof root) != 0)
            return RESULT_INVALID;
    }
    return answer_proof_root(count, first, content);
}

void eligibility_batch_answer_free(eligibility_batch_answer **answer) {
    if (*answer != NULL) {
        json_decref((*answer)->root);
        buffer_wipe(&(*answer)->text);
        buffer_wipe(&(*answer)->forms);
    }
    free(*answer);
    *answer = NULL;
}
