/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/ledger_check.h"

outcome ledger_failure(terminal *t, result code, const char *problem) {
    terminal_forget_keys(t);
    if (*problem == 0)
        return report_failure(&t->report, OUTCOME_INTERNAL, "store", _("The local store cannot be read (%s)."),
                              terminal_store_problem(code));
    return report_failure(
        &t->report, OUTCOME_REFUSED, "store-altered",
        _("The local store was altered: %s. Nothing of it is used. Keep the file terminal.sqlite as it is and tell the"
          " administrator. Work goes on with a copy of it from before, or without it: moved away, an empty one begins"
          " and what waits in it is lost."),
        problem);
}

outcome ledger_check(terminal *t) {
    char problem[LEDGER_PROBLEM_SIZE];
    const result code = ledger_load_again(&t->store, problem);
    return code == RESULT_OK ? OUTCOME_OK : ledger_failure(t, code, problem);
}
