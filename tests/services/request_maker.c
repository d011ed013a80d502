/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "request_maker.h"

#include "base/hex.h"

#include <string.h>

static void finish(const evidence_maker *m, const statement *s, eligibility_request *out) {
    *out = (eligibility_request){.evidence = BUFFER_INIT(FHIR_EVIDENCE_MAX)};
    evidence_maker_create(m, s, &out->evidence);
    memcpy(out->evidence_id, s->evidence_id, sizeof out->evidence_id);
    snprintf(out->patient_serial, sizeof out->patient_serial, "%s#%s", s->patient_issuer, s->patient_serial);
    memcpy(out->service_date, s->service_date, sizeof out->service_date);
    memcpy(out->created, s->terminal_time, sizeof out->created);
    snprintf(out->institution_code, sizeof out->institution_code, "%s", s->institution_code);
}

void request_maker_make(const evidence_maker *m, size_t number, eligibility_request *out) {
    static _Thread_local statement s;
    evidence_maker_fill(m, &s);
    (void)number;
    evidence_maker_sign_challenge(m, &s);
    finish(m, &s, out);
}

static void decode(const char *hex, uint8_t *out, size_t length) {
    buffer raw = BUFFER_INIT(length);
    CHECK(hex_decode(hex, &raw));
    if (raw.length != length)
        exit(1);
    memcpy(out, raw.data, length);
    buffer_wipe(&raw);
}

void request_maker_online(const evidence_maker *m, const char *challenge, const institution_answer *session,
                          eligibility_request *out) {
    static _Thread_local statement s;
    evidence_maker_fill(m, &s);
    s.mode = STATEMENT_ONLINE;
    s.grade = STATEMENT_PENDING;
    s.se_serial[0] = '\0';
    s.se_counter = 0;
    memcpy(s.session, session->session, sizeof s.session);
    memcpy(s.institution_signature, session->signature, sizeof s.institution_signature);
    decode(challenge, s.challenge, sizeof s.challenge);
    decode(session->nonce, s.nonce, sizeof s.nonce);
    decode(session->holder_reference, s.holder_reference, sizeof s.holder_reference);
    finish(m, &s, out);
}

http_client *request_maker_client_of(const char *url, const char *pki, const char *folder, size_t response_max) {
    http_client *client = NULL;
    const http_client_options options = {.base_url = url,
                                         .trust_anchor = path_of(pki, "anchors/tls-ca.pem"),
                                         .certificate = path_of(folder, "tls-client.pem"),
                                         .key = path_of(pki, "se-1/tls-client.key"),
                                         .response_max = response_max};
    CHECK(http_client_new(&options, &client));
    return client;
}

http_client *request_maker_client(const char *url, const char *pki, size_t response_max) {
    return request_maker_client_of(url, pki, path_of(pki, "se-1"), response_max);
}
