/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Making one certificate. */
#pragma once

#include "x509_request.h"

/* issuer NULL: self-signed. NULL when OpenSSL fails; free with X509_free. */
X509 *x509_issue(const x509_request *request, X509 *issuer, EVP_PKEY *issuer_key);

/* The file folder/name, mode 0644: PEM, DER. RESULT_INVALID: no certificate in it. X509_free what was read. */
result x509_write(const char *folder, const char *name, X509 *certificate);
result x509_write_der(const char *folder, const char *name, X509 *certificate);
result x509_read(const char *folder, const char *name, X509 **certificate);
