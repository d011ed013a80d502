/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the terminal exchanges with other programs of the hospital, by files in the folder of [neighbours]. */
#pragma once

#include "core/terminal.h"

/* `today export`: the receptions of today, or of --from to --to, as comma-separated values. */
outcome today_export_command(terminal *t);

/* `today slip NUMBER`: one of them on paper, as PDF. */
outcome today_slip_command(terminal *t);

/* `appointments check`: asks the platform about those who have an appointment, from the files of other programs. */
outcome appointments_check_command(terminal *t);

/* `exchange`: answers what other programs have asked in the shared folder. */
outcome exchange_command(terminal *t);
/* The same by the daemon, while an operator is logged in. */
void neighbours_look(terminal *t);

/* Opens a folder below the configured one; *folder is the caller's. The failure is reported: none is configured, or it
 * cannot be used. */
outcome neighbours_open(command_context *c, const char *inside, int *folder);
/* Reports that a file there could not be written or read. */
outcome neighbours_failed(report *r, const char *name, result code);
