/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fhir/eligibility_internal.h"

#include "fhir/form.h"

static const char entry_form[] = "{'request':{'method':'POST','url':'CoverageEligibilityRequest/$submit'},'resource':"
                                 "{'created':~,'extension':[{'url':'" EXTENSION_EVIDENCE "','valueBase64Binary':^}],"
                                 "'identifier':[{'system':'" SYSTEM_EVIDENCE "','value':~}],'insurer':{'display':'PF'},"
                                 "'patient':{'identifier':{'system':'" SYSTEM_PATIENT "','value':~}},"
                                 "'provider':{'identifier':{'system':'" SYSTEM_INSTITUTION "','value':~}},"
                                 "'purpose':['validation'],'resourceType':'CoverageEligibilityRequest',"
                                 "'servicedDate':~,'status':'active'}}";

static bool take_entry(canonical_reader *r, eligibility_request *out) {
    *out = (eligibility_request){.evidence = BUFFER_INIT(FHIR_EVIDENCE_MAX)};
    return fhir_form_take(r, entry_form, out->created, sizeof out->created, &out->evidence, out->evidence_id,
                          sizeof out->evidence_id, out->patient_serial, sizeof out->patient_serial,
                          out->institution_code, sizeof out->institution_code, out->service_date,
                          sizeof out->service_date);
}

/* Between the entries and the end, where the batch asks for the time. */
static bool take_nonce(canonical_reader *r, char nonce[TIME_BEACON_NONCE_SIZE]) {
    nonce[0] = 0;
    return !fhir_form_take(r, "],'identifier':{'system':'" SYSTEM_NONCE "','value':") ||
           (canonical_take_text(r, nonce, TIME_BEACON_NONCE_SIZE) && canonical_take(r, "},"));
}

bool eligibility_canonical_batch(bytes text, eligibility_request requests[FHIR_BATCH_MAX], size_t *count,
                                 char nonce[TIME_BEACON_NONCE_SIZE]) {
    canonical_reader r = {text};
    *count = 0;
    bool good = fhir_form_take(&r, "{'entry':[");
    do {
        good = good && *count < FHIR_BATCH_MAX && take_entry(&r, &requests[(*count)++]);
    } while (good && canonical_take(&r, ","));
    good = good && take_nonce(&r, nonce) && (nonce[0] != 0 || canonical_take(&r, "],"));
    return good && fhir_form_take(&r, "'resourceType':'Bundle','type':'batch'}") && r.rest.length == 0;
}
