/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* An answer in the bytes in which eligibility_response_write makes it. */
#include "fhir/eligibility_internal.h"
#include "fhir/form.h"
#include "fhir/hex_list.h"

#include <stdio.h>
#include <string.h>

/* What may be missing: before, a text, after; or nothing of it. */
static bool take_optional(canonical_reader *r, const char *before, char *text, size_t size, const char *after) {
    return !fhir_form_take(r, before) || (canonical_take_text(r, text, size) && fhir_form_take(r, after));
}

#define OPTIONAL(before, member, after) take_optional(r, before, member, sizeof member, after)

/* 0.0 to 1.0, with one to three decimals, the last of several no zero: as jansson writes it. */
static bool take_ratio(canonical_reader *r, int *permille) {
    int64_t whole, weight = 100;
    if (!canonical_take_integer(r, &whole) || whole < 0 || whole > 1 || !canonical_take(r, "."))
        return false;
    int64_t sum = 1000 * whole;
    const size_t before = r->rest.length;
    uint8_t last = 0;
    for (; r->rest.length > 0 && r->rest.data[0] >= '0' && r->rest.data[0] <= '9'; weight /= 10) {
        last = r->rest.data[0];
        sum += weight * (last - '0');
        r->rest = bytes_slice(r->rest, 1, r->rest.length);
    }
    const size_t decimals = before - r->rest.length;
    *permille = (int)sum;
    if (decimals > 1 && last == '0')
        return false;
    return decimals >= 1 && decimals <= 3 && sum <= 1000;
}

static bool take_coverage_extensions(canonical_reader *r, eligibility_coverage *c) {
    bool good = fhir_form_take(r, "'extension':[") &&
                OPTIONAL("{'url':'" EXTENSION_INSURED "Symbol','valueString':", c->symbol, "},") &&
                fhir_form_take(r, "{'url':'" EXTENSION_INSURED "Number','valueString':~}", c->number,
                               sizeof c->number) &&
                OPTIONAL(",{'url':'" EXTENSION_INSURED "SubNumber','valueString':", c->branch, "}") &&
                fhir_form_take(r, ",{'url':'" EXTENSION_BURDEN "','valueDecimal':") &&
                take_ratio(r, &c->burden_permille) && canonical_take(r, "}") &&
                OPTIONAL(",{'url':'" EXTENSION_LIMIT "','valueString':", c->limit_category, "}");
    c->elderly = good && fhir_form_take(r, ",{'url':'" EXTENSION_ELDERLY "','valueBoolean':true}");
    return good && OPTIONAL(",{'url':'" EXTENSION_LOSS "','valueCode':", c->loss_reason, "}") && canonical_take(r, "]");
}

static void take_beneficiary(canonical_reader *r) {
    fhir_form_take(r, "'beneficiary':{'reference':'#" PATIENT_ID "'},");
}

static bool take_coverage(canonical_reader *r, size_t number, eligibility_coverage *c) {
    char id[40], relationship[FHIR_WORD_SIZE], subscriber[FHIR_WORD_SIZE];
    snprintf(id, sizeof id, ",'id':'coverage-%zu',", number);
    bool good = canonical_take(r, "{");
    take_beneficiary(r);
    good = good && take_coverage_extensions(r, c) && fhir_form_take(r, id) &&
           fhir_form_take(r,
                          "'payor':[{'display':~,'identifier':{'system':'" SYSTEM_INSURER "','value':~}}],'period':{",
                          c->insurer_name, sizeof c->insurer_name, c->insurer_number, sizeof c->insurer_number) &&
           OPTIONAL("'end':", c->to, ",") &&
           fhir_form_take(r,
                          "'start':~},'relationship':{'coding':[{'code':~,'system':'" SYSTEM_RELATIONSHIP
                          "'}]},'resourceType':'Coverage','status':'active','subscriberId':~}",
                          c->from, sizeof c->from, relationship, sizeof relationship, subscriber, sizeof subscriber);
    c->family = good && strcmp(relationship, "self") != 0;
    return good;
}

static bool take_public_expense(canonical_reader *r, size_t number, eligibility_public_expense *e) {
    char id[40];
    snprintf(id, sizeof id, "'id':'public-%zu',", number);
    bool good = canonical_take(r, "{");
    take_beneficiary(r);
    good = good && fhir_form_take(r, id) &&
           fhir_form_take(
               r, "'payor':[{'display':~,'identifier':{'system':'" SYSTEM_PUBLIC_PAYER "','value':~}}],'period':{",
               e->name, sizeof e->name, e->payer_number, sizeof e->payer_number) &&
           OPTIONAL("'end':", e->to, ",") &&
           fhir_form_take(r, "'start':~},'resourceType':'Coverage','status':'active',", e->from, sizeof e->from) &&
           OPTIONAL("'subscriberId':", e->recipient_number, ",");
    return good && fhir_form_take(r, "'type':{'coding':[{'code':'" INSURANCE_KIND_PUBLIC
                                     "','system':'" SYSTEM_INSURANCE_KIND "'}]}}");
}

typedef enum contained { IS_COVERAGE, IS_PUBLIC, IS_PERSON } contained;

/* What begins here, by its first members. */
static contained next_contained(canonical_reader at) {
    const bool opened = canonical_take(&at, "{");
    if (opened && (fhir_form_take(&at, "'address'") || fhir_form_take(&at, "'birthDate'")))
        return IS_PERSON;
    take_beneficiary(&at);
    return fhir_form_take(&at, "'id':'public-") ? IS_PUBLIC : IS_COVERAGE;
}

static bool take_one(canonical_reader *r, contained which, eligibility_response *out) {
    switch (which) {
    case IS_COVERAGE:
        out->coverage_count++;
        return out->coverage_count <= FHIR_COVERAGES_MAX &&
               take_coverage(r, out->coverage_count, &out->coverages[out->coverage_count - 1]);
    case IS_PUBLIC:
        out->public_expense_count++;
        return out->public_expense_count <= FHIR_PUBLIC_EXPENSES_MAX &&
               take_public_expense(r, out->public_expense_count, &out->public_expenses[out->public_expense_count - 1]);
    default: return eligibility_person_take(r, &out->person);
    }
}

static bool take_contained(canonical_reader *r, eligibility_response *out, answer_parts *parts) {
    if (!fhir_form_take(r, "'contained':["))
        return true;
    contained before = IS_COVERAGE, which;
    bool good = true;
    do {
        const bytes from = r->rest;
        which = next_contained(*r);
        good = which >= before && !(before == IS_PERSON) && take_one(r, which, out);
        before = which;
        if (parts != NULL && good)
            parts->contained[parts->count++] = bytes_slice(from, 0, from.length - r->rest.length);
    } while (good && canonical_take(r, ","));
    return good && canonical_take(r, "],");
}

static bool take_insured(canonical_reader *r, bool first, const char *kind, size_t number, bool *in_force) {
    char form[96];
    snprintf(form, sizeof form, "%s{'coverage':{'reference':'#%s-%zu'},'inforce':", first ? "'insurance':[" : ",", kind,
             number);
    if (!fhir_form_take(r, form))
        return false;
    *in_force = canonical_take(r, "true");
    return (*in_force || canonical_take(r, "false")) && canonical_take(r, "}");
}

static bool take_insurance(canonical_reader *r, eligibility_response *out) {
    bool good = true;
    for (size_t i = 0; i < out->coverage_count && good; i++)
        good = take_insured(r, i == 0, "coverage", i + 1, &out->coverages[i].in_force);
    for (size_t i = 0; i < out->public_expense_count && good; i++)
        good = take_insured(r, out->coverage_count + i == 0, "public", i + 1, &out->public_expenses[i].in_force);
    return good && (out->coverage_count + out->public_expense_count == 0 || canonical_take(r, "],"));
}

static bool take_patient(canonical_reader *r, eligibility_response *out) {
    return fhir_form_take(r, "'patient':{'identifier':{'system':'" SYSTEM_PATIENT "','value':~}", out->patient_serial,
                          sizeof out->patient_serial) &&
           (!eligibility_person_is_known(&out->person) || fhir_form_take(r, ",'reference':'#" PATIENT_ID "'")) &&
           canonical_take(r, "},");
}

static bool take_salts(canonical_reader *r, eligibility_response *out) {
    char text[HEX_LIST_SIZE(FHIR_SALTS_MAX, FHIR_SALT_LENGTH)] = "";
    if (!OPTIONAL(",{'url':'" EXTENSION_SALTS "','valueString':", text, "}"))
        return false;
    return text[0] == 0 ||
           hex_list_read(text, out->salts[0], FHIR_SALT_LENGTH, FHIR_SALTS_MAX, &out->salt_count) == RESULT_OK;
}

static bool take_head(canonical_reader *r, eligibility_response *out, char validity[2]) {
    return fhir_form_take(r,
                          "'created':~,'disposition':~,'extension':[{'url':'" EXTENSION_VALIDITY
                          "','valueCode':~},{'url':'" EXTENSION_AS_OF "','valueDateTime':~}",
                          out->created, sizeof out->created, out->disposition, sizeof out->disposition, validity,
                          (size_t)2, out->as_of, sizeof out->as_of) &&
           OPTIONAL(",{'url':'" EXTENSION_LINK "','valueString':", out->link_id, "}") &&
           OPTIONAL(",{'url':'" EXTENSION_CLOCK "','valueCode':", out->clock_warning, "}");
}

static bool take_tail(canonical_reader *r, eligibility_response *out, char requested[UUID_TEXT_SIZE]) {
    return fhir_form_take(r, "],'identifier':[{'system':'" SYSTEM_EVIDENCE "','value':~}],", out->evidence_id,
                          sizeof out->evidence_id) &&
           take_insurance(r, out) && fhir_form_take(r, "'insurer':{'display':'PF'},'outcome':'complete',") &&
           take_patient(r, out) &&
           fhir_form_take(r,
                          "'purpose':['validation'],'request':{'identifier':{'system':'" SYSTEM_EVIDENCE
                          "','value':~}},'resourceType':'CoverageEligibilityResponse',",
                          requested, (size_t)UUID_TEXT_SIZE) &&
           OPTIONAL("'servicedDate':", out->service_date, ",") && fhir_form_take(r, "'status':'active'}");
}

/* From here to there, of one text. */
static bytes between(bytes from, bytes to) {
    return bytes_slice(from, 0, from.length - to.length);
}

static bool take_response(canonical_reader *r, eligibility_response *out, char validity[2],
                          char requested[UUID_TEXT_SIZE], answer_parts *parts) {
    bool good = canonical_take(r, "{") && take_contained(r, out, parts);
    const bytes head = r->rest;
    good = good && take_head(r, out, validity);
    const bytes salts = r->rest;
    good = good && take_salts(r, out);
    const bytes tail = r->rest;
    good = good && take_tail(r, out, requested);
    if (!good || parts == NULL)
        return good;
    buffer_append_u8(&parts->own, '{');
    buffer_append(&parts->own, between(head, salts));
    return buffer_append(&parts->own, between(tail, r->rest)) == RESULT_OK;
}

bool eligibility_canonical_answer(canonical_reader *r, eligibility_response *out, answer_parts *parts) {
    char validity[2] = "", requested[UUID_TEXT_SIZE] = "";
    int64_t ignored;
    *out = (eligibility_response){0};
    if (!take_response(r, out, validity, requested, parts))
        return false;
    out->validity = (eligibility_validity)(validity[0] - '0');
    return validity[0] >= '1' && validity[0] <= '5' && strcmp(requested, out->evidence_id) == 0 &&
           uuid_is_valid(out->evidence_id) && clock_parse(out->created, &ignored) == RESULT_OK &&
           clock_parse(out->as_of, &ignored) == RESULT_OK && eligibility_response_check(out, NULL) == RESULT_OK;
}
