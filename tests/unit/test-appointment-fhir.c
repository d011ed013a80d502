/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Appointments of another program, as a FHIR Bundle: whose they are, which are taken, and what is wrong with it, by entry
 * and element. Whoever writes such a file is not trusted. */
#include "limit_rows.h"
#include "neighbours/appointment_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define OURS "urn:oid:1.2.392.100495.20.3.51.11312345678" /* the system of this hospital's numbers */
#define POSSIBLE "123456789018"                           /* a 個人番号 by its check digit */

/* ' stands for a quote. */
#define PATIENT_WITH(more)                                                                                             \
    "{'fullUrl':'urn:uuid:p1','resource':{'resourceType':'Patient','id':'p1','birthDate':'1972-11-03'," more "}}"
#define PATIENT PATIENT_WITH("'identifier':[{'system':'" OURS "','value':'1001'}],'name':[{'text':'例示　太郎'}]")
#define APPOINTMENT_WITH(status, start, reference, more)                                                               \
    "{'resource':{'resourceType':'Appointment','status':'" status "','start':'" start                                  \
    "','participant':[{'actor':{'reference':'" reference "'}}]" more "}}"
#define AT_HALF_PAST_NINE "2026-12-02T09:30:00+09:00"
#define APPOINTMENT APPOINTMENT_WITH("booked", AT_HALF_PAST_NINE, "Patient/p1", "")
#define BUNDLE(entries) "{'resourceType':'Bundle','type':'collection','entry':[" entries "]}"

/* Of the days 2026-12-01 to 31. */
static appointment_file file;

static void read_bytes(bytes content) {
    appointment_file_free(&file);
    file = (appointment_file){.first = "2026-12-01", .last = "2026-12-31", .institution = "1312345678"};
    assert_int_equal(appointment_fhir_read(content, &file), RESULT_OK);
}

static void read_text(const char *text) {
    char *json = strdup(text);
    assert_non_null(json);
    for (char *c = json; *c != 0; c++)
        if (*c == '\'')
            *c = '"';
    read_bytes(bytes_of(json, strlen(json)));
    free(json);
}

static void read_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void read_format(const char *format, ...) {
    static char text[8192];
    va_list arguments;
    va_start(arguments, format);
    assert_true(vsnprintf(text, sizeof text, format, arguments) < (int)sizeof text);
    va_end(arguments);
    read_text(text);
}

static int forget_file(void **state) {
    (void)state;
    appointment_file_free(&file);
    return 0;
}

/* The one fault that there is. */
static const char *place(void) {
    assert_int_equal(file.fault_count, 1);
    assert_non_null(file.faults[0].why);
    return file.faults[0].place;
}

/* --- what is taken ------------------------------------------------------------------------------------------------ */

static void an_entry_is_an_appointment(void **state) {
    (void)state;
    read_text(BUNDLE(
        PATIENT "," APPOINTMENT_WITH("booked", AT_HALF_PAST_NINE, "urn:uuid:p1", ",'specialty':[{'text':'内科'}]")));
    assert_true(file.count == 1 && file.fault_count == 0 && file.passed_over == 0);
    const appointment *a = &file.rows[0];
    assert_string_equal(a->day, "2026-12-02");
    assert_string_equal(a->time, "09:30");
    assert_string_equal(a->note.hospital_number, "1001");
    assert_string_equal(a->note.said.name, "例示 太郎");
    assert_string_equal(a->note.said.kana, "");
    assert_string_equal(a->note.said.birth_date, "1972-11-03");
    assert_string_equal(a->note.department, "内科");
}

static void only_what_is_planned_is_taken(void **state) {
    static const char *const planned[] = {"booked", "pending", "arrived", "checked-in"},
                             *const other[] = {"proposed",     "fulfilled", "cancelled", "noshow",  "entered-in-error",
                                               "waitlist",     "",          "BOOKED",    "booked ", "bookedx",
                                               "cancelled\\n", "nobody"};
    (void)state;
    for (size_t i = 0; i < sizeof planned / sizeof *planned; i++) {
        read_format(BUNDLE(PATIENT "," APPOINTMENT_WITH("%s", AT_HALF_PAST_NINE, "Patient/p1", "")), planned[i]);
        assert_true(file.count == 1 && file.passed_over == 0);
    }
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        read_format(BUNDLE(PATIENT "," APPOINTMENT_WITH("%s", "nonsense", "Patient/p9", "")), other[i]);
        assert_true(file.count == 0 && file.passed_over == 1 && file.fault_count == 0);
    }
}

static void the_day_is_that_of_japan(void **state) {
    static const struct {
        const char *start, *day, *time; /* day NULL: refused; time NULL: passed over */
    } rows[] = {
        {"2026-12-01T00:00:00+09:00", "2026-12-01", "00:00"},
        {"2026-11-30T15:00:00Z", "2026-12-01", "00:00"},
        {"2026-11-30T14:59:59Z", "2026-11-30", NULL},
        {"2026-12-31T23:59:59.999+09:00", "2026-12-31", "23:59"},
        {"2026-12-31T15:00:00.0Z", "2027-01-01", NULL},
        {"2026-12-01T20:00:00-05:00", "2026-12-02", "10:00"},
        {"2026-12-02T00:15:00+05:45", "2026-12-02", "03:30"},
        {"2026-12-02T00:00:00+14:00", "2026-12-01", "19:00"},
        {"2026-12-02T09:30:00", NULL, NULL},
        {"2026-12-02T09:30:00.", NULL, NULL},
        {"2026-12-02T09:30:00z", NULL, NULL},
        {"2026-12-02T09:30:00ZZ", NULL, NULL},
        {"2026-12-02T09:30:00+9:00", NULL, NULL},
        {"2026-12-02T09:30:00+0900", NULL, NULL},
        {"2026-12-02T09:30:00+09:00x", NULL, NULL},
        {"2026-12-02T09:30:00+-9:00", NULL, NULL},
        {"2026-12-02T09:30:00+ 9:00", NULL, NULL},
        {"2026-12-02T09:30:00+09:-1", NULL, NULL},
        {"2026-12-02T09:30:00*09:00", NULL, NULL},
        {"2026-12-02T09:30:00.5.5Z", NULL, NULL},
        {"2026-12-02T09:30Z", NULL, NULL},
        {"2026-12-02", NULL, NULL},
        {"2026-12-02 09:30:00+09:00", NULL, NULL},
        {"2026-02-30T09:30:00+09:00", NULL, NULL},
        {"2026-12-02T24:00:00+09:00", NULL, NULL},
        {"2026-12-02T09:60:00+09:00", NULL, NULL},
        {"9999-12-31T23:59:59Z", NULL, NULL},
        {"", NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        read_format(BUNDLE(PATIENT "," APPOINTMENT_WITH("booked", "%s", "Patient/p1", "")), rows[i].start);
        if (file.fault_count != (rows[i].day == NULL))
            print_error("%s\n", rows[i].start);
        if (rows[i].day == NULL) {
            assert_string_equal(place(), "entry 2, Appointment.start");
        } else if (rows[i].time != NULL) {
            assert_int_equal(file.count, 1);
            assert_string_equal(file.rows[0].day, rows[i].day);
            assert_string_equal(file.rows[0].time, rows[i].time);
        } else {
            assert_true(file.count == 0 && file.passed_over == 1 && file.fault_count == 0);
        }
    }
}

static void names_have_their_representation(void **state) {
#define NAME(value, kind)                                                                                              \
    "{" value                                                                                                          \
    ",'extension':[{'url':'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation','valueCode':'" kind     \
    "'}]}"
    static const struct {
        const char *names, *name, *kana;
    } rows[] = {
        {NAME("'text':'例示　花子'", "IDE") "," NAME("'text':'ﾚｲｼﾞ ﾊﾅｺ'", "SYL"), "例示 花子", "レイジ ハナコ"},
        {NAME("'text':'レイジ　ハナコ'", "SYL"), "", "レイジ ハナコ"},
        {"{'family':'例示','given':['花子','x']}", "例示 花子", ""},
        {"{'family':'例示'}", "例示", ""},
        {"{'given':['花子']}", "花子", ""},
        {"{'text':'一','family':'二','given':['三']}", "一", ""},
        {NAME("'family':'レイジ'", "ABC"), "レイジ", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        read_format(BUNDLE(PATIENT_WITH("'name':[%s]") "," APPOINTMENT), rows[i].names);
        assert_int_equal(file.count, 1);
        assert_string_equal(file.rows[0].note.said.name, rows[i].name);
        assert_string_equal(file.rows[0].note.said.kana, rows[i].kana);
    }
}

static void the_department_has_several_places(void **state) {
    static const struct {
        const char *more, *department;
    } rows[] = {
        {",'specialty':[{'text':'内科'}],'serviceType':[{'text':'外科'}]", "内科"},
        {",'specialty':[{'coding':[{'display':'内科'}]}],'serviceType':[{'text':'外科'}]", "内科"},
        {",'serviceType':[{'text':'外科'}]", "外科"},
        {",'serviceType':[{'coding':[{'display':'外科'}]}]", "外科"},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        read_format(BUNDLE(PATIENT "," APPOINTMENT_WITH("booked", AT_HALF_PAST_NINE, "Patient/p1", "%s")),
                    rows[i].more);
        assert_int_equal(file.count, 1);
        assert_string_equal(file.rows[0].note.department, rows[i].department);
    }
}

/* --- whose it is -------------------------------------------------------------------------------------------------- */

static void another_hospitals_number_is_not_ours(void **state) {
    static const char *const systems[] = {"urn:oid:1.2.392.100495.20.3.51.11399999999", OURS "0", "", "x" OURS,
                                          "urn:oid:1.2.392.100495.20.3.51.1131234567"};
    (void)state;
    for (size_t i = 0; i < sizeof systems / sizeof *systems; i++) {
        read_format(
            BUNDLE(PATIENT_WITH("'name':[{'text':'a'}],'identifier':[{'system':'%s','value':'1001'}]") "," APPOINTMENT),
            systems[i]);
        assert_int_equal(file.count, 1);
        assert_string_equal(file.rows[0].note.hospital_number, "");
    }
    read_text(
        BUNDLE(PATIENT_WITH("'identifier':[{'value':'1'},{'system':'" OURS "','value':'ａ２'}]") "," APPOINTMENT));
    assert_string_equal(file.rows[0].note.hospital_number, "A2");
}

static void the_patient_is_the_one_that_is_named(void **state) {
#define OTHER                                                                                                          \
    "{'fullUrl':'Patient/p3','resource':{'resourceType':'Patient','id':'p2','birthDate':'1985-04-12','name':[{'text':'花'}]}}"
    (void)state;
    static const struct {
        const char *reference, *name; /* NULL: refused */
    } rows[] = {{"Patient/p1", "例示 太郎"},
                {"urn:uuid:p1", "例示 太郎"},
                {"Patient/p2", "花"},
                {"Patient/p3", "花"},
                {"p1", NULL},
                {"Patient/", NULL},
                {"", NULL},
                {"Patient/p1/_history/1", NULL},
                {"Patient/p4", NULL},
                {"Practitioner/p1", NULL}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        read_format(BUNDLE(APPOINTMENT_WITH("booked", AT_HALF_PAST_NINE, "%s", "") "," PATIENT "," OTHER),
                    rows[i].reference);
        assert_int_equal(file.count, rows[i].name != NULL);
        if (rows[i].name != NULL)
            assert_string_equal(file.rows[0].note.said.name, rows[i].name);
        else
            assert_string_equal(place(), "entry 1, Appointment.participant");
    }
}

/* Who else takes part is no patient, and what else is in the Bundle neither. */
static void others_take_part_too(void **state) {
    (void)state;
#define PARTICIPANTS(list)                                                                                             \
    "{'resource':{'resourceType':'Appointment','status':'booked','start':'" AT_HALF_PAST_NINE "','participant':" list  \
    "}}"
    read_text(BUNDLE("{'fullUrl':'x','resource':{'resourceType':'Practitioner','id':'p1'}}," PATIENT "," PARTICIPANTS(
        "[{'actor':{'reference':'x'}},{'actor':{'display':'?'}},{'actor':{'reference':'Patient/p1'}}]")));
    assert_true(file.count == 1 && file.fault_count == 0);
    static const char *const nobody[] = {
        "[]", "null", "{}", "[{}]", "[1]", "[{'actor':[]}]", "[{'actor':{'reference':1}}]"};
    for (size_t i = 0; i < sizeof nobody / sizeof *nobody; i++) {
        read_format(BUNDLE(PATIENT "," PARTICIPANTS("%s")), nobody[i]);
        assert_string_equal(place(), "entry 2, Appointment.participant");
    }
}

/* A name that two have is nobody's: the appointment would be another person's. */
static void two_patients_of_one_name_are_nobody(void **state) {
    static const char *const seconds[] = {
        "{'resource':{'resourceType':'Patient','id':'p1','birthDate':'1985-04-12','name':[{'text':'花'}]}}",
        "{'fullUrl':'Patient/p1','resource':{'resourceType':'Patient','id':'p2','birthDate':'1985-04-12'}}"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        read_format(BUNDLE(PATIENT ",%s," APPOINTMENT), seconds[i]);
        assert_true(file.count == 0 && file.fault_count == 2);
        assert_string_equal(file.faults[0].place, "entry 2, Patient");
        assert_string_equal(file.faults[1].place, "entry 3, Appointment.participant");
    }
    read_format(BUNDLE("%s," PATIENT "," PATIENT "," APPOINTMENT_WITH("booked", AT_HALF_PAST_NINE, "Patient/p2", "")),
                seconds[1]);
    assert_int_equal(file.count, 0); /* not even the third of that name */
}

static void who_it_is_must_be_said(void **state) {
    static const struct {
        const char *patient, *place;
    } rows[] = {
        {"{'resource':{'resourceType':'Patient','id':'p1','name':[{'text':'a'}]}}", "entry 2, Appointment"},
        {"{'resource':{'resourceType':'Patient','id':'p1','birthDate':'1990-01-01'}}", "entry 2, Appointment"},
        {PATIENT_WITH("'x':{'birthDate':1}"), "entry 2, Appointment"},
        {"{'resource':{'resourceType':'Patient','id':'p1','birthDate':'1990','name':[{'text':'a'}]}}",
         "entry 1, Patient.birthDate"},
        {PATIENT_WITH("'name':[{'text':'=1'}]"), "entry 1, Patient.name"},
        {PATIENT_WITH("'name':[{'text':'a'},{'text':'b\\n'},{'text':'c'}]"), "entry 1, Patient.name"},
        {PATIENT_WITH("'identifier':[{'system':'" OURS "','value':'10/01'}]"), "entry 1, Patient.identifier"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        read_format(BUNDLE("%s," APPOINTMENT), rows[i].patient);
        assert_string_equal(place(), rows[i].place);
        assert_int_equal(file.count, 0);
    }
    read_text(BUNDLE(PATIENT
                     "," APPOINTMENT_WITH("booked", AT_HALF_PAST_NINE, "Patient/p1", ",'specialty':[{'text':'@x'}]")));
    assert_string_equal(place(), "entry 2, Appointment.specialty");
}

static void a_fault_leaves_the_other_appointments(void **state) {
    (void)state;
    read_text(
        BUNDLE(APPOINTMENT_WITH("booked", "soon", "Patient/p1", "") "," PATIENT "," APPOINTMENT "," APPOINTMENT_WITH(
            "booked", AT_HALF_PAST_NINE, "Patient/p9", "") "," APPOINTMENT_WITH("booked", "2027-01-01T09:00:00Z",
                                                                                "Patient/p1", "") "," APPOINTMENT));
    assert_true(file.count == 2 && file.fault_count == 2 && file.passed_over == 1);
    assert_string_equal(file.faults[0].place, "entry 1, Appointment.start");
    assert_string_equal(file.faults[1].place, "entry 4, Appointment.participant");
}

/* --- 個人番号 ----------------------------------------------------------------------------------------------------- */

static void a_personal_number_refuses_the_file(void **state) {
    static const struct {
        const char *patient, *more, *place;
    } rows[] = {
        {PATIENT_WITH("'identifier':[{'system':'urn:oid:1','value':'" POSSIBLE "'}]"), "",
         "entry 3, Patient.identifier"},
        {PATIENT_WITH("'identifier':[{'value':'x'},{'value':'1234 5678-9018'}]"), "", "entry 3, Patient.identifier"},
        {PATIENT_WITH("'identifier':[{'type':{'text':'ﾏｲﾅﾝﾊﾞｰ'},'value':'x'}]"), "", "entry 3, Patient.identifier"},
        {PATIENT_WITH("'identifier':[{'system':'http://example.jp/my-number','value':'x'}]"), "",
         "entry 3, Patient.identifier"},
        {PATIENT_WITH("'name':[{'text':'" POSSIBLE "'}]"), "", "entry 3, Patient.name"},
        {PATIENT_WITH("'name':[{'family':'1234','given':['56789018']}]"), "", "entry 3, Patient.name"},
        {PATIENT_WITH("'name':[{'text':'a'}]"), ",'specialty':[{'text':'" POSSIBLE "'}]",
         "entry 4, Appointment.specialty"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        read_format(
            BUNDLE("{'resource':{'resourceType':'Patient','id':'p0','birthDate':'1990-01-01','name':[{'text':'b'}]}}"
                   "," APPOINTMENT_WITH("booked", AT_HALF_PAST_NINE, "Patient/p0", "") ",%s," APPOINTMENT_WITH(
                       "booked", AT_HALF_PAST_NINE, "Patient/p1", "%s") "," APPOINTMENT_WITH("cancelled", "", "", "")),
            rows[i].patient, rows[i].more);
        assert_true(file.personal_number && file.count == 0 && file.passed_over == 0);
        assert_string_equal(file.faults[0].place, rows[i].place);
    }
    read_text(BUNDLE(PATIENT_WITH("'identifier':[{'system':'" OURS "','value':'123456789017'}]") "," APPOINTMENT));
    assert_true(!file.personal_number && file.count == 1);
}

/* Also of a patient without an appointment. */
static void nobodys_personal_number_is_in_the_file(void **state) {
    (void)state;
    read_text(BUNDLE(PATIENT "," APPOINTMENT ",{'resource':{'resourceType':'Patient','identifier':[{'value':'" POSSIBLE
                             "'}]}}"));
    assert_true(file.personal_number && file.count == 0);
    assert_string_equal(place(), "entry 3, Patient.identifier");
}

/* --- hostile ------------------------------------------------------------------------------------------------------ */

static void what_is_no_bundle_is_refused(void **state) {
    static const char *const json[] = {"",
                                       "{",
                                       "nonsense",
                                       "{'a':1}x",
                                       "{'a':'\\u0000'}",
                                       "{'resourceType':'Bundle','resourceType':'Bundle'}",
                                       "{'resourceType':'Bundle','entry':[}"},
                             *const others[] = {"{}", "[]", "[{'resourceType':'Bundle'}]", "{'resourceType':'Patient'}",
                                                "{'resourceType':['Bundle']}"},
                             *const empty[] = {"{'resourceType':'Bundle'}", "{'resourceType':'Bundle','entry':[]}",
                                               "{'resourceType':'Bundle','entry':{'a':1}}",
                                               "{'resourceType':'Bundle','entry':'x'}"};
    (void)state;
    for (size_t i = 0; i < sizeof json / sizeof *json; i++) {
        read_text(json[i]);
        assert_memory_equal(place(), "line ", 5);
        assert_true(file.faults[0].line > 0 && file.count == 0);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        read_text(others[i]);
        assert_string_equal(place(), "Bundle");
    }
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
        read_text(empty[i]);
        assert_string_equal(place(), "Bundle.entry");
    }
    static const char no_text[] = "{\"resourceType\":\"Bundle\xFF\"}";
    read_bytes(bytes_of(no_text, sizeof no_text - 1));
    assert_memory_equal(place(), "line 1", 6);
    static char deep[100000];
    memset(deep, '[', sizeof deep);
    read_bytes(bytes_of(deep, sizeof deep));
    assert_memory_equal(place(), "line 1", 6);
}

static void entries_of_other_forms_are_passed_over(void **state) {
    static const char *const entries[] = {
        "1",
        "null",
        "[]",
        "{}",
        "'x'",
        "{'resource':[]}",
        "{'resource':{'resourceType':'Observation'}}",
        "{'resource':{'resourceType':'Patient','identifier':7,'name':{},'birthDate':[]}}",
        "{'resource':{'resourceType':'Patient','identifier':[7,[],{'type':'x','system':{},'value':3}],'name':[0]}}"};
    (void)state;
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        read_format(BUNDLE("%s," PATIENT ",%s," APPOINTMENT), entries[i], entries[i]);
        assert_true(file.count == 1 && file.fault_count == 0 && file.passed_over == 0);
    }
}

/* --- both sides of each limit ------------------------------------------------------------------------------------- */

static bool as_repeated(const char *entry, long n) {
    buffer text = BUFFER_INIT(1 << 22);
    buffer_append_text(&text, "{'resourceType':'Bundle','entry':[" PATIENT);
    for (long i = 0; i < n; i++) {
        buffer_append_text(&text, ",");
        buffer_append_text(&text, entry);
    }
    buffer_append_text(&text, "]}");
    assert_int_equal(text.failed, RESULT_OK);
    read_text(buffer_text(&text));
    buffer_wipe(&text);
    return file.fault_count == 0;
}

static bool as_appointments(long n) {
    const bool good = as_repeated(APPOINTMENT, n);
    assert_int_equal(file.count, good ? n : 0);
    return good;
}

/* With the patient. */
static bool as_entries(long n) {
    return as_repeated("1", n - 1);
}

static bool as_characters_of_a_name(long n) {
    read_format(BUNDLE(PATIENT_WITH("'name':[{'text':'%0*d'}]") "," APPOINTMENT), (int)n, 1);
    return file.count == 1;
}

static bool as_hours_of_a_zone(long n) {
    read_format(BUNDLE(PATIENT "," APPOINTMENT_WITH("booked", "2026-12-10T12:00:00-%02ld:00", "Patient/p1", "")), n);
    return file.count == 1;
}

static bool as_minutes_of_a_zone(long n) {
    read_format(BUNDLE(PATIENT "," APPOINTMENT_WITH("booked", "2026-12-10T12:00:00+09:%02ld", "Patient/p1", "")), n);
    return file.count == 1;
}

static const limit_row rows[] = {
    ROW(as_appointments, NONE, APPOINTMENTS_MAX),
    ROW(as_entries, NONE, 2 * APPOINTMENTS_MAX + 1000),
    ROW(as_characters_of_a_name, NONE, FHIR_NAME_SIZE - 6),
    ROW(as_hours_of_a_zone, 0, 14),
    ROW(as_minutes_of_a_zone, 0, 59),
};

static void each_limit_has_two_sides(void **state) {
    (void)state;
    limits_have_two_sides(rows, sizeof rows / sizeof *rows);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_is_an_appointment),
        cmocka_unit_test(only_what_is_planned_is_taken),
        cmocka_unit_test(the_day_is_that_of_japan),
        cmocka_unit_test(names_have_their_representation),
        cmocka_unit_test(the_department_has_several_places),
        cmocka_unit_test(another_hospitals_number_is_not_ours),
        cmocka_unit_test(the_patient_is_the_one_that_is_named),
        cmocka_unit_test(others_take_part_too),
        cmocka_unit_test(two_patients_of_one_name_are_nobody),
        cmocka_unit_test(who_it_is_must_be_said),
        cmocka_unit_test(a_fault_leaves_the_other_appointments),
        cmocka_unit_test(a_personal_number_refuses_the_file),
        cmocka_unit_test(nobodys_personal_number_is_in_the_file),
        cmocka_unit_test(what_is_no_bundle_is_refused),
        cmocka_unit_test(entries_of_other_forms_are_passed_over),
        cmocka_unit_test(each_limit_has_two_sides),
    };
    return cmocka_run_group_tests(tests, NULL, forget_file);
}
