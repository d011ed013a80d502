/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The self-test at the end of an enrolment, by an SE that says of itself what the test wants: each check fails for its own
 * reason, and only then. */
#include "administration/card_chain.h"
#include "administration/enroll.h"
#include "core/trust_anchors.h"
#include "se/se_supervision.h"
#include "services/service_call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

const token_key_order enroll_keys[ENROLL_KEY_COUNT] = {
    {"institution", 1, false}, {"tls", 2, false}, {"store", 3, true}};

static struct {
    se_state state;
    result reads_state;
    size_t counter_length;
    const char *chain;
    bool decrypts_wrongly;
    result platform, history;
} it;

/* --- the SE ------------------------------------------------------------------------------------------------------- */

const char *token_problem(const token *t) {
    (void)t;
    return "the SE's";
}

result token_certificate(token *t, const char *label, buffer *der) {
    (void)t, (void)label, (void)der;
    return RESULT_NOT_FOUND;
}

result token_sign(token *t, const char *key, bytes data, buffer *signature) {
    (void)t, (void)key, (void)data, (void)signature;
    return RESULT_NOT_FOUND;
}

static uint8_t probe[32];

result token_modulus(token *t, const char *label, buffer *modulus) {
    (void)t, (void)label;
    return buffer_append_u8(modulus, 1);
}

result __wrap_crypt_rsa_encrypt(bytes modulus, bytes exponent, bytes plain, buffer *encrypted);

result __wrap_crypt_rsa_encrypt(bytes modulus, bytes exponent, bytes plain, buffer *encrypted) {
    (void)modulus, (void)exponent;
    assert_int_equal(plain.length, sizeof probe);
    memcpy(probe, plain.data, sizeof probe);
    return buffer_append_text(encrypted, "encrypted");
}

result token_decrypt(token *t, const char *key, bytes encrypted, buffer *plain) {
    (void)t, (void)encrypted;
    assert_string_equal(key, "store");
    probe[0] ^= it.decrypts_wrongly;
    return buffer_append(plain, BYTES(probe));
}

result se_signature_counter(token *se, uint32_t *counter) {
    (void)se;
    *counter = 0;
    return it.counter_length == sizeof *counter ? RESULT_OK : RESULT_TOO_LONG;
}

result se_state_read(token *se, se_state *state) {
    (void)se;
    *state = it.state;
    return it.reads_state;
}

/* --- what stands around it ---------------------------------------------------------------------------------------- */

const char *card_chain_problem(token *se, const char *folder) {
    (void)se, (void)folder;
    return it.chain;
}

void anchors_folder(const command_context *ctx, char folder[PATH_MAX]) {
    (void)ctx;
    *folder = 0;
}

revocation_policy configuration_revocation_policy(const configuration *c, const char *anchor) {
    (void)c, (void)anchor;
    return (revocation_policy){0};
}

static service asked;

outcome service_open(services *s, service which, remote *out) {
    (void)s, (void)out;
    asked = which;
    return OUTCOME_OK;
}

void service_end(remote *r) {
    (void)r;
}

result remote_ping(const remote *r, char *message, size_t size) {
    (void)r;
    snprintf(message, size, "no answer");
    return asked == SERVICE_PLATFORM ? it.platform : it.history;
}

/* --- tests -------------------------------------------------------------------------------------------------------- */

static bool passes(const char *check) {
    static terminal t;
    json_t *checks = json_array(), *one;
    size_t i;
    int passed = -1;
    report_begin(&t.context.report, true, NULL, NULL);
    enroll_self_test(&t, checks);
    report_discard(&t.context.report);
    json_array_foreach(checks, i, one) {
        if (strcmp(json_string_value(json_object_get(one, "check")), check) != 0)
            continue;
        passed = json_is_true(json_object_get(one, "passed"));
        assert_int_equal(strlen(json_string_value(json_object_get(one, "problem"))) == 0, passed);
    }
    json_decref(checks);
    assert_int_not_equal(passed, -1);
    return passed;
}

static int begin(void **state) {
    (void)state;
    memset(&it, 0, sizeof it);
    it.state = (se_state){.life_cycle = SE_LIFE_OPERATIONAL, .pairing = 0x30000001};
    it.counter_length = 4;
    return 0;
}

static void an_se_works_for_this_terminal_only(void **state) {
    (void)state;
    assert_true(passes("se-pairing"));
    it.state.pairing = 0;
    assert_false(passes("se-pairing"));
    it.state.pairing = 1;
    it.state.life_cycle = 0x07; /* still being personalised */
    assert_false(passes("se-pairing"));
    it.state.life_cycle = SE_LIFE_OPERATIONAL;
    it.reads_state = RESULT_NOT_FOUND; /* another maker's says nothing */
    assert_false(passes("se-pairing"));
}

static void each_other_check_has_its_reason(void **state) {
    (void)state;
    assert_true(passes("cvc-chain") && passes("signature-counter") && passes("store-key"));
    assert_true(passes("platform") && passes("history"));
    assert_false(passes("institution-key") || passes("institution-certificate") || passes("tls-certificate"));
    it.chain = "another root";
    assert_false(passes("cvc-chain"));
    it.counter_length = 5;
    assert_false(passes("signature-counter"));
    it.decrypts_wrongly = true;
    assert_false(passes("store-key"));
    it.platform = RESULT_UNAVAILABLE;
    assert_false(passes("platform"));
    assert_true(passes("history"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_se_works_for_this_terminal_only, begin),
        cmocka_unit_test_setup(each_other_check_has_its_reason, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
