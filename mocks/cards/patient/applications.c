/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "applications.h"

#include <string.h>

static const application_kind *known[APPLICATIONS_MAX + 1] = {
    &jpki_application,     &input_support_application, &card_face_application,       &common_application,
    &resident_application, &issuer_domain_application, &mobile_document_application,
};

const application_kind *applications_known(size_t index) {
    return index < APPLICATIONS_MAX ? known[index] : NULL;
}

static bool is_sound(const application_kind *kind) {
    return kind->name != NULL && kind->aid.length >= AID_MIN && kind->aid.length <= AID_MAX && kind->folder != NULL &&
           strncmp(kind->folder, "apps/", 5) == 0 && strstr(kind->folder, "..") == NULL && kind->files != NULL &&
           kind->file_count <= APPLICATION_FILES_MAX && kind->commands != NULL;
}

result applications_add(const application_kind *kind, const char **problem) {
    size_t count = 0;
    *problem = "the applet's tables cannot be: AID of 5 to 16 bytes, folder below apps/, at most 32 files";
    if (!is_sound(kind))
        return RESULT_INVALID;
    *problem = "an application with this AID or folder is known already";
    for (; known[count] != NULL; count++)
        if (bytes_equal(known[count]->aid, kind->aid) || strcmp(known[count]->folder, kind->folder) == 0)
            return RESULT_EXISTS;
    *problem = "too many applications";
    if (count >= APPLICATIONS_MAX)
        return RESULT_TOO_LONG;
    known[count] = kind;
    return RESULT_OK;
}
