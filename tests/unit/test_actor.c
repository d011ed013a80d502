/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test_actor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

void test_actor_make(actor *a, const test_profile *profile, const test_identity *issuer, const char *folder) {
    const char *certificate_path = test_path(folder, "a.pem"), *key_path = test_path(folder, "a.key");
    test_identity_make(&a->identity, profile, issuer, NULL);
    test_identity_write(&a->identity, certificate_path, key_path);
    assert_int_equal(certificate_from_file(certificate_path, &a->certificate), RESULT_OK);
    assert_int_equal(cms_key_from_file(key_path, &a->key), RESULT_OK);
    a->signer = cms_key_signer(a->key, a->certificate);
    unlink(certificate_path);
    unlink(key_path);
}

void test_actor_free(actor *a) {
    certificate_free(&a->certificate);
    cms_key_free(&a->key);
    test_identity_free(&a->identity);
}

void test_authority_make(test_identity *ca, const char *dn, int days) {
    const int64_t now = time(NULL), span = days * INT64_C(86400);
    const test_profile profile = {dn, 1, now - span, now + span, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN, NULL};
    test_identity_make(ca, &profile, NULL, NULL);
}

trust *test_authority_trust(const test_identity *ca, const test_identity *revoked, const char *folder) {
    trust *t;
    const char *certificate_path = test_path(folder, "ca.pem"), *list_path = test_path(folder, "ca.crl");
    assert_int_equal(trust_new(&t), RESULT_OK);
    if (revoked == NULL)
        trust_set_policy(t, &(revocation_policy){.without_lists = true});
    test_identity_write(ca, certificate_path, NULL);
    assert_int_equal(trust_add_authorities(t, certificate_path), RESULT_OK);
    unlink(certificate_path);
    if (revoked != NULL) {
        test_revocation_write(ca, revoked, list_path);
        assert_int_equal(trust_add_revocations(t, list_path), RESULT_OK);
        unlink(list_path);
    }
    return t;
}

void test_actor_cvc(const actor *a, cvc *out) {
    buffer modulus = BUFFER_INIT(CVC_MODULUS_LENGTH);
    assert_int_equal(certificate_modulus(a->certificate, &modulus), RESULT_OK);
    memcpy(out->modulus, modulus.data, modulus.length);
    memcpy(out->exponent, "\x01\x00\x01", 3);
    memset(out->holder_reference, 'P', sizeof out->holder_reference);
    buffer_wipe(&modulus);
}
