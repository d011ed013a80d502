/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The extensions of JPKI certificates that hold directory names and the person: they need structures, since the text
 * form of x509v3_config(5) cannot say them in UTF-8. */
#pragma once

#include "x509_request.h"

/* Adds the names that profile and request ask for. False when OpenSSL fails. */
bool person_names_add(X509 *certificate, const x509_request *request);
