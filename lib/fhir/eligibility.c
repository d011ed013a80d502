/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fhir/eligibility.h"

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
    char nonce[TIME_BEACON_NONCE_SIZE];
};

static const char *operation_of(const eligibility_request *r) {
    return r->evidence.length > 0 ? "CoverageEligibilityRequest/$submit" : "CoverageEligibilityRequest/$pre-check";
}

static json_t *batch_json(const eligibility_request *const requests[], size_t count) {
    json_t *entries = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(entries, json_pack("{s:o,s:{s:s,s:s}}", "resource", request_json(requests[i]), "request",
                                                 "method", "POST", "url", operation_of(requests[i])));
    entries = fhir_array_of(entries, count);
    return json_pack("{s:s,s:s,s:o}", "resourceType", "Bundle", "type", "batch", "entry", entries);
}

result eligibility_batch_write(const eligibility_request *const requests[], size_t count, buffer *text) {
    return fhir_dump_and_free(batch_json(requests, count), text);
}

result eligibility_batch_write_asking(const eligibility_request *const requests[], size_t count, const char *nonce,
                                      buffer *text) {
    json_t *root = batch_json(requests, count);
    const int set = json_object_set_new(root, "identifier",
                                        json_pack("{s:s,s:s}", "system", SYSTEM_NONCE, "value", nonce));
    if (root != NULL && set != 0) {
        json_decref(root);
        return RESULT_NO_MEMORY;
    }
    return fhir_dump_and_free(root, text);
}

json_t *eligibility_bundle(json_t *root, const char *type, fhir_problem *problem) {
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
    if (eligibility_canonical_batch(text, batch->requests, &batch->count, batch->nonce))
        return RESULT_OK;
    batch->count = 0;
    batch->nonce[0] = 0;
    json_t *root = fhir_parse_with_attachments(text, FHIR_EVIDENCE_MAX, &batch->attachments, problem);
    batch->root = eligibility_bundle(root, "batch", problem);
    if (batch->root != NULL && fhir_expect(batch->root, "identifier.system", SYSTEM_NONCE, NULL) == RESULT_OK)
        fhir_optional_text(batch->root, "identifier.value", batch->nonce, sizeof batch->nonce, NULL);
    return batch->root != NULL ? RESULT_OK : RESULT_INVALID;
}

result eligibility_batch_read(bytes text, eligibility_batch **out, fhir_problem *problem) {
    *out = calloc(1, sizeof **out);
    if (*out != NULL && read_batch(text, *out, problem) != RESULT_OK)
        eligibility_batch_free(out);
    return *out != NULL ? RESULT_OK : RESULT_INVALID;
}

size_t eligibility_batch_count(const eligibility_batch *batch) {
    return batch->root != NULL ? json_array_size(json_object_get(batch->root, "entry")) : batch->count;
}

const char *eligibility_batch_nonce(const eligibility_batch *batch) {
    return time_beacon_is_nonce(batch->nonce) ? batch->nonce : "";
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
    return request_of(json_object_get(eligibility_bundle_entry(batch->root, index), "resource"), batch->attachments,
                      with_evidence, out, problem);
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
