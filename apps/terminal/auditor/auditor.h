/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Commands for an auditor, perhaps a year later. `evidence verify` and `evidence show` need no terminal. */
#pragma once

#include "core/terminal.h"

/* `evidence verify`: checks a file, or all files of a folder and their chain. Refused when one of them is not
 * genuine. */
outcome evidence_verify_command(terminal *t);
/* `evidence show`: prints what a file of evidence states. It does not check whether that is true. */
outcome evidence_show_command(terminal *t);
/* `evidence export`: writes stored evidence to a new folder. Evidence that cannot be read is left out and named. */
outcome evidence_export_command(terminal *t);
