/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "certificate_file.h"

#include "ceremony.h"

#include <stdio.h>

result certificate_file_issue(office *o, authority_kind issuer, x509_request *request, const char *folder,
                              const char *file, const char *fate) {
    char what[600];
    X509 *certificate = NULL;
    request->valid = validity_years(o->now, request->profile->years);
    snprintf(what, sizeof what, "%s/%s", office_relative(o, folder), file);
    result r = authority_issue(o, issuer, request, what, &certificate);
    if (r == RESULT_OK)
        r = x509_write(folder, file, certificate);
    if (r == RESULT_OK)
        r = ceremony_certificate(o, what, certificate, fate);
    X509_free(certificate);
    return r;
}
