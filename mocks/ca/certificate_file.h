/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A certificate as a file of the office, in its register and in ceremony.txt. */
#pragma once

#include "authority.h"

/* Issues it, valid from now on for its profile's years, as folder/file (PEM). fate: where the private key is now. */
result certificate_file_issue(office *o, authority_kind issuer, x509_request *request, const char *folder,
                              const char *file, const char *fate);
