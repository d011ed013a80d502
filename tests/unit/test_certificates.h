/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A small PKI made at run time, for unit tests: a CA, another CA of the same name, and certificates. */
#pragma once

#include "base/bytes.h"

#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <stdint.h>

typedef struct test_identity {
    gnutls_x509_crt_t certificate;
    gnutls_x509_privkey_t key;
    gnutls_datum_t der;
} test_identity;

typedef struct test_profile {
    const char *dn; /* RFC 4514, as gnutls_x509_crt_set_dn takes it */
    uint32_t serial;
    int64_t not_before, not_after;
    unsigned usage;      /* GNUTLS_KEY_... */
    const char *purpose; /* GNUTLS_KP_..., or NULL */
} test_profile;

/* issuer NULL: self-signed CA; a CA too when usage has keyCertSign. key NULL: a fresh RSA-2048 key; else that one (not
 * owned). */
void test_identity_make(test_identity *out, const test_profile *profile, const test_identity *issuer,
                        gnutls_x509_privkey_t key);
void test_identity_free(test_identity *identity);

/* A file's path in a folder: static room, which the fourth call after this one uses again. */
char *test_path(const char *folder, const char *name);

/* Writes PEM files; the key file may be NULL. */
void test_identity_write(const test_identity *identity, const char *certificate_path, const char *key_path);
/* A CRL of issuer with one revoked certificate, as PEM. */
void test_revocation_write(const test_identity *issuer, const test_identity *revoked, const char *path);
