/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Certificate revocation lists (RFC 5280 5), from the register ca/revoked.txt. */
#pragma once

#include "office.h"

#include <openssl/x509.h>

#define CRL_DAYS 30 /* until nextUpdate; `mock-ca crl` renews */

/* folder/<authority>.crl (PEM), with the next CRL number. */
result crl_write(office *o, const char *folder, const char *authority, X509 *issuer, EVP_PKEY *key);

/* Whether this serial is in the register of revocations. */
bool crl_lists(const office *o, const char *serial);
