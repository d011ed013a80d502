/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fhir_examples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

void fhir_example_edit(buffer *good, const edit *e, buffer *changed) {
    const char *at = strstr(buffer_text(good), e->from);
    assert_non_null(at);
    buffer_clear(changed);
    buffer_append(changed, bytes_of(good->data, (size_t)(at - (const char *)good->data)));
    buffer_append_text(changed, e->to);
    assert_int_equal(buffer_append_text(changed, at + strlen(e->from)), RESULT_OK);
}

eligibility_request fhir_example_request(void) {
    eligibility_request r = {ID,   "CN=User CA,C=JP#0100", "2026-11-24",
                             TIME, "1312345678",           BUFFER_INIT(FHIR_EVIDENCE_MAX)};
    assert_int_equal(buffer_append_text(&r.evidence, "evidence"), RESULT_OK);
    return r;
}

eligibility_response fhir_example_response(void) {
    return (eligibility_response){.evidence_id = ID,
                                  .patient_serial = "CN=User CA,C=JP#0100",
                                  .service_date = "2026-11-24",
                                  .created = TIME,
                                  .as_of = TIME,
                                  .validity = ELIGIBILITY_VALID,
                                  .link_id = "0123",
                                  .disposition = "資格あり",
                                  .coverage_count = 1,
                                  .coverages = {{"06130012", "健康保険組合", "記号", "187", "05", true, "2026-04-01",
                                                 "2027-03-31", 300, true, "ウ", true, .loss_reason = ""}}};
}

visit_record fhir_example_record(void) {
    visit_record r = {{ID, "0123", ID, "1312345678", "D-1", "医師", "内科", TIME, "2026-11-24T00:12:11Z"},
                      BUFFER_INIT(FHIR_SIGNATURE_MAX),
                      BUFFER_INIT(FHIR_EVIDENCE_MAX),
                      BUFFER_INIT(65536)};
    buffer_append_text(&r.proof, "proof");
    buffer_append_text(&r.signature, "signature");
    assert_int_equal(buffer_append_text(&r.evidence, "evidence"), RESULT_OK);
    return r;
}
