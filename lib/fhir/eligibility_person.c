/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fhir/eligibility_person.h"

#include "base/utf8.h"
#include "fhir/form.h"

#include <string.h>

/* FHIR R4, iso21090-EN-representation: how a name is written. JP_Patient has it as IDE (kanji) and SYL (kana). */
#define REPRESENTATION "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation"
#define SEX_CODE_SIZE 16
#define IDEOGRAPHIC "IDE"
#define SYLLABIC "SYL"
#define NAME(kind) "{'extension':[{'url':'" REPRESENTATION "','valueCode':'" kind "'}],'text':~,'use':'official'}"

static const char *const sexes[] = {
    [SEX_UNKNOWN] = "unknown", [SEX_MALE] = "male", [SEX_FEMALE] = "female", [SEX_OTHER] = "other"};

const char *eligibility_sex_code(eligibility_sex sex) {
    return sexes[(unsigned)sex <= SEX_OTHER ? sex : SEX_UNKNOWN];
}

bool eligibility_sex_of(const char *code, eligibility_sex *out) {
    for (size_t i = 0; i < sizeof sexes / sizeof *sexes; i++)
        if (strcmp(code, sexes[i]) == 0) {
            *out = (eligibility_sex)i;
            return true;
        }
    return false;
}

/* --- forms -------------------------------------------------------------------------------------------------------- */

static bool is_postal_code(const char *text) {
    return strlen(text) == 8 && strspn(text, "0123456789") == 3 && text[3] == '-' &&
           strspn(text + 4, "0123456789") == 4;
}

result eligibility_person_check(const eligibility_person *p, fhir_problem *problem) {
    if (p->name[0] == 0 || !utf8_text_is_showable(p->name) || !utf8_text_is_showable(p->kana))
        return fhir_complain(problem, "Patient.name: must be there, and without hidden characters");
    if (clock_check_date(p->birth_date) != RESULT_OK)
        return fhir_complain(problem, "Patient.birthDate: must be a day, YYYY-MM-DD");
    if (!utf8_text_is_showable(p->address) || (p->postal_code[0] != 0 && !is_postal_code(p->postal_code)) ||
        (p->postal_code[0] != 0 && p->address[0] == 0))
        return fhir_complain(problem, "Patient.address: no address, or no postal code NNN-NNNN");
    return (unsigned)p->sex <= SEX_OTHER ? RESULT_OK : fhir_complain(problem, "Patient.gender: unknown word");
}

/* --- canonical ---------------------------------------------------------------------------------------------------- */

result eligibility_person_write(const eligibility_person *p, buffer *text) {
    if (eligibility_person_check(p, NULL) != RESULT_OK)
        return RESULT_INVALID;
    buffer_append_u8(text, '{');
    if (p->address[0] != 0) {
        fhir_form_append(text, "'address':[{'country':'JP',");
        if (p->postal_code[0] != 0)
            fhir_form_append(text, "'postalCode':~,", p->postal_code);
        fhir_form_append(text, "'text':~}],", p->address);
    }
    fhir_form_append(text, "'birthDate':~,'gender':~,'id':'" PATIENT_ID "','name':[" NAME(IDEOGRAPHIC), p->birth_date,
                     eligibility_sex_code(p->sex), p->name);
    if (p->kana[0] != 0)
        fhir_form_append(text, "," NAME(SYLLABIC), p->kana);
    return fhir_form_append(text, "],'resourceType':'Patient'}");
}

static bool take_address(canonical_reader *r, eligibility_person *out) {
    if (!fhir_form_take(r, "'address':[{'country':'JP',"))
        return true;
    if (fhir_form_take(r, "'postalCode':") &&
        !(canonical_take_text(r, out->postal_code, sizeof out->postal_code) && canonical_take(r, ",")))
        return false;
    return fhir_form_take(r, "'text':~}],", out->address, sizeof out->address);
}

static bool take_patient(canonical_reader *r, eligibility_person *out) {
    char sex[SEX_CODE_SIZE];
    bool good = canonical_take(r, "{") && take_address(r, out) &&
                fhir_form_take(r, "'birthDate':~,'gender':~,'id':'" PATIENT_ID "','name':[" NAME(IDEOGRAPHIC),
                               out->birth_date, sizeof out->birth_date, sex, sizeof sex, out->name, sizeof out->name) &&
                eligibility_sex_of(sex, &out->sex);
    if (good && canonical_take(r, ","))
        good = fhir_form_take(r, NAME(SYLLABIC), out->kana, sizeof out->kana);
    return good && fhir_form_take(r, "],'resourceType':'Patient'}") && eligibility_person_check(out, NULL) == RESULT_OK;
}

bool eligibility_person_take(canonical_reader *r, eligibility_person *out) {
    *out = (eligibility_person){0};
    const bool good = take_patient(r, out);
    if (!good)
        *out = (eligibility_person){0};
    return good;
}

/* --- any JSON ----------------------------------------------------------------------------------------------------- */

/* The name that is written in this way. */
static result name_of(const json_t *patient, const char *kind, char text[PERSON_TEXT_SIZE], fhir_problem *problem) {
    const json_t *name;
    size_t i;
    json_array_foreach(json_object_get(patient, "name"), i, name) {
        const json_t *code = json_object_get(fhir_extension(name, REPRESENTATION), "valueCode");
        if (json_is_string(code) && strcmp(json_string_value(code), kind) == 0)
            return fhir_text(name, "text", text, PERSON_TEXT_SIZE, problem);
    }
    return RESULT_NOT_FOUND;
}

static result patient_of(const json_t *patient, eligibility_person *out, fhir_problem *problem) {
    char sex[SEX_CODE_SIZE];
    bool good = fhir_expect(patient, "resourceType", "Patient", problem) == RESULT_OK &&
                fhir_expect(patient, "id", PATIENT_ID, problem) == RESULT_OK &&
                fhir_text(patient, "birthDate", out->birth_date, sizeof out->birth_date, problem) == RESULT_OK &&
                fhir_text(patient, "gender", sex, sizeof sex, problem) == RESULT_OK &&
                fhir_optional_text(patient, "address.0.text", out->address, sizeof out->address, problem) ==
                    RESULT_OK &&
                fhir_optional_text(patient, "address.0.postalCode", out->postal_code, sizeof out->postal_code,
                                   problem) == RESULT_OK &&
                name_of(patient, SYLLABIC, out->kana, problem) != RESULT_INVALID;
    if (!good)
        return RESULT_INVALID;
    if (name_of(patient, IDEOGRAPHIC, out->name, problem) != RESULT_OK)
        return fhir_complain(problem, "Patient.name: no name in kanji (" IDEOGRAPHIC ")");
    if (!eligibility_sex_of(sex, &out->sex))
        return fhir_complain(problem, "Patient.gender: unknown word");
    if (json_object_get(patient, "identifier") != NULL)
        return fhir_complain(problem, "Patient.identifier: must be absent here");
    return eligibility_person_check(out, problem);
}

result eligibility_person_of(const json_t *patient, eligibility_person *out, fhir_problem *problem) {
    *out = (eligibility_person){0};
    const result code = patient_of(patient, out, problem);
    if (code != RESULT_OK)
        *out = (eligibility_person){0};
    return code;
}
