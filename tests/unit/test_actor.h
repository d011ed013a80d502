/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Somebody of a small PKI who signs: certificate, key, and the signer that cms_sign wants. */
#pragma once

#include "crypt/cms.h"
#include "crypt/trust.h"
#include "iso7816/cvc.h"
#include "test_certificates.h"

/* For a dn: organizationIdentifier, a UTF8String of ten digits (X.520 6.4.4): 1312345678 and 9999999999. */
#define OURS ",2.5.4.97=#0C0A31333132333435363738"
#define THEIRS ",2.5.4.97=#0C0A39393939393939393939"

typedef struct actor {
    test_identity identity;
    certificate *certificate;
    cms_key *key;
    cms_signer signer;
} actor;

/* folder: two files are there for a moment. Fails the test when anything goes wrong. */
void test_actor_make(actor *a, const test_profile *profile, const test_identity *issuer, const char *folder);
void test_actor_free(actor *a);

/* A CA of that name, valid from so many days ago for so many to come. */
void test_authority_make(test_identity *ca, const char *dn, int days);
/* What trusts that CA: with a list of this one that it has revoked; NULL: it needs no lists. folder likewise. */
trust *test_authority_trust(const test_identity *ca, const test_identity *revoked, const char *folder);

/* The actor's key as a card-verifiable certificate has it, exponent 65537; its holder reference is all 'P'. */
void test_actor_cvc(const actor *a, cvc *out);
