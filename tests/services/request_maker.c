#include "request_maker.h"

#include <string.h>

void request_maker_make(const evidence_maker *m, size_t number, eligibility_request *out) {
    static _Thread_local statement s;
    evidence_maker_fill(m, &s);
    memcpy(s.challenge, &number, sizeof number);
    evidence_maker_sign_challenge(m, &s);
    *out = (eligibility_request){.evidence = BUFFER_INIT(FHIR_EVIDENCE_MOST)};
    evidence_maker_create(m, &s, &out->evidence);
    memcpy(out->evidence_id, s.evidence_id, sizeof out->evidence_id);
    snprintf(out->patient_serial, sizeof out->patient_serial, "%s#%s", s.patient_issuer, s.patient_serial);
    memcpy(out->service_date, s.service_date, sizeof out->service_date);
    memcpy(out->created, s.terminal_time, sizeof out->created);
    snprintf(out->institution_code, sizeof out->institution_code, "%s", s.institution_code);
}

http_client *request_maker_client_of(const char *url, const char *pki, const char *folder, size_t response_most) {
    http_client *client = NULL;
    const http_client_options options = {.base_url = url,
                                         .trust_anchor = path_of(pki, "anchors/tls-ca.pem"),
                                         .certificate = path_of(folder, "tls-client.pem"),
                                         .key = path_of(pki, "se-1/tls-client.key"),
                                         .response_most = response_most};
    CHECK(http_client_new(&options, &client));
    return client;
}

http_client *request_maker_client(const char *url, const char *pki, size_t response_most) {
    return request_maker_client_of(url, pki, path_of(pki, "se-1"), response_most);
}
