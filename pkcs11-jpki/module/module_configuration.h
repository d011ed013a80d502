/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Finds our configuration of OpenSC. */
#pragma once

/* UKETSUKE_OPENSC_CONF; without it the one that this process, or the one it was forked from, used before (nginx empties
 * its workers' environment); else the installed one. NULL, with a message for people on standard error, when it cannot
 * be read: OpenSC would run without a configuration, with its own drivers and PINs in clear. One thread at a time. */
const char *configuration_path(void);
