/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "delivery/reception_request.h"

#include "crypt/cms.h"
#include "evidence/statement.h"

#include <stdio.h>
#include <string.h>

result reception_request(const reception_record *record, eligibility_request *out) {
    cms_message message;
    statement s;
    result code = cms_verify(buffer_bytes(&record->evidence), bytes_of(NULL, 0), &message);
    if (code == RESULT_OK)
        code = statement_read(buffer_bytes(&message.content), &s, NULL);
    cms_message_free(&message);
    if (code != RESULT_OK)
        return code;
    *out = (eligibility_request){.evidence = record->evidence};
    memcpy(out->evidence_id, s.evidence_id, sizeof out->evidence_id);
    snprintf(out->patient_serial, sizeof out->patient_serial, "%s#%s", s.patient_issuer, s.patient_serial);
    memcpy(out->service_date, s.service_date, sizeof out->service_date);
    memcpy(out->created, s.terminal_time, sizeof out->created);
    memcpy(out->institution_code, s.institution_code, sizeof s.institution_code);
    return RESULT_OK;
}
