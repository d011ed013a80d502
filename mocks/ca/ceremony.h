/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* ceremony.txt: each key and certificate, its holder and fingerprint, and the destruction of private keys. */
#pragma once

#include "office.h"

#include <openssl/x509.h>

/* fate: where the private key is now. */
result ceremony_certificate(office *o, const char *what, X509 *certificate, const char *fate);
result ceremony_key(office *o, const char *what, EVP_PKEY *key, const char *fate);
result ceremony_note(office *o, const char *format, ...) __attribute__((format(printf, 2, 3)));
