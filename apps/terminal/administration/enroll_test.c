/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The self-test at the end of an enrolment. */
#include "administration/card_chain.h"
#include "administration/enroll.h"
#include "core/trust_anchors.h"
#include "se/se_supervision.h"
#include "services/service_call.h"

#include "base/clock.h"
#include "crypt/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CERTIFICATE_MAX 8192
#define PROBE_LABEL "Uketsuke-PROBE-1" /* docs/interfaces/secure-element.md, "What the institution key signs" */
#define PROBE_LABEL_LENGTH 16
#define PROBE_LENGTH 32
#define PROBLEM_MAX HTTP_CLIENT_MESSAGE_MAX

static const uint8_t exponent[] = {0x01, 0x00, 0x01};

typedef struct self_test {
    terminal *terminal;
    char problem[PROBLEM_MAX];
} self_test;

static bool complain(self_test *s, const char *what) {
    snprintf(s->problem, sizeof s->problem, "%s", what);
    return false;
}

/* A PKCS#11 call to the SE has failed. */
static bool blame_se(self_test *s) {
    return complain(s, token_problem(s->terminal->cards.se));
}

static bool read_certificate(self_test *s, const char *label, certificate **out) {
    buffer der = BUFFER_INIT(CERTIFICATE_MAX);
    result code = token_certificate(s->terminal->cards.se, label, &der);
    if (code == RESULT_OK)
        code = certificate_new(buffer_bytes(&der), out);
    buffer_wipe(&der);
    return code == RESULT_OK || blame_se(s);
}

/* Signs a labelled message with random bytes and verifies the signature with the key's certificate. No
 * other message of ours begins like this, so the signature serves nothing else. */
static bool key_signs(self_test *s, const char *label) {
    uint8_t probe[PROBE_LABEL_LENGTH + PROBE_LENGTH];
    buffer signature = BUFFER_INIT(512);
    certificate *c = NULL;
    bool good = read_certificate(s, label, &c);
    memcpy(probe, PROBE_LABEL, PROBE_LABEL_LENGTH);
    if (good && crypt_random(probe + PROBE_LABEL_LENGTH, PROBE_LENGTH) != RESULT_OK)
        good = complain(s, "the random number generator failed");
    if (good && token_sign(s->terminal->cards.se, label, BYTES(probe), &signature) != RESULT_OK)
        good = blame_se(s);
    if (good && certificate_verify(c, BYTES(probe), buffer_bytes(&signature)) != RESULT_OK)
        good = complain(s, "the signature does not fit the certificate");
    certificate_free(&c);
    buffer_wipe(&signature);
    return good;
}

static bool institution_key(self_test *s) {
    return key_signs(s, enroll_keys[ENROLL_INSTITUTION].label);
}

static bool tls_key(self_test *s) {
    return key_signs(s, enroll_keys[ENROLL_TLS].label);
}

static bool store_key(self_test *s) {
    uint8_t probe[PROBE_LENGTH];
    buffer modulus = BUFFER_INIT(CRYPT_MODULUS_MAX), wrapped = BUFFER_INIT(1024), plain = BUFFER_INIT(1024);
    const char *label = enroll_keys[ENROLL_STORE].label;
    bool good = true;
    if (token_modulus(s->terminal->cards.se, label, &modulus) != RESULT_OK)
        good = blame_se(s);
    else if (crypt_random(probe, sizeof probe) != RESULT_OK ||
             crypt_rsa_encrypt(buffer_bytes(&modulus), BYTES(exponent), BYTES(probe), &wrapped) != RESULT_OK)
        good = complain(s, "nothing could be encrypted for it");
    else if (token_decrypt(s->terminal->cards.se, label, buffer_bytes(&wrapped), &plain) != RESULT_OK)
        good = blame_se(s);
    else if (!bytes_equal(buffer_bytes(&plain), BYTES(probe)))
        good = complain(s, "it decrypts something else");
    buffer_wipe(&modulus);
    buffer_wipe(&wrapped);
    buffer_wipe(&plain);
    return good;
}

static bool is_trusted(self_test *s, const char *label, const char *anchor, trust_purpose purpose) {
    char folder[PATH_MAX];
    trust *authorities = NULL;
    certificate *c = NULL;
    bool good = read_certificate(s, label, &c);
    anchors_folder(&s->terminal->context, folder);
    if (good && (trust_new(&authorities) != RESULT_OK || trust_add_anchor(authorities, folder, anchor) != RESULT_OK))
        good = complain(s, "the trust anchor cannot be read");
    if (good) {
        const revocation_policy policy = configuration_revocation_policy(&s->terminal->context.configuration, anchor);
        trust_set_policy(authorities, &policy);
        const trust_verdict verdict = trust_check(authorities, c, purpose, clock_wall_s());
        good = verdict == TRUST_OK || complain(s, trust_verdict_text(verdict));
    }
    trust_free(&authorities);
    certificate_free(&c);
    return good;
}

static bool institution_trusted(self_test *s) {
    return is_trusted(s, enroll_keys[ENROLL_INSTITUTION].label, "institution-ca", TRUST_COMMITMENT);
}

static bool tls_trusted(self_test *s) {
    return is_trusted(s, enroll_keys[ENROLL_TLS].label, "tls-ca", TRUST_CLIENT_AUTHENTICATION);
}

static bool bears(self_test *s, const char *label, const char *oid, const char *expected, const char *complaint) {
    char text[128] = "";
    certificate *c = NULL;
    bool good = read_certificate(s, label, &c);
    if (good && (certificate_subject_attribute(c, oid, text, sizeof text) != RESULT_OK || strcmp(text, expected) != 0))
        good = complain(s, complaint);
    certificate_free(&c);
    return good;
}

/* The certificates must name the institution of the configuration. */
static bool institution_named(self_test *s) {
    const char *code = s->terminal->context.configuration.institution_code;
    return bears(s, enroll_keys[ENROLL_INSTITUTION].label, CERTIFICATE_SERIAL_NUMBER, code,
                 "another institution code") &&
           bears(s, enroll_keys[ENROLL_TLS].label, CERTIFICATE_SERIAL_NUMBER, code, "another institution code");
}

/* --- the chain for the patient's card ----------------------------------------------------------------------------- */

static bool chain_holds(self_test *s) {
    char folder[PATH_MAX];
    anchors_folder(&s->terminal->context, folder);
    const char *problem = card_chain_problem(s->terminal->cards.se, folder);
    return problem == NULL || complain(s, problem);
}

static bool counter_there(self_test *s) {
    uint32_t counter;
    const result code = se_signature_counter(s->terminal->cards.se, &counter);
    if (code == RESULT_INVALID || code == RESULT_TOO_LONG)
        return complain(s, "its counter is no number of four bytes");
    return code == RESULT_OK || blame_se(s);
}

/* An SE without a pairing, or still being personalised, works in any reader. */
static bool works_for_us_only(self_test *s) {
    se_state now;
    if (se_state_read(s->terminal->cards.se, &now) != RESULT_OK)
        return blame_se(s);
    if (now.pairing == 0)
        return complain(s, "it is not paired; the issuer pairs it (uketsuke-se-tool pair), and opensc.conf names the "
                           "binding key");
    return now.life_cycle == SE_LIFE_OPERATIONAL ||
           complain(s, "it is still being personalised; the issuer puts it into service (uketsuke-se-tool "
                       "operational)");
}

/* --- the services ------------------------------------------------------------------------------------------------- */

static bool answers(self_test *s, service which) {
    remote r;
    if (service_open(s->terminal->services, which, &r) != OUTCOME_OK)
        return complain(s, "no connection can be prepared");
    result code = remote_ping(&r, s->problem, sizeof s->problem);
    service_end(&r);
    return code == RESULT_OK;
}

static bool platform_answers(self_test *s) {
    return answers(s, SERVICE_PLATFORM);
}

static bool history_answers(self_test *s) {
    return answers(s, SERVICE_HISTORY);
}

/* --- all ---------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name, *label;
    bool (*passes)(self_test *s);
} tests[] = {
    {"institution-key", N_("The institution's key signs"), institution_key},
    {"institution-certificate", N_("Its certificate is trusted"), institution_trusted},
    {"institution-code", N_("The certificates name this institution"), institution_named},
    {"cvc-chain", N_("The chain for patients' cards leads to its root"), chain_holds},
    {"tls-key", N_("The TLS key signs"), tls_key},
    {"tls-certificate", N_("Its certificate is trusted"), tls_trusted},
    {"store-key", N_("The key of the local store decrypts"), store_key},
    {"signature-counter", N_("The SE counts its signatures"), counter_there},
    {"se-pairing", N_("The SE works for this terminal only"), works_for_us_only},
    {"platform", N_("The platform answers"), platform_answers},
    {"history", N_("The history service answers"), history_answers},
};

const char *enroll_check_label(const char *check) {
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        if (strcmp(tests[i].name, check) == 0)
            return language_text(tests[i].label);
    return "";
}

outcome enroll_self_test(terminal *t, json_t *checks) {
    outcome done = OUTCOME_OK;
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        self_test s = {.terminal = t};
        const bool passed = tests[i].passes(&s);
        report_line(&t->context.report, "%s: %s%s%s", language_text(tests[i].label), passed ? _("good") : _("FAILED"),
                    passed ? "" : ": ", passed ? "" : s.problem);
        json_array_append_new(checks, json_pack("{s:s,s:b,s:s}", "check", tests[i].name, "passed", passed, "problem",
                                                passed ? "" : s.problem));
        if (!passed && done == OUTCOME_OK)
            done = report_failure(&t->context.report, OUTCOME_REFUSED, "self-test", _("The self-test failed: %s: %s."),
                                  language_text(tests[i].label), s.problem);
    }
    return done;
}
