/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which public keys from outside are accepted. A key decides the cost of its signatures: with an RSA key of 65,536 bits
 * or a large exponent one verification takes many seconds. So each is checked when it is read, before any computation
 * with it. For lib/crypt and lib/net. */
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <gnutls/abstract.h>
#include <gnutls/x509.h>

#define KEY_RULE_RSA_BITS_MIN 2048
#define KEY_RULE_RSA_BITS_MAX 4096

/* RSA of 2048 to 4096 bits (JPKI's keys, of CAs and of people, have 2048) with an odd modulus, and an odd exponent
 * above 3 and below 2^32; NIST curves P-256, P-384, P-521. Everything else: RESULT_KEY. */
result key_rule_check(gnutls_pubkey_t key);
result key_rule_check_rsa(bytes modulus, bytes exponent);
/* The key of a certificate. RESULT_INVALID: it has no readable key. */
result key_rule_check_certificate(gnutls_x509_crt_t certificate);
