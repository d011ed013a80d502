/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "neighbours/neighbours.h"

#include "neighbours/exchange_folder.h"

outcome neighbours_open(command_context *c, const char *inside, int *folder) {
    const char *root = c->configuration.neighbours;
    if (*root == 0)
        return report_failure(&c->report, OUTCOME_USAGE, "neighbours-folder",
                              _("No folder for other programs is configured ([neighbours] folder)."));
    const result code = exchange_open(root, inside, folder);
    if (code == RESULT_OK)
        return OUTCOME_OK;
    return report_failure(&c->report, OUTCOME_USAGE, "neighbours-folder",
                          _("The folder %s/%s cannot be used (%s). It must be there, and must not be a link."), root,
                          inside, report_cause(code));
}

outcome neighbours_failed(report *r, const char *name, result code) {
    return report_failure(r, OUTCOME_INTERNAL, "neighbours-file", _("The file %s could not be exchanged (%s)."), name,
                          report_file_cause(code));
}
