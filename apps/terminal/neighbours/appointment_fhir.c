/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Appointments as a FHIR R4 Bundle of Appointment and Patient, with the names of JP Core (JP_Patient): the hospital's
 * number is the identifier under this institution's own system. */
#include "neighbours/appointment_file.h"

#include "core/report.h"
#include "fhir/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* JP Core, JP_Patient: 1 and the 医療機関コード of ten digits follow. */
#define SYSTEM_PATIENT_NUMBER "urn:oid:1.2.392.100495.20.3.51.1"
/* FHIR R4, iso21090-EN-representation: IDE kanji, SYL kana. */
#define REPRESENTATION "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation"
#define ENTRIES_MAX (2 * APPOINTMENTS_MAX + 1000)
#define WORD_SIZE 1024
#define DAY_S 86400
#define ZONE_MAX_S (14 * 3600)

typedef struct reading {
    appointment_file *file;
    const json_t *entries;
    json_t *patients; /* reference -> Patient, borrowed values */
} reading;

static const char *text_at(const json_t *root, const char *path) {
    const char *text = json_string_value(fhir_at(root, path));
    return text != NULL ? text : "";
}

static const json_t *resource_at(const reading *r, size_t entry, const char *type) {
    const json_t *resource = json_object_get(json_array_get(r->entries, entry), "resource");
    return strcmp(text_at(resource, "resourceType"), type) == 0 ? resource : NULL;
}

static void fault(reading *r, size_t entry, const char *element, const char *why) {
    char place[APPOINTMENT_PLACE_SIZE];
    snprintf(place, sizeof place, _("entry %zu, %s"), entry + 1, element);
    appointment_fault_in(r->file, place, why);
}

/* --- patients ----------------------------------------------------------------------------------------------------- */

/* Checks every identifier, whatever its system. */
static void look_for_personal_number(reading *r, size_t entry, const json_t *patient) {
    const json_t *identifier;
    size_t i;
    json_array_foreach(json_object_get(patient, "identifier"), i, identifier) {
        const bool named = appointment_names_personal_number(text_at(identifier, "type.text")) ||
                           appointment_names_personal_number(text_at(identifier, "system"));
        const char *why = appointment_personal_number(r->file, text_at(identifier, "value"));
        r->file->personal_number |= named;
        if (named || why != NULL)
            fault(r, entry, "Patient.identifier",
                  named ? N_("the 個人番号 (マイナンバー) is not taken here: leave this identifier out") : why);
    }
}

/* A reference that two patients have in common leads to neither. */
static void name_patient(reading *r, size_t entry, const char *reference) {
    const json_t *there = json_object_get(r->patients, reference);
    if (there != NULL && (size_t)json_integer_value(there) == entry)
        return;
    json_object_set_new(r->patients, reference, there == NULL ? json_integer((json_int_t)entry) : json_false());
    if (there != NULL)
        fault(r, entry, "Patient", N_("another Patient of this Bundle has the same reference"));
}

/* Under the names by which an Appointment may refer to it (FHIR R4, 2.36.4: fullUrl, or type and id). */
static void note_patient(reading *r, size_t entry) {
    const json_t *patient = resource_at(r, entry, "Patient");
    char reference[WORD_SIZE];
    if (patient == NULL)
        return;
    look_for_personal_number(r, entry, patient);
    snprintf(reference, sizeof reference, "Patient/%s", text_at(patient, "id"));
    if (*text_at(patient, "id") != 0)
        name_patient(r, entry, reference);
    if (*text_at(json_array_get(r->entries, entry), "fullUrl") != 0)
        name_patient(r, entry, text_at(json_array_get(r->entries, entry), "fullUrl"));
}

/* Only this institution's numbers: another one's would name another patient. */
static const char *take_number(const reading *r, const json_t *patient, appointment *a) {
    char system[sizeof SYSTEM_PATIENT_NUMBER + FHIR_WORD_SIZE];
    const json_t *identifier;
    size_t i;
    snprintf(system, sizeof system, SYSTEM_PATIENT_NUMBER "%.*s", FHIR_WORD_SIZE - 1, r->file->institution);
    json_array_foreach(json_object_get(patient, "identifier"), i, identifier) {
        if (strcmp(text_at(identifier, "system"), system) == 0)
            return appointment_hospital_number(text_at(identifier, "value"), a->note.hospital_number);
    }
    return NULL;
}

static const char *take_text(reading *r, const char *text, char *out, size_t size) {
    const char *why = appointment_personal_number(r->file, text);
    return why != NULL ? why : appointment_text(text, out, size);
}

static const char *take_names(reading *r, const json_t *patient, desk_person *out) {
    const json_t *name;
    size_t i;
    const char *why = NULL;
    json_array_foreach(json_object_get(patient, "name"), i, name) {
        const char *kind = json_string_value(json_object_get(fhir_extension(name, REPRESENTATION), "valueCode"));
        const bool kana = kind != NULL && strcmp(kind, "SYL") == 0;
        char whole[WORD_SIZE];
        snprintf(whole, sizeof whole, "%s%s%s", text_at(name, "family"), *text_at(name, "given.0") != 0 ? "　" : "",
                 text_at(name, "given.0"));
        if (why == NULL)
            why = take_text(r, *text_at(name, "text") != 0 ? text_at(name, "text") : whole,
                            kana ? out->kana : out->name, sizeof out->name);
    }
    return why;
}

static bool take_patient(reading *r, size_t entry, appointment *a) {
    const json_t *patient = resource_at(r, entry, "Patient");
    const struct {
        const char *element, *why;
    } parts[] = {
        {"Patient.identifier", take_number(r, patient, a)},
        {"Patient.name", take_names(r, patient, &a->note.said)},
        {"Patient.birthDate", appointment_day(text_at(patient, "birthDate"), a->note.said.birth_date)},
    };
    bool good = true;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].why != NULL) {
            fault(r, entry, parts[i].element, parts[i].why);
            good = false;
        }
    return good;
}

/* --- appointments ------------------------------------------------------------------------------------------------- */

/* Z, or +09:00; no place is further from UTC than 14 hours (FHIR R4, 2.24.0.1, instant). */
static bool read_zone(const char *text, int64_t *seconds) {
    char plain[CLOCK_TEXT_SIZE];
    int64_t at;
    *seconds = 0;
    if (strcmp(text, "Z") == 0)
        return true;
    if ((*text != '+' && *text != '-') || strlen(text) != strlen("+09:00"))
        return false;
    snprintf(plain, sizeof plain, "2000-01-01T%.5s:00Z", text + 1);
    if (clock_parse(plain, &at) != RESULT_OK)
        return false;
    *seconds = (*text == '+' ? 1 : -1) * (at % DAY_S);
    return at % DAY_S <= ZONE_MAX_S;
}

/* FHIR instant: 2026-12-01T09:30:00+09:00, with parts of a second or without. */
static bool read_instant(const char *text, int64_t *at) {
    char plain[CLOCK_TEXT_SIZE];
    int64_t zone_s;
    if (strlen(text) < 20)
        return false;
    snprintf(plain, sizeof plain, "%.19sZ", text);
    const char *zone = text + 19;
    if (*zone == '.')
        zone += 1 + strspn(zone + 1, "0123456789");
    if (clock_parse(plain, at) != RESULT_OK || !read_zone(zone, &zone_s))
        return false;
    *at -= zone_s;
    return true;
}

static const char *take_start(const char *text, appointment *a) {
    char shown[CLOCK_PEOPLE_SIZE];
    int64_t at;
    if (read_instant(text, &at))
        clock_date_in_japan(at, a->day);
    if (clock_check_date(a->day) != RESULT_OK) /* also when it is beyond the years that have four digits in Japan */
        return N_("no time with its zone, like 2026-12-01T09:30:00+09:00");
    clock_text_in_japan(at, shown);
    snprintf(a->time, sizeof a->time, "%.5s", shown + 11);
    return NULL;
}

static const char *department_of(const json_t *resource) {
    static const char *const places[] = {"specialty.0.text", "specialty.0.coding.0.display", "serviceType.0.text",
                                         "serviceType.0.coding.0.display"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (*text_at(resource, places[i]) != 0)
            return text_at(resource, places[i]);
    return "";
}

/* The entry of the Patient who takes part; false: none is in the Bundle. */
static bool find_patient(const reading *r, const json_t *resource, size_t *entry) {
    const json_t *participant;
    size_t i;
    json_array_foreach(json_object_get(resource, "participant"), i, participant) {
        const json_t *at = json_object_get(r->patients, text_at(participant, "actor.reference"));
        *entry = (size_t)json_integer_value(at);
        if (json_is_integer(at))
            return true;
    }
    return false;
}

static bool is_planned(const json_t *resource) {
    static const char *const states[] = {"booked", "pending", "arrived", "checked-in"};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strcmp(text_at(resource, "status"), states[i]) == 0)
            return true;
    return false;
}

static void take_appointment(reading *r, size_t entry, const json_t *resource, appointment *a) {
    size_t patient;
    const char *why = take_start(text_at(resource, "start"), a);
    if (why != NULL) {
        fault(r, entry, "Appointment.start", why);
        return;
    }
    why = take_text(r, department_of(resource), a->note.department, sizeof a->note.department);
    if (why != NULL) {
        fault(r, entry, "Appointment.specialty", why);
        return;
    }
    if (!find_patient(r, resource, &patient)) {
        fault(r, entry, "Appointment.participant", N_("refers to no Patient of this Bundle"));
        return;
    }
    if (!take_patient(r, patient, a))
        return;
    why = appointment_lacks(a);
    if (why != NULL)
        fault(r, entry, "Appointment", why);
    else
        appointment_file_keep(r->file, a);
}

static bool read_entry(reading *r, size_t entry) {
    const json_t *resource = resource_at(r, entry, "Appointment");
    if (resource == NULL)
        return true;
    if (!is_planned(resource)) {
        r->file->passed_over++;
        return true;
    }
    appointment *a = appointment_file_add(r->file);
    if (a != NULL) {
        take_appointment(r, entry, resource, a);
        return true;
    }
    fault(r, entry, "Appointment", N_("more appointments than a file may have"));
    appointment_file_refuse(r->file);
    return false;
}

static void read_entries(reading *r) {
    const size_t count = json_array_size(r->entries);
    bool more = count > 0 && count <= ENTRIES_MAX;
    if (!more)
        appointment_fault_in(r->file, "Bundle.entry", N_("the Bundle has no entries, or more than a file may have"));
    for (size_t i = 0; more && i < count; i++)
        note_patient(r, i);
    for (size_t i = 0; more && i < count; i++)
        more = read_entry(r, i);
    if (r->file->personal_number)
        appointment_file_refuse(r->file);
}

result appointment_fhir_read(bytes content, appointment_file *out) {
    json_error_t error;
    json_t *root = json_loadb((const char *)content.data, content.length, JSON_REJECT_DUPLICATES, &error);
    reading r = {out, json_object_get(root, "entry"), json_object()};
    if (root == NULL)
        appointment_fault_at(out, (size_t)error.line, (size_t)error.column, "", N_("no JSON in UTF-8"));
    else if (strcmp(text_at(root, "resourceType"), "Bundle") != 0)
        appointment_fault_in(out, "Bundle", N_("no FHIR Bundle"));
    else if (r.patients != NULL)
        read_entries(&r);
    const result code = r.patients != NULL ? RESULT_OK : RESULT_NO_MEMORY;
    json_decref(r.patients);
    json_decref(root);
    return code;
}
