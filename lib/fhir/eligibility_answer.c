/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The answer written: canonical JSON, as fhir_dump would give it. */
#include "fhir/eligibility.h"
#include "fhir/eligibility_internal.h"
#include "fhir/form.h"
#include "fhir/hex_list.h"
#include "fhir/signed_answer.h"

#include <stdio.h>
#include <string.h>

/* An extension with a value: FHIR R4 allows no empty texts. */
static void append_extension(buffer *json, const char *url, const char *kind, const char *text) {
    if (text[0] != 0)
        fhir_form_append(json, ",{'url':~,~:~}", url, kind, text);
}

/* A ratio as jansson writes it: at least one decimal. */
static void append_ratio(buffer *json, int permille) {
    char text[8];
    snprintf(text, sizeof text, "%d.%03d", permille / 1000 % 10, permille % 1000);
    size_t length = strlen(text);
    while (length > 3 && text[length - 1] == '0')
        length--;
    buffer_append(json, bytes_of(text, length));
}

static void append_coverage_extensions(buffer *json, const eligibility_coverage *c) {
    fhir_form_append(json, "'extension':[");
    if (c->symbol[0] != 0)
        fhir_form_append(json, "{'url':'" EXTENSION_INSURED "Symbol','valueString':~},", c->symbol);
    fhir_form_append(json, "{'url':'" EXTENSION_INSURED "Number','valueString':~}", c->number);
    append_extension(json, EXTENSION_INSURED "SubNumber", "valueString", c->branch);
    fhir_form_append(json, ",{'url':'" EXTENSION_BURDEN "','valueDecimal':");
    append_ratio(json, c->burden_permille);
    buffer_append_u8(json, '}');
    append_extension(json, EXTENSION_LIMIT, "valueString", c->limit_category);
    if (c->elderly)
        fhir_form_append(json, ",{'url':'" EXTENSION_ELDERLY "','valueBoolean':true}");
    append_extension(json, EXTENSION_LOSS, "valueCode", c->loss_reason);
    buffer_append_u8(json, ']');
}

static void append_beneficiary(buffer *json, bool known) {
    fhir_form_append(json, known ? "{'beneficiary':{'reference':'#" PATIENT_ID "'}," : "{");
}

static void append_coverage(buffer *json, const eligibility_coverage *c, size_t number, bool known) {
    append_beneficiary(json, known);
    append_coverage_extensions(json, c);
    buffer_append_format(json, ",\"id\":\"coverage-%zu\",", number);
    fhir_form_append(json, "'payor':[{'display':~,'identifier':{'system':'" SYSTEM_INSURER "','value':~}}],'period':{",
                     c->insurer_name, c->insurer_number);
    if (c->to[0] != 0)
        fhir_form_append(json, "'end':~,", c->to);
    fhir_form_append(json,
                     "'start':~},'relationship':{'coding':[{'code':~,'system':'" SYSTEM_RELATIONSHIP "'}]},"
                     "'resourceType':'Coverage','status':'active','subscriberId':~}",
                     c->from, c->family ? "other" : "self", c->number);
}

static void append_public_expense(buffer *json, const eligibility_public_expense *e, size_t number, bool known) {
    append_beneficiary(json, known);
    buffer_append_format(json, "\"id\":\"public-%zu\",", number);
    fhir_form_append(json,
                     "'payor':[{'display':~,'identifier':{'system':'" SYSTEM_PUBLIC_PAYER "','value':~}}],'period':{",
                     e->name, e->payer_number);
    if (e->to[0] != 0)
        fhir_form_append(json, "'end':~,", e->to);
    fhir_form_append(json, "'start':~},'resourceType':'Coverage','status':'active',", e->from);
    if (e->recipient_number[0] != 0)
        fhir_form_append(json, "'subscriberId':~,", e->recipient_number);
    fhir_form_append(json,
                     "'type':{'coding':[{'code':'" INSURANCE_KIND_PUBLIC "','system':'" SYSTEM_INSURANCE_KIND "'}]}}");
}

/* Where the parts of an answer stand in the text, each of which has its own salt. */
typedef struct marks {
    size_t begins[FHIR_CONTAINED_MAX], ends[FHIR_CONTAINED_MAX]; /* of each resource contained */
    size_t count;
    size_t head, salts, tail; /* behind what is contained; around the salts */
} marks;

static void begin_contained(buffer *json, marks *m) {
    buffer_append_text(json, m->count > 0 ? "," : "");
    m->begins[m->count] = json->length;
}

static void end_contained(const buffer *json, marks *m) {
    m->ends[m->count++] = json->length;
}

/* What is contained: coverages, public expenses, the person. */
static void append_contained(buffer *json, const eligibility_response *r, marks *m) {
    const bool known = eligibility_person_is_known(&r->person);
    fhir_form_append(json, "'contained':[");
    for (size_t i = 0; i < r->coverage_count; i++) {
        begin_contained(json, m);
        append_coverage(json, &r->coverages[i], i + 1, known);
        end_contained(json, m);
    }
    for (size_t i = 0; i < r->public_expense_count; i++) {
        begin_contained(json, m);
        append_public_expense(json, &r->public_expenses[i], i + 1, known);
        end_contained(json, m);
    }
    if (known) {
        begin_contained(json, m);
        eligibility_person_write(&r->person, json);
        end_contained(json, m);
    }
    fhir_form_append(json, "],");
}

static void append_insured(buffer *json, const char *separator, const char *kind, size_t number, bool in_force) {
    buffer_append_format(json, "%s{\"coverage\":{\"reference\":\"#%s-%zu\"},\"inforce\":%s}", separator, kind, number,
                         in_force ? "true" : "false");
}

static void append_insurance(buffer *json, const eligibility_response *r) {
    const char *separator = "";
    fhir_form_append(json, "'insurance':[");
    for (size_t i = 0; i < r->coverage_count; i++, separator = ",")
        append_insured(json, separator, "coverage", i + 1, r->coverages[i].in_force);
    for (size_t i = 0; i < r->public_expense_count; i++, separator = ",")
        append_insured(json, separator, "public", i + 1, r->public_expenses[i].in_force);
    fhir_form_append(json, "],");
}

/* The last of the extensions, so that it can be left out again. */
static void append_salts(buffer *json, const eligibility_response *r) {
    char text[HEX_LIST_SIZE(FHIR_SALTS_MAX, FHIR_SALT_LENGTH)];
    hex_list_write(r->salts[0], FHIR_SALT_LENGTH, r->salt_count, text, sizeof text);
    append_extension(json, EXTENSION_SALTS, "valueString", text);
}

static void append_response(buffer *json, const eligibility_response *r, marks *m) {
    const char validity[2] = {(char)('0' + r->validity), 0};
    const bool insured = r->coverage_count + r->public_expense_count > 0, /* FHIR R4 allows no empty lists */
        known = eligibility_person_is_known(&r->person);
    buffer_append_u8(json, '{');
    if (insured || known)
        append_contained(json, r, m);
    m->head = json->length;
    fhir_form_append(json,
                     "'created':~,'disposition':~,'extension':[{'url':'" EXTENSION_VALIDITY "','valueCode':~},"
                     "{'url':'" EXTENSION_AS_OF "','valueDateTime':~}",
                     r->created, r->disposition, validity, r->as_of);
    append_extension(json, EXTENSION_LINK, "valueString", r->link_id);
    append_extension(json, EXTENSION_CLOCK, "valueCode", r->clock_warning);
    m->salts = json->length;
    append_salts(json, r);
    m->tail = json->length;
    fhir_form_append(json, "],'identifier':[{'system':'" SYSTEM_EVIDENCE "','value':~}],", r->evidence_id);
    if (insured)
        append_insurance(json, r);
    fhir_form_append(
        json,
        "'insurer':{'display':'PF'},'outcome':'complete','patient':{'identifier':{'system':'" SYSTEM_PATIENT
        "','value':~}",
        r->patient_serial);
    fhir_form_append(json, known ? ",'reference':'#" PATIENT_ID "'}" : "}");
    fhir_form_append(json,
                     ",'purpose':['validation'],'request':{'identifier':{'system':'" SYSTEM_EVIDENCE
                     "','value':~}},'resourceType':'CoverageEligibilityResponse',",
                     r->evidence_id);
    if (r->service_date[0] != 0)
        fhir_form_append(json, "'servicedDate':~,", r->service_date);
    fhir_form_append(json, "'status':'active'}");
}

/* Fails rather than return an answer without its coverage, or with an unreadable one. */
static result check(const eligibility_response *r) {
    if (r->coverage_count > FHIR_COVERAGES_MAX || r->public_expense_count > FHIR_PUBLIC_EXPENSES_MAX)
        return RESULT_TOO_LONG;
    if ((eligibility_person_is_known(&r->person) && eligibility_person_check(&r->person, NULL) != RESULT_OK) ||
        eligibility_salts_check(r, NULL) != RESULT_OK)
        return RESULT_INVALID;
    for (size_t i = 0; i < r->coverage_count; i++)
        if (r->coverages[i].number[0] == 0 || r->coverages[i].burden_permille < 0 ||
            r->coverages[i].burden_permille > 1000)
            return RESULT_INVALID;
    return RESULT_OK;
}

static result write_marked(const eligibility_response *response, buffer *text, marks *m) {
    const size_t before = text->length;
    result code = check(response);
    if (code != RESULT_OK)
        return code;
    append_response(text, response, m);
    code = text->failed;
    if (code != RESULT_OK)
        buffer_truncate(text, before);
    return code;
}

result eligibility_response_write(const eligibility_response *response, buffer *text) {
    marks m = {.count = 0};
    return write_marked(response, text, &m);
}

result eligibility_response_write_signed(const eligibility_response *response, buffer *text, buffer *form) {
    marks m = {.count = 0};
    answer_parts parts = ANSWER_PARTS_INIT;
    result code = write_marked(response, text, &m);
    const bytes written = buffer_bytes(text);
    for (size_t i = 0; code == RESULT_OK && i < m.count; i++)
        parts.contained[i] = bytes_slice(written, m.begins[i], m.ends[i] - m.begins[i]);
    parts.count = m.count;
    if (code == RESULT_OK) {
        buffer_append_u8(&parts.own, '{');
        buffer_append(&parts.own, bytes_slice(written, m.head, m.salts - m.head));
        code = buffer_append(&parts.own, bytes_slice(written, m.tail, written.length - m.tail));
    }
    if (code == RESULT_OK)
        code = signed_answer_form(response, &parts, form, NULL);
    answer_parts_wipe(&parts);
    return code;
}
