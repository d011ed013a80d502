/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Decisions of two, as signed records: a good one is read; whatever else a single person, an affiliated hospital or
 * somebody who can rewrite the store may make of it is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/signed_decision.h"
#include "test_actor.h"

#define DAY 86400
#define KIND "limits"
#define CONTENT "offline-hours=96 offline-count=500"

typedef enum who {
    FIRST,
    SECOND,
    SECOND_CARD_OF_FIRST,
    RECEPTIONIST,
    AFFILIATED,
    UNKNOWN_CA,
    ENDED,
    OFFICE_LOGIN,
    OFFICE,
    SECOND_OFFICE,
    NO_OFFICE,
    PEOPLE
} who;

static actor people[PEOPLE];
static test_identity ca, other_ca;
static trust *operators;
static int64_t now;
static char folder[] = "/tmp/decisions.XXXXXX";
static decision_place place = {.institution = "1312345678", .terminal = "T-01"};

static const struct {
    const char *dn, *purpose;
} profiles[PEOPLE] = {
    [FIRST] = {"serialNumber=A-0001,2.5.4.12=administrator,CN=One,C=JP" OURS, GNUTLS_KP_TLS_WWW_CLIENT},
    [SECOND] = {"serialNumber=A-0002,2.5.4.12=administrator,CN=Two,C=JP" OURS, GNUTLS_KP_TLS_WWW_CLIENT},
    [SECOND_CARD_OF_FIRST] = {"serialNumber=A-0001,2.5.4.12=administrator,CN=One,C=JP" OURS, GNUTLS_KP_TLS_WWW_CLIENT},
    [RECEPTIONIST] = {"serialNumber=R-0001,2.5.4.12=reception,CN=R,C=JP" OURS, GNUTLS_KP_TLS_WWW_CLIENT},
    [AFFILIATED] = {"serialNumber=A-0003,2.5.4.12=administrator,CN=Three,C=JP" THEIRS, GNUTLS_KP_TLS_WWW_CLIENT},
    [UNKNOWN_CA] = {"serialNumber=A-0002,2.5.4.12=administrator,CN=Two,C=JP" OURS, GNUTLS_KP_TLS_WWW_CLIENT},
    [ENDED] = {"serialNumber=A-0004,2.5.4.12=administrator,CN=Four,C=JP" OURS, GNUTLS_KP_TLS_WWW_CLIENT},
    [OFFICE_LOGIN] = {"serialNumber=office,2.5.4.12=office,CN=Office,C=JP", GNUTLS_KP_TLS_WWW_CLIENT},
    [OFFICE] = {"serialNumber=office,2.5.4.12=office,CN=Office,C=JP", GNUTLS_KP_EMAIL_PROTECTION},
    [SECOND_OFFICE] = {"serialNumber=office,2.5.4.12=office,CN=Office,C=JP", GNUTLS_KP_EMAIL_PROTECTION},
    [NO_OFFICE] = {"serialNumber=office,2.5.4.12=administrator,CN=Office,C=JP" OURS, GNUTLS_KP_EMAIL_PROTECTION},
};

static int make_people(void **state) {
    (void)state;
    now = time(NULL);
    assert_non_null(mkdtemp(folder));
    test_authority_make(&ca, "CN=Operator CA,C=JP", 400);
    test_authority_make(&other_ca, "CN=Operator CA,C=JP", 400);
    place.operators = operators = test_authority_trust(&ca, NULL, folder);
    for (who i = 0; i < PEOPLE; i++) {
        const test_profile profile = {profiles[i].dn,
                                      0x100 + (uint32_t)i,
                                      now - 300 * DAY,
                                      i == ENDED ? now - 100 * DAY : now + 90 * DAY,
                                      GNUTLS_KEY_DIGITAL_SIGNATURE | (i >= OFFICE ? GNUTLS_KEY_NON_REPUDIATION : 0),
                                      profiles[i].purpose};
        test_actor_make(&people[i], &profile, i == UNKNOWN_CA ? &other_ca : &ca, folder);
    }
    return 0;
}

static int free_people(void **state) {
    (void)state;
    for (who i = 0; i < PEOPLE; i++)
        test_actor_free(&people[i]);
    test_identity_free(&ca);
    test_identity_free(&other_ca);
    trust_free(&operators);
    return rmdir(folder);
}

/* --- making ------------------------------------------------------------------------------------------------------- */

static decision_signer signer_of(who w, const char *id, int64_t at) {
    decision_signer signer = {.at = at};
    snprintf(signer.id, sizeof signer.id, "%s", id);
    certificate_fingerprint_text(people[w].certificate, signer.fingerprint);
    return signer;
}

static const char *id_of(who w) {
    static char id[64];
    assert_int_equal(certificate_subject_attribute(people[w].certificate, CERTIFICATE_SERIAL_NUMBER, id, sizeof id),
                     RESULT_OK);
    return id;
}

/* The card signs this text: a proposal, or when there is one already, the consent to it. */
static void sign_as(who w, bytes proposal, bytes text, buffer *record) {
    buffer signature = BUFFER_INIT(512);
    const bytes der = certificate_der(people[w].certificate);
    assert_int_equal(cms_key_sign(people[w].key, text, &signature), RESULT_OK);
    assert_int_equal(proposal.length == 0 ? decision_proposal_record(text, der, buffer_bytes(&signature), record)
                                          : decision_record(proposal, text, der, buffer_bytes(&signature), record),
                     RESULT_OK);
    buffer_wipe(&signature);
}

static void propose_at(who w, int64_t at, const char *content, buffer *record) {
    buffer text = BUFFER_INIT(DECISION_RECORD_MAX);
    const decision_signer signer = signer_of(w, id_of(w), at);
    assert_int_equal(decision_proposal_text(&place, KIND, &signer, bytes_of(content, strlen(content)), &text),
                     RESULT_OK);
    sign_as(w, bytes_of(NULL, 0), buffer_bytes(&text), record);
    buffer_wipe(&text);
}

static void propose(who w, buffer *record) {
    propose_at(w, now, CONTENT, record);
}

static void number_of(bytes proposal, char digest[DECISION_DIGEST_SIZE]) {
    decision d = DECISION_INIT;
    assert_int_equal(decision_read(&place, KIND, proposal, false, &d), RESULT_OK);
    memcpy(digest, d.digest, DECISION_DIGEST_SIZE);
    decision_wipe(&d);
}

static void consent_to(bytes proposal, const char *digest, const char *kind, who w, buffer *record) {
    buffer text = BUFFER_INIT(DECISION_RECORD_MAX);
    const decision_signer signer = signer_of(w, id_of(w), now);
    assert_int_equal(decision_consent_text(kind, digest, &signer, &text), RESULT_OK);
    sign_as(w, proposal, buffer_bytes(&text), record);
    buffer_wipe(&text);
}

static void write_paper(who w, const decision_place *where, const char *kind, const char *digest, buffer *cms) {
    buffer text = BUFFER_INIT(4096);
    assert_int_equal(decision_paper_text(where, kind, digest, &text), RESULT_OK);
    assert_int_equal(cms_sign(buffer_bytes(&text), false, &people[w].signer, 1, now, cms), RESULT_OK);
    buffer_wipe(&text);
}

static result read_whole(bytes record) {
    decision d = DECISION_INIT;
    const result code = decision_read(&place, KIND, record, true, &d);
    if (code != RESULT_OK)
        assert_int_equal(d.content.length, 0);
    decision_wipe(&d);
    return code;
}

/* first proposes, second consents: what whoever reads it says. */
static result decided_by(who first, who second) {
    buffer proposal = BUFFER_INIT(DECISION_RECORD_MAX), record = BUFFER_INIT(DECISION_RECORD_MAX);
    char digest[DECISION_DIGEST_SIZE] = "";
    decision d = DECISION_INIT;
    propose(first, &proposal);
    if (decision_read(&place, KIND, buffer_bytes(&proposal), false, &d) == RESULT_OK)
        memcpy(digest, d.digest, sizeof digest);
    consent_to(buffer_bytes(&proposal), digest, KIND, second, &record);
    const result code = read_whole(buffer_bytes(&record));
    decision_wipe(&d);
    buffer_wipe(&proposal);
    buffer_wipe(&record);
    return code;
}

/* --- tests -------------------------------------------------------------------------------------------------------- */

static void test_two(void **state) {
    buffer proposal = BUFFER_INIT(DECISION_RECORD_MAX), record = BUFFER_INIT(DECISION_RECORD_MAX);
    char digest[DECISION_DIGEST_SIZE];
    decision d = DECISION_INIT;
    (void)state;
    propose(FIRST, &proposal);
    assert_int_equal(read_whole(buffer_bytes(&proposal)), RESULT_BAD_SIGNATURE); /* one alone decides nothing */
    number_of(buffer_bytes(&proposal), digest);
    consent_to(buffer_bytes(&proposal), digest, KIND, SECOND, &record);
    assert_int_equal(decision_read(&place, KIND, buffer_bytes(&record), true, &d), RESULT_OK);
    assert_string_equal(buffer_text(&d.content), CONTENT);
    assert_string_equal(d.proposed.id, "A-0001");
    assert_string_equal(d.confirmed.id, "A-0002");
    assert_string_equal(d.digest, digest);
    decision_wipe(&d);
    buffer_wipe(&proposal);
    buffer_wipe(&record);
}

static void test_whose_signature(void **state) {
    (void)state;
    assert_int_equal(decided_by(FIRST, SECOND), RESULT_OK);
    for (who w = 0; w < PEOPLE; w++) {
        if (w != SECOND)
            assert_int_equal(decided_by(FIRST, w), RESULT_BAD_SIGNATURE);
        if (w != FIRST && w != SECOND_CARD_OF_FIRST)
            assert_int_equal(decided_by(w, SECOND), RESULT_BAD_SIGNATURE);
    }
    assert_int_equal(decided_by(SECOND_CARD_OF_FIRST, FIRST), RESULT_BAD_SIGNATURE); /* one person, two cards */
}

/* One person with two cards, who calls the second one somebody else's; a card that calls itself another one. */
static void test_false_names(void **state) {
    static const struct {
        who card, fingerprint_of;
        result expected;
    } rows[] = {
        {SECOND, SECOND, RESULT_OK},
        {SECOND_CARD_OF_FIRST, SECOND_CARD_OF_FIRST, RESULT_BAD_SIGNATURE},
        {SECOND, SECOND_CARD_OF_FIRST, RESULT_BAD_SIGNATURE},
    };
    buffer proposal = BUFFER_INIT(DECISION_RECORD_MAX), text = BUFFER_INIT(DECISION_RECORD_MAX),
           record = BUFFER_INIT(DECISION_RECORD_MAX);
    char digest[DECISION_DIGEST_SIZE];
    (void)state;
    propose(FIRST, &proposal);
    number_of(buffer_bytes(&proposal), digest);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const decision_signer signer = signer_of(rows[i].fingerprint_of, id_of(SECOND), now);
        buffer_clear(&text);
        buffer_clear(&record);
        assert_int_equal(decision_consent_text(KIND, digest, &signer, &text), RESULT_OK);
        sign_as(rows[i].card, buffer_bytes(&proposal), buffer_bytes(&text), &record);
        assert_int_equal(read_whole(buffer_bytes(&record)), rows[i].expected);
    }
    buffer_wipe(&proposal);
    buffer_wipe(&text);
    buffer_wipe(&record);
}

/* What the right cards have signed for another purpose: another label before it, something more behind it. */
static void test_other_words(void **state) {
    buffer proposal = BUFFER_INIT(DECISION_RECORD_MAX), text = BUFFER_INIT(DECISION_RECORD_MAX),
           record = BUFFER_INIT(DECISION_RECORD_MAX);
    char digest[DECISION_DIGEST_SIZE];
    decision d = DECISION_INIT;
    const decision_signer first = signer_of(FIRST, id_of(FIRST), now), second = signer_of(SECOND, id_of(SECOND), now);
    (void)state;
    assert_int_equal(decision_proposal_text(&place, KIND, &first, bytes_of(CONTENT, strlen(CONTENT)), &text),
                     RESULT_OK);
    text.data[0] ^= 1;
    sign_as(FIRST, bytes_of(NULL, 0), buffer_bytes(&text), &proposal);
    assert_int_equal(decision_read(&place, KIND, buffer_bytes(&proposal), false, &d), RESULT_BAD_SIGNATURE);
    buffer_clear(&proposal);
    propose(FIRST, &proposal);
    number_of(buffer_bytes(&proposal), digest);
    buffer_clear(&text);
    assert_int_equal(decision_consent_text(KIND, digest, &second, &text), RESULT_OK);
    text.data[0] ^= 1;
    sign_as(SECOND, buffer_bytes(&proposal), buffer_bytes(&text), &record);
    assert_int_equal(read_whole(buffer_bytes(&record)), RESULT_BAD_SIGNATURE);
    text.data[0] ^= 1;
    assert_int_equal(buffer_append_text(&text, "but not today\n"), RESULT_OK);
    buffer_clear(&record);
    sign_as(SECOND, buffer_bytes(&proposal), buffer_bytes(&text), &record);
    assert_int_equal(read_whole(buffer_bytes(&record)), RESULT_BAD_SIGNATURE);
    decision_wipe(&d);
    buffer_wipe(&proposal);
    buffer_wipe(&text);
    buffer_wipe(&record);
}

/* Each byte of a record counts: one bit of it turned, and it is no decision any more. */
static void test_altered(void **state) {
    buffer proposal = BUFFER_INIT(DECISION_RECORD_MAX), record = BUFFER_INIT(DECISION_RECORD_MAX);
    char digest[DECISION_DIGEST_SIZE];
    (void)state;
    propose(FIRST, &proposal);
    number_of(buffer_bytes(&proposal), digest);
    consent_to(buffer_bytes(&proposal), digest, KIND, SECOND, &record);
    for (size_t i = 0; i < record.length; i++) {
        record.data[i] ^= 1;
        assert_int_not_equal(read_whole(buffer_bytes(&record)), RESULT_OK);
        record.data[i] ^= 1;
    }
    assert_int_equal(read_whole(buffer_bytes(&record)), RESULT_OK);
    for (size_t i = 0; i < record.length; i++)
        assert_int_not_equal(read_whole(bytes_of(record.data, i)), RESULT_OK);
    buffer_append_u8(&record, 0);
    assert_int_not_equal(read_whole(buffer_bytes(&record)), RESULT_OK);
    buffer_wipe(&proposal);
    buffer_wipe(&record);
}

/* What two have decided here says nothing elsewhere, about something else, or about another proposal. */
static void test_other_place(void **state) {
    buffer proposal = BUFFER_INIT(DECISION_RECORD_MAX), other = BUFFER_INIT(DECISION_RECORD_MAX),
           record = BUFFER_INIT(DECISION_RECORD_MAX);
    char digest[DECISION_DIGEST_SIZE];
    decision d = DECISION_INIT;
    const decision_place elsewhere = {operators, place.institution, "T-02"},
                         other_hospital = {operators, "9999999999", place.terminal};
    (void)state;
    propose(FIRST, &proposal);
    assert_int_equal(decision_read(&place, "institutions", buffer_bytes(&proposal), false, &d), RESULT_BAD_SIGNATURE);
    number_of(buffer_bytes(&proposal), digest);
    consent_to(buffer_bytes(&proposal), digest, KIND, SECOND, &record);
    assert_int_equal(decision_read(&elsewhere, KIND, buffer_bytes(&record), true, &d), RESULT_BAD_SIGNATURE);
    assert_int_equal(decision_read(&other_hospital, KIND, buffer_bytes(&record), true, &d), RESULT_BAD_SIGNATURE);
    assert_int_equal(decision_read(&place, "institutions", buffer_bytes(&record), true, &d), RESULT_BAD_SIGNATURE);
    /* the consent to another proposal of the same person */
    propose_at(FIRST, now, "offline-hours=720 offline-count=1000000", &other);
    buffer_clear(&record);
    consent_to(buffer_bytes(&other), digest, KIND, SECOND, &record);
    assert_int_equal(read_whole(buffer_bytes(&record)), RESULT_BAD_SIGNATURE);
    /* the consent to a decision of another kind */
    buffer_clear(&record);
    consent_to(buffer_bytes(&proposal), digest, "institutions", SECOND, &record);
    assert_int_equal(read_whole(buffer_bytes(&record)), RESULT_BAD_SIGNATURE);
    decision_wipe(&d);
    buffer_wipe(&proposal);
    buffer_wipe(&other);
    buffer_wipe(&record);
}

/* A card that has ended since: its decision stays. A card that had ended before makes none. */
static void test_times(void **state) {
    buffer proposal = BUFFER_INIT(DECISION_RECORD_MAX);
    decision d = DECISION_INIT;
    (void)state;
    propose_at(ENDED, now - 200 * DAY, CONTENT, &proposal);
    assert_int_equal(decision_read(&place, KIND, buffer_bytes(&proposal), false, &d), RESULT_OK);
    buffer_clear(&proposal);
    propose_at(ENDED, now - 50 * DAY, CONTENT, &proposal);
    assert_int_equal(decision_read(&place, KIND, buffer_bytes(&proposal), false, &d), RESULT_BAD_SIGNATURE);
    decision_wipe(&d);
    buffer_wipe(&proposal);
}

/* Without a revocation list nothing is accepted, and nothing accused. */
static void test_without_lists(void **state) {
    buffer proposal = BUFFER_INIT(DECISION_RECORD_MAX);
    decision d = DECISION_INIT;
    (void)state;
    propose(FIRST, &proposal);
    trust_set_policy(operators, &(revocation_policy){0});
    assert_int_equal(decision_read(&place, KIND, buffer_bytes(&proposal), false, &d), RESULT_UNAVAILABLE);
    trust_set_policy(operators, &(revocation_policy){.without_lists = true});
    assert_int_equal(decision_read(&place, KIND, buffer_bytes(&proposal), false, &d), RESULT_OK);
    decision_wipe(&d);
    buffer_wipe(&proposal);
}

static result by_paper(who w, const decision_place *where, const char *kind, const char *digest, bytes proposal) {
    buffer cms = BUFFER_INIT(16384), record = BUFFER_INIT(DECISION_RECORD_MAX);
    decision_signer signer;
    write_paper(w, where, kind, digest, &cms);
    const result code = decision_check_paper(&place, KIND, digest, buffer_bytes(&cms), &signer);
    assert_int_equal(decision_record(proposal, bytes_of(NULL, 0), bytes_of(NULL, 0), buffer_bytes(&cms), &record),
                     RESULT_OK);
    assert_int_equal(read_whole(buffer_bytes(&record)) == RESULT_OK, code == RESULT_OK);
    buffer_wipe(&cms);
    buffer_wipe(&record);
    return code;
}

/* The office's word for this very proposal, and nobody else's. */
static void test_paper(void **state) {
    buffer proposal = BUFFER_INIT(DECISION_RECORD_MAX);
    char digest[DECISION_DIGEST_SIZE], other[DECISION_DIGEST_SIZE];
    const decision_place elsewhere = {operators, place.institution, "T-02"};
    (void)state;
    propose(FIRST, &proposal);
    number_of(buffer_bytes(&proposal), digest);
    memcpy(other, digest, sizeof other);
    other[0] = other[0] == '0' ? '1' : '0';
    const bytes p = buffer_bytes(&proposal);
    assert_int_equal(by_paper(OFFICE, &place, KIND, digest, p), RESULT_OK);
    assert_int_equal(by_paper(NO_OFFICE, &place, KIND, digest, p), RESULT_BAD_SIGNATURE);
    assert_int_equal(by_paper(SECOND, &place, KIND, digest, p), RESULT_BAD_SIGNATURE);
    assert_int_equal(by_paper(OFFICE_LOGIN, &place, KIND, digest, p), RESULT_BAD_SIGNATURE);
    assert_int_equal(by_paper(UNKNOWN_CA, &place, KIND, digest, p), RESULT_BAD_SIGNATURE);
    assert_int_equal(by_paper(OFFICE, &elsewhere, KIND, digest, p), RESULT_NOT_FOUND);
    assert_int_equal(by_paper(OFFICE, &place, "anchors", digest, p), RESULT_NOT_FOUND);
    buffer cms = BUFFER_INIT(16384);
    decision_signer signer;
    write_paper(OFFICE, &place, KIND, other, &cms);
    assert_int_equal(decision_check_paper(&place, KIND, digest, buffer_bytes(&cms), &signer), RESULT_NOT_FOUND);
    assert_int_equal(decision_check_paper(&place, KIND, digest, bytes_of("paper", 5), &signer), RESULT_INVALID);
    buffer_clear(&cms);
    buffer text = BUFFER_INIT(4096);
    const cms_signer two[] = {people[OFFICE].signer, people[SECOND_OFFICE].signer};
    assert_int_equal(decision_paper_text(&place, KIND, digest, &text), RESULT_OK);
    assert_int_equal(cms_sign(buffer_bytes(&text), false, two, 2, now, &cms), RESULT_OK);
    assert_int_equal(decision_check_paper(&place, KIND, digest, buffer_bytes(&cms), &signer), RESULT_BAD_SIGNATURE);
    buffer_wipe(&text);
    buffer_wipe(&cms);
    buffer_wipe(&proposal);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two),         cmocka_unit_test(test_whose_signature), cmocka_unit_test(test_false_names),
        cmocka_unit_test(test_other_words), cmocka_unit_test(test_altered),         cmocka_unit_test(test_other_place),
        cmocka_unit_test(test_times),       cmocka_unit_test(test_without_lists),   cmocka_unit_test(test_paper),
    };
    return cmocka_run_group_tests(tests, make_people, free_people);
}
