/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "page_files.h"

#include "base/file.h"
#include "base/log.h"

#include <stdlib.h>

#define HTML "text/html; charset=utf-8"
#define CSS "text/css; charset=utf-8"
#define SCRIPT "text/javascript; charset=utf-8"

const page_file page_files[PAGE_FILES] = {
    {"/patient", "patient.html", HTML},         {"/staff", "staff.html", HTML},
    {"/icon.svg", "icon.svg", "image/svg+xml"}, {"/style.css", "style.css", CSS},
    {"/stream.js", "stream.js", SCRIPT},        {"/tones.js", "tones.js", SCRIPT},
    {"/texts.js", "texts.js", SCRIPT},          {"/patient.js", "patient.js", SCRIPT},
    {"/staff.js", "staff.js", SCRIPT},          {"/ask.js", "ask.js", SCRIPT},
    {"/office.js", "office.js", SCRIPT},        {"/person.js", "person.js", SCRIPT},
    {"/visit.js", "visit.js", SCRIPT},          {"/slip.js", "slip.js", SCRIPT},
};

result page_files_read(const char *folder, buffer content[PAGE_FILES]) {
    result code = RESULT_OK;
    for (size_t i = 0; i < PAGE_FILES && code == RESULT_OK; i++) {
        char *path = file_join(folder, page_files[i].name);
        content[i] = BUFFER_INIT(PAGE_FILE_MAX);
        code = path != NULL ? file_read(path, &content[i]) : RESULT_NO_MEMORY;
        if (code != RESULT_OK)
            log_error("%s/%s: %s", folder, page_files[i].name, result_text(code));
        free(path);
    }
    return code;
}
