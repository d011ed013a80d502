/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "se/se_pin_file.h"

#include "core/guarded_state.h"
#include "core/pin_entry.h"

#include "base/file.h"

#include <sys/stat.h>

#define LINE_END_MAX 2 /* CR LF */

outcome se_pin_file_read(const char *path, buffer *pin, report *r) {
    struct stat seen;
    if (*path == 0)
        return report_failure(r, OUTCOME_USAGE, "se-pin-file",
                              _("The configuration names no PIN file ([se] pin-file), and this needs one."));
    if (stat(path, &seen) != 0)
        return report_failure(r, OUTCOME_USAGE, "se-pin-file",
                              _("The SE's PIN file %s is not there. Write the SE's PIN into it (mode 0600), or name"
                                " another file in the configuration ([se] pin-file)."),
                              path);
    if ((seen.st_mode & 077) != 0)
        return report_failure(r, OUTCOME_USAGE, "se-pin-file",
                              _("The SE's PIN file %s is readable by others. Run: chmod 600 %s"), path, path);
    const outcome guarded = guarded_check(path, r);
    if (guarded != OUTCOME_OK)
        return guarded;
    buffer text = BUFFER_SECRET(PIN_TYPED_MAX + LINE_END_MAX);
    result code = file_read(path, &text);
    while (text.length > 0 && (text.data[text.length - 1] == '\n' || text.data[text.length - 1] == '\r'))
        buffer_truncate(&text, text.length - 1);
    if (code == RESULT_OK)
        code = text.length > 0 && text.length <= PIN_TYPED_MAX ? buffer_append(pin, buffer_bytes(&text))
                                                               : RESULT_INVALID;
    buffer_wipe(&text);
    return code == RESULT_OK
               ? OUTCOME_OK
               : report_failure(r, OUTCOME_USAGE, "se-pin-file", _("The SE's PIN file %s cannot be read."), path);
}
