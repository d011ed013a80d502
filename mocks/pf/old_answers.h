/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A store of the version before: what its answers' evidence used up, so that it is not used again. */
#pragma once

#include "platform.h"

/* Until none is left; the log says how many there were. Other instances may do the same meanwhile. */
result old_answers_mark(platform *p);
