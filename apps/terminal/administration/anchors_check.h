/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The check of a new set of trust anchors, before it is staged and again before it is put in force. */
#pragma once

#include "core/terminal.h"

/* Each CA of the set at folder: readable, one of its certificates valid now, its revocation list its own and not older
 * than the one in force. Then this terminal's peers under it: the SE's certificates, the operator's card, and the
 * platform if it answers. The failure is reported. Needs the open SE. */
outcome anchors_check(terminal *t, const char *folder);
