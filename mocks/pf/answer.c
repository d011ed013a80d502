#include "answer.h"

#include "base/clock.h"
#include "base/hex.h"
#include "crypt/base64.h"
#include "crypt/digest.h"
#include "service/outcome.h"

#include <stdio.h>
#include <string.h>

#define JP_COVERAGE "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Coverage_InsuredPerson"
#define INSURER_SYSTEM "http://jpfhir.jp/fhir/core/mhlw/IdSystem/InsurerNumber"
#define RELATIONSHIP_SYSTEM "http://terminology.hl7.org/CodeSystem/subscriber-relationship"
#define LINK_TEXT_SIZE 33
#define CMS_MOST 16384

/* A pseudonym that is good for one service only: another service's id for the same person shows no relation to it. */
static result link_id(const platform *p, const char *service, const char *seed, char text[LINK_TEXT_SIZE]) {
    uint8_t mac[CRYPT_SHA256_LENGTH];
    buffer message = BUFFER_INIT(1024);
    buffer_append_text(&message, service);
    buffer_append_u8(&message, 0);
    buffer_append_text(&message, seed);
    result outcome = message.failed;
    if (outcome == RESULT_OK)
        outcome = crypt_hmac_sha256(BYTES(p->link_key), buffer_bytes(&message), mac);
    if (outcome == RESULT_OK)
        hex_encode(bytes_of(mac, 16), text, LINK_TEXT_SIZE);
    buffer_wipe(&message);
    return outcome;
}

static json_t *coverage_resource(const platform_coverage *c, const platform_person *person, size_t position) {
    char id[40];
    snprintf(id, sizeof id, "coverage-%zu", position + 1);
    json_t *period = json_pack("{s:s}", "start", c->from);
    if (c->to[0])
        json_object_set_new(period, "end", json_string(c->to));
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:[{s:s, s:s}, {s:s, s:s}, {s:s, s:s}, {s:s, s:f}], s:{s:[{s:s, s:s}]}, s:{s:s}, s:o,"
        " s:[{s:s, s:{s:s, s:s}}]}",
        "resourceType", "Coverage", "id", id, "status", "active", "subscriberId", c->number,
        "extension",
        "url", JP_COVERAGE "Symbol", "valueString", c->symbol,
        "url", JP_COVERAGE "Number", "valueString", c->number,
        "url", JP_COVERAGE "SubNumber", "valueString", c->branch,
        "url", "urn:uketsuke:burden-ratio", "valueDecimal", c->burden_permille / 1000.0,
        "relationship", "coding", "system", RELATIONSHIP_SYSTEM, "code", c->family ? "other" : "self",
        "beneficiary", "display", person->name, "period", period,
        "payor", "display", c->insurer_name, "identifier", "system", INSURER_SYSTEM, "value", c->insurer_number);
}

static void add_coverages(json_t *answer, const platform_person *person, const coverage_ruling *ruling) {
    json_t *contained = json_array(), *insurance = json_array();
    for (size_t i = 0; i < ruling->count; i++) {
        char reference[40];
        bool in_force = ruling->validity == VALIDITY_VALID || ruling->validity == VALIDITY_SEVERAL;
        snprintf(reference, sizeof reference, "#coverage-%zu", i + 1);
        json_array_append_new(contained, coverage_resource(ruling->coverages[i], person, i));
        json_array_append_new(insurance, json_pack("{s:{s:s}, s:b}", "coverage", "reference", reference, "inforce",
                                                   (int)in_force));
    }
    /* FHIR R4 allows no empty lists. */
    if (ruling->count > 0) {
        json_object_set(answer, "contained", contained);
        json_object_set(answer, "insurance", insurance);
    }
    json_decref(contained);
    json_decref(insurance);
}

static json_t *build(const statement *s, const char *link, const coverage_ruling *ruling, int64_t now) {
    char time[CLOCK_TEXT_SIZE], code[2] = {(char)('0' + ruling->validity), '\0'};
    char patient[CRYPT_NAME_MOST + CRYPT_SERIAL_MOST + 1];
    clock_text(now, time);
    snprintf(patient, sizeof patient, "%s#%s", s->patient_issuer, s->patient_serial);
    json_t *extension = json_pack("[{s:s, s:s}, {s:s, s:s}]", "url", "urn:uketsuke:validity", "valueCode", code, "url",
                                  "urn:uketsuke:as-of", "valueDateTime", time);
    if (link[0])
        json_array_append_new(extension, json_pack("{s:s, s:s}", "url", "urn:uketsuke:link-id", "valueString", link));
    return json_pack(
        "{s:s, s:s, s:[s], s:{s:{s:s, s:s}}, s:s, s:s, s:{s:{s:s, s:s}}, s:s, s:{s:s}, s:s, s:[{s:s, s:s}], s:o}",
        "resourceType", "CoverageEligibilityResponse", "status", "active", "purpose", "validation",
        "patient", "identifier", "system", "urn:uketsuke:jpki-auth-serial", "value", patient,
        "servicedDate", s->service_date, "created", time,
        "request", "identifier", "system", "urn:uketsuke:evidence-id", "value", s->evidence_id,
        "outcome", "complete", "insurer", "display", "PF", "disposition", validity_text(ruling->validity),
        "identifier", "system", "urn:uketsuke:evidence-id", "value", s->evidence_id, "extension", extension);
}

result answer_append(const platform *p, const statement *s, const platform_person *person,
                     const coverage_ruling *ruling,
                     int64_t now, buffer *out) {
    char link[LINK_TEXT_SIZE] = "";
    result outcome = person ? link_id(p, "visit-history", person->link_seed, link) : RESULT_OK;
    if (outcome != RESULT_OK)
        return outcome;
    json_t *answer = build(s, link, ruling, now);
    if (!answer)
        return RESULT_NO_MEMORY;
    add_coverages(answer, person, ruling);
    outcome = json_append(out, answer);
    json_decref(answer);
    return outcome;
}

result answer_sign(const platform *p, http_reply *reply) {
    buffer der = BUFFER_INIT(CMS_MOST);
    const cms_signer signer = cms_key_signer(p->answer_key, p->answer_certificate);
    result outcome = cms_sign(buffer_bytes(&reply->body), true, &signer, 1, clock_wall_s(), &der);
    if (outcome == RESULT_OK)
        outcome = crypt_base64_append(&reply->signature, buffer_bytes(&der));
    buffer_wipe(&der);
    return outcome;
}
