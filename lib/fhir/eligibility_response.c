/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The answer read, from whatever JSON says the same. */
#include "fhir/eligibility.h"

#include "base/utf8.h"
#include "fhir/eligibility_internal.h"
#include "fhir/hex_list.h"
#include "fhir/signed_answer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static result extension_text(const json_t *root, const char *url, const char *kind, char *text, size_t size,
                             fhir_problem *problem) {
    const json_t *extension = fhir_extension(root, url);
    text[0] = 0;
    return extension == NULL ? RESULT_NOT_FOUND : fhir_text(extension, kind, text, size, problem);
}

static result coverage_of(const json_t *root, eligibility_coverage *out, fhir_problem *problem) {
    const json_t *burden = fhir_at(fhir_extension(root, EXTENSION_BURDEN), "valueDecimal");
    if (!json_is_number(burden) || !(json_number_value(burden) >= 0 && json_number_value(burden) <= 1))
        return fhir_complain(problem, "Coverage: %s must be 0 to 1", EXTENSION_BURDEN);
    out->burden_permille = (int)lround(json_number_value(burden) * 1000);
    char relationship[FHIR_WORD_SIZE];
    bool ok = fhir_expect(root, "resourceType", "Coverage", problem) == RESULT_OK &&
              fhir_text(root, "relationship.coding.0.code", relationship, sizeof relationship, problem) == RESULT_OK &&
              fhir_expect(root, "payor.0.identifier.system", SYSTEM_INSURER, problem) == RESULT_OK &&
              fhir_text(root, "period.start", out->from, sizeof out->from, problem) == RESULT_OK &&
              fhir_optional_text(root, "period.end", out->to, sizeof out->to, problem) == RESULT_OK &&
              fhir_text(root, "payor.0.display", out->insurer_name, sizeof out->insurer_name, problem) == RESULT_OK &&
              fhir_text(root, "payor.0.identifier.value", out->insurer_number, sizeof out->insurer_number, problem) ==
                  RESULT_OK &&
              extension_text(root, EXTENSION_INSURED "Symbol", "valueString", out->symbol, sizeof out->symbol,
                             problem) != RESULT_INVALID &&
              extension_text(root, EXTENSION_INSURED "Number", "valueString", out->number, sizeof out->number,
                             problem) == RESULT_OK &&
              extension_text(root, EXTENSION_INSURED "SubNumber", "valueString", out->branch, sizeof out->branch,
                             problem) != RESULT_INVALID;
    ok = ok &&
         extension_text(root, EXTENSION_LIMIT, "valueString", out->limit_category, sizeof out->limit_category,
                        problem) != RESULT_INVALID &&
         extension_text(root, EXTENSION_LOSS, "valueCode", out->loss_reason, sizeof out->loss_reason, problem) !=
             RESULT_INVALID;
    out->elderly = json_is_true(fhir_at(fhir_extension(root, EXTENSION_ELDERLY), "valueBoolean"));
    out->family = strcmp(relationship, "self") != 0;
    return ok ? RESULT_OK : fhir_complain(problem, "Coverage: insured person's number is missing");
}

/* A Coverage of kind 8. */
static bool is_public(const json_t *coverage) {
    const json_t *code = fhir_at(coverage, "type.coding.0.code");
    return json_is_string(code) && strcmp(json_string_value(code), INSURANCE_KIND_PUBLIC) == 0;
}

static result public_expense_of(const json_t *root, eligibility_public_expense *out, fhir_problem *problem) {
    const bool ok = fhir_expect(root, "resourceType", "Coverage", problem) == RESULT_OK &&
                    fhir_expect(root, "type.coding.0.system", SYSTEM_INSURANCE_KIND, problem) == RESULT_OK &&
                    fhir_expect(root, "payor.0.identifier.system", SYSTEM_PUBLIC_PAYER, problem) == RESULT_OK &&
                    fhir_text(root, "payor.0.identifier.value", out->payer_number, sizeof out->payer_number, problem) ==
                        RESULT_OK &&
                    fhir_text(root, "payor.0.display", out->name, sizeof out->name, problem) == RESULT_OK &&
                    fhir_optional_text(root, "subscriberId", out->recipient_number, sizeof out->recipient_number,
                                       problem) == RESULT_OK &&
                    fhir_text(root, "period.start", out->from, sizeof out->from, problem) == RESULT_OK &&
                    fhir_optional_text(root, "period.end", out->to, sizeof out->to, problem) == RESULT_OK;
    return ok ? RESULT_OK : RESULT_INVALID;
}

/* insurance[index] must speak of contained[index], whose id is this kind's next. */
static result insurance_of(const json_t *root, size_t index, const char *kind, size_t number, bool *in_force,
                           fhir_problem *problem) {
    char reference[40], id[32], path[64];
    snprintf(id, sizeof id, "%s-%zu", kind, number);
    snprintf(reference, sizeof reference, "#%s", id);
    snprintf(path, sizeof path, "contained.%zu.id", index);
    result code = fhir_expect(root, path, id, problem);
    snprintf(path, sizeof path, "insurance.%zu.coverage.reference", index);
    if (code == RESULT_OK)
        code = fhir_expect(root, path, reference, problem);
    snprintf(path, sizeof path, "insurance.%zu.inforce", index);
    const json_t *flag = fhir_at(root, path);
    *in_force = json_is_true(flag);
    return code != RESULT_OK || json_is_boolean(flag) ? code
                                                      : fhir_complain(problem, "%s: must be true or false", path);
}

/* Coverages, then public expenses: contained[index] as insurance[index] has it. */
static result insured_of(const json_t *root, const json_t *one, size_t index, eligibility_response *out,
                         fhir_problem *problem) {
    result code;
    if (is_public(one)) {
        if (out->public_expense_count == FHIR_PUBLIC_EXPENSES_MAX)
            return fhir_complain(problem, "contained: at most %d public expenses", FHIR_PUBLIC_EXPENSES_MAX);
        eligibility_public_expense *expense = &out->public_expenses[out->public_expense_count++];
        code = public_expense_of(one, expense, problem);
        return code == RESULT_OK
                   ? insurance_of(root, index, "public", out->public_expense_count, &expense->in_force, problem)
                   : code;
    }
    if (out->public_expense_count > 0 || out->coverage_count == FHIR_COVERAGES_MAX)
        return fhir_complain(problem, "contained: coverages come first, and are at most %d", FHIR_COVERAGES_MAX);
    eligibility_coverage *coverage = &out->coverages[out->coverage_count++];
    code = coverage_of(one, coverage, problem);
    return code == RESULT_OK ? insurance_of(root, index, "coverage", out->coverage_count, &coverage->in_force, problem)
                             : code;
}

/* The last one contained may be the person, to whom patient refers then. */
static result person_of(const json_t *root, const json_t *last, eligibility_response *out, fhir_problem *problem) {
    const result code = fhir_expect(root, "patient.reference", "#" PATIENT_ID, problem);
    return code == RESULT_OK ? eligibility_person_of(last, &out->person, problem) : code;
}

static bool is_patient(const json_t *resource) {
    const json_t *type = json_object_get(resource, "resourceType");
    return json_is_string(type) && strcmp(json_string_value(type), "Patient") == 0;
}

static result contained_of(const json_t *root, eligibility_response *out, fhir_problem *problem) {
    const json_t *contained = json_object_get(root, "contained"), *insurance = json_object_get(root, "insurance");
    size_t count = json_array_size(contained);
    const json_t *last = count > 0 ? json_array_get(contained, count - 1) : NULL;
    result code = RESULT_OK;
    if (is_patient(last)) {
        code = person_of(root, last, out, problem);
        count--;
    }
    if (code == RESULT_OK && json_array_size(insurance) != count)
        code = fhir_complain(problem, "contained and insurance: must be as many");
    for (size_t i = 0; i < count && code == RESULT_OK; i++)
        code = insured_of(root, json_array_get(contained, i), i, out, problem);
    return code;
}

/* --- forms -------------------------------------------------------------------------------------------------------- */

static bool is_period(const char *from, const char *to) {
    return clock_check_date(from) == RESULT_OK && (to[0] == 0 || clock_check_date(to) == RESULT_OK);
}

static bool is_code(const char *text) {
    return strspn(text, "abcdefghijklmnopqrstuvwxyz-") == strlen(text);
}

static result check_coverage(const eligibility_coverage *c, fhir_problem *problem) {
    if (!is_period(c->from, c->to))
        return fhir_complain(problem, "Coverage: period must be days");
    if (!is_code(c->loss_reason))
        return fhir_complain(problem, "%s: must be a code", EXTENSION_LOSS);
    return utf8_text_is_showable(c->insurer_name) && utf8_text_is_showable(c->insurer_number) &&
                   utf8_text_is_showable(c->symbol) && utf8_text_is_showable(c->number) &&
                   utf8_text_is_showable(c->branch) && utf8_text_is_showable(c->limit_category)
               ? RESULT_OK
               : fhir_complain(problem, "Coverage: a text holds hidden characters");
}

static result check_public_expense(const eligibility_public_expense *e, fhir_problem *problem) {
    if (!is_period(e->from, e->to))
        return fhir_complain(problem, "Coverage (public): period must be days");
    return utf8_text_is_showable(e->name) && utf8_text_is_showable(e->payer_number) &&
                   utf8_text_is_showable(e->recipient_number)
               ? RESULT_OK
               : fhir_complain(problem, "Coverage (public): a text holds hidden characters");
}

/* No birth date may be after the answer; the answer's time is UTC, the day is Japan's. */
static result check_birth(const eligibility_response *r, fhir_problem *problem) {
    char day[CLOCK_DATE_SIZE];
    int64_t created;
    if (clock_parse(r->created, &created) != RESULT_OK)
        return RESULT_INVALID;
    clock_date_in_japan(created, day);
    return strcmp(r->person.birth_date, day) <= 0 ? RESULT_OK
                                                  : fhir_complain(problem, "Patient.birthDate: is in the future");
}

result eligibility_salts_check(const eligibility_response *r, fhir_problem *problem) {
    const size_t contained = r->coverage_count + r->public_expense_count + eligibility_person_is_known(&r->person);
    if (r->salt_count != 0 && r->salt_count != answer_salts_needed(contained))
        return fhir_complain(problem, "%s: must be %zu", EXTENSION_SALTS, answer_salts_needed(contained));
    for (size_t i = 1; i < r->salt_count; i++)
        for (size_t j = 0; j < i; j++)
            if (memcmp(r->salts[i], r->salts[j], FHIR_SALT_LENGTH) == 0)
                return fhir_complain(problem, "%s: one occurs twice", EXTENSION_SALTS);
    return RESULT_OK;
}

result eligibility_response_check(const eligibility_response *r, fhir_problem *problem) {
    result code = RESULT_OK;
    for (size_t i = 0; i < r->coverage_count && code == RESULT_OK; i++)
        code = check_coverage(&r->coverages[i], problem);
    for (size_t i = 0; i < r->public_expense_count && code == RESULT_OK; i++)
        code = check_public_expense(&r->public_expenses[i], problem);
    if (code == RESULT_OK)
        code = eligibility_salts_check(r, problem);
    return code == RESULT_OK && eligibility_person_is_known(&r->person) ? check_birth(r, problem) : code;
}

/* --- the answer --------------------------------------------------------------------------------------------------- */

static result check_response_forms(const eligibility_response *r, fhir_problem *problem) {
    int64_t ignored;
    if (!uuid_is_valid(r->evidence_id))
        return fhir_complain(problem, "request.identifier.value: must be a UUID in lower case");
    if (clock_parse(r->created, &ignored) != RESULT_OK || clock_parse(r->as_of, &ignored) != RESULT_OK)
        return fhir_complain(problem, "created, %s: must be YYYY-MM-DDThh:mm:ssZ", EXTENSION_AS_OF);
    return RESULT_OK;
}

static result check_response_constants(const json_t *root, fhir_problem *problem) {
    static const char *const fixed[][2] = {
        {"resourceType", "CoverageEligibilityResponse"},
        {"status", "active"},
        {"purpose.0", "validation"},
        {"outcome", "complete"},
        {"identifier.0.system", SYSTEM_EVIDENCE},
        {"request.identifier.system", SYSTEM_EVIDENCE},
        {"patient.identifier.system", SYSTEM_PATIENT},
        {"insurer.display", "PF"},
    };
    result code = RESULT_OK;
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed && code == RESULT_OK; i++)
        code = fhir_expect(root, fixed[i][0], fixed[i][1], problem);
    return code;
}

static result salts_of(const json_t *root, eligibility_response *out, fhir_problem *problem) {
    char text[HEX_LIST_SIZE(FHIR_SALTS_MAX, FHIR_SALT_LENGTH)];
    const result code = extension_text(root, EXTENSION_SALTS, "valueString", text, sizeof text, problem);
    if (code != RESULT_OK)
        return code == RESULT_NOT_FOUND ? RESULT_OK : code;
    return hex_list_read(text, out->salts[0], FHIR_SALT_LENGTH, FHIR_SALTS_MAX, &out->salt_count) == RESULT_OK
               ? RESULT_OK
               : fhir_complain(problem, "%s: must be salts in capital hexadecimal", EXTENSION_SALTS);
}

result eligibility_response_of(const json_t *root, eligibility_response *out, fhir_problem *problem) {
    char validity[8];
    *out = (eligibility_response){0};
    bool ok =
        check_response_constants(root, problem) == RESULT_OK &&
        fhir_text(root, "request.identifier.value", out->evidence_id, sizeof out->evidence_id, problem) == RESULT_OK &&
        fhir_text(root, "patient.identifier.value", out->patient_serial, sizeof out->patient_serial, problem) ==
            RESULT_OK &&
        fhir_text(root, "created", out->created, sizeof out->created, problem) == RESULT_OK &&
        fhir_optional_text(root, "servicedDate", out->service_date, sizeof out->service_date, problem) == RESULT_OK &&
        fhir_text(root, "disposition", out->disposition, sizeof out->disposition, problem) == RESULT_OK &&
        extension_text(root, EXTENSION_AS_OF, "valueDateTime", out->as_of, sizeof out->as_of, problem) == RESULT_OK &&
        extension_text(root, EXTENSION_VALIDITY, "valueCode", validity, sizeof validity, problem) == RESULT_OK &&
        extension_text(root, EXTENSION_LINK, "valueString", out->link_id, sizeof out->link_id, problem) !=
            RESULT_INVALID &&
        extension_text(root, EXTENSION_CLOCK, "valueCode", out->clock_warning, sizeof out->clock_warning, problem) !=
            RESULT_INVALID;
    if (!ok)
        return fhir_complain(problem, "extension %s or %s: missing", EXTENSION_AS_OF, EXTENSION_VALIDITY);
    if (strlen(validity) != 1 || validity[0] < '1' || validity[0] > '5')
        return fhir_complain(problem, "%s: must be 1 to 5", EXTENSION_VALIDITY);
    out->validity = (eligibility_validity)(validity[0] - '0');
    result code = check_response_forms(out, problem);
    if (code == RESULT_OK)
        code = salts_of(root, out, problem);
    if (code == RESULT_OK) /* identifier repeats the id that request answers to */
        code = fhir_expect(root, "identifier.0.value", out->evidence_id, problem);
    if (code == RESULT_OK)
        code = contained_of(root, out, problem);
    return code == RESULT_OK ? eligibility_response_check(out, problem) : code;
}

/* --- its parts ---------------------------------------------------------------------------------------------------- */

void answer_parts_wipe(answer_parts *parts) {
    buffer_wipe(&parts->own);
    buffer_wipe(&parts->room);
}

/* Every member belongs to a part, also unknown ones. */
static result parts_of(json_t *root, answer_parts *parts) {
    const json_t *contained = json_object_get(root, "contained");
    json_t *extensions = json_object_get(root, "extension");
    size_t ends[FHIR_CONTAINED_MAX], i;
    result code = RESULT_OK;
    for (i = 0; i < json_array_size(contained) && i < FHIR_CONTAINED_MAX && code == RESULT_OK; i++) {
        code = fhir_dump(json_array_get(contained, i), &parts->room);
        ends[i] = parts->room.length;
    }
    parts->count = i;
    for (i = 0; i < parts->count && code == RESULT_OK; i++)
        parts->contained[i] = bytes_slice(buffer_bytes(&parts->room), i > 0 ? ends[i - 1] : 0,
                                          ends[i] - (i > 0 ? ends[i - 1] : 0));
    for (i = 0; i < json_array_size(extensions); i++)
        if (json_array_get(extensions, i) == fhir_extension(root, EXTENSION_SALTS)) {
            json_array_remove(extensions, i);
            break; /* a second one would be a part of the answer, and not signed */
        }
    json_object_del(root, "contained");
    return code == RESULT_OK ? fhir_dump(root, &parts->own) : code;
}

result eligibility_parts_read(bytes text, eligibility_response *out, answer_parts *parts, fhir_problem *problem) {
    canonical_reader r = {text};
    if (eligibility_canonical_answer(&r, out, parts) && r.rest.length == 0)
        return RESULT_OK;
    buffer_clear(&parts->own);
    parts->count = 0;
    json_t *root = fhir_parse(text, problem);
    result code = root != NULL ? eligibility_response_of(root, out, problem) : RESULT_INVALID;
    if (code == RESULT_OK)
        code = parts_of(root, parts);
    json_decref(root);
    return code;
}

result eligibility_response_read(bytes text, eligibility_response *out, fhir_problem *problem) {
    canonical_reader r = {text};
    if (eligibility_canonical_answer(&r, out, NULL) && r.rest.length == 0)
        return RESULT_OK;
    json_t *root = fhir_parse(text, problem);
    result code = root != NULL ? eligibility_response_of(root, out, problem) : RESULT_INVALID;
    json_decref(root);
    return code;
}

/* Days as YYYY-MM-DD compare as texts. */
static bool covers(const eligibility_coverage *c, const char *day) {
    return strcmp(c->from, day) <= 0 && (c->to[0] == 0 || strcmp(day, c->to) <= 0);
}

const eligibility_coverage *eligibility_coverage_on(const eligibility_response *answer, const char *day) {
    if (answer == NULL || (answer->validity != ELIGIBILITY_VALID && answer->validity != ELIGIBILITY_NEW_COVERAGE))
        return NULL;
    for (size_t i = 0; i < answer->coverage_count; i++)
        if (answer->coverages[i].in_force && covers(&answer->coverages[i], day))
            return &answer->coverages[i];
    return NULL;
}
