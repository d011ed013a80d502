/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Appointments of another program as a FHIR Bundle. */
#include "appointment-rules.h"

#include <string.h>

/* ' stands for a quote. */
#define BEGIN "{'resourceType':'Bundle','type':'collection','entry':["
#define PATIENT                                                                                                             \
    "{'fullUrl':'urn:uuid:p1','resource':{'resourceType':'Patient','id':'p1','birthDate':'1972-11-03','identifier':["       \
    "{'system':'urn:oid:1.2.392.100495.20.3.51.11312345678','value':'1001'}],'name':[{'text':'例示　太郎','extension':"     \
    "[{'url':'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation','valueCode':'IDE'}]},{'family':"          \
    "'レイジ','given':['タロウ'],'extension':[{'url':'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation'," \
    "'valueCode':'SYL'}]}]}}"
#define APPOINTMENT                                                                                                    \
    "{'resource':{'resourceType':'Appointment','status':'booked','start':'2026-12-02T09:30:00+09:00','specialty':["    \
    "{'text':'内科'}],'participant':[{'actor':{'reference':'Practitioner/1'}},{'actor':{'reference':'Patient/p1'}}]}}"
#define OTHERS                                                                                                         \
    "{'resource':{'resourceType':'Appointment','status':'cancelled'}},{'resource':{'resourceType':'Appointment',"      \
    "'status':'pending','start':'2026-11-30T15:00:00.5Z','serviceType':[{'coding':[{'display':'外科'}]}],"             \
    "'participant':[{'actor':{'reference':'urn:uuid:p1'}}]}},{'resource':{'resourceType':'Patient','id':'p1',"         \
    "'identifier':[{'type':{'text':'My Number'},'system':'x','value':'1234 5678 9018'}]}}"

static void give(const char *name, const char *before, size_t times, const char *part, const char *after) {
    buffer seed = BUFFER_INIT(65536);
    buffer_append_text(&seed, before);
    if (times > 0)
        appointments_repeat(&seed, times, part);
    buffer_append_text(&seed, after);
    FUZZ_REQUIRE(seed.failed == RESULT_OK);
    for (size_t i = 0; i < seed.length; i++)
        if (seed.data[i] == '\'')
            seed.data[i] = '"';
    fuzz_give_seed(name, buffer_bytes(&seed));
    buffer_wipe(&seed);
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count;
    (void)arguments;
    give("one", BEGIN PATIENT "," APPOINTMENT, 0, "", "]}");
    give("others", BEGIN PATIENT "," OTHERS "," APPOINTMENT, 0, "", "]}");
    give("most", BEGIN PATIENT, APPOINTMENTS_MAX, "," APPOINTMENT, "]}");
    give("more", BEGIN PATIENT, APPOINTMENTS_MAX + 1, "," APPOINTMENT, "]}");
    give("entries", BEGIN "0", 2 * APPOINTMENTS_MAX + 999, ",0", "]}");
    give("more-entries", BEGIN "0", 2 * APPOINTMENTS_MAX + 1000, ",0", "]}");
    give("patients", BEGIN PATIENT, 30, "," PATIENT, "," APPOINTMENT "]}");
    give("deep", "", 2049, "[", "");
    give("name", BEGIN "{'resource':{'resourceType':'Patient','id':'p1','birthDate':'1972-11-03','name':[{'text':'",
         FHIR_NAME_SIZE - 6, "a", "'}]}}," APPOINTMENT "]}");
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    buffer content = BUFFER_INIT(APPOINTMENT_FILE_MAX);
    appointment_file file = appointments_begin();
    if (appointments_expand(bytes_of(data, size), &content)) {
        FUZZ_REQUIRE(appointment_fhir_read(buffer_bytes(&content), &file) == RESULT_OK);
        appointments_require(&file);
    }
    appointment_file_free(&file);
    buffer_wipe(&content);
    return 0;
}
