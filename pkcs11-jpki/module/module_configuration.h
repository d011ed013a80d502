/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which configuration of OpenSC is ours. */
#pragma once

/* UKETSUKE_OPENSC_CONF; without it the one that this process, or the one it was forked from, used before (nginx
 * empties its workers' environment); else the installed one. NULL, with a message for people on standard error, when it
 * cannot be read: OpenSC would go on without a configuration, with drivers that are not ours and PINs in clear. One
 * thread at a time. */
const char *configuration_path(void);
