/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/command_context.h"

#include "base/file.h"

outcome context_make_output_folder(command_context *c) {
    const char *path = c->options.output;
    if (path == NULL)
        return report_failure(&c->report, OUTCOME_USAGE, "usage", _("Name the folder to write to with --output."));
    const result code = file_make_folders(path, 0700);
    if (code == RESULT_OK)
        return OUTCOME_OK;
    return report_failure(&c->report, OUTCOME_USAGE, "file", _("%s cannot be made (%s)."), path, report_cause(code));
}
