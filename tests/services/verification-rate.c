/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How fast evidence can be verified: the RSA verifications alone, which nothing can avoid, and the whole check.
 *
 *   verification-rate PKI CARD SECONDS [VERIFICATIONS]       one thread; prints one JSON object, rates per second
 *
 * Three RSA-2048 verifications belong to each evidence of a measurement with one patient: the patient's signature, the
 * institution's, and the institution's over the card's challenge. The fourth, the CA's under the patient's certificate,
 * is needed once for each certificate: VERIFICATIONS is 4 (otherwise 3) where each evidence has another patient.
 * boundMicroseconds: what they take of a core's time, which other programs on the machine do not change as they do the
 * rates. evidenceVerifications: with one patient. */
#include "evidence_maker.h"

#include "base/clock.h"

#include <string.h>
#include <time.h>

typedef struct bench {
    evidence_maker maker;
    statement s;
    buffer der;
    uint8_t message[INSTITUTION_MESSAGE_LENGTH];
    evidence_policy policy;
} bench;

static void verify_signature(bench *b) {
    CHECK(certificate_verify(b->maker.institution, BYTES(b->message), BYTES(b->s.institution_signature)));
}

static void verify_evidence(bench *b) {
    static evidence_verdict verdict;
    CHECK(evidence_verify(buffer_bytes(&b->der), &b->policy, &verdict));
}

static double rate(bench *b, void (*step)(bench *b), int64_t milliseconds) {
    int64_t begin = clock_monotonic_ms(), now = begin;
    size_t steps = 0;
    for (; now - begin < milliseconds; now = clock_monotonic_ms())
        for (int i = 0; i < 20; i++, steps++)
            step(b);
    return (double)steps * 1000 / (double)(now - begin);
}

int main(int argc, char **argv) {
    static bench b = {.der = BUFFER_INIT(EVIDENCE_MAX)};
    trust *patients = NULL, *institutions = NULL;
    if (argc < 4)
        return 2;
    const double verifications = argc > 4 ? strtod(argv[4], NULL) : 3;
    const char *anchors = path_of(argv[1], "anchors");
    CHECK(trust_new(&patients));
    CHECK(trust_new(&institutions));
    CHECK(trust_add_anchor(patients, anchors, "jpki-auth-ca"));
    CHECK(trust_add_anchor(institutions, anchors, "institution-ca"));
    b.policy = (evidence_policy){.patient_authorities = patients, .institution_authorities = institutions};
    evidence_maker_open(argv[1], argv[2], &b.maker);
    evidence_maker_fill(&b.maker, &b.s);
    evidence_maker_sign_challenge(&b.maker, &b.s);
    evidence_maker_create(&b.maker, &b.s, &b.der);
    institution_message((const uint8_t *)b.s.card_id, b.s.holder_reference, b.s.challenge, b.message);
    int64_t milliseconds = (int64_t)(strtod(argv[3], NULL) * 1000);
    clock_t begin = clock();
    double signatures = rate(&b, verify_signature, milliseconds);
    double computed_us = (double)(clock() - begin) * 1e6 / CLOCKS_PER_SEC,
           made = signatures * (double)milliseconds / 1000;
    double evidences = rate(&b, verify_evidence, milliseconds);
    printf("{\"rsaVerifications\":%.0f,\"bound\":%.0f,\"boundMicroseconds\":%.1f,\"evidenceVerifications\":%.0f}\n",
           signatures, signatures / verifications, computed_us / made * verifications, evidences);
    return 0;
}
