/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lib/evidence: the statement's strict form, and each reason of verification reached by evidence that deserves it. */
#include "base/hex.h"
#include "evidence/evidence.h"
#include "test_actor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define DAY 86400
#define HASH "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E" /* 31 bytes */

static char folder[] = "/tmp/test-evidence.XXXXXX";
static int64_t now;
static test_identity jpki_ca, institution_ca, foreign_ca;

static actor patient, patient_foreign, patient_elsewhere, patient_revoked, patient_signature_only, patient_key_only,
    institution, institution_other, institution_key_only, platform;
static trust *patients, *institutions;
static cvc platform_cvc;

/* By how much the time of each signature is older than its message says: cms_sign gives all of them one. */
static int64_t older_s[2];
static cms_vet *really_asked;

result __real_cms_verify_vetted(bytes der, bytes detached, cms_vet *vet, void *context, cms_message *out);
result __wrap_cms_verify_vetted(bytes der, bytes detached, cms_vet *vet, void *context, cms_message *out);

static result vet_older(void *context, const cms_message *message) {
    cms_message older = *message;
    for (size_t i = 0; i < older.count && i < 2; i++)
        older.signing_time[i] -= older_s[i];
    *(cms_message *)(uintptr_t)message = older;
    return really_asked(context, message);
}

result __wrap_cms_verify_vetted(bytes der, bytes detached, cms_vet *vet, void *context, cms_message *out) {
    really_asked = vet;
    return __real_cms_verify_vetted(der, detached, vet_older, context, out);
}

static void make_actor(actor *a, const char *dn, uint32_t serial, const char *purpose, const test_identity *ca) {
    const test_profile profile = {dn, serial, now - DAY, now + DAY, GNUTLS_KEY_DIGITAL_SIGNATURE, purpose};
    test_actor_make(a, &profile, ca, folder);
}

/* Its certificate is for a key that encrypts keys, not for signatures (RFC 5280 4.2.1.3). */
static void make_actor_without_signature(actor *a, const char *dn, uint32_t serial, const test_identity *ca) {
    const test_profile profile = {
        dn, serial, now - DAY, now + DAY, GNUTLS_KEY_KEY_ENCIPHERMENT, GNUTLS_KP_TLS_WWW_CLIENT};
    test_actor_make(a, &profile, ca, folder);
}

static int make_everything(void **state) {
    (void)state;
    now = time(NULL);
    assert_non_null(mkdtemp(folder));
    const unsigned usage = GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN;
    const test_profile jpki = {"CN=User CA,C=JP", 1, now - DAY, now + 100 * DAY, usage, NULL}; /* outlives its cards */
    const test_profile inst = {"CN=Institution CA,C=JP", 1, now - DAY, now + DAY, usage, NULL};
    test_identity_make(&jpki_ca, &jpki, NULL, NULL);
    test_identity_make(&foreign_ca, &jpki, NULL, NULL);
    test_identity_make(&institution_ca, &inst, NULL, NULL);
    make_actor(&patient, "CN=patient,C=JP", 0x100, GNUTLS_KP_TLS_WWW_CLIENT, &jpki_ca);
    make_actor(&patient_foreign, "CN=patient,C=JP", 0x100, GNUTLS_KP_TLS_WWW_CLIENT, &foreign_ca);
    make_actor(&patient_elsewhere, "CN=patient,C=JP", 0x100, GNUTLS_KP_TLS_WWW_CLIENT, &institution_ca);
    make_actor(&patient_revoked, "CN=revoked,C=JP", 0x101, GNUTLS_KP_TLS_WWW_CLIENT, &jpki_ca);
    make_actor(&patient_signature_only, "CN=wrong,C=JP", 0x102, GNUTLS_KP_EMAIL_PROTECTION, &jpki_ca);
    make_actor_without_signature(&patient_key_only, "CN=patient,C=JP", 0x103, &jpki_ca);
    make_actor_without_signature(&institution_key_only, "serialNumber=1312345678,O=Hospital,C=JP", 5, &institution_ca);
    make_actor(&institution, "serialNumber=1312345678,O=Hospital,C=JP", 2, GNUTLS_KP_EMAIL_PROTECTION, &institution_ca);
    make_actor(&institution_other, "serialNumber=1312345679,O=Other,C=JP", 3, GNUTLS_KP_EMAIL_PROTECTION,
               &institution_ca);
    make_actor(&platform, "CN=platform,C=JP", 4, NULL, &institution_ca);
    patients = test_authority_trust(&jpki_ca, &patient_revoked.identity, folder);
    institutions = test_authority_trust(&institution_ca, NULL, folder);
    test_actor_cvc(&platform, &platform_cvc);
    return 0;
}

static int remove_everything(void **state) {
    (void)state;
    actor *const actors[] = {
        &patient,          &patient_foreign, &patient_revoked,   &patient_signature_only, &patient_elsewhere,
        &patient_key_only, &institution,     &institution_other, &institution_key_only,   &platform};
    for (size_t i = 0; i < sizeof actors / sizeof *actors; i++)
        test_actor_free(actors[i]);
    test_identity_free(&jpki_ca);
    test_identity_free(&institution_ca);
    test_identity_free(&foreign_ca);
    trust_free(&patients);
    trust_free(&institutions);
    return rmdir(folder);
}

/* A statement of this mode about the patient, with the institution's signature over the challenge. */
static statement make_statement(statement_mode mode, const actor *about, const actor *authenticating) {
    statement s = {.mode = mode, .grade = mode == STATEMENT_ONLINE ? STATEMENT_PENDING : STATEMENT_PROVISIONAL_C};
    uint8_t message[INSTITUTION_MESSAGE_LENGTH];
    buffer signature = BUFFER_INIT(INSTITUTION_SIGNATURE_LENGTH);
    uuid_v7(s.evidence_id);
    strcpy(s.institution_code, "1312345678");
    memset(s.holder_reference, mode == STATEMENT_ONLINE ? 'P' : 'H', sizeof s.holder_reference);
    strcpy(s.terminal_id, "T-01");
    strcpy(s.operator_id, "R-0001");
    clock_date_in_japan(now, s.service_date);
    clock_text(now, s.terminal_time);
    strcpy(s.card_id, "CARD-ID-00000001");
    memset(s.challenge, 0x5A, sizeof s.challenge);
    strcpy(s.patient_issuer, certificate_issuer(about->certificate));
    strcpy(s.patient_serial, certificate_serial(about->certificate));
    if (mode == STATEMENT_ONLINE) {
        uuid_v7(s.session);
        memset(s.nonce, 7, sizeof s.nonce);
    } else {
        strcpy(s.se_serial, "SE-0001");
        s.se_counter = 12;
    }
    institution_message((const uint8_t *)s.card_id, s.holder_reference, s.challenge, message);
    assert_int_equal(cms_key_sign(authenticating->key, BYTES(message), &signature), RESULT_OK);
    memcpy(s.institution_signature, signature.data, signature.length);
    buffer_wipe(&signature);
    return s;
}

static evidence_policy policy(void) {
    return (evidence_policy){
        .patient_authorities = patients, .institution_authorities = institutions, .platform = &platform_cvc};
}

static evidence_reason verdict_of(bytes der, const evidence_policy *by, const char **detail) {
    evidence_verdict verdict;
    result code = evidence_verify(der, by, &verdict);
    assert_int_equal(code == RESULT_OK, verdict.reason == EVIDENCE_GOOD);
    if (detail != NULL)
        *detail = verdict.detail;
    return verdict.reason;
}

/* Signs s, verifies, gives the reason. */
static evidence_reason reason_for(const statement *s, const actor *by_patient, const actor *by_institution) {
    buffer der = BUFFER_INIT(EVIDENCE_MAX);
    evidence_policy by = policy();
    assert_int_equal(
        evidence_create(s, &by_patient->signer, by_institution != NULL ? &by_institution->signer : NULL, &der),
        RESULT_OK);
    evidence_reason reason = verdict_of(buffer_bytes(&der), &by, NULL);
    buffer_wipe(&der);
    return reason;
}

static void statement_is_strict(void **state) {
    (void)state;
    statement s = make_statement(STATEMENT_OFFLINE, &patient, &institution), again;
    buffer json = BUFFER_INIT(STATEMENT_MAX), changed = BUFFER_INIT(STATEMENT_MAX);
    const char *field;
    assert_int_equal(statement_write(&s, &json), RESULT_OK);
    assert_int_equal(statement_read(buffer_bytes(&json), &again, &field), RESULT_OK);
    assert_memory_equal(&s, &again, sizeof s);
    static const char *const edits[][2] = {
        {"\"version\":3", "\"version\":4"},
        {"\"mode\":\"offline\"", "\"mode\":\"sideways\""},
        {"\"institutionCode\":\"1312345678\"", "\"institutionCode\":\"131234567\""},
        {"\"grade\":\"provisional-c\"", "\"grade\":\"pending\""},
        {"\"terminalId\":\"T-01\"", "\"terminalId\":\"\""},
        {"\"terminalId\":\"T-01\"", "\"terminalId\":\"T\\u0000\""},
        {"\"terminalId\":\"T-01\"", "\"terminalId\":\"T\\n1\""},
        {"\"session\":null", "\"session\":\"0195c0ae-0000-7000-8000-000000000000\""},
        {"\"counter\":12", "\"counter\":-1"},
        {"\"counter\":12", "\"counter\":12,\"more\":1"},
        {"\"counter\":12", "\"counter\":4294967296"},
        {"\"version\":3", "\"version\":3,\"zusatz\":0"},
        {"\"version\":3", " \"version\":3"},
        {"\"purpose\":\"insurance-eligibility\"", "\"purpose\":\"x\""},
        {"\"previousEvidence\":null", "\"previousEvidence\":\"" HASH "\""}, /* a byte too short */
        {"5A5A\"", "5A5\""},
        {"5A5A\"", "5a5a\""},
    };
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        const char *at = strstr(buffer_text(&json), edits[i][0]);
        assert_non_null(at);
        buffer_clear(&changed);
        buffer_append(&changed, bytes_of(json.data, (size_t)(at - (const char *)json.data)));
        buffer_append_text(&changed, edits[i][1]);
        buffer_append_text(&changed, at + strlen(edits[i][0]));
        assert_int_equal(statement_read(buffer_bytes(&changed), &again, &field), RESULT_INVALID);
        assert_non_null(field);
    }
    buffer_wipe(&json);
    buffer_wipe(&changed);
}

/* Version 1 has no platformClock, version 2 no holderIdentified; both are read as such, and none passes for another. */
/* What one mode has and the other has not is not written either. */
static void a_mode_has_its_own_members(void **state) {
    buffer json = BUFFER_INIT(STATEMENT_MAX);
    (void)state;
    statement s = make_statement(STATEMENT_OFFLINE, &patient, &institution);
    uuid_v7(s.session);
    assert_int_equal(statement_write(&s, &json), RESULT_INVALID);
    s = make_statement(STATEMENT_OFFLINE, &patient, &institution);
    s.grade = STATEMENT_PENDING;
    assert_int_equal(statement_write(&s, &json), RESULT_INVALID);
    s = make_statement(STATEMENT_ONLINE, &patient, &institution);
    s.grade = STATEMENT_PROVISIONAL_C;
    assert_int_equal(statement_write(&s, &json), RESULT_INVALID);
    buffer_wipe(&json);
}

static void older_versions_are_read(void **state) {
    (void)state;
    statement s = make_statement(STATEMENT_OFFLINE, &patient, &institution), again;
    buffer json = BUFFER_INIT(STATEMENT_MAX);
    static const char *const names[] = {"platformClock", "holderIdentified"};
    for (s.older_version = 2; s.older_version >= 0; s.older_version--) {
        const int version = s.older_version != 0 ? s.older_version : 3;
        char member[32];
        s.identified = version == 3 ? STATEMENT_BY_FACE : STATEMENT_NOT_ASKED;
        buffer_clear(&json);
        assert_int_equal(statement_write(&s, &json), RESULT_OK);
        assert_int_equal(statement_read(buffer_bytes(&json), &again, NULL), RESULT_OK);
        assert_memory_equal(&s, &again, sizeof s);
        for (int i = 0; i < 2; i++)
            assert_int_equal(strstr(buffer_text(&json), names[i]) != NULL, version > i + 1);
        snprintf(member, sizeof member, "\"version\":%d", version);
        char *at = strstr(buffer_text(&json), member);
        for (int other = 1; other <= 4; other++) {
            if (other == version)
                continue;
            at[strlen(member) - 1] = (char)('0' + other);
            assert_int_equal(statement_read(buffer_bytes(&json), &again, NULL), RESULT_INVALID);
        }
    }
    buffer_wipe(&json);
}

/* The holder's identification is signed: a word that nobody knows is no statement, and each known one comes back. */
static void identifications_are_words(void **state) {
    (void)state;
    statement s = make_statement(STATEMENT_ONLINE, &patient, &platform), again;
    buffer json = BUFFER_INIT(STATEMENT_MAX);
    statement_identified how;
    for (int i = STATEMENT_NOT_ASKED; i <= STATEMENT_BY_NOBODY; i++) {
        s.identified = (statement_identified)i;
        buffer_clear(&json);
        assert_int_equal(statement_write(&s, &json), RESULT_OK);
        assert_int_equal(statement_read(buffer_bytes(&json), &again, NULL), RESULT_OK);
        assert_int_equal(again.identified, i);
        assert_true(statement_identified_of(statement_identified_text(s.identified), &how));
        assert_int_equal(how, i);
    }
    memcpy(strstr(buffer_text(&json), "nobody"), "anyone", 6);
    assert_int_equal(statement_read(buffer_bytes(&json), &again, NULL), RESULT_INVALID);
    assert_false(statement_identified_of("anyone", &how));
    s.identified = (statement_identified)9;
    assert_int_equal(statement_write(&s, &json), RESULT_INVALID);
    buffer_wipe(&json);
}

static void clocks_are_checked(void **state) {
    (void)state;
    static const struct {
        statement_clock clock;
        evidence_clock due;
    } cases[] = {
        {{.beacon = ""}, EVIDENCE_CLOCK_UNCONFIRMED},
        {{.beacon = "2026-11-24T00:00:00Z", .restarted = true}, EVIDENCE_CLOCK_UNCONFIRMED},
        {{.beacon = "2026-11-24T00:08:00Z", .restarted = true}, EVIDENCE_CLOCK_OFF}, /* before what it has heard */
        {{.beacon = "2026-11-24T00:00:00Z", .age = 131}, EVIDENCE_CLOCK_PLAUSIBLE},
        {{.beacon = "2026-11-24T00:00:00Z", .age = 128}, EVIDENCE_CLOCK_PLAUSIBLE},
        {{.beacon = "2026-11-24T00:00:00Z", .age = 127}, EVIDENCE_CLOCK_INCONSISTENT},
        {{.beacon = "2026-11-24T00:00:00Z", .age = 431, .offset = -300}, EVIDENCE_CLOCK_PLAUSIBLE},
        {{.beacon = "2026-11-24T00:00:00Z", .age = 432, .offset = -301}, EVIDENCE_CLOCK_OFF},
        {{.beacon = "2026-11-24T00:00:00Z", .age = 131, .offset = -400, .jump = 400}, EVIDENCE_CLOCK_JUMPED},
        {{.beacon = "2026-11-24T00:00:00Z", .age = 71, .jump = 60}, EVIDENCE_CLOCK_PLAUSIBLE},
        {{.beacon = "2026-11-24T00:00:00Z", .age = 70, .jump = 61}, EVIDENCE_CLOCK_JUMPED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        statement s = {.terminal_time = "2026-11-24T00:02:11Z", .clock = cases[i].clock};
        assert_int_equal(evidence_clock_check(&s), cases[i].due);
    }
    assert_string_equal(evidence_clock_name(EVIDENCE_CLOCK_OFF), "clock-off");
    assert_true(evidence_clock_is_implausible(EVIDENCE_CLOCK_JUMPED));
    assert_false(evidence_clock_is_implausible(EVIDENCE_CLOCK_UNCONFIRMED));
}

static void mutated_statements_never_pass_as_another(void **state) {
    (void)state;
    statement s = make_statement(STATEMENT_ONLINE, &patient, &platform), again;
    buffer json = BUFFER_INIT(STATEMENT_MAX), rewritten = BUFFER_INIT(STATEMENT_MAX);
    assert_int_equal(statement_write(&s, &json), RESULT_OK);
    srand(20261123);
    for (int round = 0; round < 5000; round++) {
        size_t at = (size_t)rand() % json.length;
        uint8_t kept = json.data[at];
        json.data[at] = (uint8_t)rand();
        if (statement_read(buffer_bytes(&json), &again, NULL) == RESULT_OK) {
            buffer_clear(&rewritten);
            assert_int_equal(statement_write(&again, &rewritten), RESULT_OK);
            assert_true(bytes_equal(buffer_bytes(&rewritten), buffer_bytes(&json)));
        }
        json.data[at] = kept;
    }
    buffer_wipe(&json);
    buffer_wipe(&rewritten);
}

static void good_evidence_of_both_modes(void **state) {
    (void)state;
    statement offline = make_statement(STATEMENT_OFFLINE, &patient, &institution);
    statement online = make_statement(STATEMENT_ONLINE, &patient, &platform);
    assert_int_equal(reason_for(&offline, &patient, &institution), EVIDENCE_GOOD);
    assert_int_equal(reason_for(&online, &patient, NULL), EVIDENCE_GOOD);
    buffer text = BUFFER_INIT(4096);
    assert_int_equal(evidence_print(&offline, &text), RESULT_OK);
    assert_non_null(strstr(buffer_text(&text), "SE-0001, 12 signatures"));
    buffer_wipe(&text);
}

static void each_reason_is_reached(void **state) {
    (void)state;
    statement s = make_statement(STATEMENT_OFFLINE, &patient, &institution);
    assert_int_equal(reason_for(&s, &patient_foreign, &institution), EVIDENCE_PATIENT_CERTIFICATE);
    assert_int_equal(reason_for(&s, &patient_revoked, &institution), EVIDENCE_PATIENT_MISMATCH);
    assert_int_equal(reason_for(&s, &patient_elsewhere, &institution), EVIDENCE_PATIENT_MISMATCH); /* the same number */
    assert_int_equal(reason_for(&s, &patient, &patient_signature_only), EVIDENCE_INSTITUTION_CERTIFICATE);
    assert_int_equal(reason_for(&s, &patient, &institution_other), EVIDENCE_INSTITUTION_MISMATCH);
    s = make_statement(STATEMENT_OFFLINE, &patient, &institution_other);
    assert_int_equal(reason_for(&s, &patient, &institution), EVIDENCE_INSTITUTION_SIGNATURE);
    s = make_statement(STATEMENT_OFFLINE, &patient, &institution);
    strcpy(s.card_id, "CARD-ID-00000002"); /* the signature was made for another card */
    assert_int_equal(reason_for(&s, &patient, &institution), EVIDENCE_INSTITUTION_SIGNATURE);
    s = make_statement(STATEMENT_OFFLINE, &patient_revoked, &institution);
    assert_int_equal(reason_for(&s, &patient_revoked, &institution), EVIDENCE_PATIENT_CERTIFICATE);
    s = make_statement(STATEMENT_OFFLINE, &patient_signature_only, &institution);
    assert_int_equal(reason_for(&s, &patient_signature_only, &institution), EVIDENCE_PATIENT_CERTIFICATE);
    s = make_statement(STATEMENT_ONLINE, &patient, &institution); /* not the platform's key */
    assert_int_equal(reason_for(&s, &patient, NULL), EVIDENCE_INSTITUTION_SIGNATURE);
}

static void verifier_without_platform_key_or_at_another_time(void **state) {
    (void)state;
    statement s = make_statement(STATEMENT_ONLINE, &patient, &platform);
    buffer der = BUFFER_INIT(EVIDENCE_MAX);
    const char *detail;
    assert_int_equal(evidence_create(&s, &patient.signer, NULL, &der), RESULT_OK);
    evidence_policy without = {.patient_authorities = patients, .institution_authorities = institutions};
    assert_int_equal(verdict_of(buffer_bytes(&der), &without, NULL), EVIDENCE_PLATFORM_UNKNOWN);
    evidence_policy later = policy();
    later.at = now + 10 * DAY;
    assert_int_equal(verdict_of(buffer_bytes(&der), &later, &detail), EVIDENCE_PATIENT_CERTIFICATE);
    assert_string_equal(detail, "expired");
    assert_int_equal(verdict_of(BYTES("junk"), &later, NULL), EVIDENCE_MALFORMED);
    assert_int_equal(verdict_of(bytes_of(NULL, 0), &later, NULL), EVIDENCE_MALFORMED);
    buffer_wipe(&der);
}

/* To the second, and only the end of validity is overlooked. */
static void an_expired_card_has_a_grace_by_policy(void **state) {
    (void)state;
    static const int64_t grace = 30 * (int64_t)DAY;
    statement s = make_statement(STATEMENT_ONLINE, &patient, &platform);
    buffer der = BUFFER_INIT(EVIDENCE_MAX);
    evidence_policy by = policy();
    evidence_verdict verdict;
    int64_t first, last;
    certificate_validity(patient.certificate, &first, &last);
    assert_int_equal(evidence_create(&s, &patient.signer, NULL, &der), RESULT_OK);
    by.at = last;
    assert_int_equal(evidence_verify(buffer_bytes(&der), &by, &verdict), RESULT_OK);
    assert_false(verdict.patient_expired);
    by.at = last + 1;
    assert_int_equal(verdict_of(buffer_bytes(&der), &by, NULL), EVIDENCE_PATIENT_CERTIFICATE);
    by.patient_grace_s = grace;
    assert_int_equal(evidence_verify(buffer_bytes(&der), &by, &verdict), RESULT_OK);
    assert_true(verdict.patient_expired);
    by.at = last + grace;
    assert_int_equal(verdict_of(buffer_bytes(&der), &by, NULL), EVIDENCE_GOOD);
    by.at = last + grace + 1;
    assert_int_equal(verdict_of(buffer_bytes(&der), &by, NULL), EVIDENCE_PATIENT_CERTIFICATE);
    by.at = first - 1; /* too early is not too late */
    assert_int_equal(verdict_of(buffer_bytes(&der), &by, NULL), EVIDENCE_PATIENT_CERTIFICATE);
    buffer_clear(&der);
    s = make_statement(STATEMENT_ONLINE, &patient_revoked, &platform);
    assert_int_equal(evidence_create(&s, &patient_revoked.signer, NULL, &der), RESULT_OK);
    by.at = last + 1; /* revoked and expired */
    assert_int_equal(verdict_of(buffer_bytes(&der), &by, NULL), EVIDENCE_PATIENT_CERTIFICATE);
    buffer_wipe(&der);
}

/* A certificate of the right CA and the right name, whose key usage has no signatures. */
static void signers_are_certified_for_signatures(void **state) {
    (void)state;
    statement s = make_statement(STATEMENT_OFFLINE, &patient, &institution_key_only);
    assert_int_equal(reason_for(&s, &patient, &institution_key_only), EVIDENCE_INSTITUTION_CERTIFICATE);
    s = make_statement(STATEMENT_OFFLINE, &patient_key_only, &institution);
    assert_int_equal(reason_for(&s, &patient_key_only, &institution), EVIDENCE_PATIENT_CERTIFICATE);
}

/* What is longer is not read: a signed text that is no statement has a reason of its own while it is. */
static void evidence_has_its_longest(void **state) {
    (void)state;
    static const char text[EVIDENCE_MAX];
    const evidence_policy by = policy();
    size_t frame = 0;
    for (size_t wanted = EVIDENCE_MAX - 1; wanted <= EVIDENCE_MAX + 1; wanted++) {
        buffer der = BUFFER_INIT(2 * EVIDENCE_MAX);
        if (frame == 0) { /* what stands around a text of that size */
            assert_int_equal(cms_sign(bytes_of(text, wanted / 2), false, &patient.signer, 1, now, &der), RESULT_OK);
            frame = der.length - wanted / 2;
            buffer_clear(&der);
        }
        assert_int_equal(cms_sign(bytes_of(text, wanted - frame), false, &patient.signer, 1, now, &der), RESULT_OK);
        assert_int_equal(der.length, wanted);
        assert_int_equal(verdict_of(buffer_bytes(&der), &by, NULL),
                         wanted <= EVIDENCE_MAX ? EVIDENCE_STATEMENT_MALFORMED : EVIDENCE_MALFORMED);
        buffer_wipe(&der);
    }
}

/* The day of service is terminalTime's day in Japan; beside midnight either. Midnight there is 15:00 UTC. */
static void the_day_of_service_is_that_day(void **state) {
    static const struct {
        const char *time, *day;
        bool good;
    } rows[] = {
        {"2026-11-23T15:00:00Z", "2026-11-24", true},  {"2026-11-24T14:59:59Z", "2026-11-24", true},
        {"2026-11-23T14:55:00Z", "2026-11-24", true},  {"2026-11-23T14:54:59Z", "2026-11-24", false},
        {"2026-11-24T15:04:59Z", "2026-11-24", true},  {"2026-11-24T15:05:00Z", "2026-11-24", false},
        {"2026-11-24T15:05:01Z", "2026-11-24", false}, {"2026-11-24T05:00:00Z", "2026-11-23", false},
        {"2026-11-24T05:00:00Z", "2026-11-25", false}, {"2026-11-24T05:00:00Z", "2020-02-29", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        statement s = make_statement(STATEMENT_OFFLINE, &patient, &institution);
        strcpy(s.terminal_time, rows[i].time);
        strcpy(s.service_date, rows[i].day);
        buffer der = BUFFER_INIT(EVIDENCE_MAX);
        evidence_policy by = policy();
        by.at = now;
        assert_int_equal(evidence_create(&s, &patient.signer, &institution.signer, &der), RESULT_OK);
        const evidence_reason wanted = rows[i].good ? EVIDENCE_GOOD : EVIDENCE_SERVICE_DATE;
        if (verdict_of(buffer_bytes(&der), &by, NULL) != wanted)
            fail_msg("row %zu", i);
        buffer_wipe(&der);
    }
}

/* A mode that does not fit its signers, made by hand because evidence_create refuses it. */
static void wrong_signers_and_times(void **state) {
    (void)state;
    statement s = make_statement(STATEMENT_OFFLINE, &patient, &institution);
    buffer json = BUFFER_INIT(STATEMENT_MAX), der = BUFFER_INIT(EVIDENCE_MAX);
    evidence_policy by = policy();
    assert_int_equal(evidence_create(&s, &patient.signer, NULL, &der), RESULT_INVALID);
    assert_int_equal(statement_write(&s, &json), RESULT_OK);
    assert_int_equal(cms_sign(buffer_bytes(&json), false, &patient.signer, 1, now, &der), RESULT_OK);
    assert_int_equal(verdict_of(buffer_bytes(&der), &by, NULL), EVIDENCE_WRONG_SIGNERS);
    buffer_clear(&der);
    assert_int_equal(cms_sign(buffer_bytes(&json), false, &institution.signer, 1, now, &der), RESULT_OK);
    assert_int_equal(verdict_of(buffer_bytes(&der), &by, NULL), EVIDENCE_WRONG_SIGNERS); /* the number comes first */
    buffer_clear(&der);
    const cms_signer both[] = {patient.signer, institution.signer};
    for (int late_s = -1; late_s <= 1; late_s++) {
        assert_int_equal(cms_sign(buffer_bytes(&json), false, both, 2, now + late_s, &der), RESULT_OK);
        assert_int_equal(verdict_of(buffer_bytes(&der), &by, NULL),
                         late_s == 0 ? EVIDENCE_GOOD : EVIDENCE_SIGNING_TIME);
        buffer_clear(&der);
    }
    assert_int_equal(cms_sign(buffer_bytes(&json), false, both, 2, now, &der), RESULT_OK);
    for (size_t i = 0; i < 2; i++) {
        older_s[i] = 1;
        assert_int_equal(verdict_of(buffer_bytes(&der), &by, NULL), EVIDENCE_SIGNING_TIME);
        older_s[i] = 0;
    }
    buffer_clear(&der);
    assert_int_equal(cms_sign(bytes_of("{}", 2), false, both, 2, now, &der), RESULT_OK);
    assert_int_equal(verdict_of(buffer_bytes(&der), &by, NULL), EVIDENCE_STATEMENT_MALFORMED);
    buffer_wipe(&json);
    buffer_wipe(&der);
}

/* Bits outside what is signed (the wrapping, the embedded certificates' own signatures) may change without harm; the
 * statement that a verifier believes must be the one that was signed. */
static void an_altered_byte_never_changes_the_statement(void **state) {
    (void)state;
    statement s = make_statement(STATEMENT_OFFLINE, &patient, &institution);
    buffer der = BUFFER_INIT(EVIDENCE_MAX);
    evidence_policy by = policy();
    evidence_verdict verdict;
    size_t refused = 0;
    assert_int_equal(evidence_create(&s, &patient.signer, &institution.signer, &der), RESULT_OK);
    for (size_t i = 0; i < der.length; i += 3) {
        der.data[i] ^= 0x04;
        if (evidence_verify(buffer_bytes(&der), &by, &verdict) == RESULT_OK)
            assert_memory_equal(&verdict.statement, &s, sizeof s);
        else
            refused++;
        der.data[i] ^= 0x04;
    }
    assert_true(refused > der.length / 3 * 9 / 10);
    buffer_wipe(&der);
}

static bool refuse_all(void *context, const evidence_verdict *so_far) {
    statement *asked = context;
    *asked = so_far->statement;
    assert_int_equal(so_far->institution_certificate[0] != 0, so_far->statement.mode == STATEMENT_OFFLINE);
    return false;
}

/* A time that is still to come for who verifies. Platform and history service check that themselves, and give no time. */
static void evidence_of_tomorrow_is_not_good_today(void **state) {
    enum { TOLERANCE = EVIDENCE_CLOCK_TOLERANCE_S };
    static const struct {
        int64_t beacon, now; /* seconds before the terminal's time; beacon 0: none was heard */
        evidence_reason reason;
    } rows[] = {{0, -1, EVIDENCE_GOOD},
                {0, TOLERANCE, EVIDENCE_GOOD},
                {0, TOLERANCE + 1, EVIDENCE_EARLY},
                {0, 86400, EVIDENCE_EARLY},
                {600, 600, EVIDENCE_GOOD}, /* the terminal's clock was fast by that much */
                {600, 600 + TOLERANCE, EVIDENCE_GOOD},
                {600, 600 + TOLERANCE + 1, EVIDENCE_EARLY}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        statement s = make_statement(STATEMENT_OFFLINE, &patient, &institution);
        buffer der = BUFFER_INIT(EVIDENCE_MAX);
        evidence_policy by = policy();
        evidence_verdict verdict;
        int64_t stated = 0;
        assert_int_equal(clock_parse(s.terminal_time, &stated), RESULT_OK);
        if (rows[i].beacon != 0) {
            clock_text(stated - rows[i].beacon - 10, s.clock.beacon);
            s.clock.age = 10;
        }
        assert_int_equal(evidence_create(&s, &patient.signer, &institution.signer, &der), RESULT_OK);
        assert_int_equal(verdict_of(buffer_bytes(&der), &by, NULL), EVIDENCE_GOOD); /* whoever gives no time */
        by.now = stated - rows[i].now;
        evidence_verify(buffer_bytes(&der), &by, &verdict);
        assert_int_equal(verdict.reason, rows[i].reason);
        assert_int_equal(verdict.passing, rows[i].reason == EVIDENCE_EARLY);
        buffer_wipe(&der);
    }
}

/* Who vouches for a certificate, and whether the sender may, comes before any computing with the certificate's key: with
 * wrong signatures everywhere these are the reasons all the same. */
static void trust_comes_before_signatures(void **state) {
    (void)state;
    const statement s = make_statement(STATEMENT_OFFLINE, &patient, &institution);
    statement asked = {0};
    buffer der = BUFFER_INIT(EVIDENCE_MAX);
    evidence_policy by = policy();
    assert_int_equal(evidence_create(&s, &patient.signer, &institution.signer, &der), RESULT_OK);
    der.data[der.length - 1] ^= 0x01; /* the last signer's signature ends the message */
    assert_int_equal(verdict_of(buffer_bytes(&der), &by, NULL), EVIDENCE_ALTERED);
    by.wanted = refuse_all;
    by.context = &asked;
    assert_int_equal(verdict_of(buffer_bytes(&der), &by, NULL), EVIDENCE_UNWANTED);
    assert_memory_equal(&asked, &s, sizeof s);
    by = policy();
    by.patient_authorities = institutions; /* who does not vouch for the patient's */
    assert_int_equal(verdict_of(buffer_bytes(&der), &by, NULL), EVIDENCE_PATIENT_CERTIFICATE);
    by = policy();
    by.institution_authorities = patients;
    assert_int_equal(verdict_of(buffer_bytes(&der), &by, NULL), EVIDENCE_INSTITUTION_CERTIFICATE);
    buffer_wipe(&der);
}

/* Several bytes at once, and cut short: for the address sanitizer, and no other statement may come out. */
static void mutated_evidence_does_no_harm(void **state) {
    (void)state;
    statement s = make_statement(STATEMENT_OFFLINE, &patient, &institution);
    buffer der = BUFFER_INIT(EVIDENCE_MAX), hurt = BUFFER_INIT(EVIDENCE_MAX);
    evidence_policy by = policy();
    evidence_verdict verdict;
    assert_int_equal(evidence_create(&s, &patient.signer, &institution.signer, &der), RESULT_OK);
    srand(20261123);
    for (int round = 0; round < 2000; round++) {
        buffer_clear(&hurt);
        assert_int_equal(buffer_append(&hurt, buffer_bytes(&der)), RESULT_OK);
        for (int changes = 1 + rand() % 4; changes > 0; changes--)
            hurt.data[(size_t)rand() % hurt.length] = (uint8_t)rand();
        size_t length = round % 4 == 0 ? (size_t)rand() % hurt.length : hurt.length;
        if (evidence_verify(bytes_of(hurt.data, length), &by, &verdict) == RESULT_OK)
            assert_memory_equal(&verdict.statement, &s, sizeof s);
    }
    buffer_wipe(&der);
    buffer_wipe(&hurt);
}

static void hash_chains(void **state) {
    (void)state;
    char hash[STATEMENT_HASH_SIZE];
    assert_int_equal(evidence_hash(bytes_of("abc", 3), hash), RESULT_OK); /* FIPS 180-4's example */
    assert_string_equal(hash, "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statement_is_strict),
        cmocka_unit_test(a_mode_has_its_own_members),
        cmocka_unit_test(older_versions_are_read),
        cmocka_unit_test(an_expired_card_has_a_grace_by_policy),
        cmocka_unit_test(identifications_are_words),
        cmocka_unit_test(clocks_are_checked),
        cmocka_unit_test(mutated_statements_never_pass_as_another),
        cmocka_unit_test(good_evidence_of_both_modes),
        cmocka_unit_test(each_reason_is_reached),
        cmocka_unit_test(verifier_without_platform_key_or_at_another_time),
        cmocka_unit_test(signers_are_certified_for_signatures),
        cmocka_unit_test(evidence_has_its_longest),
        cmocka_unit_test(the_day_of_service_is_that_day),
        cmocka_unit_test(wrong_signers_and_times),
        cmocka_unit_test(an_altered_byte_never_changes_the_statement),
        cmocka_unit_test(evidence_of_tomorrow_is_not_good_today),
        cmocka_unit_test(trust_comes_before_signatures),
        cmocka_unit_test(mutated_evidence_does_no_harm),
        cmocka_unit_test(hash_chains),
    };
    return cmocka_run_group_tests(tests, make_everything, remove_everything);
}
