/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fhir/signed_answer.h"

#include "fhir/eligibility_internal.h"
#include "fhir/form.h"
#include "fhir/hex_list.h"

#include <stdlib.h>
#include <string.h>

#define DOMAIN "uketsuke-answer-part-2" /* with its NUL: nothing else that is hashed here begins so */
#define PROFILE "urn:uketsuke:signed-answer-2"
#define EXTENSION_DIGESTS "urn:uketsuke:answer-digests"
#define DIGESTS_SIZE HEX_LIST_SIZE(FHIR_SALTS_MAX, CRYPT_SHA256_LENGTH)

/* --- salts and digests -------------------------------------------------------------------------------------------- */

size_t answer_salts_needed(size_t contained) {
    return (contained + 1 + ANSWER_DIGESTS_STEP - 1) / ANSWER_DIGESTS_STEP * ANSWER_DIGESTS_STEP;
}

result answer_salt(eligibility_response *answer) {
    const size_t contained = answer->coverage_count + answer->public_expense_count +
                             eligibility_person_is_known(&answer->person);
    if (contained > FHIR_CONTAINED_MAX)
        return RESULT_TOO_LONG;
    answer->salt_count = answer_salts_needed(contained);
    return crypt_random(answer->salts[0], answer->salt_count * FHIR_SALT_LENGTH);
}

result answer_part_digest(const uint8_t salt[FHIR_SALT_LENGTH], bytes part, uint8_t digest[CRYPT_SHA256_LENGTH]) {
    buffer text = BUFFER_INIT(sizeof DOMAIN + FHIR_SALT_LENGTH + part.length);
    buffer_append(&text, bytes_of(DOMAIN, sizeof DOMAIN));
    buffer_append(&text, bytes_of(salt, FHIR_SALT_LENGTH));
    buffer_append(&text, part);
    const result code = text.failed == RESULT_OK ? crypt_sha256(buffer_bytes(&text), digest) : text.failed;
    buffer_wipe(&text);
    return code;
}

/* --- the signed form ---------------------------------------------------------------------------------------------- */

static result write_form(const signed_answer *s, buffer *out) {
    char digests[DIGESTS_SIZE];
    hex_list_write(s->digests[0], CRYPT_SHA256_LENGTH, s->digest_count, digests, sizeof digests);
    fhir_form_append(out, "{'created':~,'extension':[{'url':'" EXTENSION_DIGESTS "','valueString':~}", s->created,
                     digests);
    if (s->link_id[0] != 0)
        fhir_form_append(out, ",{'url':'" EXTENSION_LINK "','valueString':~}", s->link_id);
    fhir_form_append(out,
                     "],'identifier':[{'system':'" SYSTEM_EVIDENCE
                     "','value':~}],'insurer':{'display':'PF'},'meta':{'profile':['" PROFILE
                     "']},'outcome':'complete','patient':{'identifier':{'system':'" SYSTEM_PATIENT
                     "','value':~}},'purpose':['validation'],'request':{'identifier':{'system':'" SYSTEM_EVIDENCE
                     "','value':~}},'resourceType':'CoverageEligibilityResponse',",
                     s->evidence_id, s->patient_serial, s->evidence_id);
    if (s->service_date[0] != 0)
        fhir_form_append(out, "'servicedDate':~,", s->service_date);
    return fhir_form_append(out, "'status':'active'}");
}

/* Borrows nothing. */
static bool take_form(canonical_reader *r, signed_answer *out) {
    char digests[DIGESTS_SIZE], requested[UUID_TEXT_SIZE];
    if (!fhir_form_take(r, "{'created':~,'extension':[{'url':'" EXTENSION_DIGESTS "','valueString':~}", out->created,
                        sizeof out->created, digests, sizeof digests) ||
        hex_list_read(digests, out->digests[0], CRYPT_SHA256_LENGTH, FHIR_SALTS_MAX, &out->digest_count) != RESULT_OK)
        return false;
    if (fhir_form_take(r, ",{'url':'" EXTENSION_LINK "','valueString':") &&
        !(canonical_take_text(r, out->link_id, sizeof out->link_id) && canonical_take(r, "}")))
        return false;
    if (!fhir_form_take(r,
                        "],'identifier':[{'system':'" SYSTEM_EVIDENCE
                        "','value':~}],'insurer':{'display':'PF'},'meta':{'profile':['" PROFILE
                        "']},'outcome':'complete','patient':{'identifier':{'system':'" SYSTEM_PATIENT
                        "','value':~}},'purpose':['validation'],'request':{'identifier':{'system':'" SYSTEM_EVIDENCE
                        "','value':~}},'resourceType':'CoverageEligibilityResponse',",
                        out->evidence_id, sizeof out->evidence_id, out->patient_serial, sizeof out->patient_serial,
                        requested, sizeof requested))
        return false;
    if (fhir_form_take(r, "'servicedDate':") &&
        !(canonical_take_text(r, out->service_date, sizeof out->service_date) && canonical_take(r, ",")))
        return false;
    return fhir_form_take(r, "'status':'active'}") && strcmp(requested, out->evidence_id) == 0;
}

result signed_answer_read(bytes text, signed_answer *out, fhir_problem *problem) {
    canonical_reader r = {text};
    int64_t created;
    *out = (signed_answer){0};
    if (!take_form(&r, out) || r.rest.length > 0)
        return fhir_complain(problem, "it is not the form that the platform signs, which names neither the patient nor "
                                      "the coverage (urn:uketsuke:signed-answer-2)");
    if (!uuid_is_valid(out->evidence_id) || clock_parse(out->created, &created) != RESULT_OK ||
        (out->service_date[0] != 0 && clock_check_date(out->service_date) != RESULT_OK))
        return fhir_complain(problem, "identifier, created or servicedDate is not of its form");
    return RESULT_OK;
}

/* --- from the answer in full -------------------------------------------------------------------------------------- */

static result digest_all(const eligibility_response *answer, const answer_parts *parts, signed_answer *out) {
    result code = RESULT_OK;
    out->digest_count = answer->salt_count;
    for (size_t i = 0; i < answer->salt_count && code == RESULT_OK; i++) {
        const bytes part = i == 0              ? buffer_bytes(&parts->own)
                           : i <= parts->count ? parts->contained[i - 1]
                                               : bytes_of(NULL, 0);
        code = answer_part_digest(answer->salts[i], part, out->digests[i]);
    }
    return code;
}

result signed_answer_form(const eligibility_response *answer, const answer_parts *parts, buffer *out,
                          fhir_problem *problem) {
    signed_answer form = {0};
    if (answer->salt_count == 0) {
        fhir_complain(problem, "the answer has no salts: it is of the form before");
        return RESULT_UNSUPPORTED;
    }
    memcpy(form.evidence_id, answer->evidence_id, sizeof form.evidence_id);
    memcpy(form.patient_serial, answer->patient_serial, sizeof form.patient_serial);
    memcpy(form.service_date, answer->service_date, sizeof form.service_date);
    memcpy(form.created, answer->created, sizeof form.created);
    memcpy(form.link_id, answer->link_id, sizeof form.link_id);
    const result code = digest_all(answer, parts, &form);
    return code == RESULT_OK ? write_form(&form, out) : code;
}

result signed_answer_of(bytes answer, buffer *out, fhir_problem *problem) {
    eligibility_response *read = malloc(sizeof *read); /* large: kept off the stack, and made afresh below */
    answer_parts parts = ANSWER_PARTS_INIT;
    result code = read != NULL ? eligibility_parts_read(answer, read, &parts, problem) : RESULT_NO_MEMORY;
    if (code == RESULT_OK)
        code = signed_answer_form(read, &parts, out, problem);
    answer_parts_wipe(&parts);
    free(read);
    return code;
}
