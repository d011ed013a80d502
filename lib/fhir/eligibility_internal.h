/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Systems and extensions in requests and answers; and the short way to read what our own programs wrote. */
#pragma once

#include "base/canonical.h"
#include "fhir/eligibility.h"
#include "fhir/time_beacon.h"

#define SYSTEM_EVIDENCE "urn:uketsuke:evidence-id"
#define SYSTEM_PATIENT "urn:uketsuke:jpki-auth-serial"
#define SYSTEM_INSTITUTION "http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no"
#define SYSTEM_INSURER "http://jpfhir.jp/fhir/core/mhlw/IdSystem/InsurerNumber"
#define SYSTEM_RELATIONSHIP "http://terminology.hl7.org/CodeSystem/subscriber-relationship"
#define EXTENSION_EVIDENCE "urn:uketsuke:evidence"
#define EXTENSION_EVIDENCE_ID SYSTEM_EVIDENCE
#define EXTENSION_VALIDITY "urn:uketsuke:validity"
#define EXTENSION_LINK "urn:uketsuke:link-id"
#define EXTENSION_CLOCK "urn:uketsuke:clock-warning"
#define EXTENSION_AS_OF "urn:uketsuke:as-of"
#define EXTENSION_BURDEN "urn:uketsuke:burden-ratio"
#define EXTENSION_LIMIT "urn:uketsuke:limit-category"
#define EXTENSION_ELDERLY "urn:uketsuke:elderly-recipient"
#define EXTENSION_LOSS "urn:uketsuke:reason-of-loss"
#define EXTENSION_SALTS "urn:uketsuke:salts"
#define EXTENSION_PATH "urn:uketsuke:batch-path"
#define SYSTEM_NONCE "urn:uketsuke:time-nonce"
/* JP Core: identifiers, and 保険種別コード (of 電子処方箋), of which 8 is 公費 */
#define SYSTEM_PUBLIC_PAYER "http://jpfhir.jp/fhir/core/mhlw/IdSystem/PublicPayerNumber"
#define SYSTEM_INSURANCE_KIND "urn:oid:1.2.392.100495.20.2.61"
#define INSURANCE_KIND_PUBLIC "8"
/* JP Core, JP_Coverage */
#define EXTENSION_INSURED "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Coverage_InsuredPerson"

/* The checks that both ways of reading share: texts that are shown to people, days, numbers. problem may be NULL. */
result eligibility_response_check(const eligibility_response *r, fhir_problem *problem);
/* None, or one for each part of the answer, all different: knowledge of one must not disclose another. */
result eligibility_salts_check(const eligibility_response *r, fhir_problem *problem);
/* As eligibility_response_read, from what jansson has read. */
result eligibility_response_of(const json_t *root, eligibility_response *out, fhir_problem *problem);

/* root when it is a Bundle of this type with 1 to FHIR_BATCH_MAX entries; else NULL, and root is freed. */
json_t *eligibility_bundle(json_t *root, const char *type, fhir_problem *problem);
/* Its entry, or NULL. Borrowed. */
static inline const json_t *eligibility_bundle_entry(const json_t *root, size_t index) {
    return json_array_get(json_object_get(root, "entry"), index);
}

/* Batches of requests in the very bytes in which eligibility_batch_write makes them, and answers as
 * eligibility_response_write does, read without a tree of objects: what our programs send. Anything else is for jansson
 * to read or to refuse. */

/* False: not these bytes. Else *count requests, 1 to FHIR_BATCH_MAX; forms of dates and numbers are not checked yet, nor
 * that of the nonce ("": there is none).
 * eligibility_request_wipe for each of FHIR_BATCH_MAX, also after false. */
bool eligibility_canonical_batch(bytes text, eligibility_request requests[FHIR_BATCH_MAX], size_t *count,
                                 char nonce[TIME_BEACON_NONCE_SIZE]);

/* The parts of an answer, byte by byte, each of which has its own salt (fhir/signed_answer.h). */
typedef struct answer_parts {
    buffer own; /* the answer without contained and salts */
    bytes contained[FHIR_CONTAINED_MAX];
    size_t count;
    buffer room; /* where contained is, unless that is borrowed from the text */
} answer_parts;

#define ANSWER_PARTS_MAX 262144
#define ANSWER_PARTS_INIT ((answer_parts){.own = BUFFER_INIT(ANSWER_PARTS_MAX), .room = BUFFER_INIT(ANSWER_PARTS_MAX)})

/* As eligibility_response_read, and where the parts are; text must outlive them. Wipe parts also after failure. */
result eligibility_parts_read(bytes text, eligibility_response *out, answer_parts *parts, fhir_problem *problem);
void answer_parts_wipe(answer_parts *parts);
/* Appends what is signed of an answer with these parts (signed_answer_of). RESULT_UNSUPPORTED, and why in problem: it has
 * no salts. */
result signed_answer_form(const eligibility_response *answer, const answer_parts *parts, buffer *out,
                          fhir_problem *problem);

/* False: not these bytes, or not right. The reader then stands behind the answer. parts may be NULL. */
bool eligibility_canonical_answer(canonical_reader *r, eligibility_response *out, answer_parts *parts);
