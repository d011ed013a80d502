/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fhir/visit.h"

#include "fhir/eligibility_internal.h"

#include <stdio.h>
#include <string.h>

#define SYSTEM_VISIT "urn:uketsuke:visit-id"
#define SYSTEM_LINK "urn:uketsuke:link-id"
#define SYSTEM_OPERATOR "urn:uketsuke:operator-id"
#define SYSTEM_CLASS "http://terminology.hl7.org/CodeSystem/v3-ActCode"
#define CONTENT_TYPE "application/pkcs7-mime"
#define PROOF_TYPE "application/json"
#define RECORD_ENTRIES 4 /* with its proof, which is the last */

/* Encounter.subject is 0..1 (FHIR R4): of a visit that was signed before the platform named the patient there is none;
 * the evidence says who it is. */
static json_t *subject_json(const visit_encounter *e) {
    return e->link_id[0] != 0 ? json_pack("{s:{s:s,s:s}}", "identifier", "system", SYSTEM_LINK, "value", e->link_id)
                              : NULL;
}

static json_t *encounter_json(const visit_encounter *e) {
    return json_pack("{s:s,s:[{s:s,s:s}],s:s,s:{s:s,s:s},s:o*,s:{s:s,s:s},s:{s:{s:s,s:s}},"
                     "s:[{s:{s:s,s:{s:s,s:s}}}],s:{s:s},s:[{s:s,s:s}]}",
                     "resourceType", "Encounter", "identifier", "system", SYSTEM_VISIT, "value", e->visit_id, "status",
                     "finished", "class", "system", SYSTEM_CLASS, "code", "AMB", "subject", subject_json(e), "period",
                     "start", e->start, "end", e->end, "serviceProvider", "identifier", "system", SYSTEM_INSTITUTION,
                     "value", e->institution_code, "participant", "individual", "display", e->operator_name,
                     "identifier", "system", SYSTEM_OPERATOR, "value", e->operator_id, "serviceType", "text",
                     e->department, "extension", "url", EXTENSION_EVIDENCE_ID, "valueString", e->evidence_id);
}

result visit_encounter_write(const visit_encounter *encounter, buffer *text) {
    return fhir_dump_and_free(encounter_json(encounter), text);
}

static result check_encounter_forms(const visit_encounter *e, fhir_problem *problem) {
    int64_t start, end;
    if (!uuid_is_valid(e->visit_id) || !uuid_is_valid(e->evidence_id))
        return fhir_complain(problem, "Encounter: visit id and evidence id must be UUIDs in lower case");
    if (clock_parse(e->start, &start) != RESULT_OK || clock_parse(e->end, &end) != RESULT_OK || end < start)
        return fhir_complain(problem, "Encounter.period: must be YYYY-MM-DDThh:mm:ssZ, the end not before the start");
    return RESULT_OK;
}

static result subject_of(const json_t *root, visit_encounter *out, fhir_problem *problem) {
    const result code = fhir_expect(root, "subject.identifier.system", SYSTEM_LINK, problem);
    return code == RESULT_OK ? fhir_text(root, "subject.identifier.value", out->link_id, sizeof out->link_id, problem)
                             : code;
}

static result encounter_of(const json_t *root, visit_encounter *out, fhir_problem *problem) {
    const struct {
        const char *path;
        char *text;
        size_t size;
    } texts[] = {
        {"identifier.0.value", out->visit_id, sizeof out->visit_id},
        {"period.start", out->start, sizeof out->start},
        {"period.end", out->end, sizeof out->end},
        {"serviceProvider.identifier.value", out->institution_code, sizeof out->institution_code},
        {"participant.0.individual.identifier.value", out->operator_id, sizeof out->operator_id},
        {"participant.0.individual.display", out->operator_name, sizeof out->operator_name},
        {"serviceType.text", out->department, sizeof out->department},
        {"extension.0.valueString", out->evidence_id, sizeof out->evidence_id},
    };
    static const char *const fixed[][2] = {
        {"resourceType", "Encounter"},
        {"status", "finished"},
        {"identifier.0.system", SYSTEM_VISIT},
        {"class.system", SYSTEM_CLASS},
        {"class.code", "AMB"},
        {"serviceProvider.identifier.system", SYSTEM_INSTITUTION},
        {"participant.0.individual.identifier.system", SYSTEM_OPERATOR},
        {"extension.0.url", EXTENSION_EVIDENCE_ID},
    };
    result code = RESULT_OK;
    *out = (visit_encounter){0};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed && code == RESULT_OK; i++)
        code = fhir_expect(root, fixed[i][0], fixed[i][1], problem);
    for (size_t i = 0; i < sizeof texts / sizeof *texts && code == RESULT_OK; i++)
        code = fhir_text(root, texts[i].path, texts[i].text, texts[i].size, problem);
    if (code == RESULT_OK && json_object_get(root, "subject") != NULL)
        code = subject_of(root, out, problem);
    return code == RESULT_OK ? check_encounter_forms(out, problem) : code;
}

/* --- the whole record --------------------------------------------------------------------------------------------- */

static json_t *request_json(const char *url, const char *if_none_exist) {
    return json_pack("{s:s,s:s,s:s*}", "method", "POST", "url", url, "ifNoneExist", if_none_exist);
}

static json_t *proof_json(bytes proof) {
    return json_pack("{s:s,s:s,s:o}", "resourceType", "Binary", "contentType", PROOF_TYPE, "data",
                     fhir_base64_string(proof));
}

static json_t *proof_entry(bytes proof) {
    return json_pack("{s:o,s:o}", "resource", proof_json(proof), "request", request_json("Binary", NULL));
}

result visit_record_write(const visit_record *record, buffer *text) {
    const visit_encounter *e = &record->encounter;
    char condition[sizeof SYSTEM_VISIT + UUID_TEXT_SIZE + 16], full_url[UUID_TEXT_SIZE + 16];
    snprintf(condition, sizeof condition, "identifier=%s|%s", SYSTEM_VISIT, e->visit_id);
    snprintf(full_url, sizeof full_url, "urn:uuid:%s", e->visit_id);
    /* signature type: ISO/ASTM E1762 author's signature, as FHIR's Signature names it */
    json_t *provenance = json_pack(
        "{s:s,s:[{s:s}],s:s,s:[{s:{s:{s:s,s:s}}}],s:[{s:[{s:s,s:s}],s:s,s:{s:{s:s,s:s}},s:s,s:o}]}", "resourceType",
        "Provenance", "target", "reference", full_url, "recorded", e->end, "agent", "who", "identifier", "system",
        SYSTEM_OPERATOR, "value", e->operator_id, "signature", "type", "system", "urn:iso-astm:E1762-95:2013", "code",
        "1.2.840.10065.1.12.1.1", "when", e->end, "who", "identifier", "system", SYSTEM_OPERATOR, "value",
        e->operator_id, "sigFormat", CONTENT_TYPE, "data", fhir_base64_string(buffer_bytes(&record->signature)));
    json_t *binary = json_pack("{s:s,s:s,s:o}", "resourceType", "Binary", "contentType", CONTENT_TYPE, "data",
                               fhir_base64_string(buffer_bytes(&record->evidence)));
    json_t *entries = json_pack("[{s:s,s:o,s:o},{s:o,s:o},{s:o,s:o}]", "fullUrl", full_url, "resource",
                                encounter_json(e), "request", request_json("Encounter", condition), "resource",
                                provenance, "request", request_json("Provenance", NULL), "resource", binary, "request",
                                request_json("Binary", NULL));
    if (record->proof.length > 0)
        json_array_append_new(entries, proof_entry(buffer_bytes(&record->proof)));
    return fhir_dump_and_free(
        json_pack("{s:s,s:s,s:o}", "resourceType", "Bundle", "type", "transaction", "entry",
                  fhir_array_of(entries, record->proof.length > 0 ? RECORD_ENTRIES : RECORD_ENTRIES - 1)),
        text);
}

/* Provenance and Binary must belong to this Encounter: compared with those derived from the Encounter. */
static result check_bundle(const json_t *root, const visit_encounter *e, fhir_problem *problem) {
    char condition[sizeof SYSTEM_VISIT + UUID_TEXT_SIZE + 16], full_url[UUID_TEXT_SIZE + 16];
    snprintf(condition, sizeof condition, "identifier=%s|%s", SYSTEM_VISIT, e->visit_id);
    snprintf(full_url, sizeof full_url, "urn:uuid:%s", e->visit_id);
    const char *const due[][2] = {
        {"entry.0.fullUrl", full_url},
        {"entry.0.request.method", "POST"},
        {"entry.0.request.url", "Encounter"},
        {"entry.0.request.ifNoneExist", condition},
        {"entry.1.resource.resourceType", "Provenance"},
        {"entry.1.resource.target.0.reference", full_url},
        {"entry.1.resource.agent.0.who.identifier.system", SYSTEM_OPERATOR},
        {"entry.1.resource.agent.0.who.identifier.value", e->operator_id},
        {"entry.1.resource.signature.0.who.identifier.system", SYSTEM_OPERATOR},
        {"entry.1.resource.signature.0.who.identifier.value", e->operator_id},
        {"entry.1.resource.signature.0.sigFormat", CONTENT_TYPE},
        {"entry.2.resource.resourceType", "Binary"},
        {"entry.2.resource.contentType", CONTENT_TYPE},
        {"entry.1.request.method", "POST"},
        {"entry.1.request.url", "Provenance"},
        {"entry.2.request.method", "POST"},
        {"entry.2.request.url", "Binary"},
        {"entry.3.resource.resourceType", "Binary"},
        {"entry.3.resource.contentType", PROOF_TYPE},
        {"entry.3.request.method", "POST"},
        {"entry.3.request.url", "Binary"},
    };
    result code = RESULT_OK;
    for (size_t i = 0; i < sizeof due / sizeof *due && code == RESULT_OK; i++)
        code = fhir_expect(root, due[i][0], due[i][1], problem);
    return code;
}

static result record_of(const json_t *root, visit_record *out, buffer *encounter_text, fhir_problem *problem) {
    const json_t *encounter = fhir_at(root, "entry.0.resource");
    if (fhir_expect(root, "resourceType", "Bundle", problem) != RESULT_OK ||
        fhir_expect(root, "type", "transaction", problem) != RESULT_OK)
        return RESULT_INVALID;
    if (json_array_size(json_object_get(root, "entry")) == RECORD_ENTRIES - 1)
        return fhir_complain(
            problem,
            "entry: the platform's answer is missing, as in records of an earlier terminal version. Update the "
            "terminal and send again");
    if (json_array_size(json_object_get(root, "entry")) != RECORD_ENTRIES)
        return fhir_complain(problem, "entry: must be Encounter, Provenance, evidence, the platform's answer");
    result code = encounter_of(encounter, &out->encounter, problem);
    if (code == RESULT_OK)
        code = check_bundle(root, &out->encounter, problem);
    if (code == RESULT_OK)
        code = fhir_base64(root, "entry.1.resource.signature.0.data", &out->signature, problem);
    if (code == RESULT_OK)
        code = fhir_base64(root, "entry.2.resource.data", &out->evidence, problem);
    if (code == RESULT_OK)
        code = fhir_base64(root, "entry.3.resource.data", &out->proof, problem);
    return code == RESULT_OK ? fhir_dump(encounter, encounter_text) : code;
}

result visit_record_read(bytes text, visit_record *out, buffer *encounter_text, fhir_problem *problem) {
    *out = VISIT_RECORD_INIT;
    json_t *root = fhir_parse(text, problem);
    result code = root != NULL ? record_of(root, out, encounter_text, problem) : RESULT_INVALID;
    json_decref(root);
    return code;
}

static bool is_proven(const json_t *root) {
    buffer proof = BUFFER_INIT(ANSWER_PROOF_MAX);
    const bool proven = json_array_size(json_object_get(root, "entry")) == RECORD_ENTRIES &&
                        fhir_base64(root, "entry.3.resource.data", &proof, NULL) == RESULT_OK &&
                        answer_proof_is_bare(buffer_bytes(&proof));
    buffer_wipe(&proof);
    return proven;
}

bool visit_record_is_proven(bytes record) {
    json_t *root = fhir_parse(record, NULL);
    const bool proven = is_proven(root);
    json_decref(root);
    return proven;
}

static result replace_proof(json_t *entries, bytes proof) {
    const size_t count = json_array_size(entries);
    if (count != RECORD_ENTRIES && count != RECORD_ENTRIES - 1)
        return RESULT_INVALID;
    if (count == RECORD_ENTRIES)
        json_array_remove(entries, RECORD_ENTRIES - 1);
    return proof.length == 0 || json_array_append_new(entries, proof_entry(proof)) == 0 ? RESULT_OK : RESULT_NO_MEMORY;
}

result visit_record_prove(buffer *record, bytes proof) {
    json_t *root = fhir_parse(buffer_bytes(record), NULL);
    result code = root == NULL ? RESULT_INVALID : is_proven(root) ? RESULT_EXISTS : RESULT_OK;
    if (code == RESULT_OK)
        code = replace_proof(json_object_get(root, "entry"), proof);
    if (code == RESULT_OK) {
        buffer_clear(record);
        code = fhir_dump(root, record);
    }
    json_decref(root);
    return code;
}

void visit_record_wipe(visit_record *record) {
    buffer_wipe(&record->signature);
    buffer_wipe(&record->evidence);
    buffer_wipe(&record->proof);
}

/* --- receipts ----------------------------------------------------------------------------------------------------- */

result visit_receipt_write(const visit_receipt *r, buffer *text) {
    return fhir_dump_and_free(json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "receiptId", r->receipt_id, "visitId", r->visit_id,
                                        "linkId", r->link_id, "contentHash", r->content_hash, "state", "registered",
                                        "registeredAt", r->registered_at),
                              text);
}

static result check_receipt_forms(const visit_receipt *r, fhir_problem *problem) {
    int64_t ignored;
    if (!uuid_is_valid(r->receipt_id) || !uuid_is_valid(r->visit_id))
        return fhir_complain(problem, "receiptId, visitId: must be UUIDs in lower case");
    if (strlen(r->content_hash) != 64 || strspn(r->content_hash, "0123456789ABCDEF") != 64)
        return fhir_complain(problem, "contentHash: must be 64 capital hexadecimal digits");
    if (clock_parse(r->registered_at, &ignored) != RESULT_OK)
        return fhir_complain(problem, "registeredAt: must be YYYY-MM-DDThh:mm:ssZ");
    return RESULT_OK;
}

static result receipt_of(const json_t *root, visit_receipt *out, fhir_problem *problem) {
    *out = (visit_receipt){0};
    bool ok = fhir_expect(root, "state", "registered", problem) == RESULT_OK &&
              fhir_text(root, "receiptId", out->receipt_id, sizeof out->receipt_id, problem) == RESULT_OK &&
              fhir_text(root, "visitId", out->visit_id, sizeof out->visit_id, problem) == RESULT_OK &&
              fhir_text(root, "linkId", out->link_id, sizeof out->link_id, problem) == RESULT_OK &&
              fhir_text(root, "contentHash", out->content_hash, sizeof out->content_hash, problem) == RESULT_OK &&
              fhir_text(root, "registeredAt", out->registered_at, sizeof out->registered_at, problem) == RESULT_OK;
    return ok ? check_receipt_forms(out, problem) : RESULT_INVALID;
}

result visit_receipt_read(bytes text, visit_receipt *out, fhir_problem *problem) {
    json_t *root = fhir_parse(text, problem);
    result code = root != NULL ? receipt_of(root, out, problem) : RESULT_INVALID;
    json_decref(root);
    return code;
}
