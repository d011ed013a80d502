/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "partners.h"

#include "base/hex.h"
#include "crypt/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

actor partners[PARTNER_COUNT];
trust *patients, *institutions, *operators;
cvc platform_cvc;
int64_t now;

static char folder[] = "/tmp/partners.XXXXXX";
static test_identity patients_ca, institutions_ca, operators_ca;

#define SIGNS (GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_NON_REPUDIATION)

static const struct {
    const test_identity *authority;
    const char *dn, *purpose;
    unsigned usage;
} profiles[PARTNER_COUNT] = {
    [PATIENT] = {&patients_ca, "CN=patient,C=JP", GNUTLS_KP_TLS_WWW_CLIENT, GNUTLS_KEY_DIGITAL_SIGNATURE},
    [OTHER_PATIENT] = {&patients_ca, "CN=other,C=JP", GNUTLS_KP_TLS_WWW_CLIENT, GNUTLS_KEY_DIGITAL_SIGNATURE},
    [SE] = {&institutions_ca, "serialNumber=" INSTITUTION ",CN=SE 1,C=JP", NULL, SIGNS},
    [SECOND_SE] = {&institutions_ca, "serialNumber=" INSTITUTION ",CN=SE 2,C=JP", NULL, SIGNS},
    [SE_LOGIN] = {&institutions_ca, "serialNumber=" INSTITUTION ",CN=SE 3,C=JP", GNUTLS_KP_TLS_WWW_CLIENT,
                  GNUTLS_KEY_DIGITAL_SIGNATURE},
    [OTHER_INSTITUTIONS_SE] = {&institutions_ca, "serialNumber=" OTHER_INSTITUTION ",CN=SE 4,C=JP", NULL, SIGNS},
    [PLATFORM] = {&institutions_ca, "CN=Platform answers,C=JP", NULL, SIGNS},
    [IMPOSTOR] = {&institutions_ca, "CN=Platform answerz,C=JP", NULL, SIGNS},
    [THE_DOCTOR] = {&operators_ca, "serialNumber=" DOCTOR ",2.5.4.12=doctor,CN=Doctor,C=JP" OURS,
                    GNUTLS_KP_EMAIL_PROTECTION, SIGNS},
    [SECOND_DOCTOR] = {&operators_ca, "serialNumber=D-0002,2.5.4.12=doctor,CN=Doctor,C=JP" OURS,
                       GNUTLS_KP_EMAIL_PROTECTION, SIGNS},
    [OTHER_INSTITUTIONS_DOCTOR] = {&operators_ca, "serialNumber=" DOCTOR ",2.5.4.12=doctor,CN=Doctor,C=JP" THEIRS,
                                   GNUTLS_KP_EMAIL_PROTECTION, SIGNS},
    [NURSE] = {&operators_ca, "serialNumber=" DOCTOR ",2.5.4.12=nurse,CN=Nurse,C=JP" OURS, GNUTLS_KP_EMAIL_PROTECTION,
               SIGNS},
    [DOCTORS_LOGIN] = {&operators_ca, "serialNumber=" DOCTOR ",2.5.4.12=doctor,CN=Doctor,C=JP" OURS,
                       GNUTLS_KP_TLS_WWW_CLIENT, GNUTLS_KEY_DIGITAL_SIGNATURE},
};

static void make_actor(partner which) {
    const test_profile profile = {profiles[which].dn,      0x100 + (uint32_t)which, now - 90 * PARTNERS_DAY,
                                  now + 90 * PARTNERS_DAY, profiles[which].usage,   profiles[which].purpose};
    test_actor_make(&partners[which], &profile, profiles[which].authority, folder);
}

static trust *make_authority(test_identity *ca, const char *dn) {
    test_authority_make(ca, dn, 100);
    return test_authority_trust(ca, NULL, folder);
}

int partners_make(void **state) {
    (void)state;
    now = time(NULL);
    assert_non_null(mkdtemp(folder));
    patients = make_authority(&patients_ca, "CN=User CA,C=JP");
    institutions = make_authority(&institutions_ca, "CN=Institution CA,C=JP");
    operators = make_authority(&operators_ca, "CN=Operator CA,C=JP");
    for (partner i = 0; i < PARTNER_COUNT; i++)
        make_actor(i);
    test_actor_cvc(&partners[PLATFORM], &platform_cvc);
    return 0;
}

int partners_free(void **state) {
    (void)state;
    for (partner i = 0; i < PARTNER_COUNT; i++)
        test_actor_free(&partners[i]);
    test_identity_free(&patients_ca);
    test_identity_free(&institutions_ca);
    test_identity_free(&operators_ca);
    trust_free(&patients);
    trust_free(&institutions);
    trust_free(&operators);
    return rmdir(folder);
}

statement partners_statement(statement_mode mode) {
    static uint32_t counter;
    statement s = {.mode = mode, .grade = mode == STATEMENT_ONLINE ? STATEMENT_PENDING : STATEMENT_PROVISIONAL_C};
    assert_int_equal(uuid_v7(s.evidence_id), RESULT_OK);
    assert_int_equal(crypt_random(s.challenge, sizeof s.challenge), RESULT_OK);
    memset(s.holder_reference, mode == STATEMENT_ONLINE ? 'P' : 'H', sizeof s.holder_reference);
    strcpy(s.institution_code, INSTITUTION);
    strcpy(s.terminal_id, TERMINAL);
    strcpy(s.operator_id, "R-0001");
    clock_date_in_japan(now, s.service_date);
    clock_text(now, s.terminal_time);
    strcpy(s.card_id, "CARD-ID-00000001");
    strcpy(s.patient_issuer, certificate_issuer(partners[PATIENT].certificate));
    strcpy(s.patient_serial, certificate_serial(partners[PATIENT].certificate));
    if (mode == STATEMENT_ONLINE) {
        assert_int_equal(uuid_v7(s.session), RESULT_OK);
        assert_int_equal(crypt_random(s.nonce, sizeof s.nonce), RESULT_OK);
    } else {
        strcpy(s.se_serial, SE_SERIAL);
        s.se_counter = counter += 10;
    }
    return s;
}

void partners_sign(statement *s, partner patient, partner se, buffer *der) {
    uint8_t message[INSTITUTION_MESSAGE_LENGTH];
    buffer signature = BUFFER_INIT(INSTITUTION_SIGNATURE_LENGTH);
    const bool online = s->mode == STATEMENT_ONLINE;
    institution_message((const uint8_t *)s->card_id, s->holder_reference, s->challenge, message);
    assert_int_equal(cms_key_sign(partners[online ? PLATFORM : se].key, BYTES(message), &signature), RESULT_OK);
    memcpy(s->institution_signature, signature.data, signature.length);
    buffer_wipe(&signature);
    assert_int_equal(evidence_create(s, &partners[patient].signer, online ? NULL : &partners[se].signer, der),
                     RESULT_OK);
}

terminal_entry partners_entry(partner se) {
    terminal_entry e = {.institution_code = INSTITUTION,
                        .terminal_id = TERMINAL,
                        .se_serial = SE_SERIAL,
                        .tls_key = TLS_KEY,
                        .registered_at = now};
    uint8_t holder[CVC_REFERENCE_LENGTH];
    memset(holder, 'H', sizeof holder);
    hex_encode(BYTES(holder), e.holder_reference, sizeof e.holder_reference);
    certificate_fingerprint_text(partners[se].certificate, e.certificate_hash);
    return e;
}
