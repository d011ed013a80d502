/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Evidence as the platform receives it: CMS, certificates and statement. The input's first byte: 1 takes every CMS
 * signature for right, so that what is signed is read whatever it is; 2 gives the verifier the platform's key. */
#include "accept_all.h"

#include "base/file.h"
#include "evidence/evidence.h"

#include <string.h>

#define BELIEVING 1
#define KNOWS_PLATFORM 2

static trust *patients, *institutions;
static cvc platform;

/* One signer of the office; kept until the end of the process. */
static const cms_signer *load_signer(const char *certificate_name, const char *key_name) {
    static struct {
        certificate *certificate;
        cms_key *key;
        cms_signer signer;
    } loaded[3], *next = loaded;
    FUZZ_REQUIRE(certificate_from_file(fuzz_office(certificate_name), &next->certificate) == RESULT_OK);
    FUZZ_REQUIRE(cms_key_from_file(fuzz_office(key_name), &next->key) == RESULT_OK);
    next->signer = cms_key_signer(next->key, next->certificate);
    return &next++->signer;
}

static void sign_challenge(statement *s, const cms_signer *by) {
    uint8_t message[INSTITUTION_MESSAGE_LENGTH];
    buffer signature = BUFFER_INIT(INSTITUTION_SIGNATURE_LENGTH);
    institution_message((const uint8_t *)s->card_id, s->holder_reference, s->challenge, message);
    FUZZ_REQUIRE(cms_key_sign(by->context, BYTES(message), &signature) == RESULT_OK);
    memcpy(s->institution_signature, signature.data, signature.length);
    buffer_wipe(&signature);
}

static void make_seed(statement_mode mode, const cms_signer *patient, const cms_signer *by, uint8_t options) {
    statement s = {.mode = mode,
                   .grade = mode == STATEMENT_ONLINE ? STATEMENT_PENDING : STATEMENT_PROVISIONAL_C,
                   .evidence_id = "0190e6a0-0000-7000-8000-000000000001",
                   .institution_code = "1312345678",
                   .terminal_id = "T-01",
                   .operator_id = "OP-1",
                   .card_id = "TEST-CARD-000001"};
    buffer seed = BUFFER_INIT(EVIDENCE_MAX + 1);
    clock_text(clock_wall_s(), s.terminal_time);
    clock_date_in_japan(clock_wall_s(), s.service_date);
    snprintf(s.patient_issuer, sizeof s.patient_issuer, "%s", certificate_issuer(patient->certificate));
    snprintf(s.patient_serial, sizeof s.patient_serial, "%s", certificate_serial(patient->certificate));
    if (mode == STATEMENT_ONLINE) {
        strcpy(s.session, "0190e6a0-0000-7000-8000-000000000002");
        memcpy(s.holder_reference, platform.holder_reference, sizeof s.holder_reference);
    } else {
        strcpy(s.se_serial, "5312345678901234");
        s.se_counter = 7;
    }
    sign_challenge(&s, by);
    buffer_append_u8(&seed, options);
    FUZZ_REQUIRE(evidence_create(&s, patient, mode == STATEMENT_ONLINE ? NULL : by, &seed) == RESULT_OK);
    fuzz_give_seed(mode == STATEMENT_ONLINE ? "online" : "offline", buffer_bytes(&seed));
    buffer_wipe(&seed);
}

static void load_platform(void) {
    buffer chain = BUFFER_INIT(8 * CVC_LENGTH);
    FUZZ_REQUIRE(file_read(fuzz_office("pf/institution.cvc"), &chain) == RESULT_OK);
    bytes rest = buffer_bytes(&chain), raw;
    while (cvc_chain_next(&rest, &platform, &raw) == RESULT_OK)
        ;
    buffer_wipe(&chain);
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    FUZZ_REQUIRE(trust_new(&patients) == RESULT_OK && trust_new(&institutions) == RESULT_OK);
    FUZZ_REQUIRE(trust_add_anchor(patients, fuzz_office("anchors"), "jpki-auth-ca") == RESULT_OK);
    FUZZ_REQUIRE(trust_add_anchor(institutions, fuzz_office("anchors"), "institution-ca") == RESULT_OK);
    load_platform();
    const cms_signer *patient = load_signer("cards/patient-1/ef/000A", "cards/patient-1/key/auth.pem");
    const cms_signer *institution = load_signer("se-1/institution.pem", "se-1/institution.key");
    const cms_signer *pf = load_signer("pf/answer.pem", "pf/institution.key");
    make_seed(STATEMENT_OFFLINE, patient, institution, 0);
    make_seed(STATEMENT_ONLINE, patient, pf, BELIEVING | KNOWS_PLATFORM);
    return 0;
}

static void verify_detached(bytes der) {
    cms_message message;
    cms_verify(der, bytes_of("document", 8), &message);
    cms_message_free(&message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static evidence_verdict verdict;
    if (size == 0)
        return 0;
    bytes der = bytes_of(data + 1, size - 1);
    fuzz_accept_all = data[0] & BELIEVING;
    const evidence_policy policy = {.patient_authorities = patients,
                                    .institution_authorities = institutions,
                                    .platform = data[0] & KNOWS_PLATFORM ? &platform : NULL};
    result code = evidence_verify(der, &policy, &verdict);
    FUZZ_REQUIRE((code == RESULT_OK) == (verdict.reason == EVIDENCE_GOOD));
    FUZZ_REQUIRE(evidence_reason_text(verdict.reason) != NULL && *evidence_reason_name(verdict.reason) != 0);
    if (code == RESULT_OK) {
        buffer text = BUFFER_INIT(65536);
        FUZZ_REQUIRE(evidence_print(&verdict.statement, &text) == RESULT_OK);
        buffer_wipe(&text);
    }
    verify_detached(der);
    return 0;
}
