/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* For a store of an earlier version: marks the evidence of its answers as used. */
#pragma once

#include "platform.h"

/* Runs until none is left; logs their number. Other instances may do the same meanwhile. */
result old_answers_mark(platform *p);
