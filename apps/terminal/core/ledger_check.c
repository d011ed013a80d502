/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/ledger_check.h"

#include "core/local_store_file.h"

outcome ledger_failure(store_access *store, report *r, result code, const char *problem) {
    store_forget_keys(store);
    if (*problem == 0)
        return report_failure(r, OUTCOME_INTERNAL, "store", _("The local store cannot be read (%s)."),
                              store_problem(code));
    return report_failure(
        r, OUTCOME_REFUSED, "store-altered",
        _("The local store was altered: %s. It is not used. Keep the file terminal.sqlite unchanged and tell the "
          "administrator. Continue with an earlier copy of it, or move the file away: then an empty one begins and "
          "queued records are lost."),
        problem);
}

outcome ledger_check(store_access *store, report *r) {
    char problem[LEDGER_PROBLEM_SIZE];
    const result code = ledger_load_again(store, problem);
    return code == RESULT_OK ? OUTCOME_OK : ledger_failure(store, r, code, problem);
}
