/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "founding.h"

#include "authority.h"
#include "ceremony.h"
#include "cvc_issue.h"

result office_found(office *o, const char *folder) {
    result r = office_create(o, folder);
    if (r == RESULT_OK)
        r = ceremony_note(o, "What mock-ca made in this folder. Synthetic: no real person, institution or key.");
    if (r == RESULT_OK)
        r = authority_create_all(o);
    return r == RESULT_OK ? cvc_issue_create(o) : r;
}
