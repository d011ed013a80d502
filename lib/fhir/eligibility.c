/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fhir/eligibility.h"

#include "fhir/answer_proof.h"
#include "fhir/attachment.h"
#include "fhir/eligibility_internal.h"
#include "fhir/form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- requests ----------------------------------------------------------------------------------------------------- */

static json_t *request_json(const eligibility_request *r) {
    json_t *evidence = NULL; /* a pre-check has none: it names evidence that the platform has already */
    if (r->evidence.length > 0 && (evidence = json_pack("[{s:s,s:o}]", "url", EXTENSION_EVIDENCE, "valueBase64Binary",
                                                        fhir_base64_string(buffer_bytes(&r->evidence)))) == NULL)
        return NULL;
    return json_pack("{s:s,s:s,s:[s],s:[{s:s,s:s}],s:{s:{s:s,s:s}},s:s,s:s,s:{s:{s:s,s:s}},s:{s:s},s:o*}",
                     "resourceType", "CoverageEligibilityRequest", "status", "active", "purpose", "validation",
                     "identifier", "system", SYSTEM_EVIDENCE, "value", r->evidence_id, "patient", "identifier",
                     "system", SYSTEM_PATIENT, "value", r->patient_serial, "servicedDate", r->service_date, "created",
                     r->created, "provider", "identifier", "system", SYSTEM_INSTITUTION, "value", r->institution_code,
                     "insurer", "display", "PF", "extension", evidence);
}

result eligibility_request_write(const eligibility_request *request, buffer *text) {
    return fhir_dump_and_free(request_json(request), text);
}

static result check_request_forms(const eligibility_request *r, fhir_problem *problem) {
    int64_t ignored;
    if (!uuid_is_valid(r->evidence_id))
        return fhir_complain(problem, "identifier.0.value: must be a UUID in lower case");
    if (clock_check_date(r->service_date) != RESULT_OK)
        return fhir_complain(problem, "servicedDate: must be a day, YYYY-MM-DD");
    if (clock_parse(r->created, &ignored) != RESULT_OK)
        return fhir_complain(problem, "created: must be YYYY-MM-DDThh:mm:ssZ");
    return RESULT_OK;
}

static result complain_of_evidence(fhir_problem *problem) {
    return fhir_complain(problem, "extension %s: must be absent here", EXTENSION_EVIDENCE);
}

static result request_of(const json_t *root, const fhir_attachments *attachments, bool with_evidence,
                         eligibility_request *out, fhir_problem *problem) {
    *out = (eligibility_request){.evidence = BUFFER_INIT(FHIR_EVIDENCE_MAX)};
    const json_t *evidence = fhir_extension(root, EXTENSION_EVIDENCE);
    bool ok = fhir_expect(root, "resourceType", "CoverageEligibilityRequest", problem) == RESULT_OK &&
              fhir_expect(root, "status", "active", problem) == RESULT_OK &&
              fhir_expect(root, "purpose.0", "validation", problem) == RESULT_OK &&
              fhir_expect(root, "identifier.0.system", SYSTEM_EVIDENCE, problem) == RESULT_OK &&
              fhir_text(root, "identifier.0.value", out->evidence_id, sizeof out->evidence_id, problem) == RESULT_OK &&
              fhir_expect(root, "patient.identifier.system", SYSTEM_PATIENT, problem) == RESULT_OK &&
              fhir_text(root, "patient.identifier.value", out->patient_serial, sizeof out->patient_serial, problem) ==
                  RESULT_OK &&
              fhir_text(root, "servicedDate", out->service_date, sizeof out->service_date, problem) == RESULT_OK &&
              fhir_text(root, "created", out->created, sizeof out->created, problem) == RESULT_OK &&
              fhir_expect(root, "provider.identifier.system", SYSTEM_INSTITUTION, problem) == RESULT_OK &&
              fhir_text(root, "provider.identifier.value", out->institution_code, sizeof out->institution_code,
                        problem) == RESULT_OK &&
              fhir_expect(root, "insurer.display", "PF", problem) == RESULT_OK &&
              check_request_forms(out, problem) == RESULT_OK;
    if (ok && !with_evidence)
        return evidence == NULL ? RESULT_OK : complain_of_evidence(problem);
    if (ok && evidence == NULL)
        return fhir_complain(problem, "extension %s: missing", EXTENSION_EVIDENCE);
    return ok ? fhir_attachment(attachments, evidence, &out->evidence, problem) : RESULT_INVALID;
}

result eligibility_request_read(bytes text, eligibility_request *out, fhir_problem *problem) {
    *out = (eligibility_request){.evidence = BUFFER_INIT(FHIR_EVIDENCE_MAX)};
    json_t *root = fhir_parse(text, problem);
    result code = root != NULL ? request_of(root, NULL, true, out, problem) : RESULT_INVALID;
    json_decref(root);
    return code;
}

void eligibility_request_wipe(eligibility_request *request) {
    buffer_wipe(&request->evidence);
}

/* --- batches ------------------------------------------------------------------------------------------------------ */

struct eligibility_batch {
    json_t *root; /* NULL: the requests below */
    fhir_attachments *attachments;
    size_t count;
    eligibility_request requests[FHIR_BATCH_MAX];
};

result eligibility_batch_write(const eligibility_request *const requests[], size_t count, buffer *text) {
    json_t *entries = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(entries, json_pack("{s:o,s:{s:s,s:s}}", "resource", request_json(requests[i]), "request",
                                                 "method", "POST", "url", "CoverageEligibilityRequest/$submit"));
    entries = fhir_array_of(entries, count);
    return fhir_dump_and_free(json_pack("{s:s,s:s,s:o}", "resourceType", "Bundle", "type", "batch", "entry", entries),
                              text);
}

/* root when it is a Bundle of this type with 1 to FHIR_BATCH_MAX entries; else NULL, and root is freed. */
static json_t *bundle_of(json_t *root, const char *type, fhir_problem *problem) {
    if (root == NULL)
        return NULL;
    size_t count = json_array_size(json_object_get(root, "entry"));
    if (fhir_expect(root, "resourceType", "Bundle", problem) == RESULT_OK &&
        fhir_expect(root, "type", type, problem) == RESULT_OK) {
        if (count >= 1 && count <= FHIR_BATCH_MAX)
            return root;
        fhir_complain(problem, "entry: must be 1 to %d entries", FHIR_BATCH_MAX);
    }
    json_decref(root);
    return NULL;
}

/* What terminals send is read at once; everything else by jansson. */
static result read_batch(bytes text, eligibility_batch *batch, fhir_problem *problem) {
    if (eligibility_canonical_batch(text, batch->requests, &batch->count))
        return RESULT_OK;
    batch->count = 0;
    json_t *root = fhir_parse_with_attachments(text, FHIR_EVIDENCE_MAX, &batch->attachments, problem);
    batch->root = bundle_of(root, "batch", problem);
    return batch->root != NULL ? RESULT_OK : RESULT_INVALID;
}

result eligibility_batch_read(bytes text, eligibility_batch **out, fhir_problem *problem) {
    *out = calloc(1, sizeof **out);
    if (*out != NULL && read_batch(text, *out, problem) != RESULT_OK)
        eligibility_batch_free(out);
    return *out != NULL ? RESULT_OK : RESULT_INVALID;
}

static const json_t *entry_of(const json_t *root, size_t index) {
    return json_array_get(json_object_get(root, "entry"), index);
}

size_t eligibility_batch_count(const eligibility_batch *batch) {
    return batch->root != NULL ? json_array_size(json_object_get(batch->root, "entry")) : batch->count;
}

static result copy_request(const eligibility_request *from, bool with_evidence, eligibility_request *out,
                           fhir_problem *problem) {
    *out = *from;
    out->evidence = BUFFER_INIT(FHIR_EVIDENCE_MAX);
    result code = check_request_forms(from, problem);
    if (code == RESULT_OK && !with_evidence)
        code = complain_of_evidence(problem);
    return code == RESULT_OK ? buffer_append(&out->evidence, buffer_bytes(&from->evidence)) : code;
}

static result batch_entry(const eligibility_batch *batch, size_t index, bool with_evidence, eligibility_request *out,
                          fhir_problem *problem) {
    if (index < batch->count)
        return copy_request(&batch->requests[index], with_evidence, out, problem);
    return request_of(json_object_get(entry_of(batch->root, index), "resource"), batch->attachments, with_evidence, out,
                      problem);
}

result eligibility_batch_entry(const eligibility_batch *batch, size_t index, eligibility_request *out,
                               fhir_problem *problem) {
    return batch_entry(batch, index, true, out, problem);
}

result eligibility_batch_pre_check(const eligibility_batch *batch, size_t index, eligibility_request *out,
                                   fhir_problem *problem) {
    return batch_entry(batch, index, false, out, problem);
}

void eligibility_batch_free(eligibility_batch **batch) {
    if (*batch != NULL) {
        json_decref((*batch)->root);
        fhir_attachments_free(&(*batch)->attachments);
        for (size_t i = 0; i < FHIR_BATCH_MAX; i++)
            eligibility_request_wipe(&(*batch)->requests[i]);
    }
    free(*batch);
    *batch = NULL;
}

struct eligibility_batch_answer {
    json_t *root; /* NULL: the entries below */
    buffer text;  /* canonical; where each path, each entry behind its path and each response begins, each entry ends */
    size_t count, paths[FHIR_BATCH_MAX], entries[FHIR_BATCH_MAX], starts[FHIR_BATCH_MAX], ends[FHIR_BATCH_MAX];
    int statuses[FHIR_BATCH_MAX];
};

_Static_assert(FHIR_BATCH_MAX <= HASH_TREE_LEAVES_MAX, "a batch is one tree");

#define PATH_BEFORE "{'extension':[{'url':'" EXTENSION_PATH "','valueString':"

/* The resources are canonical JSON already: taking them apart and putting them together again would cost as much as
 * verifying a signature each. The members are in the order in which fhir_dump sorts them. */
static result append_members(buffer *json, const eligibility_outcome *one) {
    const bytes resource = one->resource;
    if (resource.length < 2 || resource.data[0] != '{' || resource.data[resource.length - 1] != '}')
        return RESULT_INVALID;
    buffer_append_text(json, "\"resource\":");
    buffer_append(json, resource);
    return buffer_append_format(json, ",\"response\":{\"status\":\"%d\"}}", one->status);
}

/* How large an entry may be: an answer with all coverages is some kilobytes. */
#define ENTRY_MAX 131072

static result build_tree(const eligibility_outcome outcomes[], size_t count, hash_tree_path paths[], buffer *content) {
    uint8_t leaves[FHIR_BATCH_MAX][CRYPT_SHA256_LENGTH], root[CRYPT_SHA256_LENGTH];
    buffer entry = BUFFER_INIT(ENTRY_MAX);
    result code = count <= FHIR_BATCH_MAX ? RESULT_OK : RESULT_TOO_LONG;
    for (size_t i = 0; code == RESULT_OK && i < count; i++) {
        buffer_clear(&entry);
        buffer_append_u8(&entry, '{');
        code = append_members(&entry, &outcomes[i]);
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
    hash_tree_path paths[FHIR_BATCH_MAX];
    result code = build_tree(outcomes, count, paths, content);
    if (code != RESULT_OK)
        return code;
    buffer_append_text(text, "{\"entry\":[");
    for (size_t i = 0; i < count; i++) {
        char path[ANSWER_PATH_SIZE];
        answer_path_write(&paths[i], path);
        buffer_append_text(text, i == 0 ? "" : ",");
        fhir_form_append(text, PATH_BEFORE "~}],", path);
        append_members(text, &outcomes[i]);
    }
    buffer_append_text(text, "],\"resourceType\":\"Bundle\",\"type\":\"batch-response\"}");
    return text->failed;
}

/* Responses only: a refusal among them is for jansson. */
static bool take_answers(bytes text, eligibility_batch_answer *out) {
    canonical_reader r = {text};
    eligibility_response ignored;
    char path[ANSWER_PATH_SIZE];
    bool good = fhir_form_take(&r, "{'entry':[");
    do {
        good = good && out->count < FHIR_BATCH_MAX && fhir_form_take(&r, PATH_BEFORE);
        if (!good)
            return false;
        const size_t at = out->count;
        out->paths[at] = text.length - r.rest.length;
        good = canonical_take_text(&r, path, sizeof path) && fhir_form_take(&r, "}],");
        out->entries[at] = text.length - r.rest.length;
        good = good && fhir_form_take(&r, "'resource':");
        out->starts[at] = text.length - r.rest.length;
        good = good && eligibility_canonical_answer(&r, &ignored) && fhir_form_take(&r, ",'response':{'status':'20");
        out->statuses[out->count++] = canonical_take(&r, "1") ? 201 : 200;
        good = good && (out->statuses[at] == 201 || canonical_take(&r, "0")) && fhir_form_take(&r, "'}}");
        out->ends[at] = text.length - r.rest.length;
    } while (good && canonical_take(&r, ","));
    return good && fhir_form_take(&r, "],'resourceType':'Bundle','type':'batch-response'}") && r.rest.length == 0;
}

static result read_answers(bytes text, eligibility_batch_answer *out, fhir_problem *problem) {
    out->text = BUFFER_INIT(text.length);
    if (take_answers(text, out))
        return buffer_append(&out->text, text);
    out->count = 0;
    out->root = bundle_of(fhir_parse(text, problem), "batch-response", problem);
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
        return eligibility_canonical_answer(&r, out) ? RESULT_OK : RESULT_INTERNAL;
    }
    const json_t *entry = entry_of(answer->root, index);
    const json_t *resource = json_object_get(entry, "resource");
    char text[FHIR_WORD_SIZE];
    *status = 0;
    if (fhir_text(entry, "response.status", text, sizeof text, problem) != RESULT_OK)
        return RESULT_INVALID;
    if (strlen(text) != 3 || strspn(text, "0123456789") != 3)
        return fhir_complain(problem, "response.status: must be three digits");
    *status = atoi(text);
    if (*status == 200 || *status == 201)
        return eligibility_response_of(resource, out, problem);
    char words[FHIR_PROBLEM_MAX];
    if (fhir_text(resource, "issue.0.details.text", words, sizeof words, problem) != RESULT_OK)
        return RESULT_INVALID;
    fhir_complain(problem, "%s", words);
    return RESULT_OK;
}

void eligibility_batch_answer_refusal(const eligibility_batch_answer *answer, size_t index, eligibility_refusal *out) {
    *out = (eligibility_refusal){{0}, {0}};
    if (index < answer->count)
        return;
    const json_t *resource = json_object_get(entry_of(answer->root, index), "resource");
    fhir_optional_text(resource, "issue.0.code", out->code, sizeof out->code, NULL);
    fhir_optional_text(fhir_extension(resource, EXTENSION_EVIDENCE_ID), "valueString", out->evidence_id,
                       sizeof out->evidence_id, NULL);
    if (!uuid_is_valid(out->evidence_id))
        out->evidence_id[0] = 0;
}

/* As jansson has it: what fhir_dump writes of it are the bytes that were signed, or the root is another one. */
static result dump_leaf(const json_t *entry, buffer *leaf, buffer *path) {
    const json_t *extension = fhir_extension(entry, EXTENSION_PATH);
    char text[ANSWER_PATH_SIZE];
    json_t *bare = json_copy((json_t *)entry);
    result code = bare != NULL ? fhir_text(extension, "valueString", text, sizeof text, NULL) : RESULT_NO_MEMORY;
    if (code == RESULT_OK)
        code = buffer_append_text(path, text);
    if (code == RESULT_OK && json_object_del(bare, "extension") != 0)
        code = RESULT_INVALID;
    if (code == RESULT_OK)
        code = fhir_dump(bare, leaf);
    json_decref(bare);
    return code;
}

result eligibility_batch_answer_leaf(const eligibility_batch_answer *answer, size_t index, buffer *entry,
                                     buffer *path) {
    if (index >= answer->count)
        return dump_leaf(entry_of(answer->root, index), entry, path);
    const bytes text = buffer_bytes(&answer->text);
    canonical_reader r = {bytes_slice(text, answer->paths[index], text.length)};
    char said[ANSWER_PATH_SIZE];
    if (!canonical_take_text(&r, said, sizeof said))
        return RESULT_INTERNAL;
    buffer_append_text(path, said);
    buffer_append_text(entry, "{");
    return buffer_append(entry,
                         bytes_slice(text, answer->entries[index], answer->ends[index] - answer->entries[index]));
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
    }
    free(*answer);
    *answer = NULL;
}
