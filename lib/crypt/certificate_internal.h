/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The inside of a certificate, for the files of lib/crypt only. */
#pragma once

#include "crypt/certificate.h"
#include "crypt/digest.h"

#include <gnutls/abstract.h>
#include <gnutls/x509.h>

struct certificate {
    _Atomic unsigned references; /* the cache of certificate.c holds one, too */
    gnutls_x509_crt_t handle;
    gnutls_pubkey_t key; /* the handle's, read once */
    gnutls_datum_t der;
    uint8_t fingerprint[CRYPT_SHA256_LENGTH];
    int64_t not_before, not_after;
    unsigned usage;                      /* GNUTLS_KEY_..., 0 when there is no such extension */
    bool client_purpose, server_purpose; /* extended key usage, or none that forbids it */
    char issuer[CRYPT_NAME_MAX];
    char subject[CRYPT_NAME_MAX];
    char serial[CRYPT_SERIAL_MAX];
    char holder_number[CRYPT_SERIAL_MAX]; /* the subject's serialNumber, who the holder is; empty: not kept here */
};
