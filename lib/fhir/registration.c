/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fhir/registration.h"

#include <string.h>

typedef struct member {
    const char *name;
    char *text;
    size_t size;
} member;

static bool is_hexadecimal(const char *text, size_t length) {
    return strlen(text) == length && strspn(text, "0123456789ABCDEF") == length;
}

static result read_members(const json_t *root, const member *members, size_t count, fhir_problem *problem) {
    result outcome = RESULT_OK;
    for (size_t i = 0; outcome == RESULT_OK && i < count; i++)
        outcome = fhir_text(root, members[i].name, members[i].text, members[i].size, problem);
    return outcome;
}

static result check_time(const char *name, const char *text, fhir_problem *problem) {
    int64_t ignored;
    return clock_parse(text, &ignored) == RESULT_OK ? RESULT_OK
                                                    : fhir_complain(problem, "%s: must be YYYY-MM-DDThh:mm:ssZ", name);
}

/* --- what is sent ------------------------------------------------------------------------------------------------- */

result registration_request_write(bytes report, bytes signature, buffer *text) {
    return fhir_dump_and_free(
        json_pack("{s:o,s:o}", "report", fhir_base64_string(report), "signature", fhir_base64_string(signature)), text);
}

result registration_request_read(bytes text, registration_request *out, fhir_problem *problem) {
    *out = (registration_request){BUFFER_INIT(REGISTRATION_REPORT_MAX), BUFFER_INIT(REGISTRATION_SIGNATURE_MAX)};
    json_t *root = fhir_parse(text, problem);
    result outcome = root != NULL ? fhir_base64(root, "report", &out->report, problem) : RESULT_INVALID;
    if (outcome == RESULT_OK)
        outcome = fhir_base64(root, "signature", &out->signature, problem);
    json_decref(root);
    return outcome;
}

void registration_request_wipe(registration_request *r) {
    buffer_wipe(&r->report);
    buffer_wipe(&r->signature);
}

/* --- the report --------------------------------------------------------------------------------------------------- */

static result report_of(const json_t *root, registration_report *out, fhir_problem *problem) {
    const member members[] = {{"at", out->at, sizeof out->at},
                              {"institutionCode", out->institution_code, sizeof out->institution_code},
                              {"terminalId", out->terminal_id, sizeof out->terminal_id},
                              {"seSerial", out->se_serial, sizeof out->se_serial},
                              {"certificateHolderReference", out->holder_reference, sizeof out->holder_reference}};
    result outcome = read_members(root, members, sizeof members / sizeof *members, problem);
    if (outcome == RESULT_OK)
        outcome = check_time("at", out->at, problem);
    if (outcome == RESULT_OK && !is_hexadecimal(out->holder_reference, 32))
        outcome = fhir_complain(problem, "certificateHolderReference: must be 32 capital hexadecimal digits");
    if (outcome == RESULT_OK && !json_is_boolean(json_object_get(root, "passed")))
        outcome = fhir_complain(problem, "passed: must be true or false");
    out->passed = json_is_true(json_object_get(root, "passed"));
    return outcome;
}

result registration_report_read(bytes text, registration_report *out, fhir_problem *problem) {
    *out = (registration_report){0};
    json_t *root = fhir_parse(text, problem);
    result outcome = root != NULL ? report_of(root, out, problem) : RESULT_INVALID;
    json_decref(root);
    return outcome;
}

/* --- the receipt -------------------------------------------------------------------------------------------------- */

result registration_receipt_write(const registration_receipt *r, buffer *text) {
    return fhir_dump_and_free(json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "receiptId", r->receipt_id, "service",
                                        r->service, "state", "registered", "institutionCode", r->institution_code,
                                        "terminalId", r->terminal_id, "seSerial", r->se_serial, "certificateHash",
                                        r->certificate_hash, "registeredAt", r->registered_at),
                              text);
}

static result receipt_of(const json_t *root, registration_receipt *out, fhir_problem *problem) {
    const member members[] = {{"receiptId", out->receipt_id, sizeof out->receipt_id},
                              {"service", out->service, sizeof out->service},
                              {"institutionCode", out->institution_code, sizeof out->institution_code},
                              {"terminalId", out->terminal_id, sizeof out->terminal_id},
                              {"seSerial", out->se_serial, sizeof out->se_serial},
                              {"certificateHash", out->certificate_hash, sizeof out->certificate_hash},
                              {"registeredAt", out->registered_at, sizeof out->registered_at}};
    result outcome = fhir_expect(root, "state", "registered", problem);
    if (outcome == RESULT_OK)
        outcome = read_members(root, members, sizeof members / sizeof *members, problem);
    if (outcome == RESULT_OK && !uuid_is_valid(out->receipt_id))
        outcome = fhir_complain(problem, "receiptId: must be a UUID in lower case");
    if (outcome == RESULT_OK && !is_hexadecimal(out->certificate_hash, 64))
        outcome = fhir_complain(problem, "certificateHash: must be 64 capital hexadecimal digits");
    return outcome == RESULT_OK ? check_time("registeredAt", out->registered_at, problem) : outcome;
}

result registration_receipt_read(bytes text, registration_receipt *out, fhir_problem *problem) {
    *out = (registration_receipt){0};
    json_t *root = fhir_parse(text, problem);
    result outcome = root != NULL ? receipt_of(root, out, problem) : RESULT_INVALID;
    json_decref(root);
    return outcome;
}
