/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/guarded_state.h"

#include "base/file_guard.h"

outcome guarded_check(const char *path, report *r) {
    char culprit[PATH_MAX];
    switch (file_guard(path, culprit)) {
    case FILE_GUARDED: break;
    case FILE_OF_OTHERS:
    case FOLDER_OF_OTHERS:
        return report_failure(r, OUTCOME_USAGE, "file-open",
                              _("%s belongs to another user, who could change it. Run: chown root %s"), culprit,
                              culprit);
    case FILE_OPEN:
    case FOLDER_OPEN:
        return report_failure(r, OUTCOME_USAGE, "file-open", _("%s can be changed by other users. Run: chmod go-w %s"),
                              culprit, culprit);
    }
    return OUTCOME_OK;
}
