/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Somebody of a small PKI who signs: certificate, key, and the signer that cms_sign wants. */
#pragma once

#include "crypt/cms.h"
#include "iso7816/cvc.h"
#include "test_certificates.h"

typedef struct actor {
    test_identity identity;
    certificate *certificate;
    cms_key *key;
    cms_signer signer;
} actor;

/* folder: two files are there for a moment. Fails the test when anything goes wrong. */
void test_actor_make(actor *a, const test_profile *profile, const test_identity *issuer, const char *folder);
void test_actor_free(actor *a);

/* The actor's key as a card-verifiable certificate has it, exponent 65537; its holder reference is all 'P'. */
void test_actor_cvc(const actor *a, cvc *out);
