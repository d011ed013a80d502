/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The commands of mock-ca: one table row each. */
#pragma once

/* argv[1] is the command's name. Returns the exit status: 0 done, 1 failed, 2 wrong usage. */
int commands_run(int argc, char **argv);
