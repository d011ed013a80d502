/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Operator cards, one wrong thing after the other: who issued it, when, for what, for which institution, in which role,
 * with which key and PIN. The token's answers are written here. */
#include "operator/operator_card.h"
#include "core/trust_anchors.h"
#include "test_actor.h"

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

#define DAY 86400

typedef enum who {
    GOOD,
    OTHER_CA,
    EXPIRED,
    NOT_YET,
    REVOKED,
    OTHER_PURPOSE,
    OTHER_INSTITUTION,
    NO_INSTITUTION,
    OTHER_ROLE,
    NO_ROLE,
    NO_NUMBER,
    NO_NAME,
    PEOPLE
} who;

static const struct {
    const char *dn, *purpose;
    int from, until; /* days from now */
    const char *reason;
} profiles[PEOPLE] = {
    [GOOD] = {"serialNumber=R-0001,2.5.4.12=reception,CN=R,C=JP" OURS, GNUTLS_KP_TLS_WWW_CLIENT, -1, 1, NULL},
    [OTHER_CA] = {"serialNumber=R-0001,2.5.4.12=reception,CN=R,C=JP" OURS, GNUTLS_KP_TLS_WWW_CLIENT, -1, 1,
                  "operator-certificate-foreign"},
    [EXPIRED] = {"serialNumber=R-0001,2.5.4.12=reception,CN=R,C=JP" OURS, GNUTLS_KP_TLS_WWW_CLIENT, -3, -1,
                 "operator-certificate-expired"},
    [NOT_YET] = {"serialNumber=R-0001,2.5.4.12=reception,CN=R,C=JP" OURS, GNUTLS_KP_TLS_WWW_CLIENT, 1, 3,
                 "operator-certificate-not-yet-valid"},
    [REVOKED] = {"serialNumber=R-0001,2.5.4.12=reception,CN=R,C=JP" OURS, GNUTLS_KP_TLS_WWW_CLIENT, -1, 1,
                 "operator-certificate-revoked"},
    [OTHER_PURPOSE] = {"serialNumber=R-0001,2.5.4.12=reception,CN=R,C=JP" OURS, GNUTLS_KP_EMAIL_PROTECTION, -1, 1,
                       "operator-certificate"},
    [OTHER_INSTITUTION] = {"serialNumber=R-0001,2.5.4.12=reception,CN=R,C=JP" THEIRS, GNUTLS_KP_TLS_WWW_CLIENT, -1, 1,
                           "operator-card-other-institution"},
    [NO_INSTITUTION] = {"serialNumber=R-0001,2.5.4.12=reception,CN=R,C=JP", GNUTLS_KP_TLS_WWW_CLIENT, -1, 1,
                        "operator-card-without-institution"},
    [OTHER_ROLE] = {"serialNumber=R-0001,2.5.4.12=cook,CN=R,C=JP" OURS, GNUTLS_KP_TLS_WWW_CLIENT, -1, 1,
                    "operator-without-role"},
    [NO_ROLE] = {"serialNumber=R-0001,CN=R,C=JP" OURS, GNUTLS_KP_TLS_WWW_CLIENT, -1, 1, "operator-without-role"},
    [NO_NUMBER] = {"2.5.4.12=reception,CN=R,C=JP" OURS, GNUTLS_KP_TLS_WWW_CLIENT, -1, 1, "operator-without-role"},
    [NO_NAME] = {"serialNumber=R-0001,2.5.4.12=reception,C=JP" OURS, GNUTLS_KP_TLS_WWW_CLIENT, -1, 1,
                 "operator-without-role"},
};

static actor people[PEOPLE];
static test_identity ca, other_ca;
static char folder[] = "/tmp/test-operator-card.XXXXXX";
static command_context context = {.configuration = {.institution_code = "1312345678", .reader_operator = "Reader"}};
static card_access cards;

static int begin(void **state) {
    const int64_t now = time(NULL);
    (void)state;
    assert_non_null(mkdtemp(folder));
    test_authority_make(&ca, "CN=Operator CA,C=JP", 9);
    test_authority_make(&other_ca, "CN=Operator CA,C=JP", 9);
    for (who i = 0; i < PEOPLE; i++) {
        const test_profile profile = {profiles[i].dn,
                                      0x100 + (uint32_t)i,
                                      now + profiles[i].from * DAY,
                                      now + profiles[i].until * DAY,
                                      GNUTLS_KEY_DIGITAL_SIGNATURE,
                                      profiles[i].purpose};
        test_actor_make(&people[i], &profile, i == OTHER_CA ? &other_ca : &ca, folder);
    }
    test_identity_write(&ca, test_path(folder, "ca.pem"), NULL);
    test_revocation_write(&ca, &people[REVOKED].identity, test_path(folder, "ca.crl"));
    return 0;
}

static int end(void **state) {
    (void)state;
    for (who i = 0; i < PEOPLE; i++)
        test_actor_free(&people[i]);
    test_identity_free(&ca);
    test_identity_free(&other_ca);
    unlink(test_path(folder, "ca.pem"));
    unlink(test_path(folder, "ca.crl"));
    return rmdir(folder);
}

/* --- the token, and what stands around it ------------------------------------------------------------------------- */

static struct {
    who shows, signs;
    result opening, login, reading, signing;
    token_tries tries;
    unsigned logins, open;
    buffer replayed;           /* a signature of before, given instead of a new one; empty: none */
    uint8_t challenges[8][32]; /* that it was asked to sign */
    size_t asked;
} card;

static void insert(who w) {
    buffer_wipe(&card.replayed);
    memset(&card, 0, sizeof card);
    card.replayed = BUFFER_INIT(512);
    card.shows = card.signs = w;
    report_begin(&context.report, true, NULL, NULL);
}

outcome cards_open(card_access *access, command_context *c) {
    (void)access, (void)c;
    return OUTCOME_OK;
}

outcome cards_check_readers(report *r, const char *reader) {
    (void)r, (void)reader;
    return OUTCOME_OK;
}

bool cards_reader_holds(token_module *module, const char *reader, const char *label) {
    (void)module, (void)reader, (void)label;
    return false;
}

outcome cards_token_failure(const card_access *access, report *r, result code, const char *what, const token *t) {
    (void)access, (void)what, (void)t;
    return report_failure(r, OUTCOME_CARD, "token", "%d", (int)code);
}

outcome anchors_trust(command_context *c, const char *anchor, trust **out) {
    (void)c;
    assert_string_equal(anchor, "operator-ca");
    assert_int_equal(trust_new(out), RESULT_OK);
    assert_int_equal(trust_add_authorities(*out, test_path(folder, "ca.pem")), RESULT_OK);
    assert_int_equal(trust_add_revocations(*out, test_path(folder, "ca.crl")), RESULT_OK);
    return OUTCOME_OK;
}

outcome anchors_fault(command_context *c, const char *anchor, trust_verdict verdict) {
    (void)c, (void)anchor, (void)verdict;
    return OUTCOME_OK;
}

result token_open(token_module *module, const char *reader, const char *label, token **out) {
    (void)module, (void)label;
    assert_string_equal(reader, "Reader");
    *out = card.opening == RESULT_OK ? (token *)&card : NULL;
    card.open += card.opening == RESULT_OK;
    return card.opening;
}

void token_close(token **t) {
    card.open -= *t != NULL;
    *t = NULL;
}

result token_certificate(token *t, const char *label, buffer *der) {
    (void)t;
    assert_string_equal(label, OPERATOR_CERTIFICATE);
    return card.reading == RESULT_OK ? buffer_append(der, certificate_der(people[card.shows].certificate))
                                     : card.reading;
}

result token_login(token *t, bytes pin) {
    (void)t, (void)pin;
    card.logins++;
    return card.login;
}

result token_pin_tries(token *t, token_tries *tries) {
    (void)t;
    *tries = card.tries;
    return RESULT_OK;
}

result token_sign(token *t, const char *key, bytes data, buffer *signature) {
    (void)t, (void)key;
    assert_int_equal(data.length, sizeof card.challenges[0]);
    assert_true(card.asked < 8);
    memcpy(card.challenges[card.asked++], data.data, data.length);
    if (card.signing != RESULT_OK)
        return card.signing;
    return card.replayed.length > 0 ? buffer_append(signature, buffer_bytes(&card.replayed))
                                    : cms_key_sign(people[card.signs].key, data, signature);
}

/* --- tests -------------------------------------------------------------------------------------------------------- */

static void expect(outcome done, const char *reason, const char *what) {
    if ((done == OUTCOME_OK) != (reason == NULL) || (reason != NULL && strcmp(report_reason(&context.report), reason)))
        fail_msg("%s: %d, %s", what, (int)done, done == OUTCOME_OK ? "-" : report_reason(&context.report));
    report_discard(&context.report);
}

static void each_wrong_card_is_refused(void **state) {
    (void)state;
    for (who i = 0; i < PEOPLE; i++) {
        operator_card holder;
        token *t;
        insert(i);
        expect(operator_card_read(&cards, &context, &holder, &t), profiles[i].reason, profiles[i].dn);
        assert_int_equal(t != NULL, profiles[i].reason == NULL);
        assert_int_equal(card.open, t != NULL); /* a refused card stays not open */
        assert_int_equal(card.logins, 0);
        if (t != NULL) {
            assert_string_equal(holder.id, "R-0001");
            assert_string_equal(holder.institution, "1312345678");
            assert_int_equal(holder.role, ROLE_RECEPTION);
        }
        token_close(&t);
    }
}

static void no_card_is_no_operator(void **state) {
    static const struct {
        result opening, reading;
        const char *reason;
    } rows[] = {
        {RESULT_REMOVED, RESULT_OK, "no-operator-card"},
        {RESULT_NOT_FOUND, RESULT_OK, "not-an-operator-card"},
        {RESULT_OK, RESULT_NOT_FOUND, "operator-card-without-certificate"},
        {RESULT_OK, RESULT_REMOVED, "token"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        operator_card holder;
        token *t;
        insert(GOOD);
        card.opening = rows[i].opening;
        card.reading = rows[i].reading;
        expect(operator_card_read(&cards, &context, &holder, &t), rows[i].reason, rows[i].reason);
        assert_null(t);
        assert_int_equal(card.open, 0);
    }
}

/* As the one who was read from the card before. */
static outcome authenticate(const char *pin) {
    operator_card holder;
    assert_int_equal(operator_certificate_read(people[GOOD].certificate, &holder), RESULT_OK);
    return operator_card_authenticate(&cards, &context.report, (token *)&card, &holder, bytes_of(pin, strlen(pin)));
}

static void what_can_be_no_pin_costs_no_try(void **state) {
    static const char *const pins[] = {"", "123", "12345", "123a", "12 4", "１２３４"};
    (void)state;
    for (size_t i = 0; i < sizeof pins / sizeof *pins; i++) {
        insert(GOOD);
        expect(authenticate(pins[i]), "pin-form", pins[i]);
        assert_int_equal(card.logins, 0);
    }
    insert(GOOD);
    expect(authenticate("1234"), NULL, "1234");
    assert_int_equal(card.logins, 1);
}

static void tries_are_told(void **state) {
    static const struct {
        result login;
        token_tries tries;
        const char *reason;
        int left; /* -1: not told */
    } rows[] = {
        {RESULT_DENIED, TOKEN_TRIES_FULL, "pin-wrong", 3},     {RESULT_DENIED, TOKEN_TRIES_LOW, "pin-wrong", 2},
        {RESULT_DENIED, TOKEN_TRIES_LAST, "pin-wrong", 1},     {RESULT_DENIED, TOKEN_TRIES_NONE, "pin-blocked", -1},
        {RESULT_BLOCKED, TOKEN_TRIES_NONE, "pin-blocked", -1}, {RESULT_REMOVED, TOKEN_TRIES_FULL, "token", -1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        insert(GOOD);
        card.login = rows[i].login;
        card.tries = rows[i].tries;
        const outcome done = authenticate("1234");
        const json_t *left = json_object_get(context.report.fields, "triesLeft");
        assert_int_equal(left != NULL ? json_integer_value(left) : -1, rows[i].left);
        expect(done, rows[i].reason, rows[i].reason);
        assert_int_equal(card.asked, 0); /* nothing is signed without the PIN */
    }
}

static void the_key_must_be_the_certificates(void **state) {
    (void)state;
    insert(GOOD);
    card.signs = OTHER_CA; /* a copy of the certificate, with another key */
    expect(authenticate("1234"), "operator-card-false", "another key");
    insert(OTHER_ROLE); /* a genuine pair, and not the one that was checked */
    expect(authenticate("1234"), "operator-card-false", "another certificate than before");
    insert(GOOD);
    card.signing = RESULT_REMOVED;
    expect(authenticate("1234"), "token", "removed");
    insert(GOOD);
    card.reading = RESULT_NOT_FOUND;
    expect(authenticate("1234"), "operator-card-without-certificate", "no certificate");
}

/* A signature that was recorded is good for its challenge only, and no challenge comes twice. */
static void no_challenge_comes_twice(void **state) {
    buffer recorded = BUFFER_INIT(512);
    (void)state;
    insert(GOOD);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(authenticate("1234"), OUTCOME_OK);
        for (size_t k = 0; k + 1 < card.asked; k++)
            assert_memory_not_equal(card.challenges[k], card.challenges[card.asked - 1], sizeof card.challenges[0]);
    }
    assert_int_equal(cms_key_sign(people[GOOD].key, BYTES(card.challenges[0]), &recorded), RESULT_OK);
    report_discard(&context.report);
    insert(GOOD);
    assert_int_equal(buffer_append(&card.replayed, buffer_bytes(&recorded)), RESULT_OK);
    expect(authenticate("1234"), "operator-card-false", "a recorded signature");
    buffer_wipe(&card.replayed);
    buffer_wipe(&recorded);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_wrong_card_is_refused),       cmocka_unit_test(no_card_is_no_operator),
        cmocka_unit_test(what_can_be_no_pin_costs_no_try),  cmocka_unit_test(tries_are_told),
        cmocka_unit_test(the_key_must_be_the_certificates), cmocka_unit_test(no_challenge_comes_twice),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
