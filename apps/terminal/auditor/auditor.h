/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Commands for an auditor, perhaps a year later. `evidence verify` and `evidence show` need no terminal. */
#pragma once

#include "core/terminal.h"

outcome evidence_verify_command(terminal *t);
outcome evidence_show_command(terminal *t);
outcome evidence_export_command(terminal *t);
