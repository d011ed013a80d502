/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tells the service manager how it goes (sd_notify(3)): "READY=1", "STOPPING=1", "WATCHDOG=1". */
#pragma once

/* Nothing when no manager has asked for it. */
void ready_notice(const char *state);
